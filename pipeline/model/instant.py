"""Instants: int64 nanoseconds UTC inside columns, aware UTC datetimes at the edges."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Annotated, Final

from pydantic import AfterValidator, PlainSerializer

NS_PER_US: Final = 1_000
NS_PER_S: Final = 1_000_000_000
YEAR_MIN: Final = 1678
YEAR_MAX: Final = 2261
"""Instants are kept as 64-bit nanoseconds; these years are wholly among them."""
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def to_ns(at: datetime) -> int:
    """Nanoseconds since 1970-01-01T00:00Z of an aware instant.

    Raises:
        ValueError: `at` has no time zone.
    """
    since = as_utc(at) - _EPOCH
    return (since.days * 86_400 + since.seconds) * NS_PER_S + since.microseconds * NS_PER_US


def from_ns(ns: int) -> datetime:
    """The instant of `ns`, aware UTC, floored to the microsecond a datetime can hold.

    Raises:
        OverflowError: before year 1 or after year 9999.
    """
    return _EPOCH + timedelta(microseconds=int(ns) // NS_PER_US)


def as_utc(at: datetime) -> datetime:
    """`at` in UTC.

    Raises:
        ValueError: `at` has no time zone, or is before year 1 or after year 9999 in UTC.
    """
    if at.tzinfo is None:
        message = f"instant {at.isoformat()} has no time zone; give one, for example +08:00 or Z"
        raise ValueError(message)
    try:
        return at.astimezone(UTC)
    except OverflowError as error:
        raise ValueError(_beyond(at)) from error


def as_kept(at: datetime) -> datetime:
    """`at` in UTC, if the store can keep it.

    Raises:
        ValueError: `at` has no time zone, or is outside the years `YEAR_MIN` to `YEAR_MAX` in UTC.
    """
    found = as_utc(at)
    if not YEAR_MIN <= found.year <= YEAR_MAX:
        raise ValueError(_beyond(at))
    return found


def _beyond(at: datetime) -> str:
    return f"{at.isoformat()} is beyond the years {YEAR_MIN} to {YEAR_MAX}"


def to_text(at: datetime) -> str:
    """RFC 3339 with Z, microseconds only where there are some."""
    return as_utc(at).isoformat().replace("+00:00", "Z")


Instant = Annotated[datetime, AfterValidator(as_utc), PlainSerializer(to_text, when_used="json")]
"""A pydantic field: aware, kept in UTC, written with Z."""
KeptInstant = Annotated[datetime, AfterValidator(as_kept), PlainSerializer(to_text, when_used="json")]
"""An `Instant` that goes into the store."""
