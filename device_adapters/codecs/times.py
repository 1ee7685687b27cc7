"""Instants as devices write them: RFC 3339 text, or numbers since 1970, to nanoseconds UTC."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import Any, Final, Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from pydantic import field_validator

from device_adapters.codecs.base import Options

UNREADABLE: Final = -(2**63)
"""Stands where nothing could be made of a time; no instant of ours is so early (1677)."""
INT64_MAX: Final = 2**63 - 1


class EpochUnit(StrEnum):
    """What a number since 1970-01-01T00:00Z counts."""

    SECONDS = "s"
    MILLISECONDS = "ms"
    MICROSECONDS = "us"
    NANOSECONDS = "ns"

    @property
    def ns(self) -> int:
        """Nanoseconds in one."""
        return {"s": 1_000_000_000, "ms": 1_000_000, "us": 1_000, "ns": 1}[self]


class TimeOptions(Options):
    """How times are to be read.

    Attributes:
        epoch_unit: what numbers count.
        zone: IANA name of the zone of texts without one (Asia/Shanghai); None refuses such texts. In the hour that
            is repeated when clocks are put back, the earlier instant is meant.
        absent: what a reading without a time is: refused, or observed when it was received.
    """

    epoch_unit: EpochUnit = EpochUnit.MILLISECONDS
    zone: str | None = None
    absent: Literal["reject", "received"] = "reject"

    @field_validator("zone")
    @classmethod
    def _is_a_zone(cls, zone: str | None) -> str | None:
        try:
            if zone is not None:
                pc.assume_timezone(pa.array([0], pa.timestamp("ns")), zone)
        except (pa.ArrowInvalid, UnicodeEncodeError) as error:
            message = f"{zone!r} is no time zone; give an IANA name, for example Asia/Shanghai"
            raise ValueError(message) from error
        return zone


def instants(at: Sequence[object], options: TimeOptions, received_at_ns: int) -> NDArray[np.int64]:
    """Nanoseconds UTC, i8[n]; UNREADABLE where an entry is neither text in RFC 3339 nor a number within int64."""
    if all(type(one) is str for one in at):
        return texts_ns(_arrow(at), options.zone)
    absent_ns = received_at_ns if options.absent == "received" else UNREADABLE
    scale = options.epoch_unit.ns
    at_ns = [number_ns(one, scale) if one is not None else absent_ns for one in at]
    column = np.array(at_ns, np.int64)
    texts = [row for row, one in enumerate(at) if isinstance(one, str)]
    if texts:
        column[texts] = texts_ns(_arrow([at[row] for row in texts]), options.zone)
    return column


def number_ns(number: object, scale_ns: int) -> int:
    """A count of `scale_ns` nanoseconds as nanoseconds; a fraction is kept to the microsecond that a double holds."""
    if isinstance(number, bool) or not isinstance(number, int | float):
        return UNREADABLE
    if isinstance(number, float):
        count_us = number * (scale_ns / 1000)
        if not abs(count_us) < INT64_MAX / 1000:
            return UNREADABLE
        return round(count_us) * 1000
    at_ns = number * scale_ns
    return at_ns if abs(at_ns) <= INT64_MAX else UNREADABLE


def texts_ns(texts: Any, zone: str | None) -> NDArray[np.int64]:
    """Nanoseconds UTC of an Arrow array of texts, i8[n]; UNREADABLE where one is no instant.

    Date and time are parted by T or a blank; seconds and up to nine digits of their fraction may be left out.
    """
    if zone is None:
        return _cast(texts, None)
    local = ~_has_zone(texts)
    at_ns = np.full(len(texts), UNREADABLE)
    at_ns[local] = _cast(texts.filter(pa.array(local)), zone)
    at_ns[~local] = _cast(texts.filter(pa.array(~local)), None)
    return at_ns


def _arrow(texts: Sequence[object]) -> Any:
    try:
        return pa.array(texts, pa.string())
    except UnicodeEncodeError:  # half a surrogate pair, which JSON can spell
        return pa.array([str(text).encode(errors="replace").decode() for text in texts], pa.string())


def _has_zone(texts: Any) -> NDArray[np.bool_]:
    found = pc.match_substring_regex(texts, r"[T ].*(Z|[+-]\d\d(:?\d\d)?)$")
    return np.array(pc.fill_null(found, fill_value=True), np.bool_)


def _cast(texts: Any, zone: str | None) -> NDArray[np.int64]:
    """Halves what does not convert as a whole, so that k bad texts among n cost k log n."""
    try:
        return _converted(texts, zone)
    except pa.ArrowInvalid:
        if len(texts) == 1:
            return np.array([UNREADABLE])
        middle = len(texts) // 2
        return np.concatenate([_cast(texts[:middle], zone), _cast(texts[middle:], zone)])


def _converted(texts: Any, zone: str | None) -> NDArray[np.int64]:
    if zone is None:
        instant = texts.cast(pa.timestamp("ns", "UTC"))
    else:
        naive = texts.cast(pa.timestamp("ns"))
        instant = pc.assume_timezone(naive, zone, ambiguous="earliest", nonexistent="earliest")
    return np.asarray(instant.cast(pa.int64()).fill_null(UNREADABLE), np.int64)
