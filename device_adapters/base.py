"""The contract of an adapter: a codec turns bytes into readings, a transport carries the bytes.

A codec (`device_adapters.codecs.base`) is pure: bytes in, columns and rejects out, never an exception for what a device
sent. A transport gives each batch to a Sink and acknowledges to the device only after `submit` has returned: then the
readings are durable.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import ClassVar, Protocol

from pydantic import BaseModel

from device_adapters.codecs.base import EXCERPT_MAX, Codec, Decoded, Options, Reject, RejectReason
from pipeline.clock import Clock
from pipeline.model.batch import ReadingBatch
from pipeline.model.inventory import Inventory
from pipeline.telemetry import Telemetry

__all__ = [
    "EXCERPT_MAX",
    "Adapter",
    "AdapterContext",
    "Codec",
    "Decoded",
    "Options",
    "Reject",
    "RejectReason",
    "Sink",
]


class Sink(Protocol):
    """Where readings become durable."""

    async def submit(self, batch: ReadingBatch) -> None:
        """Return when every reading of `batch` would survive a kill -9.

        Raises:
            BackPressureError: not now; nothing of the batch was kept.
            JournalError: it cannot be written; nothing of the batch was kept.
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
    finite: ClassVar[bool] = False
    """Whether it comes to an end by itself, as a recording does: such are played before live ones are taken in."""

    def __init__(self, name: str, options: BaseModel, context: AdapterContext) -> None:  # noqa: ARG002  # the signature of all
        self.name = name
        self.context = context

    @abstractmethod
    async def run(self) -> None:
        """Take in readings until cancelled, or to their end."""
