from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import delete, insert, update

from alerting.audit import START, AuditEntry, bound, flaws
from alerting.store.audit import audit
from alerting.store.store import Store
from pipeline.model.instant import to_ns
from tests.reports import NOON, later


def written(number: int) -> list[AuditEntry]:
    before, made = START, []
    for n in range(1, number + 1):
        words = (f"person:p{n % 3}", "release.approve", f"report-{n}", "")
        before = bound(before, n, to_ns(later(n)), *words)
        made.append(
            AuditEntry(number=n, at=later(n), who=words[0], action=words[1], subject=words[2], detail="", hash=before)
        )
    return made


def test_a_log_as_it_was_written_has_no_flaw() -> None:
    assert flaws(written(5)) == []
    assert flaws([]) == []
    assert flaws(written(5), head=written(3)[-1].hash) == []


@given(st.data())
def test_whatever_is_altered_taken_out_or_put_in_shows(data: st.DataObject) -> None:
    log = written(6)
    place = data.draw(st.integers(0, 5))
    match data.draw(st.sampled_from(["alter", "take", "repeat", "swap"])):
        case "alter":
            change: dict[str, Any] = data.draw(
                st.sampled_from([{"who": "person:x"}, {"detail": "x"}, {"subject": "x"}, {"action": "x"}, {"at": NOON}])
            )
            log[place] = log[place].model_copy(update=change)
        case "take":
            place = min(place, 4)  # the end cut off shows against a hash that was noted
            del log[place]
        case "repeat":
            log.insert(place, log[place])
        case _:
            other = (place + 1) % 6
            log[place], log[other] = log[other], log[place]
    assert flaws(log)


def test_an_end_cut_off_shows_against_a_hash_that_was_noted() -> None:
    log = written(6)
    assert flaws(log[:4]) == []
    (flaw,) = flaws(log[:4], head=log[-1].hash)
    assert "cut off" in flaw.why


def test_a_log_written_anew_shows_against_a_hash_that_was_noted() -> None:
    assert flaws(written(5)[:0] + written(4), head="f" * 64)


def test_the_store_binds_each_entry_to_the_one_before(store: Store) -> None:
    for n in range(3):
        store.note(later(n), "person:li", "test", f"{n}", "words")
    log = store.audit()
    assert [one.subject for one in log] == ["0", "1", "2"]
    assert flaws(log) == []
    assert store.audit(1) == log[-1:]
    assert store.audit(subject="1") == log[1:2]


@pytest.mark.parametrize("change", [{"who": "person:wang"}, {"at_ns": 1}, {"detail": ""}])
def test_what_somebody_alters_in_the_database_shows(store: Store, change: dict[str, Any]) -> None:
    for n in range(3):
        store.note(later(n), "person:li", "test", f"{n}", "words")
    with store.write() as connection:
        connection.execute(update(audit).where(audit.c.number == 2).values(change))
    assert [one.number for one in flaws(store.audit())] == [2]


def test_what_somebody_takes_out_or_puts_in_shows(store: Store) -> None:
    for n in range(4):
        store.note(later(n), "person:li", "test", f"{n}")
    with store.write() as connection:
        connection.execute(delete(audit).where(audit.c.number == 2))
    assert [one.number for one in flaws(store.audit())] == [2, 3]
    row = {"number": 2, "at_ns": 5, "who": "x", "action": "x", "subject": "x", "detail": "", "hash": "x"}
    with store.write() as connection:
        connection.execute(insert(audit).values(row))
    assert {one.number for one in flaws(store.audit())} == {2, 3}
