from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, select

from alerting.store.engine import BUSY_TIMEOUT_MS
from alerting.store.outbox import add_deliveries
from alerting.store.record import Record
from alerting.store.schema import findings, metadata
from alerting.store.store import Store
from pipeline.errors import StoreError
from pipeline.model.audience import Audience
from pipeline.model.hazard import Hazard
from pipeline.model.level import Level
from pipeline.model.warning import HazardWarning, Report, WarningStatus
from tests.reports import NOON, VILLAGE, assessment, delivery, finding, later, put, release, warning

RECORD = Record((finding(), finding(revision=1)), (assessment(),), (warning(),))


def everything(store: Store, at: datetime = NOON) -> None:
    store.save(RECORD, at)
    release(store, RECORD.warnings, [delivery(warning())])


def dump(store: Store) -> list[Any]:
    """Every row of every table."""
    with store.read() as connection:
        return [sorted(connection.execute(select(table)).all(), key=repr) for table in metadata.sorted_tables]


def test_what_was_saved_is_found(store: Store) -> None:
    everything(store)
    assert store.finding(finding().id) == RECORD.findings
    assert store.findings(9) == tuple(reversed(RECORD.findings))
    assert store.assessments(9) == RECORD.assessments
    assert store.warning(warning().id) == warning()
    assert store.deliveries(9) == (delivery(warning()),)


def test_what_is_not_there_is_not_there(store: Store) -> None:
    assert store.finding("x") == ()
    assert store.warning("x") is None
    assert store.chain("x") == ()
    assert store.load_snapshot() is None


def test_saving_again_after_a_crash_changes_nothing(store: Store) -> None:
    everything(store)
    before = dump(store)
    everything(store, later(99))
    assert dump(store) == before


def test_the_order_in_which_rows_are_given_does_not_matter(tmp_path: Path) -> None:
    dumps = []
    for turn in (1, -1):
        path = tmp_path / f"{turn}.db"
        store = Store(f"sqlite:///{path}")
        store.save(Record([finding("a"), finding("b"), finding("a", 1)][::turn]), NOON)
        dumps.append(([one.model_dump() for one in store.findings(9)], dump(store)))
        store.close()
    assert dumps[0] == dumps[1]


def test_all_of_a_record_or_nothing(store: Store) -> None:
    def refuse(_: Connection, report: HazardWarning, __: datetime) -> None:
        raise KeyError(report.id)

    with pytest.raises(KeyError, match=warning().id):
        store.save(Record((finding(),), (), (warning(),)), NOON, refuse)
    assert store.findings(9) == ()
    assert store.recent_warnings(9) == ()


def test_the_tables_take_no_delivery_without_a_release(store: Store) -> None:
    store.save(Record(warnings=(warning(),)), NOON)
    with pytest.raises(StoreError, match=r"(?i)foreign key constraint"), store.write() as connection:
        add_deliveries(connection, [delivery(warning())], [])
    release(store, [warning()], [])
    with pytest.raises(StoreError, match=r"(?i)foreign key constraint"), store.write() as connection:
        add_deliveries(connection, [delivery(warning(), audience=Audience.DUTY)], [])
    assert store.deliveries(9) == ()


def test_two_reports_with_one_place_in_a_chain_are_a_defect_and_not_dropped_in_silence(store: Store) -> None:
    store.save(Record(warnings=(warning(),)), NOON)
    with pytest.raises(StoreError, match=r"(?i)unique constraint"):
        store.save(Record(warnings=(warning(id="another"),)), NOON)


def test_a_delivery_may_follow_its_warning_later(store: Store) -> None:
    store.save(Record(warnings=(warning(),)), NOON)
    release(store, [warning()], [delivery(warning())])
    assert [one.warning for one in store.deliveries(9)] == [warning().id]


@pytest.mark.parametrize(
    ("wanted", "names"),
    [
        ({}, ["c", "b", "a"]),
        ({"hazard": Hazard.FIRE}, ["b", "a"]),
        ({"area": "330106000000"}, ["b"]),
        ({"subject": "c"}, ["c"]),
        ({"hazard": Hazard.FIRE, "area": VILLAGE}, ["a"]),
    ],
)
def test_findings_are_chosen_newest_first(store: Store, wanted: dict[str, Any], names: list[str]) -> None:
    rows = [
        finding("a", at=later(1)),
        finding("b", at=later(2), area="330106000000"),
        finding("c", at=later(3), hazard=Hazard.GAS_LEAK),
    ]
    store.save(
        Record(rows, [assessment(one.subject, hazard=one.hazard, area=one.area, at=one.at) for one in rows]), NOON
    )
    assert [one.subject for one in store.findings(9, **wanted)] == names
    assert [one.subject for one in store.findings(1, **wanted)] == names[:1]
    if "subject" not in wanted:
        assert [one.at for one in store.assessments(9, **wanted)] == [one.at for one in store.findings(9, **wanted)]
        assert len(store.assessments(1, **wanted)) == 1


OPEN = warning("open")
FOLLOWED = (warning("followed"), warning("followed", 2))
ENDED = (warning("ended"), warning("ended", 2, report=Report.FINAL, level=Level.NONE, peak_level=Level.ORANGE))
EXERCISE = warning("exercise", status=WarningStatus.EXERCISE)
FAULT = warning("fault", hazard=Hazard.SENSOR_FAULT)
SHORT = warning("short", expires_at=later(60))
ALL = (OPEN, *FOLLOWED, *ENDED, EXERCISE, FAULT, SHORT)


def ids(reports: tuple[HazardWarning, ...]) -> set[str]:
    return {report.id for report in reports}


def test_in_force_is_the_last_report_of_a_chain_that_neither_ended_nor_expired(store: Store) -> None:
    store.save(Record(warnings=ALL), NOON)
    assert ids(store.warnings_in_force(later(59.9))) == ids((OPEN, FOLLOWED[1], EXERCISE, FAULT, SHORT))
    assert ids(store.warnings_in_force(later(60))) == ids((OPEN, FOLLOWED[1], EXERCISE, FAULT))
    assert store.warnings_in_force(later(3600)) == ()


def test_the_public_sees_the_last_report_that_was_released(store: Store) -> None:
    store.save(Record(warnings=ALL), NOON)
    assert store.public_reports_in_force(later(60)) == ()
    release(store, [FOLLOWED[0], ENDED[0]], [])
    assert ids(store.public_reports_in_force(later(60))) == ids((FOLLOWED[0], ENDED[0]))
    assert store.is_released(FOLLOWED[0].id, Audience.PUBLIC)
    assert not store.is_released(FOLLOWED[1].id, Audience.PUBLIC)
    assert not store.is_released(FOLLOWED[0].id, Audience.DUTY)


def test_the_public_sees_no_exercise_and_no_fault(store: Store) -> None:
    put(store, ALL, ())
    assert ids(store.public_reports_in_force(later(60))) == ids((OPEN, FOLLOWED[1]))
    assert ids(store.recent_warnings(99, public=True)) == ids((OPEN, *FOLLOWED, *ENDED, SHORT))
    assert ids(store.recent_warnings(99)) == ids(ALL)


def test_recent_warnings_come_newest_first_and_chains_in_order(store: Store) -> None:
    store.save(Record(warnings=ALL), NOON)
    recent = store.recent_warnings(3)
    assert [report.sent_at for report in recent] == [later(60), later(60), NOON]
    assert store.chain(FOLLOWED[0].chain) == FOLLOWED


def test_a_snapshot_is_replaced_as_a_whole(store: Store) -> None:
    store.save_snapshot(1, b"one")
    store.save_snapshot(2, b"\x00two")
    position, blob = store.load_snapshot() or (0, b"")
    assert (position, blob) == (2, b"\x00two")


def test_the_version_moves_with_each_write_and_only_then(store: Store) -> None:
    before = store.version
    store.findings(9)
    store.save(Record(), NOON)
    assert store.version == before
    store.save(RECORD, NOON)
    assert store.version != before


def test_sqlite_is_set_to_survive_a_loss_of_power(tmp_path: Path) -> None:
    store = Store(f"sqlite:///{tmp_path / 'store.db'}")
    with store.read() as connection:
        pragmas = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "busy_timeout")
        }
    assert pragmas == {"journal_mode": "wal", "synchronous": 2, "busy_timeout": BUSY_TIMEOUT_MS}
    store.close()


def test_a_reader_keeps_its_view_and_does_not_wait_for_a_writer(store: Store) -> None:
    with store.write() as writer, store.read() as reader:
        writer.execute(
            findings.insert().values(id="x", revision=0, at_ns=0, hazard="", area="", subject="", document="")
        )
        assert reader.execute(select(findings)).all() == []


def test_any_thread_may_write_and_read(store: Store) -> None:
    def work(n: int) -> int:
        report = warning(f"chain {n}")
        store.save(Record((finding(f"s{n}"),)), NOON)
        put(store, [report], [delivery(report)])
        return len(store.deliveries(99))

    with ThreadPoolExecutor(8) as threads:
        assert max(threads.map(work, range(40))) == 40
    assert len(store.recent_warnings(99)) == 40


@pytest.mark.parametrize("content", [None, b"this is no database, but long enough to look into"])
def test_what_cannot_be_opened_is_an_error_with_a_remedy(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "there" / "store.db"
    if content:
        path.parent.mkdir()
        path.write_bytes(content)
    with pytest.raises(StoreError, match="check the path, its rights and free space"):
        Store(f"sqlite:///{path}")
