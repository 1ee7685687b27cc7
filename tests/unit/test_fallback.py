"""Where a channel of a route reaches nobody, those of the fallback are told."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from alerting.base import FailureReason, failed
from alerting.overlook import Overlook
from alerting.projection import Projection
from alerting.stages.fallback import Sent, failing, missed
from alerting.stages.retry import Step
from alerting.stages.route import RouteOptions, complaints, misplaced
from alerting.stages.silence import Silence
from alerting.store.outcomes import Settled
from alerting.store.store import Store
from pipeline.model.delivery import DeliveryState
from pipeline.model.level import Level
from pipeline.telemetry import Telemetry
from tests.alerting_rig import TARGETS, WANG
from tests.fallback_rig import ALL, ROUTE, SIRENS, rig, said, settle
from tests.merge_rig import storm, towns
from tests.reports import NOON, later, warning

WAY = RouteOptions.model_validate(ROUTE)
QUEUED, ACCEPTED, FAILED = DeliveryState.QUEUED, DeliveryState.ACCEPTED, DeliveryState.FAILED


@pytest.mark.parametrize(
    ("states", "after_s", "late", "why"),
    [
        pytest.param((QUEUED, QUEUED), 29, (), "", id="it has time"),
        pytest.param((QUEUED, QUEUED), 30, (), "none of 2 was taken within 30 s", id="too long"),
        pytest.param((FAILED, QUEUED), 30, (), "none of 2 was taken within 30 s", id="one failed, one waits too long"),
        pytest.param((FAILED, QUEUED), 1, (), "", id="one failed, one may still go"),
        pytest.param((FAILED, FAILED), 0, (), "none of 2 could be sent", id="all failed"),
        pytest.param((FAILED, ACCEPTED), 99, (), "", id="one has it"),
        pytest.param((QUEUED, QUEUED), 1, ("siren",), "2 will be sent too late", id="late"),
        pytest.param((QUEUED, QUEUED), 1, ("sms",), "", id="another is late"),
    ],
)
def test_when_a_channel_is_waited_for_no_longer(
    states: tuple[DeliveryState, DeliveryState], after_s: float, late: tuple[str, ...], why: str
) -> None:
    each = zip(("town", "village"), states, strict=True)
    rows = [Sent(1, Level.RED, "siren", name, state, NOON, NOON) for name, state in each]
    assert failing(WAY, TARGETS, rows, 1, late, later(after_s)) == ({"siren": why} if why else {})
    assert failing(WAY, TARGETS, [], 1, late, later(after_s)) == {}


def test_those_of_the_fallback_are_told_once_and_the_log_says_why(store: Store) -> None:
    one = rig(store)
    one.tell(warning())
    one.after(1)
    settle(one, FAILED, "town", "village")
    assert one.queued() == SIRENS
    one.woken = 0
    one.after(5)
    assert one.queued() == ALL
    assert one.woken
    (entry,) = [each for each in one.store.audit() if each.action == "route.fallback"]
    assert entry.subject == warning().id
    assert entry.detail == "route 'people': siren: none of 2 could be sent; told sms/li, sms/wang"
    one.after(60)
    assert [each.action for each in one.store.audit()] == ["route.fallback"]
    one.tell(warning(number=2))  # who was told goes on being told
    assert one.queued(warning(number=2)) == ALL


def test_a_channel_that_takes_nothing_is_not_waited_for_until_it_gives_up(store: Store) -> None:
    one = rig(store)
    one.tell(warning())
    one.after(25)
    assert one.queued() == SIRENS
    one.after(5)
    assert one.queued() == ALL


def test_one_who_has_it_is_enough(store: Store) -> None:
    one = rig(store)
    one.tell(warning())
    settle(one, ACCEPTED, "village")
    settle(one, FAILED, "town")
    for _ in range(3):
        one.after(60)
    assert one.queued() == SIRENS


def test_a_channel_that_will_be_late_is_not_waited_for(store: Store) -> None:
    one = rig(store)
    one.desk.overlook = Overlook(store, ["siren"], one.clock, Telemetry())
    one.tell(warning())
    one.desk.overlook.latest = {"siren": Projection("siren", NOON, 2, 0.1, later(9), later(8))}
    one.after(1)
    assert one.queued() == ALL


def test_nobody_is_told_of_what_was_overtaken_has_run_out_or_is_silenced(store: Store) -> None:
    one = rig(store)
    one.tell(warning("old"), warning("old", 2))
    one.after(100)
    assert one.queued(warning("old")) == SIRENS
    assert one.queued(warning("old", 2)) == ALL
    brief = warning("brief", sent_at=one.now, expires_at=one.in_s(20))
    one.tell(brief)
    one.after(45)
    assert one.queued(brief) == SIRENS
    values = {"id": "s", "by": "wang", "reason": "work", "to": ["sms/*"], "max_level": "red", "begins_at": one.now}
    one.desk.silence(Silence.model_validate(values | {"ends_at": one.in_s(3600)}), WANG)
    hidden = warning("hidden", level=Level.RED, sent_at=one.now, expires_at=one.in_s(3600))
    one.tell(hidden)
    one.after(45)
    assert one.queued(hidden) == SIRENS
    assert sorted(held.target for held in one.store.held()) == ["li", "wang"]


def test_only_the_route_that_took_the_report_falls_back(store: Store) -> None:
    fires = {"name": "gas", "to": ["siren/town"], "fallback": ["sms/zhao"], "hazards": ["gas_leak"]}
    one = rig(store, routes=[ROUTE | {"to": ["siren/village"]}, fires])
    one.tell(warning())
    one.after(70)
    assert one.queued() == ["siren/village", "sms/li", "sms/wang"]


def test_a_merged_warning_falls_back_as_a_whole(store: Store) -> None:
    one = rig(store, routing={"merge": {"hazards": ["rainstorm"]}}, inventory=towns(2))
    one.tell(storm(1))
    one.after(40)
    assert {row.target for row in one.rows() if row.channel == "sms"} == {"li", "wang"}


def test_a_clock_that_was_set_back_delays_no_fallback_for_long() -> None:
    rows = [Sent(1, Level.RED, "siren", name, QUEUED, NOON, NOON) for name in ("town", "village")]
    assert failing(WAY, TARGETS, rows, 1, (), later(-3600)) == {"siren": "none of 2 was taken within 30 s"}
    assert failing(WAY, TARGETS, rows, 1, (), later(-29)) == {}  # a small step: it waits the rest


SAME = ROUTE | {"to": ["siren/*"], "fallback": ["sms/*"]}
NAMESAKES = {"siren": ["village", "town"], "sms": ["village", "zhao"]}


def test_one_that_failed_for_good_is_told_by_its_namesake_alone(store: Store) -> None:
    one = rig(store, routes=[SAME], targets=NAMESAKES)
    one.tell(warning())
    settle(one, ACCEPTED, "town")
    settle(one, FAILED, "village")
    one.after(1)
    assert one.queued() == [*SIRENS, "sms/village"]
    assert said(one) == ["route 'people': siren/village has not taken it; told sms/village"]
    one.after(60)
    assert len(said(one)) == 1


def test_one_that_takes_nothing_is_waited_for_and_one_that_waits_its_turn_for_good(store: Store) -> None:
    one = rig(store, routes=[SAME], targets=NAMESAKES)
    one.tell(warning())
    settle(one, ACCEPTED, "town")
    one.after(60)
    assert one.queued() == SIRENS
    (row,) = [row for row in one.rows() if row.target == "village"]
    step = Step(QUEUED, one.in_s(1), "no answer")
    one.store.settle([Settled(row.id, step, one.now, failed(FailureReason.TIMEOUT, "no answer"), 1)])
    one.after(1)
    assert one.queued() == [*SIRENS, "sms/village"]


def test_one_without_a_namesake_shows_as_failed(store: Store) -> None:
    one = rig(store, routes=[SAME], targets=NAMESAKES)
    one.tell(warning())
    settle(one, ACCEPTED, "village")
    settle(one, FAILED, "town")
    one.after(60)
    assert one.queued() == SIRENS
    assert said(one) == []


@pytest.mark.parametrize(
    ("push", "number", "told"),
    [
        pytest.param(DeliveryState.DELIVERED, 2, False, id="by another channel"),
        pytest.param(ACCEPTED, 1, True, id="of the report before alone"),
        pytest.param(FAILED, 2, True, id="by none"),
    ],
)
def test_one_who_has_the_report_by_another_channel_is_not_told_again(
    push: DeliveryState, number: int, *, told: bool
) -> None:
    way = RouteOptions.model_validate({"name": "r", "to": ["app/*", "push/*"], "fallback": ["sms/*"]})
    targets = {channel: ["li", "wang"] for channel in ("app", "push", "sms")}
    rows = [Sent(2, Level.RED, channel, "wang", ACCEPTED, NOON, NOON, 1) for channel in ("app", "push")]
    rows += [Sent(number, Level.RED, "push", "li", push, NOON, NOON, 1)]
    rows += [Sent(2, Level.RED, "app", "li", FAILED, NOON, NOON, 3)]
    assert (("sms", "li") in missed(way, targets, rows, 2, later(60))) is told
    assert ("sms", "wang") not in missed(way, targets, rows, 2, later(60))


def test_what_cannot_be_a_fallback() -> None:
    assert complaints([RouteOptions.model_validate(ROUTE | {"fallback": ["fax/*"]})], TARGETS)
    ((_, option, told),) = misplaced([RouteOptions.model_validate(ROUTE | {"fallback": ["siren/town"]})], TARGETS)
    assert (option, told) == ("fallback", "route 'people': siren/town is told already; name who is told in its place")
    duty = RouteOptions.model_validate({"name": "duty", "audience": "duty", "to": ["sms/li"]})
    ((_, option, told),) = misplaced([duty, WAY], TARGETS)
    assert option == "fallback"
    assert told.startswith("sms/li is told as 'duty' by route 'duty' and 'public' by route 'people'")
    with pytest.raises(ValidationError):
        RouteOptions.model_validate(ROUTE | {"fallback_after_s": 0})
