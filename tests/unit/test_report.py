from __future__ import annotations

import csv
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from alerting.lead_time import reckon
from alerting.ledger import Entry, Onset, Reached
from alerting.report.month import make_report, span_of, to_csv
from alerting.report.verification import Tolerance, Verdict, in_month, judge, leads, score
from alerting.store.record import Record
from alerting.store.store import Store
from pipeline.cli.exit import Exit
from pipeline.model.area import AreaLevel
from pipeline.model.hazard import Hazard
from pipeline.model.level import Level
from pipeline.model.warning import Report, WarningStatus
from tests.reports import later, warning
from tests.unit.cli_rig import VILLAGE as SAMPLE
from tests.unit.cli_rig import Terminal

ONE, TWO, FAR = "330106109201", "330106109202", "330203005201"


def entry(chain: str, area: str = ONE, issued_s: float = 0, number: int = 1, **changes: Any) -> Entry:
    values: dict[str, Any] = {
        "warning": f"{chain}-{number}",
        "chain": chain,
        "number": number,
        "report": Report.FIRST if number == 1 else Report.FINAL,
        "status": WarningStatus.ACTUAL,
        "hazard": Hazard.FIRE,
        "area": area,
        "level": Level.RED,
        "precursor_at": later(issued_s - 60),
        "detected_at": later(issued_s - 30),
        "decided_at": later(issued_s),
        "issued_at": later(issued_s),
        "expires_at": later(issued_s + 3600),
        "expected_onset_at": None,
    }
    return Entry(**values | changes)


def life(chain: str, area: str = ONE, begin_s: float = 0, end_s: float = 7200, **changes: Any) -> list[Entry]:
    return [entry(chain, area, begin_s, **changes), entry(chain, area, end_s, 2, **changes)]


def onset(at_s: float, area: str = ONE, hazard: Hazard = Hazard.FIRE) -> Onset:
    return Onset(hazard, area, later(at_s))


def verdicts(entries: list[Entry], *onsets: Onset, **tolerance: Any) -> list[Verdict]:
    return [one.verdict for one in judge(reckon(entries, onsets), entries, Tolerance(**tolerance))]


def test_each_verdict() -> None:
    assert verdicts(life("a"), onset(3600)) == [Verdict.HIT]
    assert verdicts(life("a"), onset(-30)) == [Verdict.LATE]
    assert verdicts(life("a")) == [Verdict.FALSE_ALARM]
    assert verdicts([entry("a")]) == [Verdict.OPEN]
    assert verdicts([], onset(0)) == [Verdict.MISS]


@pytest.mark.parametrize(
    ("area", "at_s", "tolerance", "is_near"),
    [
        (TWO, 3600, {}, True),
        (TWO, 7200 + 3600, {}, True),
        (TWO, 7200 + 3601, {}, False),
        (TWO, 7200 + 3601, {"seconds": 7200}, True),
        (TWO, 3600, {"level": AreaLevel.VILLAGE}, False),
        (FAR, 3600, {}, False),
        (FAR, 3600, {"level": AreaLevel.PROVINCE}, True),
    ],
)
def test_near_by_the_stated_tolerance(area: str, at_s: float, tolerance: dict[str, Any], is_near: bool) -> None:  # noqa: FBT001  # a column of the table
    found = verdicts(life("a"), onset(at_s, area), **tolerance)
    assert sorted(found) == sorted([Verdict.FALSE_ALARM, Verdict.NEAR if is_near else Verdict.MISS])


def test_a_warning_is_near_to_one_event_and_of_its_own_hazard() -> None:
    assert sorted(verdicts(life("a"), onset(10, TWO), onset(20, TWO))) == ["false alarm", "miss", "near hit"]
    assert sorted(verdicts(life("a"), onset(10, TWO, Hazard.RAINSTORM))) == ["false alarm", "miss"]
    assert sorted(verdicts(life("a"), onset(10), onset(10, TWO))) == ["hit", "miss"]  # a hit is not near to another


def test_the_scores() -> None:
    entries = life("a") + life("b", TWO) + life("c", FAR) + [entry("d", FAR, 9000)]
    onsets = (onset(600), onset(600, "330106109203"), onset(900, "110101001001"))
    found = score(judge(reckon(entries, onsets), entries, Tolerance()))
    assert (found.hits, found.late, found.misses, found.near_hits, found.false_alarms, found.open) == (1, 0, 1, 1, 2, 1)
    assert (found.pod, found.far, found.csi) == (1 / 3, 2 / 3, 1 / 5)
    assert (found.pod_near, found.far_near, found.csi_near) == (2 / 3, 1 / 3, 2 / 4)
    nothing = score([])
    assert (nothing.pod, nothing.far, nothing.csi) == (None, None, None)


def test_the_distribution_of_lead_times() -> None:
    found = leads("x", [-60, 0, 1, 300, 301, 900, 1800, 3600, 3601])
    assert found.classes == (2, 2, 2, 1, 1, 1)
    assert (found.median_s, found.count) == (301, 9)
    assert (leads("x", [5.0]).p10_s, leads("x", []).median_s) == (5.0, None)


def test_by_channel_from_acceptance_with_misses_as_nothing() -> None:
    reached = (Reached("sms", accepted_at=later(120)), Reached("mail"))
    entries = life("a", channels=reached)
    made = make_report("2026-05", "UTC", entries, [onset(3600), onset(0, FAR)])
    (sms,) = made.channels
    assert (sms.name, sms.count) == ("sms", 2)
    assert sms.p90_s == pytest.approx(3480 * 0.9)
    assert made.in_time == 0.5
    assert [code for code, _, _ in made.areas] == ["330106109000", "330203005000"]


def test_a_month_begins_where_people_live() -> None:
    assert span_of("2026-12", "Asia/Shanghai") == (
        datetime(2026, 11, 30, 16, tzinfo=UTC),
        datetime(2026, 12, 31, 16, tzinfo=UTC),
    )
    for wrong in (
        "2026-13",
        "May",
        "2026",
        "",
        "2026-5",
        "2026-00",
        "2026-05\n",
        "0001-01",
        "1677-12",
        "2262-01",
        "9999-12",
    ):
        with pytest.raises(ValueError, match="is no month; want one of the years 1678 to 2261"):
            span_of(wrong, "Asia/Shanghai")
    rows = reckon(life("a"), [onset(0, FAR)])
    assert in_month(rows, later(0), later(1)) == rows
    assert in_month(rows, later(-9), later(0)) == in_month(rows, later(1), later(9)) == []


def test_exercises_and_faults_are_left_out() -> None:
    others = life("b", status=WarningStatus.EXERCISE) + life("c", hazard=Hazard.SENSOR_FAULT)
    assert make_report("2026-05", "UTC", life("a") + others, []).total.false_alarms == 1


def test_the_table_for_spreadsheets() -> None:
    text = to_csv(make_report("2026-05", "UTC", life("a"), [onset(600), onset(0, FAR)])).decode("utf-8-sig")
    miss, hit = sorted(csv.DictReader(text.splitlines()), key=lambda row: row["chain"])
    assert (hit["verdict"], hit["lead_time_s"], hit["peak_level"]) == ("hit", "600.0", "red")
    assert (miss["verdict"], miss["lead_time_s"], miss["peak_level"]) == ("miss", "0.0", "")


@pytest.fixture
def terminal(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Terminal:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "data").mkdir()
    store = Store(f"sqlite:///{tmp_path / 'data' / 'store.db'}")
    store.save(Record(warnings=(warning(area=SAMPLE),)), later(0))
    store.save(Record(warnings=(warning(number=2, area=SAMPLE, report=Report.FINAL),)), later(7200))
    store.observe_onset(Hazard.FIRE, SAMPLE, later(4000), "test", later(4000))
    store.close()
    return Terminal(tmp_path, capsys)


def test_the_same_store_gives_the_same_files(terminal: Terminal) -> None:
    ended = terminal("report", "2026-05")
    assert ended.code == Exit.DONE
    assert "1 hits, 0 late, 0 missed, 0 near, 0 false alarms" in ended.out
    first = [(terminal.folder / "reports" / f"2026-05.{kind}").read_bytes() for kind in ("html", "csv")]
    assert terminal("report", "2026-05", "--into", "again").code == Exit.DONE
    assert [(terminal.folder / "again" / f"2026-05.{kind}").read_bytes() for kind in ("html", "csv")] == first
    page = first[0].decode()
    for words in ("预警月报", "样例村 Sample Village", "火灾 fire", "100 %", "66.7 min", "POD"):
        assert words in page
    assert "<script" not in page


def test_what_is_no_month_and_no_level(terminal: Terminal) -> None:
    assert "'May' is no month" in terminal("report", "May").err
    assert "5 is no level of areas" in terminal("report", "2026-05", "--near-digits", "5").err
    document = terminal("report", "2026-06", "--json").document
    assert document["report"]["total"]["hits"] == 0


@pytest.mark.system
def test_a_browser_prints_it(terminal: Terminal) -> None:
    ended = terminal("report", "2026-05", "--pdf", "--json")
    assert ended.code == Exit.DONE, ended.err
    pdf = Path(ended.document["files"][-1])
    assert pdf.read_bytes().startswith(b"%PDF-")
    assert pdf.stat().st_size > 10_000


def test_without_a_browser_the_remedy_is_told(terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    ended = terminal("report", "2026-05", "--pdf")
    assert ended.code not in {Exit.DONE, Exit.DEFECT}
    assert "install chromium" in ended.err


def test_the_lead_time_is_to_the_hour(terminal: Terminal) -> None:
    rows = terminal("report", "2026-05", "--json").document["report"]["rows"]
    assert rows[0]["row"]["lead_time_s"] == timedelta(seconds=4000).total_seconds()
