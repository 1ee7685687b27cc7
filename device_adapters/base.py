"""The contract of an adapter: a codec turns bytes into readings, a transport carries the bytes.

A codec is pure: bytes in, columns and rejects out, never an exception for what a device sent. A transport gives each
batch to a Sink and acknowledges to the device only after `submit` has returned: then the readings are durable.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import ClassVar, Protocol

from pydantic import BaseModel

from pipeline.clock import Clock
from pipeline.model.batch import ReadingBatch
from pipeline.model.inventory import Inventory
from pipeline.telemetry import Telemetry


class RejectReason(StrEnum):
    """Why something a device sent is no reading. Each is a counter and a column of the dead-letter place."""

    MALFORMED = "malformed"
    TOO_LARGE = "too_large"
    UNKNOWN_SENSOR = "unknown_sensor"
    UNKNOWN_QUANTITY = "unknown_quantity"
    BAD_VALUE = "bad_value"
    BAD_UNIT = "bad_unit"
    BAD_TIME = "bad_time"
    NOT_ALLOWED = "not_allowed"


@dataclass(frozen=True, slots=True)
class Reject:
    """One thing that could not be read.

    Attributes:
        position: its place in the message, from 0; None where the message as a whole is bad.
        detail: who, what, the bound and the remedy, in one sentence without secrets.
        excerpt: at most EXCERPT_MAX bytes of what was sent.
    """

    position: int | None
    reason: RejectReason
    detail: str
    excerpt: bytes = b""


EXCERPT_MAX = 512


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


class Sink(Protocol):
    """Where readings become durable."""

    async def submit(self, batch: ReadingBatch) -> None:
        """Return when every reading of `batch` would survive a kill -9.

        Raises:
            BackPressureError: not now; nothing of the batch was kept.
        """
        ...

    async def reject(self, source: str, rejects: Sequence[Reject]) -> None:
        """Write what could not be read to the dead-letter place; returns when that is durable."""
        ...


@dataclass(frozen=True, slots=True)
class AdapterContext:
    """What an adapter is given of the process around it."""

    inventory: Inventory
    sink: Sink
    clock: Clock
    telemetry: Telemetry = field(default_factory=Telemetry)


class Adapter(ABC):
    """One configured source of readings.

    Constructing it checks the options and touches nothing outside; `run` connects, and goes on through unreachable
    devices (told once when they go, once when they are back) until it is cancelled. After cancellation it takes in
    nothing more, and what it had taken in is either acknowledged and durable, or neither.
    """

    kind: ClassVar[str]
    options_type: ClassVar[type[BaseModel]]

    def __init__(self, name: str, options: BaseModel, context: AdapterContext) -> None:
        self.name = name
        self.context = context

    @abstractmethod
    async def run(self) -> None:
        """Take in readings until cancelled."""
