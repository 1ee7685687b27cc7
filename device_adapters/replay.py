"""Replay: a recording handed in as if its devices were sending, at any speed."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from typing import ClassVar, Final, Literal, Self

import numpy as np
from pydantic import Field, model_validator

from device_adapters.base import Adapter, AdapterContext, Decoded
from device_adapters.intake import Intake
from device_adapters.recordings.options import RecordingOptions
from device_adapters.recordings.recording import CHUNK_ROWS, Recording
from pipeline.model.batch import ReadingBatch
from pipeline.model.instant import NS_PER_S, Instant, to_ns

STEP_S: Final = 0.1
"""How much real time of readings is handed in together when speed is not 0."""


class ReplayOptions(RecordingOptions):
    """A recording and how it is played.

    Attributes:
        speed: 1 is real time, 10 ten times as fast, 0 as fast as it goes.
        first_at, last_at: the instant, or "now", that the first or the last reading is moved to, and the rest with it.
            With an instant a second run repeats the first; with "now" its readings are new ones.
        chunk_rows: readings handed in at one time, at most.
    """

    speed: float = Field(default=0.0, ge=0)
    first_at: Instant | Literal["now"] | None = None
    last_at: Instant | Literal["now"] | None = None
    chunk_rows: int = Field(default=CHUNK_ROWS, ge=1, le=10_000_000)

    @model_validator(mode="after")
    def _moved_once(self) -> Self:
        if self.first_at and self.last_at:
            raise ValueError("give first_at or last_at, not both")
        return self


class Replay(Adapter):
    """The adapter; it comes to an end."""

    kind: ClassVar[str] = "replay"
    finite: ClassVar[bool] = True
    options_type: ClassVar[type[ReplayOptions]] = ReplayOptions

    def __init__(self, name: str, options: ReplayOptions, context: AdapterContext) -> None:
        super().__init__(name, options, context)
        self._options = options
        self._intake = Intake(name, context)

    async def run(self) -> None:
        """Play it once.

        Raises:
            RecordingError: path, and what is wrong.
        """
        with await asyncio.to_thread(Recording, self._options, self.context.inventory) as recording:
            shift_ns = await asyncio.to_thread(self._shift_ns, recording)
            batches = recording.batches(self._options.chunk_rows)
            await self._play(batches, shift_ns)
            await self._intake.take_patiently(Decoded(None, recording.rejects))

    async def _play(self, batches: Iterator[ReadingBatch], shift_ns: int) -> None:
        speed, clock = self._options.speed, self.context.clock
        started_s, first_ns = clock.monotonic_s(), None
        while (batch := await asyncio.to_thread(next, batches, None)) is not None:
            if first_ns is None:
                first_ns = int(batch.observed_at_ns[0])
            for step in steps(batch, round(speed * STEP_S * NS_PER_S)):
                due_s = (int(step.observed_at_ns[0]) - first_ns) / NS_PER_S / speed if speed else 0.0
                await asyncio.sleep(max(0.0, started_s + due_s - clock.monotonic_s()))
                await self._intake.take_patiently(Decoded(_moved(step, shift_ns)))

    def _shift_ns(self, recording: Recording) -> int:
        target = self._options.first_at or self._options.last_at
        span_ns = recording.span_ns() if target else None
        if target is None or span_ns is None:
            return 0
        target_ns = self.context.clock.now_ns() if target == "now" else to_ns(target)
        return target_ns - span_ns[0 if self._options.first_at else 1]


def steps(batch: ReadingBatch, step_ns: int) -> Iterator[ReadingBatch]:
    """A batch in order of time, cut where `step_ns` of event time have passed since the cut before; 0 cuts nowhere."""
    start = 0
    while start < len(batch):
        end = len(batch)
        if step_ns:
            until_ns = int(batch.observed_at_ns[start]) + step_ns
            end = max(start + 1, int(np.searchsorted(batch.observed_at_ns, until_ns)))
        yield batch.take(slice(start, end)) if (start, end) != (0, len(batch)) else batch
        start = end


def _moved(batch: ReadingBatch, shift_ns: int) -> ReadingBatch:
    return replace(batch, observed_at_ns=batch.observed_at_ns + shift_ns) if shift_ns else batch
