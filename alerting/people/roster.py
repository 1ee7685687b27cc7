"""Who is on duty: shifts in turn, and what people arranged otherwise. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from pydantic import BaseModel, ConfigDict, model_validator

from alerting.people.days import Days
from alerting.people.options import DutyOptions, RosterOptions
from pipeline.model.instant import Instant, as_utc

BY_HAND: Final = "hand"


class Override(BaseModel):
    """Somebody else is on duty for a time: arranged, handed over, or taken from a calendar.

    Attributes:
        source: "hand", or the calendar it came from; a calendar taken in again takes the place of what it said before.
        entered_at: of two at one time, the later entered counts; one by hand counts more than any calendar.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    roster: str
    person: str
    begins_at: Instant
    ends_at: Instant
    source: str = BY_HAND
    by: str
    entered_at: Instant
    reason: str = ""

    @model_validator(mode="after")
    def _has_a_length(self) -> Override:
        if self.begins_at >= self.ends_at:
            raise ValueError("it must end after it begins")
        return self


@dataclass(frozen=True, slots=True)
class Shift:
    """Who is on duty from when until when, the one who answers first first."""

    people: tuple[str, ...]
    begins_at: datetime
    ends_at: datetime


def on_duty(roster: RosterOptions, days: Days, overrides: Sequence[Override], at: datetime) -> tuple[str, ...]:
    """The people on duty at an instant; nobody before the first shift, and on days that have none."""
    here = [one for one in overrides if one.roster == roster.name and one.begins_at <= at < one.ends_at]
    if here:
        return (max(here, key=lambda one: (one.source == BY_HAND, one.entered_at, one.id)).person,)
    number, since_s = _place(roster, days, at)
    found = [_of(roster, days, number)]
    if since_s < roster.overlap_s:
        found.append(_of(roster, days, number - 1))
    return tuple(dict.fromkeys(name for name in found if name))


def shifts(
    roster: RosterOptions, days: Days, overrides: Sequence[Override], begin: datetime, end: datetime
) -> list[Shift]:
    """Who is on duty between two instants; stretches without anybody are left out."""
    edges = sorted({as_utc(begin), *_edges(roster, days, begin, end), *_cuts(roster, overrides, begin, end)})
    found: list[Shift] = []
    for at, until in zip(edges, [*edges[1:], as_utc(end)], strict=True):
        people = on_duty(roster, days, overrides, at)
        if found and found[-1].people == people and found[-1].ends_at == at:
            found[-1] = Shift(people, found[-1].begins_at, until)
        elif people and at < until:
            found.append(Shift(people, at, until))
    return found


def people_of(
    who: Collection[str], duty: DutyOptions, days: Days, overrides: Sequence[Override], at: datetime
) -> tuple[str, ...]:
    """The names behind `roster:`, `person:` and `role:`, each once, in order."""
    rosters = {one.name: one for one in duty.rosters}
    found: dict[str, None] = {}
    for one in who:
        kind, _, name = one.partition(":")
        match kind:
            case "roster":
                found |= dict.fromkeys(on_duty(rosters[name], days, overrides, at))
            case "role":
                found |= dict.fromkeys(person.name for person in duty.people if name in person.roles)
            case _:
                found[name] = None
    return tuple(found)


def _place(roster: RosterOptions, days: Days, at: datetime) -> tuple[int, float]:
    """The number of the shift at an instant, and for how long it has run, by the clock on the wall."""
    since = at.astimezone(days.zone).replace(tzinfo=None) - _first(roster, days)
    number, rest = divmod(since, timedelta(hours=roster.shift_h))
    return number, rest.total_seconds()


def _first(roster: RosterOptions, days: Days) -> datetime:
    return roster.begins_at.astimezone(days.zone).replace(tzinfo=None)


def _start(roster: RosterOptions, days: Days, number: int) -> datetime:
    return (_first(roster, days) + number * timedelta(hours=roster.shift_h)).replace(tzinfo=days.zone)


def _of(roster: RosterOptions, days: Days, number: int) -> str | None:
    if number < 0 or not days.fits(roster.days, _start(roster, days, number)):
        return None
    return roster.people[number % len(roster.people)]


def _edges(roster: RosterOptions, days: Days, begin: datetime, end: datetime) -> Iterator[datetime]:
    number, _ = _place(roster, days, begin)
    while (at := _start(roster, days, number)) < end:
        for edge in (at, at + timedelta(seconds=roster.overlap_s)):
            if begin < edge < end:
                yield as_utc(edge)
        number += 1


def _cuts(roster: RosterOptions, overrides: Sequence[Override], begin: datetime, end: datetime) -> Iterator[datetime]:
    for one in overrides:
        if one.roster == roster.name:
            yield from (edge for edge in (one.begins_at, one.ends_at) if begin < edge < end)
