from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from alerting.stages.approve import ReleaseRule
from alerting.store.store import Store
from pipeline.errors import DutyError
from pipeline.model.audience import Audience
from pipeline.model.hazard import Hazard
from pipeline.model.level import Level
from pipeline.model.release import How, ReleaseState
from pipeline.model.warning import Report
from tests.alerting_rig import LI, WANG, ZHAO, Rig, desk_rig
from tests.reports import NOON, warning

PUBLIC = Audience.PUBLIC
RED: dict[str, Any] = {"level": Level.RED}
APPROVE = {"name": "red by hand", "mode": "approval", "min_level": "red"}
TWO = APPROVE | {"persons": 2}
OBJECT = {"name": "orange in ten minutes", "mode": "objection", "min_level": "orange", "objection_s": 600}
DUTY_ROUTES = [
    {"name": "public", "to": ["siren/village"]},
    {"name": "duty", "audience": "duty", "to": ["sms/duty-room"]},
]
FIRST = warning(**RED)
FINAL = warning(number=2, report=Report.FINAL, level=Level.NONE, peak_level=Level.RED)


def state(rig: Rig, report: Any, audience: Audience = PUBLIC) -> ReleaseState:
    found = rig.store.request(report.id, audience)
    assert found is not None
    return found.state


def test_what_no_rule_fits_goes_out_at_once(store: Store) -> None:
    rig = Rig(store, rules=[APPROVE])
    rig.tell(warning())
    assert rig.queued() == ["siren/village"]
    assert rig.store.pending() == ()


def test_what_waits_for_approval_reaches_nobody_until_then(store: Store) -> None:
    rig = Rig(store, rules=[APPROVE])
    rig.tell(FIRST)
    rig.after(1)
    assert rig.queued() == []
    assert store.public_reports_in_force(rig.now) == ()
    assert [one.warning for one in store.pending()] == [FIRST.id]
    released = rig.outlet.approve(FIRST.id, PUBLIC, LI, rig.in_s(2))
    assert (released.state, released.how, released.decided_by) == (ReleaseState.RELEASED, How.APPROVED, "li")
    assert rig.queued() == ["siren/village"]
    assert store.public_reports_in_force(rig.now) == (FIRST,)
    assert rig.rows()[0].queued_at == rig.in_s(2)


def test_two_must_be_two_different_people(store: Store) -> None:
    rig = Rig(store, rules=[TWO])
    rig.tell(FIRST)
    for _ in range(2):
        rig.outlet.approve(FIRST.id, PUBLIC, LI, rig.now)
        assert rig.queued() == []
    rig.outlet.approve(FIRST.id, PUBLIC, WANG, rig.now)
    assert rig.queued() == ["siren/village"]


def test_who_may_not_decides_nothing(store: Store) -> None:
    rig = Rig(store, rules=[APPROVE])
    rig.tell(FIRST)
    with pytest.raises(DutyError, match=r"zhao may not decide on report \w+; role:approver may"):
        rig.outlet.approve(FIRST.id, PUBLIC, ZHAO, rig.now)
    with pytest.raises(DutyError, match="zhao may not"):
        rig.outlet.refuse(FIRST.id, PUBLIC, ZHAO, "no", rig.now)
    assert rig.queued() == []
    assert store.audit() == ()


def test_a_person_named_by_the_rule_may(store: Store) -> None:
    rig = Rig(store, rules=[APPROVE | {"may": ["person:zhao"]}])
    rig.tell(FIRST)
    with pytest.raises(DutyError):
        rig.outlet.approve(FIRST.id, PUBLIC, LI, rig.now)
    rig.outlet.approve(FIRST.id, PUBLIC, ZHAO, rig.now)
    assert rig.queued() == ["siren/village"]


def test_without_objection_it_goes_out_by_itself(store: Store) -> None:
    rig = Rig(store, rules=[OBJECT])
    rig.tell(warning())
    rig.after(599)
    assert rig.queued() == []
    rig.after(1)
    assert rig.queued() == ["siren/village"]
    assert rig.woken == 1
    assert store.requests(warning().chain)[0].how is How.UNOPPOSED


def test_an_objection_holds_it_until_somebody_approves(store: Store) -> None:
    rig = Rig(store, rules=[OBJECT])
    rig.tell(warning())
    rig.outlet.oppose(warning().id, PUBLIC, LI, "a test of the sensor", rig.now)
    rig.after(700)
    assert rig.queued() == []
    rig.tell(warning(number=2))
    rig.after(700)
    assert rig.queued() == [], "a follow-up does not undo the objection"
    rig.outlet.approve(warning(number=2).id, PUBLIC, WANG, rig.now)
    assert rig.queued() == ["siren/village"]


def test_follow_ups_do_not_put_off_the_end_of_the_wait(store: Store) -> None:
    rig = Rig(store, rules=[OBJECT])
    rig.tell(warning())
    rig.after(300)
    rig.tell(warning(number=2))
    assert state(rig, warning()) is ReleaseState.OVERTAKEN
    rig.after(300)
    assert [one.warning for one in rig.rows()] == [warning(number=2).id]


def test_approvals_stand_for_a_follow_up_that_says_no_more(store: Store) -> None:
    rig = Rig(store, rules=[TWO])
    rig.tell(FIRST)
    rig.outlet.approve(FIRST.id, PUBLIC, LI, rig.now)
    follow = warning(number=2, **RED)
    rig.tell(follow)
    rig.outlet.approve(follow.id, PUBLIC, WANG, rig.now)
    assert rig.queued(follow) == ["siren/village"]


def test_approvals_do_not_stand_for_a_raised_level(store: Store) -> None:
    rig = Rig(store, rules=[TWO | {"min_level": "orange"}])
    rig.tell(warning())
    rig.outlet.approve(warning().id, PUBLIC, LI, rig.now)
    raised = warning(number=2, **RED)
    rig.tell(raised)
    rig.outlet.approve(raised.id, PUBLIC, WANG, rig.now)
    assert rig.queued() == []


def test_a_released_chain_asks_again_only_when_it_is_raised(store: Store) -> None:
    rig = Rig(store, rules=[APPROVE | {"min_level": "orange"}])
    rig.tell(warning())
    rig.outlet.approve(warning().id, PUBLIC, LI, rig.now)
    same, raised = warning(number=2), warning(number=3, **RED)
    rig.tell(same)
    assert rig.queued(same) == ["siren/village"]
    rig.tell(raised)
    assert rig.queued(raised) == []
    assert state(rig, raised) is ReleaseState.PENDING


def test_a_refused_chain_stays_refused_until_it_is_raised(store: Store) -> None:
    rig = Rig(store, rules=[APPROVE | {"min_level": "orange"}])
    rig.tell(warning())
    rig.outlet.refuse(warning().id, PUBLIC, LI, "welding", rig.now)
    rig.tell(warning(number=2))
    assert state(rig, warning(number=2)) is ReleaseState.REFUSED
    rig.tell(warning(number=3, **RED))
    assert state(rig, warning(number=3)) is ReleaseState.PENDING


def test_the_end_of_what_nobody_was_told_of_is_told_to_nobody(store: Store) -> None:
    rig = Rig(store, rules=[APPROVE])
    rig.tell(FIRST)
    rig.tell(FINAL)
    assert (state(rig, FIRST), state(rig, FINAL)) == (ReleaseState.OVERTAKEN, ReleaseState.MOOT)
    assert rig.queued() == []


def test_an_all_clear_may_have_a_rule_of_its_own(store: Store) -> None:
    rig = Rig(store, rules=[APPROVE | {"applies_to": "all_clear"}])
    rig.tell(FIRST)
    assert rig.queued(FIRST) == ["siren/village"]
    rig.tell(FINAL)
    assert rig.queued(FINAL) == []
    assert store.public_reports_in_force(rig.now) == (FIRST,)
    rig.outlet.approve(FINAL.id, PUBLIC, LI, rig.now)
    assert rig.queued(FINAL) == ["siren/village"]
    assert store.public_reports_in_force(rig.now) == ()


def test_duty_is_told_before_the_public(store: Store) -> None:
    rig = Rig(store, rules=[APPROVE], routes=DUTY_ROUTES)
    rig.tell(FIRST)
    assert rig.queued() == ["sms/duty-room"]
    rig.outlet.approve(FIRST.id, PUBLIC, LI, rig.now)
    assert rig.queued() == ["siren/village", "sms/duty-room"]


def test_what_waits_too_long_expires(store: Store) -> None:
    rig = Rig(store, rules=[APPROVE])
    rig.tell(FIRST)
    rig.after(3600)
    assert state(rig, FIRST) is ReleaseState.EXPIRED
    with pytest.raises(DutyError, match="is expired already"):
        rig.outlet.approve(FIRST.id, PUBLIC, LI, rig.now)


def test_an_approval_at_the_instant_it_expires_comes_too_late(store: Store) -> None:
    rig = Rig(store, rules=[APPROVE])
    rig.tell(FIRST)
    with pytest.raises(DutyError, match="its time ran out"):
        rig.outlet.approve(FIRST.id, PUBLIC, LI, FIRST.expires_at)
    assert rig.queued() == []


def test_what_is_decided_is_decided(store: Store) -> None:
    rig = Rig(store, rules=[APPROVE])
    rig.tell(FIRST)
    rig.outlet.refuse(FIRST.id, PUBLIC, LI, "no", rig.now)
    with pytest.raises(DutyError, match="is refused already by li"):
        rig.outlet.approve(FIRST.id, PUBLIC, WANG, rig.now)
    with pytest.raises(DutyError, match="no report nothing asks"):
        rig.outlet.approve("nothing", PUBLIC, WANG, rig.now)


def test_a_report_that_is_stored_again_is_decided_once(store: Store) -> None:
    rig = Rig(store, rules=[APPROVE])
    rig.tell(FIRST)
    rig.outlet.approve(FIRST.id, PUBLIC, LI, rig.now)
    before = (store.requests(FIRST.chain), rig.rows())
    rig.tell(FIRST)
    assert (store.requests(FIRST.chain), rig.rows()) == before


def test_every_decision_is_in_the_log(store: Store) -> None:
    rig = Rig(store, rules=[TWO, OBJECT])
    rig.tell(FIRST, warning("other"))
    rig.outlet.approve(FIRST.id, PUBLIC, LI, rig.now)
    rig.outlet.approve(FIRST.id, PUBLIC, WANG, rig.now)
    rig.outlet.oppose(warning("other").id, PUBLIC, LI, "smoke machine", rig.now)
    told = [(one.who, one.action, one.detail) for one in store.audit()]
    assert told == [
        ("person:li", "release.approve", "for public: 1 of 2 approvals"),
        ("person:wang", "release.approve", "for public: released, approved"),
        ("person:li", "release.object", "for public: 0 of 1 approvals; smoke machine"),
    ]


def test_what_waits_is_waiting_still_after_a_restart(tmp_path: Path) -> None:
    with desk_rig(tmp_path, rules=[TWO, OBJECT]) as rig:
        rig.tell(FIRST, warning("other"))
        rig.outlet.approve(FIRST.id, PUBLIC, LI, rig.now)
    with desk_rig(tmp_path, rules=[TWO, OBJECT]) as rig:
        assert len(rig.store.pending()) == 2
        rig.outlet.approve(FIRST.id, PUBLIC, WANG, rig.now)
        rig.after(600)
        assert len(rig.rows()) == 2


@pytest.mark.parametrize(
    ("options", "fits"),
    [
        ({}, True),
        ({"hazards": ["gas_leak"]}, False),
        ({"areas": ["3301"]}, True),
        ({"areas": ["44"]}, False),
        ({"min_level": "red"}, False),
        ({"max_level": "yellow"}, False),
        ({"applies_to": "all_clear"}, False),
        ({"audience": "duty"}, False),
    ],
)
def test_a_rule_is_for_what_it_says(options: dict[str, Any], fits: bool) -> None:  # noqa: FBT001
    rule = ReleaseRule.model_validate({"name": "r", "mode": "approval"} | options)
    assert rule.fits(warning(), PUBLIC) is fits


def test_faults_of_sensors_are_for_maintenance(store: Store) -> None:
    rig = Rig(
        store,
        rules=[APPROVE | {"min_level": "blue"}],
        routes=[{"name": "m", "audience": "maintenance", "to": ["sms/li"]}],
    )
    fault = warning(hazard=Hazard.SENSOR_FAULT)
    rig.tell(fault)
    assert rig.queued() == ["sms/li"]
    assert store.request(fault.id, PUBLIC) is None


def test_a_red_that_reached_its_instant_is_listed_first(store: Store) -> None:
    rig = Rig(store, rules=[APPROVE | {"min_level": "blue"}])
    rig.tell(warning("a"), warning("b", **RED))
    assert [one.level for one in store.pending()] == [Level.RED, Level.ORANGE]
    assert store.pending()[0].asked_at == NOON
