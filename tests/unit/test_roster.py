from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from icalendar import Calendar
from pydantic import ValidationError

from alerting.people.calendar import from_ical, to_ical
from alerting.people.days import Days
from alerting.people.options import DutyOptions, Person, RosterOptions
from alerting.people.roster import Override, on_duty, people_of, shifts
from alerting.store.store import Store
from pipeline.errors import DutyError, ForbiddenError, UnknownError
from tests.alerting_rig import LI, PEOPLE, WANG, ZHAO, Rig
from tests.reports import NOON, later

SHANGHAI = Days(ZoneInfo("Asia/Shanghai"))
MONDAY = datetime(2026, 6, 1, 0, tzinfo=UTC)  # 08:00 in Shanghai
ROSTER: dict[str, Any] = {"name": "gas", "people": ["li", "wang"], "begins_at": MONDAY, "shift_h": 12}
PEOPLE_OF = [Person.model_validate(one) for one in PEOPLE]


def roster(**changes: Any) -> RosterOptions:
    return RosterOptions.model_validate(ROSTER | changes)


def override(person: str, begin_h: float, end_h: float, entered_h: float = 0) -> Override:
    at = [MONDAY + timedelta(hours=h) for h in (begin_h, end_h, entered_h)]
    return Override(id=f"{person}{begin_h}", roster="gas", person=person, begins_at=at[0], ends_at=at[1], by="li",
                    entered_at=at[2])  # fmt: skip


@pytest.mark.parametrize(
    ("hour", "people"),
    [(-1, ()), (0, ("li",)), (11.9, ("li",)), (12, ("wang",)), (24, ("li",)), (24 * 365 + 12, ("wang",))],
)
def test_people_take_turns(hour: float, people: tuple[str, ...]) -> None:
    assert on_duty(roster(), SHANGHAI, (), MONDAY + timedelta(hours=hour)) == people


def test_who_hands_over_stays_reachable_for_a_while() -> None:
    one = roster(overlap_s=1800)
    assert on_duty(one, SHANGHAI, (), MONDAY + timedelta(hours=12.4)) == ("wang", "li")
    assert on_duty(one, SHANGHAI, (), MONDAY + timedelta(hours=12.5)) == ("wang",)
    assert on_duty(one, SHANGHAI, (), MONDAY) == ("li",)


def test_a_roster_for_workdays_has_nobody_at_the_weekend_but_the_friday_night_runs_on() -> None:
    one = roster(days="workdays")
    friday_night, saturday, sunday = (MONDAY + timedelta(hours=24 * 4 + h) for h in (23, 25, 49))
    assert on_duty(one, SHANGHAI, (), friday_night) == ("wang",)
    assert on_duty(one, SHANGHAI, (), saturday) == ()
    assert on_duty(one, SHANGHAI, (), sunday) == ()
    assert on_duty(roster(days="off_days"), SHANGHAI, (), saturday) == ("li",)


def test_the_arrangement_entered_last_counts() -> None:
    arranged = [override("zhao", 1, 3, entered_h=0), override("wang", 2, 4, entered_h=0.5)]
    found = [on_duty(roster(), SHANGHAI, arranged, MONDAY + timedelta(hours=h)) for h in (0.5, 1, 2, 3, 4)]
    assert found == [("li",), ("zhao",), ("wang",), ("wang",), ("li",)]


def test_what_people_arranged_by_hand_stands_when_a_calendar_is_taken_in_again() -> None:
    calendar_says = override("wang", 0, 4, entered_h=3).model_copy(update={"source": "wall"})
    arranged = [override("zhao", 0, 4, entered_h=0), calendar_says]
    assert on_duty(roster(), SHANGHAI, arranged, MONDAY) == ("zhao",)


@given(st.lists(st.tuples(st.integers(0, 60), st.integers(1, 20), st.sampled_from(["li", "zhao"])), max_size=5))
def test_shifts_say_at_every_instant_who_is_on_duty(given_: list[tuple[int, int, str]]) -> None:
    one = roster(overlap_s=3600)
    arranged = [override(person, begin, begin + length, n) for n, (begin, length, person) in enumerate(given_)]
    told = shifts(one, SHANGHAI, arranged, MONDAY, MONDAY + timedelta(hours=72))
    for quarter in range(72 * 4):
        at = MONDAY + timedelta(minutes=15 * quarter + 1)
        (here,) = [shift for shift in told if shift.begins_at <= at < shift.ends_at]
        assert here.people == on_duty(one, SHANGHAI, arranged, at)


def test_rosters_roles_and_people_are_names() -> None:
    duty = DutyOptions.model_validate({"people": PEOPLE, "rosters": [ROSTER]})
    who = ("roster:gas", "role:approver", "person:zhao")
    assert people_of(who, duty, SHANGHAI, (), MONDAY) == ("li", "wang", "zhao")


def test_shifts_go_out_as_icalendar_and_come_in_again() -> None:
    told = shifts(roster(), SHANGHAI, (), MONDAY, MONDAY + timedelta(hours=48))
    text = to_ical("gas", told, PEOPLE_OF, NOON)
    assert text == to_ical("gas", told, PEOPLE_OF, NOON)
    assert len(Calendar.from_ical(text).walk("VEVENT")) == 4
    back = from_ical(text, "gas", PEOPLE_OF, SHANGHAI, "zhao", "ours", NOON)
    assert [(one.person, one.begins_at, one.ends_at) for one in back] == [
        (one.people[0], one.begins_at, one.ends_at) for one in told
    ]


def calendar(*lines: str) -> bytes:
    event = ["BEGIN:VEVENT", "UID:1", "DTSTAMP:20260501T000000Z", *lines, "END:VEVENT"]
    return "\r\n".join(["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:x", *event, "END:VCALENDAR", ""]).encode()


def taken(*lines: str) -> list[tuple[str, datetime, datetime]]:
    rows = from_ical(calendar(*lines), "gas", PEOPLE_OF, SHANGHAI, "zhao", "c.ics", MONDAY)
    return [(one.person, one.begins_at, one.ends_at) for one in rows]


DAY = timedelta(days=1)


def test_a_person_is_named_in_any_of_the_usual_ways() -> None:
    at = ("DTSTART:20260601T000000Z", "DTEND:20260602T000000Z")
    ways = ("SUMMARY:王", "SUMMARY:Wang", "SUMMARY:night\r\nDESCRIPTION:wang",
            "SUMMARY:night\r\nATTENDEE;CN=Wang:mailto:w@example.org")  # fmt: skip
    for way in ways:
        assert taken(*at, way) == [("wang", MONDAY, MONDAY + DAY)]


def test_a_day_is_a_day_of_the_place() -> None:
    begin = datetime(2026, 5, 31, 16, tzinfo=UTC)
    assert taken("DTSTART;VALUE=DATE:20260601", "SUMMARY:li") == [("li", begin, begin + DAY)]


def test_a_series_is_followed_and_what_is_left_out_is_left_out() -> None:
    rows = taken(
        "DTSTART:20260601T000000Z", "DURATION:PT12H", "RRULE:FREQ=DAILY;COUNT=3", "EXDATE:20260602T000000Z",
        "SUMMARY:li",
    )  # fmt: skip
    half = timedelta(hours=12)
    assert rows == [("li", MONDAY, MONDAY + half), ("li", MONDAY + 2 * DAY, MONDAY + 2 * DAY + half)]
    endless = taken("DTSTART:20260601T000000Z", "DURATION:PT1H", "RRULE:FREQ=DAILY", "SUMMARY:li")
    assert len(endless) == 401


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        (("DTSTART:20260601T000000Z", "SUMMARY:nobody"), "names nobody"),
        (("SUMMARY:li",), "no DTSTART"),
        (("DTSTART:20260601T000000Z", "DTEND:20260601T000000Z", "SUMMARY:li"), "ends before"),
        (("DTSTART:20260601T000000Z", "RRULE:FREQ=SECONDLY", "SUMMARY:li"), "more than 5000"),
    ],
)
def test_a_calendar_that_cannot_be_taken_is_refused(lines: tuple[str, ...], words: str) -> None:
    with pytest.raises(DutyError, match=words):
        taken(*lines)


@pytest.mark.parametrize("text", [b"", b"hello", b"\xff\xfe", b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\n"])
def test_what_is_no_calendar_is_refused(text: bytes) -> None:
    with pytest.raises(DutyError, match="calendar"):
        from_ical(text, "gas", PEOPLE_OF, SHANGHAI, "zhao", "c.ics", NOON)


def rig_of(store: Store) -> Rig:
    return Rig(store, duty={"rosters": [ROSTER | {"begins_at": NOON}]})


def now_on_duty(rig: Rig) -> tuple[str, ...]:
    return on_duty(rig.desk.roster("gas"), rig.days, rig.store.overrides(rig.now), rig.now)


def test_who_is_on_duty_may_hand_over_and_others_may_not(store: Store) -> None:
    rig = rig_of(store)
    with pytest.raises(ForbiddenError, match="wang is not on duty then"):
        rig.desk.hand_over("gas", "zhao", rig.now, later(3600), WANG)
    made = rig.desk.hand_over("gas", "zhao", rig.now, later(3600), LI, "ill")
    assert now_on_duty(rig) == ("zhao",)
    rig.desk.take_back(made.id, ZHAO)
    assert now_on_duty(rig) == ("li",)
    assert [one.action for one in store.audit()] == ["roster.hand_over", "roster.take_back"]


def test_what_cannot_be_handed_over_is_refused(store: Store) -> None:
    rig = rig_of(store)
    with pytest.raises(UnknownError, match="no roster 'x'; known: gas"):
        rig.desk.hand_over("x", "zhao", rig.now, later(3600), LI)
    with pytest.raises(UnknownError, match="no person 'x'"):
        rig.desk.hand_over("gas", "x", rig.now, later(3600), LI)
    with pytest.raises(DutyError, match="must end after it begins"):
        rig.desk.hand_over("gas", "zhao", later(10), later(10), LI)
    with pytest.raises(UnknownError):
        rig.desk.take_back("x", LI)


def test_a_calendar_taken_in_again_takes_the_place_of_what_it_said(store: Store) -> None:
    rig = rig_of(store)
    first = calendar("DTSTART:20260501T120000Z", "DTEND:20260501T180000Z", "SUMMARY:wang")
    rig.desk.take_calendar("gas", first, "wall", ZHAO)
    assert now_on_duty(rig) == ("wang",)
    second = calendar("DTSTART:20260501T120000Z", "DTEND:20260501T180000Z", "SUMMARY:zhao")
    rig.desk.take_calendar("gas", second, "wall", ZHAO)
    assert [one.person for one in store.overrides(rig.now)] == ["zhao"]


@pytest.mark.parametrize(
    ("section", "words"),
    [
        ({"people": [PEOPLE[0], PEOPLE[0]]}, "'li' is listed more than once"),
        ({"people": PEOPLE, "rosters": [ROSTER | {"people": ["x"]}]}, "no person 'x'"),
        ({"chains": [{"name": "c", "steps": [{"who": ["roster:x"]}]}]}, "no roster 'x'"),
        ({"chains": [{"name": "c", "steps": [{"who": ["role:chief"]}]}]}, "no role 'chief'"),
    ],
)
def test_names_that_lead_nowhere_are_told(section: dict[str, Any], words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        DutyOptions.model_validate(section)


def test_a_token_is_known_by_its_hash_alone_and_dies_when_it_is_revoked(store: Store) -> None:
    rig = rig_of(store)
    token, secret = rig.desk.make_token("li", "command line:root", later(3600))
    assert secret not in repr(store.tokens())
    known = rig.desk.actor(secret)
    assert known is not None
    assert (known.name, known.roles) == (LI.name, LI.roles)
    assert rig.desk.actor(secret + "x") is None
    rig.clock.advance(3600)
    assert rig.desk.actor(secret) is None, "expired"
    other, secret = rig.desk.make_token("li", "command line:root")
    rig.desk.revoke(other.id, "person:zhao")
    assert rig.desk.actor(secret) is None, "revoked"
    with pytest.raises(UnknownError):
        rig.desk.revoke(other.id, "person:zhao")
    with pytest.raises(UnknownError, match="no person 'x'"):
        rig.desk.make_token("x", "person:zhao")
    assert [one.action for one in store.audit()] == ["token.make", "token.make", "token.revoke"]
    assert token.person == "li"
