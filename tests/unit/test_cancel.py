"""A Cancel that a person orders: made from what is in the store, out at once, the last that is said of its chain."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from alerting.cap import to_cap
from alerting.cap_parse import parse
from alerting.lifecycle import LifecyclePolicy
from alerting.people.actor import Actor
from alerting.people.options import CallOn
from alerting.stages.escalate import CallState
from alerting.store.store import LATE, Store
from pipeline.model.level import Level
from pipeline.model.order import OrderKind
from pipeline.model.release import How, ReleaseState
from pipeline.model.role import Role
from pipeline.model.warning import HazardWarning, Report
from tests.alerting_rig import LI, WANG, Rig, desk_rig
from tests.merge_rig import ASK, storm, town, towns
from tests.reports import later

MERGED: Any = {"routing": {"merge": {"hazards": ["rainstorm"]}}, "inventory": towns(3)}
OFFICER = Actor("chen", frozenset({Role.OFFICER}))
"""Who may order a Cancel, and not release it."""


@pytest.fixture
def rig(store: Store) -> Rig:
    return Rig(store, inventory=towns(3))


def withdraw(rig: Rig, name: str, actor: Any = LI) -> HazardWarning:
    rig.desk.amend(name, Level.NONE, "a test gas", actor)
    return rig.store.recent_warnings(1)[0]


def test_it_is_out_with_the_order_and_nobody_else_is_needed(rig: Rig) -> None:
    first = storm(1)
    rig.tell(first, storm(1, 2, 30, Level.RED, references=((first.id, first.sent_at),)))
    rig.clock.advance(60)
    final = withdraw(rig, storm(1).chain)
    assert (final.report, final.number, final.level, final.peak_level) == (Report.FINAL, 3, Level.NONE, Level.RED)
    assert final.references == tuple((one.id, one.sent_at) for one in rig.store.chain(final.chain)[:2])
    assert final.sent_at == later(60)
    assert rig.queued(final) == ["siren/village"]
    assert "a test gas" in final.texts[1].description
    assert "Town 1" in final.texts[1].description
    cap = parse(to_cap(final, towns(3), LifecyclePolicy()))
    assert (cap.msg_type, [name for _, name, _ in cap.references]) == ("Cancel", [one for one, _ in final.references])
    assert not rig.store.warnings_in_force(later(61))


def test_who_keeps_the_chain_is_told_and_what_it_says_then_is_known(rig: Rig) -> None:
    rig.tell(storm(1))
    final = withdraw(rig, storm(1).chain)
    (order,) = rig.store.open_orders()
    assert (order.kind, order.chain) == (OrderKind.WITHDRAW, storm(1).chain)
    own = final.model_copy(update={"sent_at": later(9)})
    rig.tell(own)
    assert rig.store.chain(final.chain) == (*rig.store.chain(final.chain)[:1], final)
    assert len(rig.rows(final)) == 1
    assert not [one for one in rig.store.audit() if one.action == LATE]


@pytest.mark.parametrize("number", [2, 3])
@pytest.mark.parametrize("sections", [{}, MERGED], ids=["each by itself", "merged"])
def test_what_comes_after_it_is_told_to_nobody_and_noted_once(
    store: Store, number: int, sections: dict[str, Any]
) -> None:
    rig = Rig(store, **{"inventory": towns(3)} | sections)
    rig.tell(storm(1))
    told = rig.store.recent_warnings(1)[0]
    withdraw(rig, told.chain)
    before = rig.rows()
    red = storm(1, number, 5, Level.RED)
    rig.tell(red)
    rig.tell(red)
    assert rig.rows() == before
    assert not rig.store.warnings_in_force(later(10))
    noted = [(one.subject, one.detail) for one in rig.store.audit() if one.action == LATE]
    assert noted == [(red.id, "red, told to nobody: it was cancelled")]


def test_every_area_of_a_merged_warning_is_taken_back_at_once(tmp_path: Path) -> None:
    with desk_rig(tmp_path, **MERGED) as rig:
        rig.tell(storm(1), storm(2, at_s=1), storm(3, at_s=2))
        rig.clock.advance(60)
        (joint,) = rig.store.warnings_in_force(later(60))
        final = withdraw(rig, joint.id)
        assert final.report is Report.FINAL
        assert not rig.store.warnings_in_force(later(61))
        assert rig.queued(final) == ["siren/village"]
        assert len(rig.store.open_orders()) == 3


@pytest.mark.parametrize("sections", [{}, MERGED], ids=["each by itself", "merged"])
def test_the_order_of_one_who_may_release_is_his_yes(store: Store, sections: dict[str, Any]) -> None:
    rig = Rig(store, **{"inventory": towns(3), "rules": [ASK]} | sections)
    rig.tell(storm(1), storm(2, at_s=1))
    chains = {one.chain for one in rig.store.warnings_in_force(later(2))}
    for chain in chains:
        rig.desk.amend(chain, Level.NONE, "a test gas", LI)
    assert rig.store.pending() == ()
    for chain in chains:
        final = rig.store.chain(chain)[-1]
        assert final.report is Report.FINAL
        assert rig.queued(final) == ["siren/village"]


def test_who_may_not_release_orders_and_another_allows_it(store: Store) -> None:
    rig = Rig(store, inventory=towns(3), rules=[ASK])
    rig.tell(storm(1))
    final = withdraw(rig, storm(1).chain, OFFICER)
    assert rig.queued(final) == []
    (waits,) = rig.store.pending()
    assert rig.outlet.approve(waits.warning, waits.audience, WANG, rig.now).how is How.APPROVED
    assert rig.queued(final) == ["siren/village"]


def test_where_two_must_agree_who_ordered_it_is_one(store: Store) -> None:
    rig = Rig(store, inventory=towns(3), rules=[ASK | {"persons": 2}])
    rig.tell(storm(1))
    final = withdraw(rig, storm(1).chain)
    (waits,) = rig.store.pending()
    assert (waits.approvals, waits.state) == (("li",), ReleaseState.PENDING)
    assert rig.outlet.approve(waits.warning, waits.audience, LI, rig.now).state is ReleaseState.PENDING
    assert rig.outlet.approve(waits.warning, waits.audience, WANG, rig.now).state is ReleaseState.RELEASED
    assert rig.queued(final) == ["siren/village"]


def test_an_area_that_waited_to_leave_goes_with_the_warning(store: Store) -> None:
    rig = Rig(store, rules=[ASK], **MERGED)
    rig.tell(storm(1), storm(2, at_s=1), storm(1, 2, 60, Level.NONE))
    assert len(rig.store.pending()) == 1
    rig.clock.advance(90)
    (joint,) = rig.store.warnings_in_force(later(90))
    assert withdraw(rig, joint.chain).report is Report.FINAL
    assert rig.store.pending() == ()
    assert not rig.store.warnings_in_force(later(91))


def test_one_area_is_cancelled_and_the_others_stay_warned(store: Store) -> None:
    rig = Rig(store, rules=[ASK], **MERGED)
    rig.tell(storm(1), storm(2, at_s=1), storm(3, at_s=2), storm(1, 2, 60, Level.NONE))
    rig.clock.advance(90)
    told = withdraw(rig, storm(2).chain)
    assert told.areas == (town(1), town(3))
    assert [one.chain for one in rig.store.pending()] == [storm(1).chain], "of another area: it was not spoken of"
    assert withdraw(rig, storm(3).chain).areas == (town(1),)


@pytest.mark.parametrize("sections", [{"inventory": towns(3)}, MERGED], ids=["each by itself", "merged"])
@pytest.mark.parametrize("ending", ["refused", "expired"])
def test_who_keeps_the_chain_goes_on_where_the_cancel_is_not_released(
    store: Store, ending: str, sections: dict[str, Any]
) -> None:
    rig = Rig(store, rules=[ASK], **sections)
    rig.tell(storm(1))
    withdraw(rig, storm(1).chain, OFFICER)
    (waits,) = rig.store.pending()
    if ending == "refused":
        rig.outlet.refuse(waits.warning, waits.audience, WANG, "the gas is real", rig.now)
    else:
        rig.after((waits.expires_at - rig.now).total_seconds() + 1)
    withdrawal, resumed = rig.store.open_orders()
    assert (withdrawal.kind, resumed.kind, resumed.chain) == (OrderKind.WITHDRAW, OrderKind.RESUME, storm(1).chain)
    assert ("the gas is real" in resumed.why) == (ending == "refused")
    anew = {"chain": "anew", "id": "anew-1", "sent_at": rig.now, "expires_at": rig.now + timedelta(hours=1)}
    rig.tell(storm(1).model_copy(update=anew))
    assert [one.level for one in rig.store.warnings_in_force(rig.now)] == [Level.ORANGE]


def test_the_refusal_of_an_all_clear_that_nobody_ordered_resumes_nothing(store: Store) -> None:
    rig = Rig(store, rules=[ASK], inventory=towns(3))
    rig.tell(storm(1), storm(1, 2, 60, Level.NONE))
    (waits,) = rig.store.pending()
    rig.outlet.refuse(waits.warning, waits.audience, WANG, "look again", later(61))
    assert rig.store.open_orders() == ()


def test_a_level_by_hand_waits_for_who_keeps_the_chain(rig: Rig) -> None:
    rig.tell(storm(1))
    rig.desk.amend(storm(1).chain, Level.RED, "the road is cut", LI)
    assert len(rig.store.chain(storm(1).chain)) == 1
    assert [one.kind for one in rig.store.open_orders()] == [OrderKind.LEVEL]


CALLS: Any = {
    "chains": [{"name": "allow", "on": "cancel", "steps": [{"who": ["person:wang"], "wait_s": 60}]}],
    "address": "https://duty.example.org",
}


@pytest.mark.parametrize("sections", [{"inventory": towns(3)}, MERGED], ids=["each by itself", "merged"])
def test_somebody_is_called_once_where_another_must_allow_it(store: Store, sections: dict[str, Any]) -> None:
    rig = Rig(store, rules=[ASK], duty=CALLS, **sections)
    rig.tell(storm(1), *([storm(2, at_s=1)] if sections is MERGED else []))
    (shown,) = rig.store.warnings_in_force(later(2))
    withdraw(rig, shown.chain, OFFICER)
    rig.after(0)
    (call,) = rig.store.calls()
    note = next(one.note for one in rig.rows() if one.target == "wang")
    assert (call.on, call.state) == (CallOn.CANCEL, CallState.OPEN)
    assert "Duty: a Cancel waits for approval, decide" in note
    rig.outlet.approve_all(shown.chain, WANG, rig.now)
    rig.after(1)
    assert [one.state for one in rig.store.calls()] == [CallState.DECIDED]


@pytest.mark.parametrize("actor", [LI, OFFICER])
def test_nobody_is_called_for_what_is_out(store: Store, actor: Actor) -> None:
    rig = Rig(store, rules=[ASK] if actor is LI else [], duty=CALLS, inventory=towns(3))
    rig.tell(storm(1), storm(3), storm(3, 2, 60, Level.NONE))
    withdraw(rig, storm(1).chain, actor)
    rig.after(0)
    assert rig.store.calls() == (), "nor for an all-clear that nobody ordered"
