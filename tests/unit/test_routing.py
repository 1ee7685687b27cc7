"""What keeps a released report from a target: silences, the greater report, limits, gathering."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from alerting.base import FailureReason, Outcome, failed
from alerting.stages.limit import LimitRule, free_at
from alerting.stages.retry import Step
from alerting.stages.silence import Silence
from alerting.store.hold import HoldKind
from alerting.store.outcomes import Settled
from alerting.store.store import Store
from pipeline.errors import DutyError
from pipeline.model.delivery import DeliveryState
from pipeline.model.hazard import Hazard
from pipeline.model.level import Level
from pipeline.model.warning import Report
from tests.alerting_rig import LI, Rig
from tests.reports import NOON, later, warning

TOWNSHIP = "330106109000"
INHIBIT = {"inhibit": [{"name": "township", "hazards": ["fire"]}]}
WIDE = warning("wide", area=TOWNSHIP, level=Level.RED)
LESSER = warning("lesser")
DUTY = [{"name": "duty", "audience": "duty", "to": ["sms/duty-room"]}]
GATHER = {"group_s": 60, "group_max_level": "yellow"}


def final(chain: str, **changes: Any) -> Any:
    return warning(chain, 2, report=Report.FINAL, level=Level.NONE, **{"peak_level": Level.ORANGE} | changes)


def silence(rig: Rig, **changes: Any) -> Silence:
    body = {"id": "s1", "begins_at": rig.now, "ends_at": rig.in_s(600), "by": "li", "reason": "welding"}
    return rig.desk.silence(Silence.model_validate(body | changes), LI)


def settle(rig: Rig, report: Any, outcome: Outcome, state: DeliveryState) -> None:
    (row,) = rig.rows(report)
    rig.store.settle([Settled(row.id, Step(state), rig.now, outcome)])


ACCEPTED = Outcome(DeliveryState.ACCEPTED)


def test_a_silence_hides_shows_what_it_hid_and_ends_by_itself(store: Store) -> None:
    rig = Rig(store)
    silence(rig)
    rig.tell(LESSER)
    assert rig.queued() == []
    assert [(one.kind, one.warning) for one in store.held(by="s1")] == [(HoldKind.SILENCE, LESSER.id)]
    rig.after(599)
    assert rig.queued() == []
    rig.after(1)
    assert rig.queued() == ["siren/village"], "it is still in force: now it is told"
    assert store.held() == ()
    assert store.held(by="s1")[0].outcome == "sent"


def test_red_gets_through_a_silence_that_does_not_name_it(store: Store) -> None:
    rig = Rig(store)
    silence(rig)
    rig.tell(WIDE)
    assert rig.queued() == ["siren/village"]
    assert [one.action for one in store.audit()] == ["silence.set"]


def test_a_silence_that_hides_red_is_in_the_log(store: Store) -> None:
    rig = Rig(store)
    silence(rig, max_level="red")
    rig.tell(WIDE)
    assert rig.queued() == []
    (_, told) = store.audit()
    assert (told.action, told.subject) == ("silence.hides_red", "s1")
    assert "siren/village" in told.detail


def test_a_silence_can_be_ended_and_what_it_hid_goes_out(store: Store) -> None:
    rig = Rig(store)
    silence(rig)
    rig.tell(LESSER)
    rig.after(1)
    rig.desk.end_silence("s1", LI)
    rig.after(1)
    assert rig.queued() == ["siren/village"]
    with pytest.raises(DutyError, match="no silence s1"):
        rig.desk.end_silence("s1", LI)


def test_an_all_clear_is_never_silenced(store: Store) -> None:
    rig = Rig(store)
    rig.tell(LESSER)
    silence(rig, max_level="red")
    over = final("lesser")
    rig.tell(over)
    assert rig.queued(over) == ["siren/village"]


def test_the_end_of_what_a_silence_hid_is_not_told(store: Store) -> None:
    rig = Rig(store)
    silence(rig)
    rig.tell(LESSER)
    rig.tell(final("lesser"))
    rig.after(601)
    assert rig.queued() == []
    assert store.held() == ()


@pytest.mark.parametrize(
    ("changes", "hidden"),
    [
        ({}, True),
        ({"to": ["siren/*"]}, True),
        ({"to": ["sms/li"]}, False),
        ({"audiences": ["duty"]}, False),
        ({"hazards": ["gas_leak"]}, False),
        ({"areas": ["44"]}, False),
        ({"max_level": "yellow"}, False),
        ({"begins_at": later(60)}, False),
    ],
)
def test_a_silence_hides_what_it_says_and_no_more(store: Store, changes: dict[str, Any], hidden: bool) -> None:  # noqa: FBT001
    rig = Rig(store)
    silence(rig, **changes)
    rig.tell(LESSER)
    assert (rig.queued() == []) is hidden


@pytest.mark.parametrize("ends_s", [0, -1, 7 * 86_400 + 1])
def test_a_silence_has_an_end_that_is_near(ends_s: float) -> None:
    with pytest.raises(ValidationError, match="within seven days"):
        Silence(id="s", begins_at=NOON, ends_at=later(ends_s), by="li", reason="r")


def test_the_greater_swallows_the_lesser_and_gives_it_back_when_it_ends(store: Store) -> None:
    rig = Rig(store, routing=INHIBIT)
    rig.tell(WIDE)
    rig.tell(LESSER)
    assert rig.queued(LESSER) == []
    assert [(one.kind, one.by) for one in store.held()] == [(HoldKind.INHIBITION, WIDE.id)]
    rig.tell(final("wide", area=TOWNSHIP, peak_level=Level.RED))
    rig.after(1)
    assert rig.queued(LESSER) == ["siren/village"]


def test_whichever_comes_first_what_was_not_sent_yet_is_swallowed(store: Store) -> None:
    rig = Rig(store, routing=INHIBIT)
    rig.tell(LESSER)
    rig.tell(WIDE)
    (row,) = rig.rows(LESSER)
    assert (row.state, row.reason) == (DeliveryState.EXPIRED, f"swallowed by report {WIDE.id}")
    rig.tell(final("wide", area=TOWNSHIP, peak_level=Level.RED))
    rig.after(1)
    (row,) = rig.rows(LESSER)
    assert row.state is DeliveryState.QUEUED


def test_what_was_sent_stays_sent(store: Store) -> None:
    rig = Rig(store, routing=INHIBIT)
    rig.tell(LESSER)
    settle(rig, LESSER, ACCEPTED, DeliveryState.ACCEPTED)
    rig.tell(WIDE)
    assert [one.state for one in rig.rows(LESSER)] == [DeliveryState.ACCEPTED]
    assert store.held() == ()


def test_the_lesser_goes_out_where_the_greater_failed(store: Store) -> None:
    rig = Rig(store, routing=INHIBIT)
    rig.tell(WIDE)
    rig.tell(LESSER)
    settle(rig, WIDE, failed(FailureReason.REFUSED, "no"), DeliveryState.FAILED)
    rig.after(1)
    assert rig.queued(LESSER) == ["siren/village"]


@pytest.mark.parametrize(
    ("lesser", "rule"),
    [
        (warning("l", hazard=Hazard.GAS_LEAK), {}),
        (warning("l", area="330105000000"), {}),
        (warning("l"), {"min_level": "red", "max_level": "red", "areas": ["44"]}),
    ],
)
def test_what_a_rule_does_not_name_is_not_swallowed(store: Store, lesser: Any, rule: dict[str, Any]) -> None:
    rig = Rig(store, routing={"inhibit": [{"name": "r", "hazards": ["fire"]} | rule]})
    rig.tell(WIDE)
    rig.tell(lesser)
    assert rig.queued(lesser) == ["siren/village"]


def test_a_higher_level_is_never_swallowed(store: Store) -> None:
    rig = Rig(store, routing=INHIBIT)
    rig.tell(warning("wide", area=TOWNSHIP))
    red = warning("l", level=Level.RED)
    rig.tell(red)
    assert rig.queued(red) == ["siren/village"]


def test_two_rules_that_swallow_each_other_leave_one(store: Store) -> None:
    both = [
        {"name": "a", "hazards": ["fire"], "swallows": ["gas_leak"]},
        {"name": "b", "hazards": ["gas_leak"], "swallows": ["fire"]},
    ]
    rig = Rig(store, routing={"inhibit": both})
    gas = warning("gas", hazard=Hazard.GAS_LEAK)
    rig.tell(LESSER, gas)
    rig.after(1)
    rig.after(1)
    assert [one.warning for one in rig.rows()] == [LESSER.id]


def test_a_limit_makes_messages_wait_their_turn(store: Store) -> None:
    rig = Rig(store, routing={"limits": [{"count": 2, "window_s": 600}]})
    for name in ("a", "b", "c"):
        rig.tell(warning(name))
    assert len(rig.rows()) == 2
    assert [(one.kind, one.until) for one in store.held()] == [(HoldKind.LIMIT, later(600))]
    rig.after(600)
    assert len(rig.rows()) == 3


def test_no_number_of_lesser_ones_holds_back_a_higher(store: Store) -> None:
    rig = Rig(store, routing={"limits": [{"count": 1, "window_s": 600}]})
    rig.tell(*(warning(f"{n}", level=Level.YELLOW) for n in range(4)))
    rig.tell(LESSER, WIDE, warning("red 2", level=Level.RED))
    assert sorted(rig.store.warning(one.warning).level for one in rig.rows()) == [  # type: ignore[union-attr]
        Level.YELLOW, Level.ORANGE, Level.RED, Level.RED,
    ]  # fmt: skip


def test_the_end_is_told_in_spite_of_a_limit(store: Store) -> None:
    rig = Rig(store, routing={"limits": [{"count": 1, "window_s": 600}]})
    rig.tell(LESSER)
    over = final("lesser")
    rig.tell(over)
    assert rig.queued(over) == ["siren/village"]


LEVELS = st.sampled_from([Level.BLUE, Level.YELLOW, Level.ORANGE, Level.RED])
SENT = st.lists(st.tuples(st.integers(-900, 0).map(later), LEVELS), max_size=12)


@given(SENT, LEVELS, st.integers(1, 4), st.integers(1, 900))
def test_messages_of_a_lower_level_never_count(sent: list[Any], level: Level, count: int, window_s: int) -> None:
    rule = LimitRule(count=count, window_s=window_s)
    heavy = [one for one in sent if one[1] >= level]
    assert free_at([rule], "c", level, sent, NOON) == free_at([rule], "c", level, heavy, NOON)
    if level is Level.RED:
        assert free_at([rule], "c", level, sent, NOON) is None


@given(SENT, st.integers(1, 4), st.integers(1, 900))
def test_no_window_ever_holds_more_than_its_count(sent: list[Any], count: int, window_s: int) -> None:
    rule = LimitRule(count=count, window_s=window_s)
    free = free_at([rule], "c", Level.BLUE, sent, NOON) or NOON
    assert sum(at > free - timedelta(seconds=window_s) for at, _ in sent) < count


def test_lesser_reports_to_duty_become_one_message(store: Store) -> None:
    rig = Rig(store, routing=GATHER, routes=DUTY)
    first, second = warning("1", level=Level.YELLOW), warning("2", level=Level.YELLOW)
    rig.tell(first)
    rig.after(30)
    rig.tell(second)
    (row,) = rig.rows()
    assert (row.warning, row.next_attempt_at, row.note) == (first.id, later(60), "Fire")
    settle(rig, first, ACCEPTED, DeliveryState.ACCEPTED)
    rig.after(1)
    assert store.held(chain=second.chain)[0].outcome == "told along"
    assert len(rig.rows()) == 1


def test_what_goes_along_with_a_message_that_failed_goes_alone(store: Store) -> None:
    rig = Rig(store, routing=GATHER, routes=DUTY)
    first, second = warning("1", level=Level.YELLOW), warning("2", level=Level.YELLOW)
    rig.tell(first, second)
    settle(rig, first, failed(FailureReason.REFUSED, "no"), DeliveryState.FAILED)
    rig.after(1)
    assert rig.queued(second) == ["sms/duty-room"]


def test_what_is_grave_waits_for_nobody_and_goes_alone(store: Store) -> None:
    rig = Rig(store, routing=GATHER, routes=DUTY)
    rig.tell(warning("1", level=Level.YELLOW), LESSER)
    (row,) = rig.rows(LESSER)
    assert (row.next_attempt_at, row.note) == (NOON, "")


def test_the_public_is_told_one_report_a_message(store: Store) -> None:
    rig = Rig(store, routing=GATHER)
    rig.tell(warning("1", level=Level.YELLOW), warning("2", level=Level.YELLOW))
    assert [one.note for one in rig.rows()] == ["", ""]
