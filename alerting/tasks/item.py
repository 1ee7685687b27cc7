"""Items: risk notices and follow-up work, from being given to somebody to being verified by somebody else. Pure.

    open -> answered -> verified        answered -> open (given back)        open, answered -> withdrawn

An item that is not answered when it is due rises to the next person of its escalation, and to a further one each time
another interval passes; who had it keeps it.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from pipeline.errors import DutyError
from pipeline.model.instant import Instant, to_text


class Kind(StrEnum):
    """RISK_NOTICE: somebody must know of a danger and say what they do. FOLLOW_UP: work after a warning."""

    RISK_NOTICE = "risk_notice"
    FOLLOW_UP = "follow_up"


class State(StrEnum):
    """Where an item stands."""

    OPEN = "open"
    ANSWERED = "answered"
    VERIFIED = "verified"
    WITHDRAWN = "withdrawn"


class Deed(StrEnum):
    """What was done to an item."""

    GIVEN = "given"
    ANSWERED = "answered"
    RETURNED = "returned"
    VERIFIED = "verified"
    REASSIGNED = "reassigned"
    OVERDUE = "overdue"
    ESCALATED = "escalated"
    WITHDRAWN = "withdrawn"


class Step(BaseModel):
    """One deed; `words` say more, `to` whom it concerned."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    at: Instant
    by: str
    deed: Deed
    to: str = ""
    words: str = ""


class Matter(BaseModel):
    """What is given to whom.

    Attributes:
        chain: the warning it is about; "" for none.
        escalation: whom it rises to, one after the other.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Kind = Kind.FOLLOW_UP
    title: str = Field(min_length=1, max_length=200)
    words: str = ""
    area: str = ""
    chain: str = ""
    assignee: str
    escalation: tuple[str, ...] = ()


class Item(Matter):
    """One item.

    Attributes:
        raised: how many of those it rises to have it.
        due_at: by when it must be answered; escalate_every_s: how long each further person has.
        steps: everything that was done, in order.
    """

    id: str
    escalate_every_s: float = Field(default=3600.0, gt=0)
    raised: int = 0
    due_at: Instant
    state: State = State.OPEN
    steps: tuple[Step, ...] = ()

    @model_validator(mode="after")
    def _escalation_is_others(self) -> Self:
        if self.assignee in self.escalation or len(set(self.escalation)) != len(self.escalation):
            raise ValueError("escalation: name everybody once, and not the one who has it")
        return self

    @property
    def holders(self) -> tuple[str, ...]:
        """Who has it: the assignee, and whom it rose to."""
        return (self.assignee, *self.escalation[: self.raised])

    @property
    def answered_by(self) -> str:
        """Who answered last; "" if nobody did."""
        return next((step.by for step in reversed(self.steps) if step.deed is Deed.ANSWERED), "")

    def is_overdue(self, now: datetime) -> bool:
        """Whether it should have been answered by now."""
        return self.state is State.OPEN and now >= self.due_at


def given(item: Item, by: str, at: datetime) -> Item:
    """A new item, with its first step.

    Raises:
        DutyError: due before it is given.
    """
    if item.due_at <= at:
        raise DutyError(
            f"item {item.title!r}: due {to_text(item.due_at)}, which is not after now; give a later instant"
        )
    return _with(item, Step(at=at, by=by, deed=Deed.GIVEN, to=item.assignee))


def answer(item: Item, by: str, words: str, at: datetime) -> Item:
    """Say what was done.

    Raises:
        DutyError: not open, or `by` does not have it.
    """
    _require(item, State.OPEN, "answered")
    if by not in item.holders:
        raise DutyError(f"item {item.id}: {by} does not have it; those who may answer: {', '.join(item.holders)}")
    if not words.strip():
        raise DutyError(f"item {item.id}: an answer says what was done; give --words")
    return _with(item, Step(at=at, by=by, deed=Deed.ANSWERED, words=words), state=State.ANSWERED)


def verify(item: Item, by: str, words: str, at: datetime) -> Item:
    """Confirm the answer; never by who gave it.

    Raises:
        DutyError: not answered, or `by` answered it.
    """
    _require(item, State.ANSWERED, "verified")
    if by == item.answered_by:
        raise DutyError(f"item {item.id}: {by} answered it, somebody else must verify it")
    return _with(item, Step(at=at, by=by, deed=Deed.VERIFIED, words=words), state=State.VERIFIED)


def give_back(item: Item, by: str, words: str, due_at: datetime, at: datetime) -> Item:
    """Refuse the answer: it is open again, due anew, and with its assignee alone.

    Raises:
        DutyError: not answered, no reason, or due before now.
    """
    _require(item, State.ANSWERED, "given back")
    if not words.strip():
        raise DutyError(f"item {item.id}: say why it is given back; give --words")
    if due_at <= at:
        raise DutyError(f"item {item.id}: due {to_text(due_at)}, which is not after now; give a later instant")
    step = Step(at=at, by=by, deed=Deed.RETURNED, to=item.assignee, words=words)
    return _with(item, step, state=State.OPEN, due_at=due_at, raised=0)


def reassign(item: Item, by: str, to: str, at: datetime) -> Item:
    """Give an open item to somebody else; when it is due stays.

    Raises:
        DutyError: not open.
    """
    _require(item, State.OPEN, "reassigned")
    others = tuple(one for one in item.escalation if one != to)
    raised = sum(1 for one in item.escalation[: item.raised] if one != to)
    step = Step(at=at, by=by, deed=Deed.REASSIGNED, to=to)
    return _with(item, step, assignee=to, escalation=others, raised=raised)


def withdraw(item: Item, by: str, words: str, at: datetime) -> Item:
    """Close an item that needs no answer any more.

    Raises:
        DutyError: closed already.
    """
    if item.state in {State.VERIFIED, State.WITHDRAWN}:
        raise DutyError(f"item {item.id}: is {item.state} already")
    return _with(item, Step(at=at, by=by, deed=Deed.WITHDRAWN, words=words), state=State.WITHDRAWN)


def escalate(item: Item, now: datetime) -> Item:
    """The item with everybody it has risen to by now; itself where nothing is due. That it is overdue is said once."""
    since = max(at for at, step in enumerate(item.steps) if step.deed in {Deed.GIVEN, Deed.RETURNED})
    if item.is_overdue(now) and not any(step.deed is Deed.OVERDUE for step in item.steps[since:]):
        item = _with(item, Step(at=now, by="forewarn", deed=Deed.OVERDUE, to=item.assignee))
    while item.raised < len(item.escalation):
        at = item.due_at + timedelta(seconds=item.escalate_every_s * item.raised)
        if item.state is not State.OPEN or now < at:
            break
        step = Step(at=now, by="forewarn", deed=Deed.ESCALATED, to=item.escalation[item.raised])
        item = _with(item, step, raised=item.raised + 1)
    return item


def _require(item: Item, state: State, what: str) -> None:
    if item.state is not state:
        raise DutyError(f"item {item.id}: is {item.state}, only one that is {state} can be {what}")


def _with(item: Item, step: Step, **changes: object) -> Item:
    return item.model_copy(update={**changes, "steps": (*item.steps, step)})
