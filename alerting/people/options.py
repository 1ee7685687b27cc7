"""The `[duty]` section: people, rosters, and whom to call until someone answers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date
from enum import StrEnum
from typing import Annotated, Self
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field, model_validator

from alerting.people.days import DayKind, Days
from alerting.stages.approve import Who
from alerting.stages.route import Address
from alerting.stages.scope import Scope
from pipeline.model.instant import Instant
from pipeline.model.role import Role

Name = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$")]


class Person(BaseModel):
    """One `[[duty.people]]`.

    Attributes:
        name: letters, digits and _ . - ; what rosters, rules and the audit log call them.
        name_zh, name_en: what people call them.
        roles: "viewer", "duty_officer", "approver", "administrator".
        contacts: "channel/target", the best first; the next is taken where one fails. No public route leads there.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Name
    name_zh: str = Field(min_length=1)
    name_en: str = Field(min_length=1)
    roles: tuple[Role, ...] = ()
    contacts: tuple[Address, ...] = ()


class RosterOptions(BaseModel):
    """One `[[duty.rosters]]`: people in turn, a shift each.

    Attributes:
        name: what chains, commands and calendars call it.
        people: in the order of their shifts.
        begins_at: the first shift of the first person.
        shift_h: how long each lasts, by the clock on the wall.
        overlap_s: how long who hands over stays reachable.
        days: on which days shifts begin; a night shift runs on into the next day.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Name
    people: tuple[Name, ...] = Field(min_length=1)
    begins_at: Instant
    shift_h: float = Field(default=24.0, gt=0, le=24 * 31)
    overlap_s: float = Field(default=0.0, ge=0)
    days: DayKind = DayKind.ALL


class CallOn(StrEnum):
    """What people are called for.

    ACKNOWLEDGE: a report went out, somebody must take it on. RELEASE: one waits for approval. SILENCED: one was hidden.
    LATE: a channel will not be through with it before people needed to know. CANCEL: one that was ordered waits for
    approval.
    """

    ACKNOWLEDGE = "acknowledge"
    RELEASE = "release"
    SILENCED = "silenced"
    LATE = "late"
    CANCEL = "cancel"

    @property
    def asks(self) -> bool:
        """Whether a decision ends the call, and not an answer."""
        return self in {CallOn.RELEASE, CallOn.CANCEL}


class StepOptions(BaseModel):
    """One `[[duty.chains.steps]]`.

    Attributes:
        who: "roster:NAME", "person:NAME", "role:ROLE"; all of them are called at once.
        wait_s: how long they have until the next step.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    who: tuple[Who, ...] = Field(min_length=1)
    wait_s: float = Field(default=120.0, gt=0)


class ChainOptions(Scope):
    """One `[[duty.chains]]`: whom to call of which reports, until someone answers.

    Attributes:
        name: what people see it called.
        on: "acknowledge" a report that went out, "release" one that waits, "silenced": one that a silence
            hid, "late": one that a channel will not be through with in time, "cancel": a Cancel by hand that waits.
        steps: first whom, then whom.
        rounds: how often all steps are gone through; 0: until someone answers or the report ends.
        exercise: also for reports whose status is Exercise or Test.
    """

    name: Name
    on: CallOn = CallOn.ACKNOWLEDGE
    steps: tuple[StepOptions, ...] = Field(min_length=1)
    rounds: int = Field(default=0, ge=0)
    exercise: bool = False


class DutyOptions(BaseModel):
    """The `[duty]` section.

    Attributes:
        address: where people reach this page, such as "https://duty.example.org"; without it no link is sent.
        people: everybody who may do something, or is called.
        rosters: who is on duty when.
        chains: whom to call until someone answers.
        holidays: days off that are weekdays.
        workdays: weekends that are worked.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    address: str | None = Field(default=None, pattern=r"^https?://\S+$")
    people: tuple[Person, ...] = ()
    rosters: tuple[RosterOptions, ...] = ()
    chains: tuple[ChainOptions, ...] = ()
    holidays: tuple[date, ...] = ()
    workdays: tuple[date, ...] = ()

    def days(self, time_zone: str) -> Days:
        """The calendar that shifts and hours go by."""
        return Days(ZoneInfo(time_zone), frozenset(self.holidays), frozenset(self.workdays))

    def person(self, name: str) -> Person | None:
        """Who is called `name`."""
        return next((one for one in self.people if one.name == name), None)

    @model_validator(mode="after")
    def _names_fit(self) -> Self:
        found = [*self._twice(), *self._unknown()]
        if found:
            raise ValueError("; ".join(found))
        return self

    def _twice(self) -> Iterator[str]:
        for kind in ("people", "rosters", "chains"):
            counted = Counter(one.name for one in getattr(self, kind))
            yield from (f"{kind}: {name!r} is listed more than once" for name, n in counted.items() if n > 1)

    def _unknown(self) -> Iterator[str]:
        people = {one.name for one in self.people}
        known = {"person": people, "roster": {one.name for one in self.rosters}, "role": {str(one) for one in Role}}
        for roster in self.rosters:
            yield from (f"roster {roster.name!r}: no person {name!r}" for name in roster.people if name not in people)
        for chain in self.chains:
            for who in (who for step in chain.steps for who in step.who):
                kind, _, name = who.partition(":")
                if name not in known[kind]:
                    yield f"chain {chain.name!r}: no {kind} {name!r}"
