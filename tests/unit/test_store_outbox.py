from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest

from alerting.base import FailureReason, Outcome, failed
from alerting.ledger import Onset, Reached
from alerting.stages.retry import Step
from alerting.store.outcomes import Settled
from alerting.store.record import Record
from alerting.store.store import Store
from pipeline.errors import StoreError
from pipeline.model.delivery import Delivery, DeliveryState
from pipeline.model.hazard import Hazard
from pipeline.model.level import Level
from pipeline.model.warning import HazardWarning
from tests.reports import NOON, VILLAGE, confirm, delivery, finding, later, put, warning

ACCEPTED = Outcome(DeliveryState.ACCEPTED, detail="taken")
FAILED = failed(FailureReason.TIMEOUT, "no answer within 10 s")


def queue(store: Store, report: HazardWarning, *targets: str, channel: str = "duty", **changes: Any) -> Delivery:
    rows = tuple(delivery(report, channel, target, **changes) for target in targets or ("chat",))
    put(store, [report], rows)
    return rows[0]


def again(seconds: float) -> Step:
    return Step(DeliveryState.QUEUED, later(seconds), "timeout: no answer within 10 s")


def settle(store: Store, delivery_id: str, outcome: Outcome | None, step: Step, at: datetime) -> None:
    store.settle([Settled(delivery_id, step, at, outcome)])


def due(store: Store, seconds: float = 0, limit: int = 9, busy: tuple[str, ...] = ()) -> list[str]:
    store.beat("a test")
    return [one.id for one in store.claim("duty", later(seconds), limit, busy=busy, holder="a test")]


def one(store: Store, of: Delivery) -> Delivery:
    return next(row for row in store.deliveries(99) if row.id == of.id)


def test_due_is_what_is_queued_and_whose_time_has_come(store: Store) -> None:
    now, soon = queue(store, warning("a")), queue(store, warning("b"), "sms", next_attempt_at=later(10))
    queue(store, warning("c"), channel="drop")
    assert due(store, -0.1) == []
    assert due(store, 0) == [now.id]
    assert sorted(due(store, 10)) == sorted([now.id, soon.id])
    assert store.next_due_at("duty", NOON) == later(10)
    assert store.next_due_at("duty", later(10)) is None
    assert store.next_due_at("fax", NOON) is None


def test_the_higher_level_goes_first_then_who_waits_longer(store: Store) -> None:
    blue = queue(store, warning("blue", level=Level.BLUE), "t1")
    late = queue(store, warning("late", sent_at=later(5)), "t2")
    early = queue(store, warning("early"), "t3")
    red = queue(store, warning("red", level=Level.RED, sent_at=later(9)), "t4")
    assert due(store, 60) == [red.id, early.id, late.id, blue.id]
    assert due(store, 60, limit=2) == [red.id, early.id]


def test_what_a_process_holds_stays_its_own_when_others_come_to_share(
    store: Store,
) -> None:
    queue(store, warning("a"), *(f"t{number}" for number in range(8)))
    held = due(store)
    assert len(held) == 8
    for other in ("b", "c"):
        store.beat(other)
    assert sorted(due(store)) == sorted(held)


def test_nothing_for_targets_that_are_busy(store: Store) -> None:
    queue(store, warning("blue", level=Level.BLUE), "chat", "sms")
    red = queue(store, warning("red", level=Level.RED), "chat")
    assert due(store)[0] == red.id
    assert len(due(store)) == 3
    assert due(store, busy=("sms",)) == [red.id, delivery(warning("blue")).id]
    assert due(store, busy=("chat", "sms")) == []


def test_reports_of_a_chain_reach_a_target_in_order_even_when_a_later_one_is_worse(store: Store) -> None:
    first = queue(store, warning("a", level=Level.BLUE))
    second = queue(store, warning("a", 2, level=Level.RED))
    assert due(store, 60) == [first.id]
    settle(store, first.id, FAILED, again(300), later(60))
    assert due(store, 60) == [second.id]


def test_a_failed_try_is_recorded_and_waits(store: Store) -> None:
    row = queue(store, warning())
    settle(store, row.id, FAILED, again(2), later(1))
    found = one(store, row)
    assert (found.state, found.attempts, found.next_attempt_at) == (DeliveryState.QUEUED, 1, later(2))
    assert (found.finished_at, found.reason) == (None, "timeout: no answer within 10 s")
    assert due(store, 1.9) == []
    assert due(store, 2) == [row.id]


def test_a_success_ends_it_and_takes_the_reason_away(store: Store) -> None:
    row = queue(store, warning())
    settle(store, row.id, FAILED, again(2), later(1))
    settle(store, row.id, ACCEPTED, Step(DeliveryState.ACCEPTED), later(3))
    found = one(store, row)
    assert (found.state, found.attempts, found.next_attempt_at) == (DeliveryState.ACCEPTED, 2, None)
    assert (found.finished_at, found.reason) == (later(3), "")
    assert due(store, 9) == []


def test_each_try_leaves_one_outcome(store: Store) -> None:
    row = queue(store, warning())
    settle(store, row.id, FAILED, again(2), later(1))
    settle(store, row.id, ACCEPTED, Step(DeliveryState.ACCEPTED), later(3))
    assert store.attempts(row.id) == (
        (later(1), DeliveryState.FAILED, "timeout", "no answer within 10 s"),
        (later(3), DeliveryState.ACCEPTED, "", "taken"),
    )


def test_a_replayed_save_does_not_reset_a_delivery(store: Store) -> None:
    row = queue(store, warning())
    settle(store, row.id, ACCEPTED, Step(DeliveryState.ACCEPTED), later(3))
    before = one(store, row)
    queue(store, warning())
    assert one(store, row) == before


def test_giving_up_counts_no_try(store: Store) -> None:
    row = queue(store, warning())
    settle(store, row.id, None, Step(DeliveryState.EXPIRED, None, "too late"), later(5))
    found = one(store, row)
    assert (found.state, found.attempts, found.reason) == (DeliveryState.EXPIRED, 0, "too late")
    assert store.attempts(row.id) == ()


def test_what_arrived_makes_earlier_reports_of_its_chain_out_of_date(store: Store) -> None:
    first, second = queue(store, warning("a"), "chat", "sms"), queue(store, warning("a", 2))
    other = queue(store, warning("b"))
    settle(store, first.id, FAILED, again(300), later(60))
    settle(store, second.id, ACCEPTED, Step(DeliveryState.ACCEPTED), later(61))
    found = one(store, first)
    assert (found.state, found.reason) == (DeliveryState.EXPIRED, "overtaken by report 2 of its chain")
    untouched = delivery(warning("a"), target="sms")
    assert [one(store, row).state for row in (other, untouched)] == [DeliveryState.QUEUED] * 2


def test_evidence_stands_even_when_it_comes_after_the_end(store: Store) -> None:
    row = queue(store, warning())
    settle(store, row.id, None, Step(DeliveryState.EXPIRED, None, "overtaken"), later(5))
    settle(store, row.id, FAILED, again(9), later(6))
    assert one(store, row).state is DeliveryState.EXPIRED
    settle(store, row.id, ACCEPTED, Step(DeliveryState.ACCEPTED), later(7))
    assert one(store, row).state is DeliveryState.ACCEPTED


def test_later_evidence_only_ever_adds(store: Store) -> None:
    row = queue(store, warning())
    settle(store, row.id, ACCEPTED, Step(DeliveryState.ACCEPTED), later(1))
    confirm(store, row.id, DeliveryState.ACKNOWLEDGED, later(9))
    confirm(store, row.id, DeliveryState.DELIVERED, later(12))
    found = one(store, row)
    assert (found.state, found.finished_at) == (DeliveryState.ACKNOWLEDGED, later(9))


def test_deliveries_are_counted_and_chosen(store: Store) -> None:
    taken = queue(store, warning("a"), "chat", "sms")
    queue(store, warning("b", sent_at=later(1)), channel="drop")
    settle(store, taken.id, ACCEPTED, Step(DeliveryState.ACCEPTED), later(1))
    assert store.delivery_counts() == {
        ("drop", DeliveryState.QUEUED): 1,
        ("duty", DeliveryState.ACCEPTED): 1,
        ("duty", DeliveryState.QUEUED): 1,
    }
    assert [row.channel for row in store.deliveries(9)] == ["drop", "duty", "duty"]
    assert [row.target for row in store.deliveries(9, warning=warning("a").id)] == ["chat", "sms"]
    assert [row.id for row in store.deliveries(9, state=DeliveryState.ACCEPTED)] == [taken.id]
    assert [row.channel for row in store.deliveries(9, channel="drop")] == ["drop"]
    assert len(store.deliveries(1)) == 1
    assert store.queued_channels() == ("drop", "duty")


def test_the_ledger_opens_with_the_warning_and_keeps_its_first_instant(store: Store) -> None:
    report = warning(expected_onset_at=later(900), expected_onset_earliest_at=later(600))
    seen = (finding(at=later(-20)), finding(revision=1, at=later(-40)), finding("other", at=later(-90)))
    store.save(Record(seen, (), (report,)), later(3))
    store.save(Record((), (), (report,)), later(77))
    (row,) = store.ledger()
    assert (row.warning, row.chain, row.number, row.area) == (report.id, report.chain, 1, VILLAGE)
    assert (row.precursor_at, row.detected_at, row.decided_at, row.issued_at) == (
        report.first_evidence_at,
        later(-40),
        report.sent_at,
        later(3),
    )
    assert (row.expected_onset_at, row.channels) == (later(900), ())
    assert store.ledger("another chain") == ()


def test_a_report_without_stored_findings_tells_no_detection(store: Store) -> None:
    queue(store, warning())
    assert [row.detected_at for row in store.ledger()] == [None]


def test_the_ledger_keeps_the_first_evidence_of_each_channel(store: Store) -> None:
    first = queue(store, warning(), "chat", "sms")
    second, drop = delivery(warning(), target="sms"), queue(store, warning(), channel="drop")
    settle(store, first.id, FAILED, again(2), later(1))
    settle(store, second.id, ACCEPTED, Step(DeliveryState.ACCEPTED), later(4))
    settle(store, first.id, ACCEPTED, Step(DeliveryState.ACCEPTED), later(9))
    confirm(store, first.id, DeliveryState.ACKNOWLEDGED, later(20))
    settle(store, drop.id, Outcome(DeliveryState.DELIVERED), Step(DeliveryState.DELIVERED), later(2))
    (row,) = store.ledger(warning().chain)
    assert row.channels == (
        Reached("drop", later(2), later(2)),
        Reached("duty", later(4), later(20), later(20)),
    )


def test_evidence_is_entered_alike_whether_its_report_is_told_or_looked_up(store: Store) -> None:
    report = warning()
    told, asked = queue(store, report, "chat", "sms"), queue(store, report, channel="drop")
    other = delivery(report, target="sms")
    yes, of = Step(DeliveryState.ACCEPTED), (report.id, "duty")
    store.settle(
        [
            Settled(told.id, yes, later(7), ACCEPTED, of=of),
            Settled(asked.id, yes, later(6), ACCEPTED),
            Settled(other.id, yes, later(5), ACCEPTED, of=of),
        ]
    )
    (row,) = store.ledger()
    assert row.channels == (Reached("drop", later(6)), Reached("duty", later(5)))


def test_tries_are_those_of_their_delivery_alone(store: Store) -> None:
    one, another = queue(store, warning("a"), "chat", "sms"), queue(store, warning("b"))
    for seconds in (1, 2):
        settle(store, one.id, FAILED, again(9), later(seconds))
    settle(store, another.id, ACCEPTED, Step(DeliveryState.ACCEPTED), later(3))
    assert [at for at, *_ in store.attempts(one.id)] == [later(1), later(2)]
    assert [at for at, *_ in store.attempts(another.id)] == [later(3)]
    assert store.attempts(delivery(warning("a"), target="sms").id) == ()


def test_an_onset_entered_twice_is_one(store: Store) -> None:
    for at in (later(9), later(5), later(9)):
        store.observe_onset(Hazard.FIRE, VILLAGE, at, "test", NOON)
    assert store.onsets() == (Onset(Hazard.FIRE, VILLAGE, later(5)), Onset(Hazard.FIRE, VILLAGE, later(9)))


def test_an_onset_can_be_taken_back_once(store: Store) -> None:
    store.observe_onset(Hazard.FIRE, VILLAGE, later(5), "test", NOON)
    assert not store.withdraw_onset(Hazard.FIRE, VILLAGE, later(6), "test", NOON)
    assert store.withdraw_onset(Hazard.FIRE, VILLAGE, later(5), "test", NOON)
    assert store.onsets() == ()


def test_an_outcome_of_a_delivery_that_nobody_queued_is_an_error(store: Store) -> None:
    with pytest.raises(StoreError, match="outcomes of deliveries that are not in it, or twice: unknown"):
        settle(store, "unknown", ACCEPTED, Step(DeliveryState.ACCEPTED), NOON)


NOTE = "回复 123456 https://duty.example.org/a/aB3_-x\nanswer 123456"


@pytest.mark.parametrize("state", [DeliveryState.ACCEPTED, DeliveryState.FAILED, DeliveryState.EXPIRED])
def test_a_code_and_a_link_are_kept_only_until_they_were_sent(store: Store, state: DeliveryState) -> None:
    sent = queue(store, warning(), note=NOTE)
    store.settle([Settled(sent.id, again(5), NOON, FAILED, 1, sent_note=True)])
    assert one(store, sent).note == NOTE
    store.settle([Settled(sent.id, Step(state), NOON, FAILED, 1, sent_note=True)])
    assert one(store, sent).note == "回复 ****** https://duty.example.org/a/***\nanswer ******"


def test_what_a_report_that_was_overtaken_held_for_its_target_is_gone(store: Store) -> None:
    first, second = queue(store, warning("a"), note=NOTE), queue(store, warning("a", 2))
    store.settle([Settled(second.id, Step(DeliveryState.ACCEPTED), later(60), ACCEPTED, 2)])
    assert (one(store, first).state, one(store, first).note) == (DeliveryState.EXPIRED, "")
