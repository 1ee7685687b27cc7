from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from alerting.base import FailureReason, failed
from alerting.stages.escalate import Call, CallState, silent
from alerting.stages.retry import Step
from alerting.stages.silence import Silence
from alerting.store.outcomes import Settled
from alerting.store.store import Store
from pipeline.errors import DutyError
from pipeline.model.audience import Audience
from pipeline.model.delivery import DeliveryState
from pipeline.model.level import Level
from pipeline.model.warning import Report, WarningStatus
from tests.alerting_rig import LI, Rig, desk_rig
from tests.reports import warning

STEPS = [
    {"who": ["person:li"], "wait_s": 60},
    {"who": ["person:wang", "person:zhao"], "wait_s": 60},
]
ACK = {"name": "ack", "steps": STEPS}
RELEASE = {"name": "release", "on": "release", "min_level": "red", "steps": STEPS}
RED = warning(level=Level.RED)
RULE = {"name": "red", "mode": "approval", "min_level": "red"}


def rig_of(store: Store, *chains: dict[str, Any], **sections: Any) -> Rig:
    return Rig(store, duty={"chains": list(chains), "address": "https://duty.example.org/"}, **sections)


def called(rig: Rig, number: int = 0) -> list[str]:
    return [one.person for one in rig.store.summonses(rig.store.calls()[number].id)]


def the_call(rig: Rig) -> Call:
    (call,) = rig.store.calls()
    return call


def notes(rig: Rig, target: str) -> list[str]:
    rows = [one for one in rig.rows() if one.target == target and one.note]
    return [one.note for one in sorted(rows, key=lambda one: one.queued_at)]


def code(rig: Rig, target: str) -> str:
    return str(re.findall(r"\d{6}", notes(rig, target)[-1])[0])


def token(rig: Rig, target: str) -> str:
    return str(re.findall(r"https://duty.example.org/a/(\S+)", notes(rig, target)[-1])[0])


def fail(rig: Rig, target: str) -> None:
    row = next(one for one in rig.rows() if one.target == target and one.state is DeliveryState.QUEUED)
    gone = failed(FailureReason.REFUSED, "no such number")
    rig.store.settle([Settled(row.id, Step(DeliveryState.FAILED, None, "refused"), rig.now, gone)])


def test_people_are_called_step_by_step_until_someone_answers(store: Store) -> None:
    rig = rig_of(store, ACK)
    rig.tell(RED)
    rig.after(0)
    assert called(rig) == ["li"]
    rig.after(59)
    assert called(rig) == ["li"]
    rig.after(1)
    assert called(rig) == ["li", "wang", "zhao"]
    rig.after(60)
    assert called(rig) == ["li", "wang", "zhao", "li"], "and again from the first"
    answered = rig.calling.answer(f"收到 {code(rig, 'wang')}。", rig.now, "reply")
    assert (answered.state, answered.answered_by, answered.answered_how) == (CallState.ANSWERED, "wang", "reply")
    rig.after(600)
    assert len(called(rig)) == 4
    assert silent(store.summonses(answered.id)) == ("li", "zhao")


def test_an_answer_is_evidence_and_calls_the_others_off(store: Store) -> None:
    rig = rig_of(store, ACK)
    rig.tell(RED)
    rig.after(0)
    rig.after(60)
    rig.calling.answer(token(rig, "wang"), rig.now, "link")
    states = {one.target: one.state for one in rig.rows() if one.note}
    assert states == {"li": DeliveryState.EXPIRED, "wang": DeliveryState.ACKNOWLEDGED, "zhao": DeliveryState.EXPIRED}
    assert [one.action for one in store.audit()] == ["call.answer"]


def test_the_next_contact_is_taken_at_once_where_one_fails(store: Store) -> None:
    rig = rig_of(store, ACK | {"steps": [{"who": ["person:zhao"], "wait_s": 600}]})
    rig.tell(RED)
    rig.after(0)
    fail(rig, "zhao")
    rig.after(1)
    assert [one.target for one in store.summonses(the_call(rig).id)] == ["zhao", "zhao-2"]
    fail(rig, "zhao-2")
    rig.after(1)
    assert len(called(rig)) == 2, "each contact once a step"


def test_who_has_one_contact_is_called_by_it_again_in_the_next_round(store: Store) -> None:
    rig = rig_of(store, ACK | {"steps": [{"who": ["person:li"], "wait_s": 60}]})
    rig.tell(RED)
    for _ in range(3):
        rig.after(60)
    assert called(rig) == ["li"] * 3
    assert len({one.delivery for one in store.summonses(the_call(rig).id)}) == 3


def test_rounds_end_and_the_log_names_who_did_not_answer(store: Store) -> None:
    rig = rig_of(store, ACK | {"rounds": 1})
    rig.tell(RED)
    for _ in range(4):
        rig.after(60)
    assert the_call(rig).state is CallState.EXHAUSTED
    (entry,) = store.audit()
    assert (entry.action, entry.detail) == ("call.exhausted", "did not answer: li, wang, zhao")


def test_a_red_that_nobody_releases_escalates_and_reaches_nobody_else(store: Store) -> None:
    rig = rig_of(store, RELEASE, rules=[RULE])
    rig.tell(RED)
    rig.after(0)
    rig.after(60)
    assert called(rig) == ["li", "wang", "zhao"]
    assert {one.audience for one in rig.rows()} == {Audience.DUTY}
    rig.calling.answer(code(rig, "li"), rig.now, "code")
    assert the_call(rig).state is CallState.OPEN, "that somebody heard is no decision"
    rig.after(60)
    assert called(rig) == ["li", "wang", "zhao"], "who answered is not called again"
    rig.after(60)
    assert called(rig)[3:] == ["wang", "zhao"]
    rig.outlet.approve(RED.id, Audience.PUBLIC, LI, rig.now)
    rig.after(1)
    assert the_call(rig).state is CallState.DECIDED


def test_a_follow_up_that_waits_as_well_goes_on_with_the_call(store: Store) -> None:
    rig = rig_of(store, RELEASE, rules=[RULE])
    rig.tell(RED)
    rig.after(60)
    follow = warning(number=2, level=Level.RED)
    rig.tell(follow)
    rig.after(60)
    assert called(rig) == ["li", "wang", "zhao"]
    assert the_call(rig).warning == follow.id


def test_a_raised_level_is_called_for_anew_and_a_renewal_is_not(store: Store) -> None:
    rig = rig_of(store, ACK)
    rig.tell(warning())
    rig.after(0)
    rig.calling.answer(code(rig, "li"), rig.now, "reply")
    rig.tell(warning(number=2))
    rig.after(1)
    assert len(store.calls()) == 1
    rig.tell(warning(number=3, level=Level.RED))
    rig.after(1)
    assert [one.state for one in store.calls()] == [CallState.OPEN, CallState.ANSWERED]


def test_the_end_of_the_hazard_ends_the_call(store: Store) -> None:
    rig = rig_of(store, ACK)
    rig.tell(RED)
    rig.after(0)
    rig.tell(warning(number=2, report=Report.FINAL, level=Level.NONE, peak_level=Level.RED))
    rig.after(1)
    assert the_call(rig).state is CallState.ENDED


def test_an_exercise_calls_only_by_chains_that_say_so(store: Store) -> None:
    rig = rig_of(store, ACK, ACK | {"name": "drill", "exercise": True})
    rig.tell(warning(status=WarningStatus.EXERCISE))
    assert [one.policy for one in store.calls()] == ["drill"]


@pytest.mark.parametrize("said", ["000000 or 999999", "yes", "12345", "1234567", ""])
def test_what_answers_nothing_is_refused(store: Store, said: str) -> None:
    rig = rig_of(store, ACK)
    rig.tell(RED)
    rig.after(0)
    with pytest.raises(DutyError, match="answers no open call"):
        rig.calling.answer(said, rig.now, "reply")
    assert the_call(rig).state is CallState.OPEN


def test_a_code_from_another_telephone_is_refused(store: Store) -> None:
    rig = rig_of(store, ACK)
    rig.tell(RED)
    rig.after(0)
    with pytest.raises(DutyError):
        rig.calling.answer(code(rig, "li"), rig.now, "reply", contact="sms/wang")
    assert rig.calling.answer(code(rig, "li"), rig.now, "reply", contact="sms/li").answered_by == "li"


def test_a_code_dies_with_its_call(store: Store) -> None:
    rig = rig_of(store, ACK)
    rig.tell(RED)
    rig.after(0)
    old = code(rig, "li")
    rig.calling.answer(old, rig.now, "reply")
    with pytest.raises(DutyError):
        rig.calling.answer(old, rig.now, "reply")


def test_calls_survive_a_restart(tmp_path: Path) -> None:
    duty = {"chains": [ACK], "address": "https://duty.example.org"}
    with desk_rig(tmp_path, duty=duty) as rig:
        rig.tell(RED)
        rig.after(0)
        secret = code(rig, "li")
    with desk_rig(tmp_path, duty=duty) as rig:
        rig.after(60)
        assert called(rig) == ["li", "wang", "zhao"]
        assert rig.calling.answer(secret, rig.now, "reply").answered_by == "li"


def test_a_silence_that_hides_red_calls_who_is_named_for_that(store: Store) -> None:
    rig = rig_of(store, {"name": "hidden", "on": "silenced", "min_level": "red", "steps": STEPS})
    body = {"id": "s", "max_level": "red", "begins_at": rig.now, "ends_at": rig.in_s(600), "by": "li", "reason": "r"}

    rig.desk.silence(Silence.model_validate(body), LI)
    rig.tell(RED)
    rig.after(0)
    assert called(rig) == ["li"]
    assert [one.action for one in store.audit()] == ["silence.set", "silence.hides_red"]
