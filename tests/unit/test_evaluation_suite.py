"""A whole suite in miniature: from TOML and CSV to the page, and what is said of what is wrong."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

import pytest

from pipeline.cli.exit import Exit
from pipeline.cli.main import run
from pipeline.clock import SystemClock
from pipeline.errors import ConfigError, RecordingError, complaints
from pipeline.evaluation.document import document
from pipeline.evaluation.evaluate import evaluate
from pipeline.evaluation.plans import configured, frozen
from pipeline.evaluation.readings import sessions_of, values_of
from pipeline.evaluation.report import markdown
from pipeline.evaluation.result import Evaluation, Row
from pipeline.evaluation.suite import SHIPPED, Suite, load_suite, shipped

SUITE = """
title = "Two leaks"
about = "One is found."
licence = "none needed"
source = "this test"
hazard = "gas_leak"
found_within_s = 600
levels = ["blue", "yellow", "orange"]
early_s = 60
{more}

[[recordings]]
files = ["readings.csv"]
layout = "wide"

[[parts]]
name = "learned on"
begin = 2026-06-01T00:00:00Z
end = 2026-06-01T06:00:00Z
calibration = true

[[parts]]
name = "reported"
begin = 2026-06-01T06:00:00Z
end = 2026-06-01T12:00:00Z
list_warnings = true

[baseline]
quantity = "gas_lel"
threshold = 30.0

[[published]]
what = "all of them"
source = "hearsay"

[[aims]]
part = "reported"
row = "gas_levels"
figure = "pod"
floor = 0.5
goal = 1.0

[[aims]]
part = "reported"
row = "gas_levels"
figure = "delay_p50_s"
goal = 60

[[aims]]
part = "reported"
row = "nobody"
figure = "pod"
floor = 0.5
"""
EVENTS = """
[[events]]
name = "first"
begin = 2026-06-01T08:00:00Z
end = 2026-06-01T09:00:00Z
onset = 2026-06-01T08:05:00Z
peers = {"a canary" = 30}

[[events]]
name = "second"
begin = 2026-06-01T10:00:00Z
end = 2026-06-01T11:00:00Z
"""
INVENTORY = {
    "areas.csv": "code,name_zh,name_en\n990101001001,甲一村,Alpha One\n",
    "sites.csv": "id,area,name_zh,name_en\ns1,990101001001,站,Site\n",
    "sensors.csv": "id,site,kind,quantity,gas,range_low,range_high,interval_s\n"
    "g1,s1,gas,gas_lel,methane,0,100,60\ng2,s1,gas,gas_lel,methane,0,100,60\nunheard,s1,gas,gas_lel,methane,0,100,60\n",
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Half a day, a reading a minute: a leak from 08:01 to 08:30 at one sensor of two; nothing at 10:00."""
    lines = ["time,g1,g2"]
    for minute in range(720):
        leak = 30.0 if 481 <= minute < 510 else 0.0
        lines.append(
            f"2026-06-01T{minute // 60:02}:{minute % 60:02}:00Z,{1 + minute % 7 / 10 + leak},{2 + minute % 5 / 10}"
        )
    (tmp_path / "readings.csv").write_text("\n".join(lines))
    for name, text in INVENTORY.items():
        (tmp_path / name).write_text(text)
    return tmp_path


def suite(folder: Path, more: str = "", events: str = EVENTS) -> Suite:
    (folder / "mine.toml").write_text(SUITE.format(more=more) + events)
    loaded = load_suite(folder / "mine.toml", folder)
    assert loaded
    return loaded


def row(evaluation: Evaluation, part: int, name: str) -> Row:
    return next(one for one in evaluation.parts[part].rows if one.name == name)


def test_a_suite_is_played_and_scored(folder: Path) -> None:
    evaluation = evaluate(suite(folder), frozen())
    levels = row(evaluation, 1, "gas_levels").score
    assert (levels.hits, levels.events, levels.missed, levels.false) == (1, 2, ("second",), 0)
    assert levels.found[0].delay_s == 60
    assert levels.found[0].lead_s == 240
    assert levels.pod_early == 0.5
    assert row(evaluation, 1, "warnings").score.hits == 1
    assert row(evaluation, 1, "plain threshold 30").score.hits == 1
    assert row(evaluation, 0, "gas_levels").score.events == 0
    assert [one.name for one in evaluation.parts[1].rows if "orange" in one.name] == []
    (warned,) = evaluation.parts[1].warned
    assert (warned.because, warned.level.word) == ("first", "yellow")
    assert (evaluation.readings, evaluation.faults) == (1440, {})  # the unheard sensor is not there, not silent
    assert evaluation.parts[1].clear_s == (359 - 2 * 90) * 60


def test_aims_are_judged(folder: Path) -> None:
    aims = evaluate(suite(folder), frozen()).aims
    assert [(one.value, one.reaches(one.aim.floor), one.reaches(one.aim.goal)) for one in aims] == [
        (0.5, True, False),
        (60.0, None, True),
        (None, False, None),
    ]


def test_two_evaluations_are_equal_to_the_byte_unless_costs_are_measured(folder: Path) -> None:
    written = []
    for _ in range(2):
        evaluation = evaluate(suite(folder), frozen())
        written.append((markdown([evaluation], ["rest"]), document([evaluation], ["rest"])))
    assert written[0] == written[1]
    costly = evaluate(suite(folder), frozen(), SystemClock())
    cost_ns = row(costly, 1, "gas_levels").cost_ns
    assert cost_ns
    assert 0 < cost_ns < 1e6
    assert row(evaluation, 1, "gas_levels").cost_ns is None


def test_the_page_names_what_is_missed_short_and_left_out(folder: Path) -> None:
    page = markdown([evaluate(suite(folder), frozen())], ["rest"])
    assert "| second | missed | missed |" in page
    assert "0.5: reached | 1: **short** |" in page
    assert "Left out, for want of its recordings: rest." in page
    assert "| first | 60 s |" in page
    assert "30 s |" in page  # what the canary took
    assert "- all of them (hearsay)" in page


def test_the_document_holds_every_event(folder: Path) -> None:
    told = json.loads(document([evaluate(suite(folder), frozen())], []))
    (mine,) = told["suites"]
    rows = {one["name"]: one for one in mine["parts"][1]["rows"]}
    assert rows["gas_levels"]["missed"] == ["second"]
    assert rows["gas_levels"]["found"][0] == {"event": "first", "delay_s": 60.0, "lead_s": 240.0}
    assert mine["parts"][1]["warnings"][0]["event"] == "first"
    assert mine["aims"][0]["floor_reached"] is True


def test_a_false_alarm_is_told_as_one(folder: Path) -> None:
    later = EVENTS.replace("T08:", "T09:").replace("T09:00:00Z\nonset", "T10:00:00Z\nonset")
    evaluation = evaluate(suite(folder, events=later), frozen())
    assert row(evaluation, 1, "gas_levels").score.false == 1
    assert evaluation.parts[1].warned[0].because == ""
    assert "| **false** |" in markdown([evaluation], [])


def test_a_configuration_changes_what_is_measured(folder: Path) -> None:
    (folder / "forewarn.toml").write_text('[inventory]\npath = "."\n\n[detectors.gas_levels]\nenabled = false\n')
    names = [one.name for one in evaluate(suite(folder), configured(folder / "forewarn.toml")).parts[1].rows]
    assert "gas_levels" not in names
    assert "warnings" in names


def test_events_from_the_table_of_the_authors(folder: Path) -> None:
    (folder / "leaks.csv").write_text(
        "valve,from,to\nV2,2026-06-01 10:00:00+00:00,2026-06-01 11:00:00+00:00\n"
        "V1,2026-06-01 08:00:00+00:00,2026-06-01 09:00:00+00:00\nV0,2025-01-01 08:00:00Z,2025-01-01 09:00:00Z\n"
    )
    table = '[event_table]\nfile = "leaks.csv"\nbegin = "from"\nend = "to"\nname = ["valve", "from"]\n'
    evaluation = evaluate(suite(folder, events=table), frozen())
    assert [one.name for one in evaluation.events] == ["V1 2026-06-01 08:00:00+00:00", "V2 2026-06-01 10:00:00+00:00"]
    (folder / "leaks.csv").write_text("valve,from,to\nV2,soon,later\n")
    with pytest.raises(RecordingError, match=r"leaks\.csv:2: .*soon"):
        evaluate(suite(folder, events=table), frozen())
    (folder / "leaks.csv").write_text("valve,from\nV2,2026-06-01 10:00:00Z\n")
    with pytest.raises(RecordingError, match="no column 'to'; it has valve, from"):
        evaluate(suite(folder, events=table), frozen())


def test_a_matrix_and_adjustments(folder: Path) -> None:
    (folder / "plant.dat").write_text("1 10\n1 12\n1 14\n")
    matrix = (
        '[[matrices]]\nfile = "plant.dat"\nbegin_at = 2026-06-01T00:00:30Z\nstep_s = 60\n'
        'columns = [{column = 2, sensor = "unheard", factor = 0.5, offset = 1.0}]\n'
        '[[adjustments]]\nsensors = ["un*"]\nzero_s = 60\noptical_density = true\n'
    )
    (batches,) = sessions_of(suite(folder, events=matrix))
    values = {series.sensor: value for series, (_, value) in values_of(batches).items()}
    assert values["unheard"].tolist() == pytest.approx([0.0, 100 * (1 - 10**-0.5), 100 * (1 - 10**-1.5)])
    assert values["g1"][0] == 1.0
    instants = [int(at) for batch in batches for at in batch.observed_at_ns]
    assert instants == sorted(instants)


def test_recordings_apart_are_played_through_a_core_each(folder: Path) -> None:
    short = [
        line for line in (folder / "readings.csv").read_text().splitlines() if line <= "2026-06-01T01" or "g1" in line
    ]
    (folder / "other.csv").write_text("\n".join(short).replace("g1", "unheard").replace(",g2", ",nobody"))
    other = '\n[[recordings]]\nfiles = ["other.csv"]\nlayout = "wide"\ncolumns = {unheard = "unheard"}\n'
    together = evaluate(suite(folder, events=other), frozen())
    apart = evaluate(suite(folder, "apart = true", other), frozen())
    assert together.faults == {"silence": 1}
    assert apart.faults == {}
    assert together.readings == apart.readings


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
    assert json.loads(capsys.readouterr().out) == {"suites": [], "left_out": ["fire"]}


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
