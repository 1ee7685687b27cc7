import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from pipeline.connectors.journal import TRIM, DeadLetter, Journal
from pipeline.errors import JournalError
from pipeline.model.batch import ReadingBatch
from pipeline.model.entry import Entry, Tick
from pipeline.model.instant import to_ns
from pipeline.model.quantity import Quantity
from pipeline.model.reading import Reading, Series

RAIN = Series("r", Quantity.RAIN)
NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)


def batch(*at_ns: int) -> ReadingBatch:
    return ReadingBatch.of([Reading(RAIN, one, 1.0) for one in at_ns], received_at_ns=5)


@pytest.fixture
def journal(tmp_path: Path) -> Journal:
    return Journal(tmp_path / "journal.db")


def test_entries_come_back_in_order_with_their_positions(journal: Journal) -> None:
    entries: list[Entry] = [batch(1, 2), Tick(NOON), batch(3)]
    assert journal.append(entries[:2]) == 1
    assert journal.append(entries[2:]) == 3
    assert list(journal.after(0)) == list(enumerate(entries, 1))
    assert list(journal.after(2)) == [(3, entries[2])]


def test_another_process_sees_what_was_appended(journal: Journal, tmp_path: Path) -> None:
    journal.append([batch(1)])
    assert len(list(Journal(tmp_path / "journal.db").after(0))) == 1


def test_positions_go_on_after_everything_was_trimmed(journal: Journal) -> None:
    journal.append([batch(1), batch(2), Tick(NOON)])
    journal.trim(3, before_ns=to_ns(NOON) + 1)
    journal._db.execute("DELETE FROM entries")
    assert journal.last_position() == 3
    assert journal.append([batch(3)]) == 4


LATER = NOON + timedelta(hours=1)


@pytest.mark.parametrize(
    ("position", "before", "kept"),
    [
        pytest.param(6, NOON, [1, 2, 3, 4, 5, 6], id="nothing is old"),
        pytest.param(6, NOON + timedelta(seconds=1), [3, 4, 5, 6], id="what stands before an old tick"),
        pytest.param(1, NOON + timedelta(seconds=1), [2, 3, 4, 5, 6], id="what is not processed is kept"),
        pytest.param(6, LATER + timedelta(hours=1), [5, 6], id="the newest tick is kept"),
    ],
)
def test_only_what_is_both_processed_and_old_is_trimmed(
    journal: Journal, position: int, before: datetime, kept: list[int]
) -> None:
    far = to_ns(NOON + timedelta(days=999))
    journal.append([batch(1), batch(far), Tick(NOON), batch(2, far), Tick(LATER), batch(3)])
    journal.trim(position, to_ns(before))
    assert [number for number, _ in journal.after(0)] == kept


def test_a_young_journal_goes_on_after_the_position_of_an_older_snapshot(journal: Journal) -> None:
    journal.append([batch(1)])
    journal.go_on_after(40)
    assert journal.append([batch(2)]) == 41
    journal.go_on_after(40)
    assert journal.append([batch(3)]) == 42


def test_trimming_takes_its_time_from_what_goes_not_from_what_stays(journal: Journal) -> None:
    steps = [row[-1] for row in journal._db.execute(f"EXPLAIN QUERY PLAN {TRIM}", (1, 1))]
    assert any("INDEX ticks" in step for step in steps)
    assert not any(step.startswith("SCAN") or "TEMP B-TREE" in step for step in steps)


def test_readings_between_two_instants_are_found(journal: Journal) -> None:
    journal.append([batch(1, 5), Tick(NOON), batch(6, 9), batch(20)])
    assert [len(one) for one in journal.between(5, 8)] == [2, 2]


def test_the_last_tick_is_remembered(journal: Journal) -> None:
    assert journal.last_tick_ns() is None
    journal.append([Tick(NOON), batch(1)])
    assert journal.last_tick_ns() == to_ns(NOON)


def test_dead_letters_are_kept_latest_first_and_bounded(journal: Journal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipeline.connectors.journal._DEAD_LETTERS_KEPT", 2)
    letters = [DeadLetter(at, "http", "malformed", f"letter {at}", b"\xff") for at in range(3)]
    journal.bury(letters)
    assert journal.dead_letters() == [letters[2], letters[1]]


def test_a_disk_that_refuses_is_a_journal_error_and_nothing_is_half_written(journal: Journal) -> None:
    def refuse(*_: object) -> int:
        return sqlite3.SQLITE_DENY

    journal._db.set_authorizer(refuse)
    with pytest.raises(JournalError, match=r"journal .*journal\.db cannot be written"):
        journal.append([batch(1)])
    journal._db.set_authorizer(None)
    assert journal.append([batch(1)]) == 1


def test_a_broken_entry_is_named_by_its_position(journal: Journal, tmp_path: Path) -> None:
    journal.append([batch(1)])
    with sqlite3.connect(tmp_path / "journal.db") as db:
        db.execute("UPDATE entries SET body = x'00'")
    with pytest.raises(JournalError, match="entry 1: not a reading batch"):
        list(journal.after(0))


def test_a_file_that_is_no_journal_is_refused(tmp_path: Path) -> None:
    (tmp_path / "journal.db").write_text("not a database, but long enough to be taken for one" * 10)
    with pytest.raises(JournalError, match="cannot be opened"):
        Journal(tmp_path / "journal.db")
