"""`forewarn replay`: the sample's recording, for people, for machines and as pictures."""

from __future__ import annotations

import re
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from pipeline.cli.exit import Exit
from tests.unit.cli_rig import VILLAGE, Ended, Terminal

TRUTH = f"hazard,area,onset_at\ntank_overfill,{VILLAGE},2026-01-01T06:30:00Z\nfire,{VILLAGE},2026-01-01T03:00:00Z\n"


@pytest.fixture
def terminal(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Terminal:
    monkeypatch.chdir(tmp_path)
    found = Terminal(tmp_path, capsys)
    found.write("truth.csv", TRUTH)
    return found


def rows(ended: Ended, title: str) -> list[list[str]]:
    """The rows of one table, cells apart."""
    _, _, below = ended.out.partition(f"{title}\n")
    lines = below.partition("\n\n")[0].splitlines()[1:]
    return [re.split(r"\s{2,}", line.strip()) for line in lines]


def test_people_see_findings_warnings_and_lead_times(terminal: Terminal) -> None:
    ended = terminal("replay", "readings.csv", "--truth", "truth.csv")
    assert (ended.code, ended.err) == (Exit.DONE, "")
    assert ended.out.startswith("792 readings, 2026-01-01T00:00:00Z to 2026-01-01T05:59:00Z, in ")
    (gas,) = (row for row in rows(ended, "Findings") if "gas-1" in row)
    assert gas[1:6] == ["yellow", "gas-1", "gas_levels combustible", "25.6 %LEL", "25 %LEL"]
    told = {row[1]: row for row in rows(ended, "Warnings and missed events") if len(row) > 4}
    assert told["tank_overfill"][2:4] == ["Sample Village", "blue"]
    assert told["tank_overfill"][-2] == "observed"
    assert "missed" in next(line for line in ended.out.splitlines() if line.strip().startswith("fire"))


def test_machines_get_one_document_and_the_same_ids(terminal: Terminal) -> None:
    document = terminal("replay", "readings.csv", "--truth", "truth.csv", "--json").document
    assert document["readings"] == 792
    (gas,) = (one for one in document["findings"] if one["subject"] == "gas-1" and one["state"] == "opened")
    assert gas["id"] in terminal("replay", "readings.csv").out
    assert {row["basis"] for row in document["lead_times"]} >= {"observed", "missed"}
    assert {row["peak_level"] for row in document["lead_times"]} >= {"none", "blue"}
    assert {row["hazard"]: row["missed"] for row in document["summary"]}["fire"] == 1


def test_exercises_are_summed_up_as_well(terminal: Terminal) -> None:
    terminal.change("forewarn.toml", '# status = "Actual"', 'status = "Exercise"\n#')
    assert terminal("replay", "readings.csv", "--json").document["summary"] != []


def test_a_recording_without_a_reading_needs_attention(terminal: Terminal) -> None:
    terminal.write("x.csv", "observed_at,sensor,value\n2026-01-01T00:00:00Z,gaz-1,3\n")
    ended = terminal("replay", "x.csv")
    assert ended.code == Exit.ATTENTION
    assert ended.out.splitlines()[0].startswith("0 readings, in ")
    assert "sensor 'gaz-1' is not listed" in ended.out


def test_a_form_says_how_a_file_is_laid_out(terminal: Terminal) -> None:
    terminal.write("wide.csv", "when;G\n2026-01-01 08:00;3\n2026-01-01 08:01;4\n")
    terminal.write(
        "form.toml",
        'layout = "wide"\ntime_column = "when"\ntime_format = "%Y-%m-%d %H:%M"\nzone = "Asia/Shanghai"\n'
        'delimiter = ";"\ncolumns = {G = "gas-1"}\n',
    )
    document = terminal("replay", "wide.csv", "--form", "form.toml", "--json").document
    assert (document["readings"], document["first_at"]) == (2, "2026-01-01T00:00:00Z")


@pytest.mark.parametrize("suffix", [".png", ".svg", ".html"])
def test_every_form_of_a_plot_is_what_its_name_says(terminal: Terminal, suffix: str) -> None:
    pytest.importorskip("matplotlib")
    path = terminal.folder / f"plot{suffix}"
    assert terminal("replay", "readings.csv", "--truth", "truth.csv", "--plot", str(path)).code == Exit.DONE
    drawn = path.read_bytes()
    match suffix:
        case ".png":
            assert drawn.startswith(b"\x89PNG\r\n\x1a\n")
        case ".svg":
            assert ET.fromstring(drawn.decode()).tag.endswith("svg")  # noqa: S314  # our own
        case _:
            assert drawn.startswith(b"<!doctype html>")
            assert b"data:image/svg+xml;base64," in drawn


def test_a_plot_that_cannot_be_written_is_told(terminal: Terminal) -> None:
    pytest.importorskip("matplotlib")
    (terminal.folder / "taken.png").mkdir()
    ended = terminal("replay", "readings.csv", "--plot", "taken.png")
    assert ended.code == Exit.OUTSIDE
    assert ended.complaints == ["taken.png: cannot be written: Is a directory; name another file"]


def test_a_span_is_played_and_one_that_cannot_be_read_is_told(terminal: Terminal) -> None:
    whole = terminal("replay", "readings.csv", "--json").document
    part = terminal(
        "replay", "readings.csv", "--json", "--from", "2026-01-01T01:00Z", "--to", "2026-01-01T10:00+08:00"
    ).document
    assert (part["first_at"], part["last_at"]) == ("2026-01-01T01:00:00Z", "2026-01-01T01:59:00Z")
    assert 0 < part["readings"] < whole["readings"]
    wrong = terminal("replay", "readings.csv", "--from", "yesterday")
    assert "yesterday: Input should be a valid datetime" in wrong.err
    assert "has no time zone" in terminal("replay", "readings.csv", "--to", "2026-01-01T10:00").err
    turned = terminal("replay", "readings.csv", "--from", "2026-01-02T00:00Z", "--to", "2026-01-01T00:00Z")
    assert "is not before" in turned.err


def test_a_replay_keeps_the_pace_that_is_asked_for(terminal: Terminal) -> None:
    words = ("replay", "readings.csv", "--json", "--from", "2026-01-01T00:00Z", "--to", "2026-01-01T00:10:01Z")
    quick, slow = terminal(*words).document, terminal(*words, "--speed", "1200").document
    assert slow["seconds"] >= 0.5
    assert {**slow, "seconds": 0} == {**quick, "seconds": 0}
