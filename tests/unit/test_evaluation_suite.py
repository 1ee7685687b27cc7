"""A whole suite in miniature: from TOML and CSV to the page, and what is said of what is wrong."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pipeline.cli.exit import Exit
from pipeline.cli.main import run
from pipeline.clock import SystemClock
from pipeline.errors import RecordingError
from pipeline.evaluation.document import document
from pipeline.evaluation.evaluate import evaluate
from pipeline.evaluation.plans import configured, frozen
from pipeline.evaluation.readings import sessions_of, values_of
from pipeline.evaluation.report import left_out_of, markdown
from tests.unit.evaluation_rig import EVENTS, field, row, suite


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return field(tmp_path)


def test_a_suite_is_played_and_scored(folder: Path) -> None:
    evaluation = evaluate(suite(folder), frozen())
    levels = row(evaluation, 1, "gas_levels").score
    assert (levels.hits, levels.events, levels.missed, levels.false) == (1, 2, ("second",), 0)
    assert levels.found[0].delay_s == 60
    assert levels.found[0].lead_s == 240
    assert levels.pod_early == 1.0, "of the one whose onset is known"
    assert row(evaluation, 1, "warnings").score.hits == 1
    assert row(evaluation, 1, "plain threshold 30").score.hits == 1
    assert row(evaluation, 0, "gas_levels").score.events == 0
    names = [one.name for one in evaluation.parts[1].rows]
    assert [name for name in names if name.endswith((" yellow", " orange"))] == []  # blue says the same, or nobody
    (warned,) = evaluation.parts[1].warned
    assert (warned.because, warned.level.word) == ("first", "yellow")
    assert (evaluation.readings, evaluation.faults) == (1440, {})  # the unheard sensor is not there, not silent
    assert evaluation.parts[1].clear_s == (359 - 2 * 90) * 60


@pytest.mark.parametrize(("back_at", "counted"), [("09:00", 1), ("09:02", 2)])
def test_the_hold_off_counts_from_the_last_evidence(folder: Path, back_at: str, counted: int) -> None:
    rows = (folder / "readings.csv").read_text()
    (folder / "readings.csv").write_text(rows.replace(f"T{back_at}:00Z,1", f"T{back_at}:00Z,41"))
    assert row(evaluate(suite(folder), frozen()), 1, "gas_levels").score.episodes == counted


def test_aims_are_judged(folder: Path) -> None:
    aims = evaluate(suite(folder), frozen()).aims
    assert [(one.value, one.reaches(one.aim.floor), one.reaches(one.aim.goal), one.because) for one in aims] == [
        (0.5, True, False, ""),
        (60.0, None, True, ""),
        (None, None, None, "no such row"),
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
    assert rows["gas_levels"]["found"][0] == {"event": "first", "delay_s": 60.0, "lead_s": 240.0, "stood_s": None}
    assert mine["parts"][1]["warnings"][0]["event"] == "first"
    assert mine["aims"][0]["floor_reached"] is True


def test_a_false_alarm_is_told_as_one(folder: Path) -> None:
    later = EVENTS.replace("T08:", "T09:").replace("T09:00:00Z\nonset", "T10:00:00Z\nonset")
    evaluation = evaluate(suite(folder, events=later), frozen())
    assert row(evaluation, 1, "gas_levels").score.false == 1
    assert evaluation.parts[1].warned[0].because == ""
    assert "| **false** |" in markdown([evaluation], [])


def test_an_alarm_that_stood_when_an_event_began_is_told_apart(folder: Path) -> None:
    inside = EVENTS.replace("begin = 2026-06-01T08:00:00Z", "begin = 2026-06-01T08:20:00Z").replace("T08:05", "T08:25")
    evaluation = evaluate(suite(folder, events=inside), frozen())
    warned = row(evaluation, 1, "warnings").score
    assert (warned.hits, warned.in_force, warned.false) == (0, 1, 1)
    assert evaluation.parts[1].warned[0].met == "first"
    page = markdown([evaluation], [])
    assert "| **false**, in force when first began |" in page
    columns, lines = _by_event(page)
    assert lines["first"][columns.index("warnings")] == "in force, 25.0 min more"
    assert lines["second"][columns.index("warnings")] == "missed"
    assert '"in_force_at": "first"' in document([evaluation], [])


def _by_event(page: str) -> tuple[list[str], dict[str, list[str]]]:
    """The cells of the table of delays, by event."""
    block = next(one for one in page.split("\n\n") if one.startswith("| event |"))
    columns, _, *lines = ([cell.strip() for cell in line.strip("| ").split("|")] for line in block.splitlines())
    return columns, {line[0]: line for line in lines}


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
    (batches,), _ = sessions_of(suite(folder, events=matrix))
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


TABLE = '[event_table]\nfile = "leaks.csv"\nbegin = "from"\nend = "to"\nname = ["valve"]\n'
WRONG_TABLES = {
    "reversed": ("valve,from,to\nV1,2026-06-01T09:00:00Z,2026-06-01T08:00:00Z\n", "utf-8",
                 r"leaks\.csv:2: event 'V1' ends before it begins: .* exchange"),
    "no rows": ("wrong,words\n", "utf-8", r"leaks\.csv:1: no column 'from', 'to', 'valve'; it has wrong, words"),
    "nothing": ("", "utf-8", r"leaks\.csv:1: no column .*; it has none"),
    "empty end": ("valve,from,to\nV1,2026-06-01T09:00:00Z,\n", "utf-8",
                  r"leaks\.csv:2: to: '' is no instant; write it like 2026-"),
    "short row": ("valve,from,to\nV1\n", "utf-8", r"leaks\.csv:2: from: '' is no instant"),
    "no zone": ("valve,from,to\nV1,2026-06-01T09:00:00,2026-06-01T09:00:00Z\n", "utf-8",
                r"leaks\.csv:2: from: .*no time zone"),
    "GBK": ("valve,from,to\n甲阀,2026-06-01T08:00:00Z,2026-06-01T09:00:00Z\n", "gbk",
            r"leaks\.csv: not UTF-8: .* at byte 14; save it as UTF-8"),
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG_TABLES)
def test_a_table_of_events_that_is_wrong_is_refused(name: str, folder: Path) -> None:
    text, encoding, words = WRONG_TABLES[name]
    (folder / "leaks.csv").write_text(text, encoding)
    with pytest.raises(RecordingError, match=words):
        evaluate(suite(folder, events=TABLE), frozen())


def test_events_outside_every_part_are_told_and_leave_no_aim_short(folder: Path) -> None:
    early = EVENTS.replace("2026-", "2025-")
    evaluation = evaluate(suite(folder, events=early), frozen())
    page = markdown([evaluation], [])
    assert "- 2 events lie outside the parts and were left out: first, second" in page
    assert "| 0.5: no event | 1: no event |" in page
    assert json.loads(document([evaluation], []))["suites"][0]["events_outside_parts"] == ["first", "second"]
    assert [one.reaches(one.aim.floor) for one in evaluation.aims] == [None, None, None]
    assert "outside the parts" not in markdown([evaluate(suite(folder), frozen())], [])


def test_a_table_that_covers_more_leaves_out_without_a_word(folder: Path) -> None:
    rows = [f"V{number},2025-01-0{number}T08:00:00Z,2025-01-0{number}T09:00:00Z" for number in range(1, 8)]
    (folder / "leaks.csv").write_text("\n".join(["valve,from,to", *rows]))
    told = left_out_of(evaluate(suite(folder, events=TABLE), frozen()))
    assert told == ["7 events lie outside the parts and were left out: V1, V2, V3, V4, V5 and 2 more"]
    assert left_out_of(evaluate(suite(folder, events=f"{TABLE}covers_more = true\n"), frozen())) == []


def test_what_was_rejected_of_a_recording_is_told(folder: Path) -> None:
    strangers = [f"x{number}" for number in range(6)]
    lines = [f"2026-06-01T00:00:00Z,{one},1" for one in [*strangers, "g1"]]
    (folder / "more.csv").write_text("\n".join(["observed_at,sensor,value", *lines, "soon,g1,3"]))
    evaluation = evaluate(suite(folder, events=EVENTS + '[[recordings]]\nfiles = ["more.csv"]\n'), frozen())
    page = markdown([evaluation], [])
    assert f"- rejected 1: {folder / 'more.csv'}: sensor 'x0' is not listed (1 rows, the first is row 1)" in page
    assert "'x4'" in page
    assert "'x5'" not in page
    assert "- rejected 2 more, of 2 further sensors or causes" in page
    rejected = json.loads(document([evaluation], []))["suites"][0]["rejected"]
    assert {one["reason"] for one in rejected} == {"unknown_sensor", "bad_time"}


def test_a_recording_of_strangers_alone_is_told(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "readings.csv").write_text("time,nobody\n2026-06-01T08:00:00Z,3\n")
    suite(folder)
    assert run(["evaluate", str(folder / "mine.toml"), "--recordings", str(folder), "--no-cost"]) == Exit.DONE
    assert "rejected 1: " in (err := capsys.readouterr().err)
    assert "sensor 'nobody' is not listed" in err
