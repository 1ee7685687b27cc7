from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from alerting.base import FailureReason, Outcome, Receipt, failed
from alerting.coverage.evidence import Told
from alerting.stages.retry import Step
from alerting.store.outcomes import Settled
from alerting.store.store import Store
from pipeline.model.delivery import Delivery, DeliveryState
from pipeline.model.warning import Report
from tests.reports import confirm, delivery, later, put, warning

FIRST, SECOND, FINAL = warning(), warning(number=2), warning(number=3, report=Report.FINAL)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    one = Store(f"sqlite:///{tmp_path / 'store.db'}")
    yield one
    one.close()


def accepted(store: Store, row: Delivery, at_s: float) -> None:
    outcome = Outcome(DeliveryState.ACCEPTED)
    store.settle([Settled(row.id, Step(DeliveryState.ACCEPTED), later(at_s), outcome)])


def test_the_earliest_evidence_of_each_target_over_all_reports(store: Store) -> None:
    rows = [delivery(report, "sms", target) for report in (FIRST, SECOND, FINAL) for target in ("a", "b")]
    put(store, (FIRST, SECOND, FINAL), rows)
    accepted(store, rows[2], 70)
    accepted(store, rows[0], 5)
    store.receive("sms", Receipt(rows[2].id, DeliveryState.DELIVERED, "ok"), later(80))
    accepted(store, rows[4], 90)  # the final report tells nobody of danger
    a, b = store.told(FIRST.chain)
    assert a == Told("sms", "a", accepted_at=later(5), confirmed_at=later(80))
    assert b == Told("sms", "b", is_open=True)
    assert store.told("another") == ()


def test_what_failed_after_it_was_accepted_is_lost(store: Store) -> None:
    row = delivery(FIRST, "sms", "a")
    put(store, (FIRST,), (row,))
    accepted(store, row, 5)
    store.receive("sms", Receipt(row.id, DeliveryState.FAILED, "UNDELIV"), later(9))
    (told,) = store.told(FIRST.chain)
    assert (told.expected_at, told.lost, told.is_open) == (None, True, False)


def test_a_try_that_failed_is_no_evidence_and_a_person_is(store: Store) -> None:
    row = delivery(FIRST, "sms", "a")
    put(store, (FIRST,), (row,))
    again = Step(DeliveryState.QUEUED, later(60))
    store.settle([Settled(row.id, again, later(2), failed(FailureReason.TIMEOUT, "no answer"))])
    assert store.told(FIRST.chain)[0].expected_at is None
    confirm(store, row.id, DeliveryState.ACKNOWLEDGED, later(30))
    assert store.told(FIRST.chain)[0].confirmed_at == later(30)
