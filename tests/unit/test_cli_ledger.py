"""What was stored, looked at and added to: `ledger`, `onset`, `explain`."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from alerting.store.record import Record
from alerting.store.store import Store
from pipeline.cli.exit import Exit
from pipeline.connectors.journal import Journal
from pipeline.model.batch import ReadingBatch
from pipeline.model.hazard import Hazard
from pipeline.model.instant import to_ns
from pipeline.model.quantity import Quantity
from pipeline.model.reading import Reading, Series
from pipeline.model.warning import Report, WarningStatus
from tests.reports import NOON, finding, later, warning
from tests.unit.cli_rig import VILLAGE, Terminal

LEAK = finding(
    "gas-1",
    hazard=Hazard.GAS_LEAK,
    detector="gas_levels",
    criterion="combustible",
    trigger="gas-1/gas_lel",
    value=25.6,
    threshold=25.0,
    area=VILLAGE,
)


@pytest.fixture
def terminal(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Terminal:
    monkeypatch.chdir(tmp_path)
    found = Terminal(tmp_path, capsys)
    (tmp_path / "data").mkdir()
    reports = (
        warning(area=VILLAGE, findings=(LEAK.id,)),
        warning("drill", area=VILLAGE, status=WarningStatus.EXERCISE),
        warning("broken", area=VILLAGE, hazard=Hazard.SENSOR_FAULT),
    )
    store = Store(f"sqlite:///{tmp_path / 'data' / 'store.db'}")
    store.save(Record((LEAK,), (), reports), NOON)
    store.save(Record((), (), (warning(number=2, area=VILLAGE, report=Report.FINAL),)), later(600))
    store.close()
    return found


def test_an_onset_turns_into_a_lead_time(terminal: Terminal) -> None:
    ended = terminal("onset", "fire", VILLAGE, "2026-05-01T12:00:30Z")
    assert (ended.code, ended.out) == (
        Exit.DONE,
        f"Entered: fire in Sample Village ({VILLAGE}) at 2026-05-01T12:00:30Z\n",
    )
    (row,) = terminal("ledger", "--json").document["lead_times"]
    assert (row["hazard"], row["basis"], row["lead_time_s"]) == ("fire", "observed", 30.0)
    shown = terminal("ledger").out
    assert "30 s" in shown
    assert "POD: share of events" in shown


def test_the_same_onset_twice_is_one_and_one_without_a_warning_is_missed(terminal: Terminal) -> None:
    for _ in range(2):
        assert terminal("onset", "rainstorm", VILLAGE, "2026-05-01T12:00:00Z").code == Exit.DONE
    document = terminal("ledger", "--json").document
    assert [row["basis"] for row in document["lead_times"]] == ["missed", "none"]
    assert {row["hazard"]: row["missed"] for row in document["summary"]} == {"rainstorm": 1, "fire": 0}


def test_an_onset_entered_by_mistake_is_taken_back(terminal: Terminal) -> None:
    words = ("onset", "fire", VILLAGE, "2026-05-01T12:00:30Z")
    assert terminal(*words, "--take-back").code == Exit.USAGE
    terminal(*words)
    assert terminal(*words, "--take-back").out.startswith("Taken back: fire in Sample Village")
    assert [row["basis"] for row in terminal("ledger", "--json").document["lead_times"]] == ["none"]


def test_only_warnings_of_one_status_count(terminal: Terminal) -> None:
    chains = {
        status: [row["status"] for row in terminal("ledger", "--status", status, "--json").document["lead_times"]]
        for status in ("Actual", "Exercise", "Test")
    }
    assert chains == {"Actual": ["Actual"], "Exercise": ["Exercise"], "Test": []}
    terminal.change("forewarn.toml", '# status = "Actual"', 'status = "Exercise"\n#')
    assert terminal("ledger", "--json").document["status"] == "Exercise"


@pytest.mark.parametrize(
    ("at", "instant"),
    [
        pytest.param("2026-05-01T12:00:30Z", "2026-05-01T12:00:30Z", id="utc"),
        pytest.param("2026-05-01T20:00:30+08:00", "2026-05-01T12:00:30Z", id="offset"),
        pytest.param("2026-05-01 20:00", "2026-05-01T12:00:00Z", id="in the configured zone"),
    ],
)
@pytest.mark.parametrize("area", [VILLAGE, "Sample Village", "样例村"])
def test_area_and_instant_may_be_written_in_several_ways(terminal: Terminal, area: str, at: str, instant: str) -> None:
    ended = terminal("onset", "fire", area, at, "--json")
    assert ended.document == {"hazard": "fire", "area": VILLAGE, "onset_at": instant}


def test_without_an_instant_it_is_now(terminal: Terminal) -> None:
    at = datetime.fromisoformat(terminal("onset", "fire", VILLAGE, "--json").document["onset_at"])
    assert abs(datetime.now(UTC) - at) < timedelta(minutes=1)  # noqa: TID251  # what the command has to find out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("onset", "sensor_fault", VILLAGE), "a fault of a sensor harms nobody and has no onset"),
        (("onset", "flood", VILLAGE), "Invalid value for"),
        (
            ("onset", "fire", "Sample Vilage"),
            "'Sample Vilage' is no area of the inventory; did you mean Sample Village?",
        ),
        (("onset", "fire", VILLAGE, "yesterday"), "'yesterday' is no instant; want for example 2026-05-01T14:30+08:00"),
        (("onset", "fire", VILLAGE, "2222-01-01T00:00Z"), "2222-01-01T00:00:00Z has not come yet"),
        (("onset", "fire", VILLAGE, "2999-01-01T00:00Z"), "is beyond the years 1678 to 2261"),
        (("onset", "fire", VILLAGE, "0001-01-01T00:00+08:00"), "is beyond the years 1678 to 2261"),
        (("explain", "abc"), "no finding 'abc' in "),
    ],
)
def test_what_cannot_be_is_refused(terminal: Terminal, words: tuple[str, ...], said: str) -> None:
    ended = terminal(*words)
    assert (ended.code, ended.out) == (Exit.USAGE, "")
    assert said in ended.complaints[0]


def test_where_time_is_the_readings_own_an_onset_may_be_ahead_of_the_clock(terminal: Terminal) -> None:
    terminal.change("forewarn.toml", '# time = "wall"', 'time = "event"\n#')
    assert terminal("onset", "fire", VILLAGE, "2222-01-01T00:00Z").code == Exit.DONE


def test_a_finding_is_explained_by_rule_standard_and_readings(terminal: Terminal) -> None:
    series = Series("gas-1", Quantity.GAS_LEL)
    readings = [Reading(series, to_ns(later(second)), 20.0 + second) for second in (-90, -60, -45, -30, 0)]
    journal = Journal(terminal.folder / "data" / "journal.db")
    journal.append([ReadingBatch.of(readings)])
    journal.close()
    document = terminal("explain", LEAK.id, "--json").document
    assert document["criterion"]["standard"] == "GB/T 50493-2019 5.5.2"
    assert document["criterion"]["unit"] == "%LEL"
    assert [value for _, value in document["readings"]] == [-40.0, -25.0, -10.0]
    shown = terminal("explain", LEAK.id).out
    assert "25.6 %LEL" in shown
    assert "可燃气体" in shown
