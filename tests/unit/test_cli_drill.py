"""Drills from the command line: tabletop at once, live by the channels that are named, and no further."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import pytest

from alerting.store.store import Store
from pipeline.cli.exit import Exit
from pipeline.connectors.data_lock import DataLock
from pipeline.model.delivery import DeliveryState
from pipeline.model.hazard import Hazard
from pipeline.model.warning import HazardWarning, Report, WarningStatus
from tests.reports import NOON
from tests.unit.cli_rig import VILLAGE, Terminal

TABLETOP = """
name = "A leak"
truth = "truth.csv"
[recording]
files = ["readings.csv"]
"""
LIVE = """
name = "A leak"
begin_at = 2026-05-01T12:00:00Z
end_at = 2026-05-01T12:00:02Z
answer_s = 0.1
[recording]
files = ["leak.csv"]
"""
CHANNELS = """
[channels.rehearsal]
kind = "file_drop"
targets = { square = "rehearsal" }

[drill]
channels = ["rehearsal"]

[coverage]
reach = "reach.csv"
contacts = "contacts.csv"

[[routes]]
name = "drills"
to = ["rehearsal/square"]
exercise = true
"""


@pytest.fixture
def terminal(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Terminal:
    monkeypatch.chdir(tmp_path)
    found = Terminal(tmp_path, capsys)
    text = (tmp_path / "forewarn.toml").read_text("utf-8")
    found.write("forewarn.toml", text.replace("\n[drill]\n", "\n").replace("\n[coverage]\n", "\n") + CHANNELS)
    found.write("reach.csv", f"area,channel,target,part\n{VILLAGE},rehearsal,square,0.4\n{VILLAGE},files,public,0.9\n")
    found.write("contacts.csv", f"area,name,telephone\n{VILLAGE},王,13800000000\n")
    found.write(
        "truth.csv",
        f"hazard,area,onset_at\ngas_leak,{VILLAGE},2026-01-01T05:50:00Z\nfire,{VILLAGE},2026-01-01T01:00:00Z\n",
    )
    found.write("tabletop.toml", TABLETOP)
    found.write("live.toml", LIVE)
    found.write("leak.csv", _leak())
    return found


def _leak() -> str:
    """Quiet minutes, then above the second alarm level for some seconds."""
    rows = [(NOON + timedelta(seconds=second), 1.0) for second in range(-600, 0, 60)]
    rows += [(NOON + timedelta(seconds=second / 4), 60.0) for second in range(9)]
    lines = [f"{at.isoformat()},gas-1,{value}" for at, value in rows]
    return "\n".join(["observed_at,sensor,value", *lines]) + "\n"


def reports(terminal: Terminal) -> Sequence[HazardWarning]:
    store = Store(f"sqlite:///{terminal.folder / 'data' / 'store.db'}")
    found = store.recent_warnings(99)
    store.close()
    return found


def test_a_tabletop_drill_stands_in_the_ledger_and_nothing_leaves(terminal: Terminal) -> None:
    ended = terminal("drill", "tabletop.toml", "--json")
    assert ended.code == Exit.DONE
    found = ended.document
    leak = next(one for one in found["chains"] if one["hazard"] == "gas_leak")
    assert leak["lead_time_s"] > 0
    assert leak["answers"] == []
    assert [(one["hazard"], one["area"]) for one in found["missed"]] == [("fire", VILLAGE)]
    assert found["changes"] == []
    told = reports(terminal)
    assert {one.status for one in told} == {WarningStatus.EXERCISE}
    assert {one.chain for one in told if one.report is Report.FINAL} == {one.chain for one in told}
    store = Store(f"sqlite:///{terminal.folder / 'data' / 'store.db'}")
    assert (store.deliveries(9), store.onsets()) == ((), ())
    store.close()
    assert not (terminal.folder / "rehearsal").exists()
    assert terminal("ledger", "--json").document["lead_times"] == []
    assert terminal("ledger", "--status", "Exercise", "--json").document["lead_times"] != []


def test_the_second_drill_is_held_against_the_first(terminal: Terminal) -> None:
    first = terminal("drill", "tabletop.toml", "--json").document
    again = terminal("drill", "tabletop.toml", "--page", "again.html", "--json").document
    assert again["previous"] == first["id"] != again["id"]
    assert all(one["before"] == pytest.approx(one["now"]) for one in again["changes"])
    page = (terminal.folder / "again.html").read_text("utf-8")
    for words in ("演练评估", "A leak", "tabletop", "漏报 Missed", "样例村", first["id"], "lead time"):
        assert words in page
    assert "<script" not in page


def test_a_live_drill_leaves_by_the_named_channel_alone(terminal: Terminal) -> None:
    ended = terminal("drill", "live.toml", "--mode", "live", "--json")
    assert ended.code == Exit.DONE, ended.err
    (chain,) = ended.document["chains"]
    assert (chain["hazard"], chain["peak_level"]) == (Hazard.GAS_LEAK, "orange")
    assert {one["who"] for one in chain["answers"]} == {"rehearsal/square"}
    assert {one["state"] for one in chain["answers"]} <= {DeliveryState.DELIVERED, DeliveryState.EXPIRED}
    assert chain["reached"]["confirmed"] == pytest.approx(0.4)
    assert chain["reached"]["not_reached"] == [VILLAGE]
    files = sorted((terminal.folder / "rehearsal").glob("*.xml"))
    assert files
    assert all(b"<status>Exercise</status>" in file.read_bytes() for file in files)
    assert not (terminal.folder / "outbox").exists()
    shown = terminal("coverage", chain["chain"])
    assert "40 %" in shown.out
    assert "王 13800000000" in shown.out
    assert f"not reached: {VILLAGE}" in shown.out
    assert terminal("coverage").out == "No warning in force.\n"
    assert "no chain 'x'" in terminal("coverage", "x").err


def test_beside_a_run_on_the_same_folder_it_is_refused(terminal: Terminal) -> None:
    lock = DataLock(terminal.folder / "data")
    refused = terminal("drill", "live.toml", "--mode", "live")
    assert refused.code not in {Exit.DONE, Exit.DEFECT}
    assert "is at work in this data folder" in refused.err
    assert terminal("drill", "tabletop.toml").code == Exit.DONE  # it sends nothing
    lock.close()


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('name = "A leak"', "", "name"),
        ("12:00:02Z", "11:00:00Z", "end_at must be after begin_at"),
        ("leak.csv", "nothing.csv", "nothing.csv"),
        ("answer_s", "wait_s", "wait_s"),
    ],
)
def test_a_scenario_that_cannot_be(terminal: Terminal, old: str, new: str, says: str) -> None:
    terminal.change("live.toml", old, new)
    ended = terminal("drill", "live.toml")
    assert ended.code not in {Exit.DONE, Exit.DEFECT}
    assert says in ended.err


@pytest.mark.parametrize(
    ("file", "old", "new", "says"),
    [
        ("forewarn.toml", 'channels = ["rehearsal"]', 'channels = ["fax"]', "no channel 'fax'"),
        ("forewarn.toml", 'channels = ["rehearsal"]', 'channels = ["files"]', "no exercise leaves by it"),
        ("reach.csv", "files,public", "files,nobody", "no files/nobody among the channels"),
        (
            "reach.csv",
            f"{VILLAGE},files",
            "990101001999,files",
            "reach.csv:3: area 990101001999 is not in",
        ),
        ("reach.csv", "0.9", "1.9", "reach.csv:3: part"),
        ("contacts.csv", "telephone", "phone", "contacts.csv:1: phone"),
    ],
)
def test_check_tells_what_is_wrong(terminal: Terminal, file: str, old: str, new: str, says: str) -> None:
    terminal.change(file, old, new)
    ended = terminal("check")
    assert ended.code != Exit.DONE
    assert says in ended.err + ended.out
