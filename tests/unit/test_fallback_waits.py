"""How long a channel is waited for, and what a fallback has in common with every other report that goes out."""

from __future__ import annotations

from typing import Any

import pytest

from alerting.base import Receipt
from alerting.stages.silence import Silence
from alerting.store.store import Store
from pipeline.model.delivery import DeliveryState
from pipeline.model.level import Level
from pipeline.model.warning import Report
from tests.alerting_rig import WANG
from tests.fallback_rig import ALL, ROUTE, SIRENS, rig, said, settle
from tests.reports import later, warning

pytestmark = pytest.mark.parametrize("store_url", ["sqlite"], indirect=True)
ACCEPTED, FAILED = DeliveryState.ACCEPTED, DeliveryState.FAILED
DUTY = ROUTE | {"audience": "duty"}


def silenced(one: Any, **changes: Any) -> None:
    values = {"id": "s", "by": "wang", "reason": "work", "to": ["sms/*"], "max_level": "red", "begins_at": one.now}
    one.desk.silence(Silence.model_validate(values | {"ends_at": one.in_s(3600)} | changes), WANG)


def test_a_receipt_of_failure_takes_back_what_was_accepted_and_a_fallback_begins(store: Store) -> None:
    one = rig(store)
    one.tell(warning())
    settle(one, FAILED, "town")
    settle(one, ACCEPTED, "village")
    one.after(40)
    assert one.queued() == SIRENS
    (row,) = [row for row in one.rows() if row.target == "village"]
    one.store.receive("siren", Receipt(row.id, FAILED, "not played"), one.now)
    one.after(1)
    assert one.queued() == ALL


@pytest.mark.parametrize("sent_s", [-120, -7200, 600], ids=["late", "much too late", "ahead"])
def test_the_wait_begins_with_the_release_whatever_the_clocks_of_the_field_say(store: Store, sent_s: float) -> None:
    one = rig(store, routes=[ROUTE | {"hours": "20:00-20:30"}])
    one.tell(warning(sent_at=later(sent_s)))
    one.after(29)
    assert one.queued() == SIRENS
    one.after(1)
    assert one.queued() == ALL


def test_a_route_whose_hours_are_over_falls_back_for_a_warning_that_it_began(store: Store) -> None:
    day = ROUTE | {"hours": "19:00-20:30"}
    night = {"name": "night", "hours": "20:30-06:00", "to": ["sms/zhao"]}
    one = rig(store, routes=[day, night])
    one.tell(warning(level=Level.ORANGE))
    settle(one, ACCEPTED, "town", "village")
    one.after(3600)
    graver = warning(number=2, level=Level.RED, sent_at=one.now, expires_at=one.in_s(3600))
    one.tell(graver)
    settle(one, FAILED, "town", "village", of=graver)
    one.after(1)
    assert one.queued(graver) == sorted([*ALL, "sms/zhao"])


def test_later_reports_do_not_begin_the_wait_anew_but_one_that_was_taken_does(store: Store) -> None:
    one = rig(store)
    for number, level in enumerate((Level.BLUE, Level.YELLOW), 1):
        one.tell(warning(number=number, level=level))
        one.after(20)
    assert one.queued(warning(number=2)) == ALL
    for number in (1, 2):
        one.tell(warning("taken", number, sent_at=one.now))
        if number == 1:
            settle(one, ACCEPTED, "village", of=warning("taken"))
        one.after(20)
    assert one.queued(warning("taken", 2)) == SIRENS


def test_a_silence_that_hides_it_is_in_the_log_and_calls_somebody(store: Store) -> None:
    chain = {"name": "hidden", "on": "silenced", "steps": [{"who": ["person:zhao"], "wait_s": 60}]}
    one = rig(store, duty={"chains": [chain]})
    silenced(one, to=["sms/li"])
    one.tell(warning(level=Level.RED))
    one.after(30)
    assert said(one) == ["route 'people': siren: none of 2 was taken within 30 s; told sms/wang; kept back from sms/li"]
    hiding = [each for each in one.store.audit() if each.action == "silence.hides_red"]
    assert [(each.subject, each.detail) for each in hiding] == [("s", f"report {warning().id} from sms/li")]
    one.after(1)
    assert "zhao" in {row.target for row in one.rows()}


def test_lesser_reports_give_way_to_it(store: Store) -> None:
    lesser = {"name": "sms", "min_level": "blue", "hazards": ["gas_leak"], "to": ["sms/li"]}
    rule = {"name": "fire", "hazards": ["fire"], "swallows": ["gas_leak"]}
    one = rig(store, routes=[ROUTE | {"hazards": ["fire"]}, lesser], routing={"inhibit": [rule]})
    gas = warning("gas", hazard="gas_leak", level=Level.BLUE)
    one.tell(gas, warning(level=Level.RED))
    one.after(30)
    assert one.queued(warning()) == ALL
    assert [row.state for row in one.rows(gas)] == [DeliveryState.EXPIRED]


def test_two_routes_with_one_fallback_tell_it_once(store: Store) -> None:
    first, second = DUTY | {"to": ["siren/town"]}, DUTY | {"name": "second", "to": ["siren/village"]}
    one = rig(store, routes=[first, second], routing={"group_s": 60, "group_max_level": "orange"})
    one.tell(warning())
    settle(one, FAILED, "town", "village")
    one.after(1)
    assert said(one) == ["route 'people': siren: none of 1 could be sent; told sms/li, sms/wang"]
    assert one.store.held() == ()


def test_the_wait_of_a_group_does_not_count(store: Store) -> None:
    one = rig(store, routes=[DUTY], routing={"group_s": 60, "group_max_level": "orange"})
    one.tell(warning())
    one.after(89)
    assert one.queued() == SIRENS
    one.after(1)
    assert one.queued() == ALL


def test_a_clock_that_is_set_back_keeps_nobody_from_looking(store: Store) -> None:
    one = rig(store)
    one.after(1)
    one.after(-3600)
    one.tell(warning())
    one.after(30)
    assert one.queued() == ALL


def test_an_end_goes_to_a_fallback_only_where_it_was_told_of_the_beginning(store: Store) -> None:
    one = rig(store)
    for name, state in (("known", FAILED), ("unknown", ACCEPTED)):
        one.tell(warning(name))
        settle(one, state, "town", "village", of=warning(name))
        one.after(1)
        end = warning(name, 2, report=Report.FINAL, level=Level.NONE, peak_level=Level.ORANGE)
        one.tell(end)
        settle(one, FAILED, "town", "village", of=end)
        one.after(40)
        assert one.queued(end) == (ALL if state is FAILED else SIRENS)
