"""The command, the files of suites, and what is said of what is wrong with them."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

import pytest

from pipeline.cli.exit import Exit
from pipeline.cli.main import run
from pipeline.errors import ConfigError, complaints
from pipeline.evaluation.suite import SHIPPED, load_suite, shipped
from tests.unit.evaluation_rig import SUITE, field


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return field(tmp_path)


WRONG = {
    "a folder that lacks the file": ('files = ["readings.csv"]', 'files = ["gone.csv"]', "no such file"),
    "an unknown key": ("early_s = 60", "early = 60", "early: unknown key"),
    "a part that ends before it begins": (
        "T06:00:00Z\ncalibration",
        "T00:00:00Z\ncalibration",
        "ends before it begins",
    ),
    "an unknown key of a recording": ('layout = "wide"', 'layuot = "wide"', "recordings.0.layuot: unknown key"),
    "a figure that is none": ('figure = "pod"\nfloor = 0.5\ngoal', 'figure = "luck"\nfloor = 0.5\ngoal', "luck"),
    "a baseline without a calibration part": ("calibration = true", "", "calibration"),
    "an event that ends before it begins": (
        "[baseline]",
        '[[events]]\nname = "V1"\nbegin = 2026-06-01T09:00:00Z\nend = 2026-06-01T08:00:00Z\n[baseline]',
        "mine.toml:28: events.0: event 'V1' ends before it begins",
    ),
    "an aim at a part that is none": (
        'part = "reported"',
        'part = "reportde"',
        "an aim is at part 'reportde'",
    ),
    "a sample that is not shipped": ("early_s = 60", 'within = "nothing"', "no sample 'nothing'"),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_is_said_without_a_traceback(name: str, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    right, wrong, words = WRONG[name]
    text = SUITE.format(more="").replace("threshold = 30.0\n", "")
    assert right in text
    (folder / "mine.toml").write_text(text.replace(right, wrong, 1))
    assert run(["evaluate", str(folder / "mine.toml"), "--recordings", str(folder), "--no-cost"]) == Exit.REPAIR
    complaint = capsys.readouterr().err
    assert words in complaint
    assert "Traceback" not in complaint


def test_the_command_writes_both_files_and_tells_what_it_left_out(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["evaluate", "clean", "gas", "--no-cost", "--out", str(folder / "docs")]) == Exit.DONE
    told = capsys.readouterr()
    page = (folder / "docs" / "evaluation.md").read_text()
    assert told.out == page
    assert "gas: left out" in told.err
    whole = json.loads((folder / "docs" / "evaluation.json").read_text())
    assert [one["name"] for one in whole["suites"]] == ["clean"]
    assert whole["left_out"] == ["gas"]
    (part,) = whole["suites"][0]["parts"]
    assert {one["episodes"] for one in part["rows"]} == {0}  # an ordinary day
    assert part["warnings"] == []


def test_json_on_standard_output(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["evaluate", "fire", "--json"]) == Exit.DONE
    assert json.loads(capsys.readouterr().out) == {"suites": [], "studies": [], "left_out": ["fire"]}


def test_a_folder_that_cannot_be_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "file").write_text("")
    assert run(["evaluate", "fire", "--out", str(tmp_path / "file")]) == Exit.OUTSIDE
    assert "cannot be written: File exists; name another folder" in capsys.readouterr().err


def test_a_suite_that_is_not_there(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["evaluate", "gsa"]) == Exit.REPAIR
    assert "gas, fire" in capsys.readouterr().err


@pytest.mark.parametrize("name", SHIPPED)
def test_shipped_suites_are_valid(name: str, tmp_path: Path) -> None:
    loaded = load_suite(shipped(name), tmp_path)
    assert loaded
    sensors = set(loaded.inventory.sensor_by_id)
    told = tomllib.loads(shipped(name).read_text())
    named = {sensor for one in told.get("recordings", []) for sensor in one.get("columns", {}).values()}
    named |= {column["sensor"] for one in told.get("matrices", []) for column in one["columns"]}
    assert named <= sensors
    assert {one.part for one in loaded.told.aims} <= {part.name for part in loaded.told.parts}
    assert {one.area for one in loaded.told.events} <= {"", *loaded.inventory.area_by_code}


def test_every_complaint_of_a_suite_is_told(folder: Path) -> None:
    (folder / "mine.toml").write_text('title = 3\nsurprise = "x"\n')
    with pytest.raises(ExceptionGroup) as raised:
        load_suite(folder / "mine.toml", folder)
    told = [str(one) for one in complaints(raised.value)]
    assert any("surprise: unknown key" in one for one in told)
    assert any("parts" in one for one in told)
    assert all(isinstance(one, ConfigError) for one in complaints(raised.value))
