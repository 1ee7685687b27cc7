"""Calls, rosters and their calendars."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from alerting.api.endpoint import CALENDAR, Ask, Endpoint, Nothing
from alerting.api.views import Answer, CallView, HandOver, RosterView, ShiftView
from alerting.people.calendar import to_ical
from alerting.people.roster import Override, Shift, on_duty, shifts
from alerting.stages.escalate import Call, silent
from pipeline.errors import DutyError, UnknownError
from pipeline.model.role import OFFICIALS, Role

DAYS_MAX: Final = 400
_DAYS: Final = {"days": "how many from today on, 28 by default, 400 at most"}


def _calls(ask: Ask) -> list[CallView]:
    found = ask.desk.store.calls(100, open_only=ask.query.get("open") == "true")
    return [_view(ask, call) for call in found]


def _view(ask: Ask, call: Call) -> CallView:
    called = ask.desk.store.summonses(call.id)
    return CallView(call=call, called=called, silent=silent(called))


def _call(ask: Ask) -> CallView:
    found = ask.desk.store.call(ask.path["call"])
    if found is None:
        raise UnknownError(f"no call {ask.path['call']}")
    return _view(ask, found)


def _answer(ask: Ask) -> CallView:
    return _view(ask, ask.desk.calling.answer_as(ask.path["call"], ask.actor, ask.desk.clock.now()))


def _reply(ask: Ask) -> CallView:
    now = ask.desk.clock.now()
    return _view(ask, ask.desk.calling.answer(ask.body.text, now, "reply", contact=ask.body.contact or ""))


def _rosters(ask: Ask) -> list[RosterView]:
    now = ask.desk.clock.now()
    arranged = ask.desk.store.overrides(now)
    return [
        RosterView(
            name=one.name,
            on_duty=on_duty(one, ask.desk.days, arranged, now),
            overrides=tuple(each for each in arranged if each.roster == one.name),
        )
        for one in ask.desk.duty.rosters
    ]


def _planned(ask: Ask) -> list[Shift]:
    roster, now = ask.desk.roster(ask.path["roster"]), ask.desk.clock.now()
    days = ask.query.get("days", "28")
    if not days.isdecimal() or not 1 <= int(days) <= DAYS_MAX:
        raise DutyError(f"days: must be 1 to {DAYS_MAX}, not {days[:20]!r}")
    return shifts(roster, ask.desk.days, ask.desk.store.overrides(now), now, now + timedelta(days=int(days)))


def _shifts(ask: Ask) -> list[ShiftView]:
    return [ShiftView(people=one.people, begins_at=one.begins_at, ends_at=one.ends_at) for one in _planned(ask)]


def _calendar(ask: Ask) -> bytes:
    return to_ical(ask.path["roster"], _planned(ask), ask.desk.duty.people, ask.desk.clock.now())


def _take_calendar(ask: Ask) -> list[Override]:
    return list(ask.desk.take_calendar(ask.path["roster"], ask.raw, ask.query.get("source", "calendar"), ask.actor))


def _hand_over(ask: Ask) -> Override:
    body, now = ask.body, ask.desk.clock.now()
    begins_at = body.begins_at or now
    return ask.desk.hand_over(ask.path["roster"], body.person, begins_at, body.ends_at, ask.actor, body.reason)


def _take_back(ask: Ask) -> Nothing:
    ask.desk.take_back(ask.path["override"], ask.actor)
    return Nothing()


ENDPOINTS: Final = (
    Endpoint("GET", "/calls", "The latest calls, who was called and who did not answer.", _calls,
             list[CallView], query={"open": '"true" for those that nobody answered yet'}),
    Endpoint("GET", "/calls/{call}", "One call.", _call, CallView),
    Endpoint("POST", "/calls/{call}/answer", "Take a call on, as who asks.", _answer, CallView, may=OFFICIALS),
    Endpoint("POST", "/answers", "What somebody answered by SMS or by the keys of a telephone.", _reply,
             CallView, Answer, OFFICIALS),
    Endpoint("GET", "/rosters", "Who is on duty now.", _rosters, list[RosterView]),
    Endpoint("GET", "/rosters/{roster}/shifts", "Who will be on duty.", _shifts, list[ShiftView], query=_DAYS),
    Endpoint("GET", "/rosters/{roster}/calendar.ics", "The same as iCalendar.", _calendar, query=_DAYS,
             raw=CALENDAR),
    Endpoint("PUT", "/rosters/{roster}/calendar", "Take arrangements from iCalendar, in place of what the same "
             "source brought before.", _take_calendar, list[Override], may=frozenset({Role.ADMINISTRATOR}),
             query={"source": "a name for where it comes from"}, raw=CALENDAR),
    Endpoint("POST", "/rosters/{roster}/hand-over", "Somebody else on duty for a time.", _hand_over, Override,
             HandOver, OFFICIALS),
    Endpoint("DELETE", "/overrides/{override}", "Take an arrangement out again.", _take_back, may=OFFICIALS),
)  # fmt: skip
