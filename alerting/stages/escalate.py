"""Calling people until someone answers: which step is due, and by which contact. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum

from pydantic import BaseModel, ConfigDict

from alerting.people.options import CallOn, ChainOptions, Person, StepOptions
from pipeline.model.audience import Audience
from pipeline.model.delivery import DeliveryState
from pipeline.model.instant import Instant
from pipeline.model.level import LevelField


class CallState(StrEnum):
    """OPEN: people are being called. ANSWERED: somebody took it on. EXHAUSTED: all rounds went by, nobody answered.

    DECIDED: what waited for release was decided. ENDED: the report ended or ran out. OVERTAKEN: by a graver one.
    """

    OPEN = "open"
    ANSWERED = "answered"
    EXHAUSTED = "exhausted"
    DECIDED = "decided"
    ENDED = "ended"
    OVERTAKEN = "overtaken"


class Call(BaseModel):
    """One matter that somebody must answer.

    Attributes:
        warning: the latest report of it; level: what the call was begun for.
        step, round: what is due next, from 0; next_at: when, None once no step is left.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    policy: str
    on: CallOn
    warning: str
    chain: str
    audience: Audience
    level: LevelField
    begun_at: Instant
    expires_at: Instant
    step: int = 0
    round: int = 0
    next_at: Instant | None
    state: CallState = CallState.OPEN
    ended_at: Instant | None = None
    answered_by: str = ""
    answered_how: str = ""


class Summons(BaseModel):
    """One person called once, by one contact.

    Attributes:
        delivery: id of the message; state: what became of it.
        answered_at: when this person answered by it; None: not.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    call: str
    number: int
    round: int
    step: int
    person: str
    channel: str
    target: str
    delivery: str
    at: Instant
    state: DeliveryState = DeliveryState.QUEUED
    answered_at: Instant | None = None


def due_step(call: Call, policy: ChainOptions, now: datetime) -> tuple[Call, StepOptions | None]:
    """The step that is due, and the call with the one after it; None: nothing is due yet, or all was in vain."""
    if call.state is not CallState.OPEN or call.next_at is None or now < call.next_at:
        return call, None
    if policy.rounds and call.round >= policy.rounds:
        return ended(call, CallState.EXHAUSTED, now), None
    step = policy.steps[min(call.step, len(policy.steps) - 1)]
    is_last = call.step + 1 >= len(policy.steps)
    follow = {"step": 0, "round": call.round + 1} if is_last else {"step": call.step + 1}
    return call.model_copy(update={**follow, "next_at": now + timedelta(seconds=step.wait_s)}), step


def ended(call: Call, state: CallState, now: datetime, by: str = "", how: str = "") -> Call:
    """The call, over."""
    return call.model_copy(
        update={"state": state, "ended_at": now, "next_at": None, "answered_by": by, "answered_how": how}
    )


def next_contact(person: Person, called: Sequence[Summons]) -> tuple[str, str] | None:
    """Channel and target to call a person by next: the contacts in turn; None: there are none."""
    if not person.contacts:
        return None
    mine = sum(one.person == person.name for one in called)
    channel, _, target = person.contacts[mine % len(person.contacts)].partition("/")
    return channel, target


def fallbacks(call: Call, people: Sequence[Person], called: Sequence[Summons]) -> list[Person]:
    """Who is to be called by another contact at once, because the message by the last one failed.

    Each contact is tried once a step and round.
    """
    last = {one.person: one for one in called}
    failed = {DeliveryState.FAILED, DeliveryState.EXPIRED}
    wanted = []
    for person in people:
        mine = last.get(person.name)
        if call.state is CallState.OPEN and mine and mine.state in failed and mine.answered_at is None:
            tried = sum((one.person, one.round, one.step) == (person.name, mine.round, mine.step) for one in called)
            if tried < len(person.contacts):
                wanted.append(person)
    return wanted


def silent(called: Sequence[Summons]) -> tuple[str, ...]:
    """Who was called and did not answer, in the order of the first call."""
    answered = {one.person for one in called if one.answered_at is not None}
    return tuple(dict.fromkeys(one.person for one in called if one.person not in answered))
