"""Working days and days off, as a country declares them: weekends, holidays, and weekends that are worked."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, time
from enum import StrEnum
from typing import Final
from zoneinfo import ZoneInfo

SATURDAY: Final = 5
_HOURS: Final = re.compile(r"^([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-3]):([0-5]\d)$")


class DayKind(StrEnum):
    """Which days something is for."""

    ALL = "all"
    WORKDAYS = "workdays"
    OFF_DAYS = "off_days"


@dataclass(frozen=True, slots=True)
class Days:
    """The calendar of a place.

    Attributes:
        holidays: days off though they are weekdays; workdays: weekends that are worked (in China, around holidays).
    """

    zone: ZoneInfo
    holidays: frozenset[date] = frozenset()
    workdays: frozenset[date] = frozenset()

    def is_off(self, day: date) -> bool:
        """Whether people have the day off."""
        return day not in self.workdays and (day in self.holidays or day.weekday() >= SATURDAY)

    def fits(self, kind: DayKind, at: datetime) -> bool:
        """Whether the local day of an instant is of a kind."""
        return kind is DayKind.ALL or self.is_off(at.astimezone(self.zone).date()) is (kind is DayKind.OFF_DAYS)

    def within(self, hours: str, at: datetime) -> bool:
        """Whether the local time lies in `hours`, such as "08:00-20:00"; "22:00-06:00" runs over midnight."""
        if not hours:
            return True
        begin, end = parse_hours(hours)
        now = at.astimezone(self.zone).time().replace(tzinfo=None)
        return begin <= now < end if begin < end else now >= begin or now < end


def parse_hours(hours: str) -> tuple[time, time]:
    """Begin and end of "HH:MM-HH:MM".

    Raises:
        ValueError: no such span, or an empty one.
    """
    found = _HOURS.match(hours)
    if found is None:
        raise ValueError(f"{hours!r} is no span of hours; write for example 08:00-20:00")
    parts = [int(part) for part in found.groups()]
    begin, end = time(parts[0], parts[1]), time(parts[2], parts[3])
    if begin == end:
        raise ValueError(f"{hours!r} begins where it ends; leave it out for the whole day")
    return begin, end
