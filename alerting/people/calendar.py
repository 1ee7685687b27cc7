"""Rosters as iCalendar (RFC 5545): shifts out, for the calendars of those on duty; arrangements in."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, time, timedelta
from itertools import islice
from typing import Any, Final

from dateutil.rrule import rrulestr
from icalendar import Calendar, Event

from alerting.people.days import Days
from alerting.people.options import Person
from alerting.people.roster import Override, Shift
from pipeline.errors import DutyError
from pipeline.model.identity import content_id
from pipeline.model.instant import as_utc, to_ns

EVENTS_MAX: Final = 5_000
"""Events, repeated ones counted each time, that one calendar may bring."""
HORIZON: Final = timedelta(days=400)
"""How far a series without an end is followed."""


def to_ical(roster: str, shifts: Iterable[Shift], people: Sequence[Person], stamp: datetime) -> bytes:
    """One event a shift; equal shifts give equal ids, so that a calendar that looks again shows no doubles."""
    names = {one.name: one for one in people}
    calendar = Calendar()
    calendar.add("prodid", "-//Forewarn//Duty roster//EN")
    calendar.add("version", "2.0")
    calendar.add("x-wr-calname", f"Duty: {roster}")
    for shift in shifts:
        event = Event()
        event.add("uid", f"{content_id('shift', roster, *shift.people, to_ns(shift.begins_at))}@forewarn")
        event.add("dtstamp", as_utc(stamp))
        event.add("dtstart", as_utc(shift.begins_at))
        event.add("dtend", as_utc(shift.ends_at))
        event.add("summary", ", ".join(names[name].name_zh if name in names else name for name in shift.people))
        event.add("description", ", ".join(shift.people))
        calendar.add_component(event)
    return bytes(calendar.to_ical())


def from_ical(
    text: bytes, roster: str, people: Sequence[Person], days: Days, by: str, source: str, now: datetime
) -> list[Override]:
    """The arrangements that a calendar holds: each event puts the person it names on duty while it lasts.

    A person is named in the summary, the description or as an attendee's common name, by name or in either language.
    Of a series without an end, the next 400 days are taken.

    Raises:
        DutyError: no calendar, an event that names nobody known, or too many events.
    """
    known = {word.casefold(): one.name for one in people for word in (one.name, one.name_zh, one.name_en)}
    try:
        events = list(Calendar.from_ical(text).walk("VEVENT"))
    except (ValueError, IndexError, KeyError) as error:
        raise DutyError(f"calendar {source}: not iCalendar: {error}") from error
    found: list[Override] = []
    for event in events:
        person = next((known[word] for word in _words(event) if word in known), None)
        if person is None:
            raise DutyError(f"calendar {source}: event {_said(event)!r} names nobody of [[duty.people]]")
        for begins_at, ends_at in _spans(event, days, now, source):
            found.append(
                Override(
                    id=content_id("override", roster, source, person, to_ns(begins_at), to_ns(ends_at)),
                    roster=roster,
                    person=person,
                    begins_at=begins_at,
                    ends_at=ends_at,
                    source=source,
                    by=by,
                    entered_at=now,
                    reason=_said(event),
                )
            )
            if len(found) > EVENTS_MAX:
                raise DutyError(f"calendar {source}: more than {EVENTS_MAX} events; bring a shorter time")
    return found


def _said(event: Any) -> str:
    return str(event.get("summary", ""))


def _words(event: Any) -> Iterator[str]:
    attendees = event.get("attendee", [])
    named = [one.params.get("CN", "") for one in (attendees if isinstance(attendees, list) else [attendees])]
    for text in (_said(event), str(event.get("description", "")), *named):
        yield from (part.strip().casefold() for part in str(text).split(","))


def _spans(event: Any, days: Days, now: datetime, source: str) -> Iterator[tuple[datetime, datetime]]:
    if "dtstart" not in event:
        raise DutyError(f"calendar {source}: event {_said(event)!r} has no DTSTART")
    begin = _instant(event["dtstart"].dt, days)
    length = _length(event, begin, days)
    if length <= timedelta(0):
        raise DutyError(f"calendar {source}: event {_said(event)!r} ends before it begins")
    if "rrule" not in event:
        yield as_utc(begin), as_utc(begin + length)
        return
    rule = rrulestr(event["rrule"].to_ical().decode(), dtstart=begin)
    left_out = {_instant(one.dt, days) for listed in _listed(event.get("exdate")) for one in listed.dts}
    for at in islice(rule.xafter(begin, inc=True), EVENTS_MAX + 1):
        if at > now + HORIZON:
            return
        if at not in left_out:
            yield as_utc(at), as_utc(at + length)


def _length(event: Any, begin: datetime, days: Days) -> timedelta:
    if "dtend" in event:
        return _instant(event["dtend"].dt, days) - begin
    if "duration" in event:
        length: timedelta = event["duration"].dt
        return length
    return timedelta(days=1)


def _listed(value: Any) -> list[Any]:
    return [] if value is None else value if isinstance(value, list) else [value]


def _instant(value: date | datetime, days: Days) -> datetime:
    """A day begins at midnight of the place; a time without a zone is one of the place."""
    at = value if isinstance(value, datetime) else datetime.combine(value, time())
    return at if at.tzinfo else at.replace(tzinfo=days.zone)
