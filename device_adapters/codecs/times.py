"""Instants as devices write them: RFC 3339 text, or numbers since 1970, to nanoseconds UTC."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from typing import Any, Final, Literal, cast

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
    if set(map(type, at)) == {str}:
        return texts_ns(_arrow(cast("Sequence[str]", at)), options.zone)
    absent_ns = received_at_ns if options.absent == "received" else UNREADABLE
    scale = options.epoch_unit.ns
    at_ns = [number_ns(one, scale) if one is not None else absent_ns for one in at]
    column = np.array(at_ns, np.int64)
    texts = {row: one for row, one in enumerate(at) if isinstance(one, str)}
    if texts:
        column[list(texts)] = texts_ns(_arrow(list(texts.values())), options.zone)
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
    has_zone = _has_zone(texts)
    with_zone = _as_numpy(has_zone.cast(pa.uint8()), np.uint8).astype(np.bool_)
    at_ns = np.full(len(texts), UNREADABLE)
    at_ns[~with_zone] = _cast(texts.filter(pc.invert(has_zone)), zone)
    at_ns[with_zone] = _cast(texts.filter(has_zone), None)
    return at_ns


def _arrow(texts: Sequence[str]) -> Any:
    """An array made of its buffers, as `_as_numpy` takes it apart.

    Arrow's own ways ask pandas whether this is a series of its: importing it would hold up the first reading of a
    process for a second.
    """
    joined = "".join(texts)
    if joined.isascii():
        data, sizes = joined.encode(), map(len, texts)
    else:
        encoded = [text.encode(errors="replace") for text in texts]  # JSON can spell half a surrogate pair
        data, sizes = b"".join(encoded), map(len, encoded)
    ends = np.cumsum([0, *sizes], dtype=np.int32)
    return pa.StringArray.from_buffers(len(texts), pa.py_buffer(ends), pa.py_buffer(data))


def _as_numpy(array: Any, dtype: type[np.generic]) -> NDArray[Any]:
    """The values of an Arrow array without nulls, read-only."""
    return np.frombuffer(array.buffers()[1], dtype)[array.offset : array.offset + len(array)]


def _has_zone(texts: Any) -> Any:
    found = pc.match_substring_regex(texts, r"[T ].*(Z|[+-]\d\d(:?\d\d)?)$")
    return found.fill_null(fill_value=True) if found.null_count else found


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
    at_ns = instant.cast(pa.int64())
    return _as_numpy(at_ns.fill_null(UNREADABLE) if at_ns.null_count else at_ns, np.int64)
