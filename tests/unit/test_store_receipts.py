from __future__ import annotations

from collections.abc import Iterator
from itertools import permutations
from pathlib import Path

import pytest

from alerting.base import Outcome, Receipt
from alerting.stages.retry import Step
from alerting.store.outcomes import Settled
from alerting.store.store import Store
from pipeline.model.delivery import Delivery, DeliveryState
from tests.reports import delivery, later, put, warning

ACCEPTED = Step(DeliveryState.ACCEPTED)
ONE = delivery(warning(), "sms", "duty")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    one = Store(f"sqlite:///{tmp_path / 'store.db'}")
    put(one, (warning(),), (ONE, delivery(warning(), "sms", "other")), later(0))
    yield one
    one.close()


def row(store: Store) -> Delivery:
    return next(each for each in store.deliveries(9) if each.id == ONE.id)


def heard(store: Store, reference: str, state: DeliveryState = DeliveryState.DELIVERED, at_s: float = 9) -> bool:
    return store.receive("sms", Receipt(reference, state, state.upper()), later(at_s))


def accept(store: Store) -> None:
    store.settle([Settled(ONE.id, ACCEPTED, later(2), Outcome(DeliveryState.ACCEPTED))])


def test_a_message_of_two_parts_is_delivered_when_both_are(store: Store) -> None:
    store.refer("sms", ONE.id, 1, ("a", "b"))
    accept(store)
    assert heard(store, "a", at_s=3)
    assert row(store).state is DeliveryState.ACCEPTED
    assert heard(store, "b", at_s=4)
    assert (row(store).state, row(store).finished_at) == (DeliveryState.DELIVERED, later(4))
    assert store.receipts(ONE.id) == (
        (later(3), DeliveryState.DELIVERED, "DELIVERED"),
        (later(4), DeliveryState.DELIVERED, "DELIVERED"),
    )


@pytest.mark.parametrize("order", list(permutations(("refer", "accept", "a", "b"))))
def test_receipts_count_in_whatever_order_they_come(store: Store, order: tuple[str, ...]) -> None:
    for what in order:
        if what == "refer":
            store.refer("sms", ONE.id, 1, ("a", "b"))
        elif what == "accept":
            accept(store)
        else:
            heard(store, what)
            heard(store, what)
    assert row(store).state is DeliveryState.DELIVERED


def test_the_parts_of_an_earlier_try_do_not_matter(store: Store) -> None:
    store.refer("sms", ONE.id, 1, ("lost",))
    store.refer("sms", ONE.id, 2, ("c",))
    heard(store, "c")
    assert row(store).state is DeliveryState.DELIVERED


def test_of_nothing_that_we_know(store: Store) -> None:
    assert not heard(store, "zz")
    assert not store.receive("mail", Receipt(ONE.id, DeliveryState.DELIVERED, "ok"), later(1))
    assert row(store).state is DeliveryState.QUEUED


def test_failure_takes_back_what_was_accepted_but_not_what_was_played(store: Store) -> None:
    accept(store)
    assert heard(store, ONE.id, DeliveryState.FAILED)
    assert (row(store).state, row(store).reason) == (DeliveryState.FAILED, "not received: FAILED")
    assert heard(store, ONE.id, DeliveryState.PLAYED)  # it was played after all
    assert row(store).state is DeliveryState.PLAYED
    assert heard(store, ONE.id, DeliveryState.FAILED, at_s=11)
    assert row(store).state is DeliveryState.PLAYED


def test_no_target_speaks_for_another(store: Store) -> None:
    accept(store)
    assert not store.receive("sms", Receipt(ONE.id, DeliveryState.PLAYED, "3", "other"), later(3))
    assert row(store).state is DeliveryState.ACCEPTED
    assert store.receipts(ONE.id) == ()
    assert store.receive("sms", Receipt(ONE.id, DeliveryState.PLAYED, "3", "duty"), later(3))
    assert row(store).state is DeliveryState.PLAYED
