"""The contract of a codec: bytes in, columns and rejects out, never an exception for what a device sent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Protocol

from pydantic import BaseModel, ConfigDict

from pipeline.model.batch import ReadingBatch

EXCERPT_MAX: Final = 512
"""Bytes of what was sent that a reject keeps."""


class Options(BaseModel):
    """What all options of codecs and adapters share: no unknown key, no NaN, no change after the start."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class RejectReason(StrEnum):
    """Why something a device sent is no reading. Each is a counter and a column of the dead-letter place."""

    MALFORMED = "malformed"
    TOO_LARGE = "too_large"
    UNKNOWN_SENSOR = "unknown_sensor"
    UNKNOWN_QUANTITY = "unknown_quantity"
    BAD_VALUE = "bad_value"
    BAD_UNIT = "bad_unit"
    BAD_TIME = "bad_time"
    BAD_STATUS = "bad_status"
    NOT_ALLOWED = "not_allowed"


@dataclass(frozen=True, slots=True)
class Reject:
    """One thing that could not be read.

    Attributes:
        position: its place in the message, from 0; None where the message as a whole is bad.
        detail: who, what, the bound and the remedy, in one sentence without secrets.
        excerpt: at most EXCERPT_MAX bytes of what was sent.
        count: how many readings it stands for; above 1 only where a recording sums up equal ones.
    """

    position: int | None
    reason: RejectReason
    detail: str
    excerpt: bytes = b""
    count: int = 1


@dataclass(frozen=True, slots=True)
class Decoded:
    """What a codec made of one message; `batch` is None where nothing of it could be read."""

    batch: ReadingBatch | None
    rejects: Sequence[Reject] = ()


class Codec(Protocol):
    """Pure: the same bytes and instant give the same result."""

    def decode(self, payload: bytes, received_at_ns: int) -> Decoded:
        """Readings in their quantity's own unit, and what could not be read. Never raises for bad bytes."""
        ...
