"""Instants: int64 nanoseconds UTC inside columns, aware UTC datetimes at the edges."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Annotated, Final

from pydantic import AfterValidator, PlainSerializer

NS_PER_US: Final = 1_000
NS_PER_S: Final = 1_000_000_000
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
        ValueError: `at` has no time zone.
    """
    if at.tzinfo is None:
        message = f"instant {at.isoformat()} has no time zone; give one, for example +08:00 or Z"
        raise ValueError(message)
    return at.astimezone(UTC)


def to_text(at: datetime) -> str:
    """RFC 3339 with Z, microseconds only where there are some."""
    return as_utc(at).isoformat().replace("+00:00", "Z")


Instant = Annotated[datetime, AfterValidator(as_utc), PlainSerializer(to_text, when_used="json")]
"""A pydantic field: aware, kept in UTC, written with Z."""
