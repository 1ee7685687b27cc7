"""Where adapters hand in: the journal, with back-pressure while it or the core is behind."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Final

from device_adapters.base import Reject
from pipeline.clock import Clock
from pipeline.connectors.journal import DeadLetter, Journal
from pipeline.errors import BackPressureError
from pipeline.model.batch import ReadingBatch
from pipeline.runners.processor import Processor
from pipeline.runners.writer import RETRY_AFTER_S, JournalWriter

BACKLOG_MAX: Final = 2_000
"""Durable entries that may wait for the core before devices are told to come again."""


class JournalSink:
    """Implements `device_adapters.base.Sink`."""

    def __init__(self, writer: JournalWriter, processor: Processor, journal: Journal, clock: Clock) -> None:
        self._writer = writer
        self._processor = processor
        self._journal = journal
        self._clock = clock

    async def submit(self, batch: ReadingBatch) -> None:
        """Return when every reading of `batch` is in the journal.

        Raises:
            BackPressureError: the journal or the core is too far behind, or the disk refuses.
        """
        backlog = self._processor.backlog
        if backlog > BACKLOG_MAX:
            raise BackPressureError(f"{backlog} batches wait to be processed, at most {BACKLOG_MAX} may", RETRY_AFTER_S)
        await asyncio.wrap_future(self._writer.offer(batch))

    async def reject(self, source: str, rejects: Sequence[Reject]) -> None:
        """Keep what could not be read.

        Raises:
            JournalError: the disk refuses.
        """
        now_ns = self._clock.now_ns()
        letters = [DeadLetter(now_ns, source, one.reason.value, one.detail, one.excerpt) for one in rejects]
        await asyncio.to_thread(self._journal.bury, letters)
