"""The writer: what adapters submit becomes durable in groups, one transaction for all that waits.

Group commit keeps a slow disk from bounding throughput: while one transaction is flushed, the next group gathers.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from concurrent.futures import Future
from queue import SimpleQueue
from threading import Lock, Thread
from typing import Final

from pipeline.connectors.journal import Journal
from pipeline.errors import BackPressureError, JournalError
from pipeline.model.batch import ReadingBatch
from pipeline.model.entry import Entry, Tick
from pipeline.stages.ticks import EventTicks
from pipeline.telemetry import Event, Telemetry

log = logging.getLogger(__name__)

COMPONENT: Final = "journal"
GROUP_MAX: Final = 256
"""Submissions in one transaction: bounds how long the first of them waits."""
RETRY_AFTER_S: Final = 2.0

Durable = Callable[[int, Entry], None]
"""Told of each entry, in order of position, once it is durable."""
_Item = tuple[Entry, Future[None]]


class JournalWriter:
    """One thread that appends.

    Attributes:
        ticks: cuts the log by event time; None where ticks are offered like readings.
        ended: done when the thread has stopped; holds the error if it had to.

    Args:
        pending_max: readings that may wait before submissions are refused.
    """

    def __init__(
        self,
        journal: Journal,
        durable: Durable,
        telemetry: Telemetry,
        pending_max: int,
    ) -> None:
        self._journal = journal
        self._durable = durable
        self._telemetry = telemetry
        self._pending_max = pending_max
        self.ticks: EventTicks | None = None
        self.ended: Future[None] = Future()
        self._pending = 0
        self._lock = Lock()
        self._closed = False
        self._queue: SimpleQueue[_Item | None] = SimpleQueue()
        self._thread = Thread(target=self._work, name="journal-writer", daemon=True)

    def start(self) -> None:
        """Begin to append."""
        self._thread.start()

    def offer(self, entry: Entry) -> Future[None]:
        """Hand in an entry; the future is done when it is durable, or holds a BackPressureError.

        Raises:
            BackPressureError: too much waits already, or the writer is closing.
        """
        size = len(entry) if isinstance(entry, ReadingBatch) else 0
        with self._lock:
            if self._closed:
                raise BackPressureError("the process is stopping", RETRY_AFTER_S)
            if self._pending and self._pending + size > self._pending_max:
                raise BackPressureError(
                    f"{self._pending} readings wait to be written, at most {self._pending_max} may", RETRY_AFTER_S
                )
            self._pending += size
            future: Future[None] = Future()
            self._queue.put((entry, future))
        self._telemetry.count(COMPONENT, Event.RECEIVED, size)
        return future

    def close(self) -> None:
        """Write what waits, then stop."""
        with self._lock:
            self._closed = True
            self._queue.put(None)
        self._thread.join()

    def _work(self) -> None:
        try:
            while (group := self._gather()) is not None:
                self._write(group)
        except Exception as error:  # a defect must stop the process: devices would wait for ever
            log.exception("writing stopped")
            self.ended.set_exception(error)
        else:
            self.ended.set_result(None)

    def _gather(self) -> list[_Item] | None:
        """All that waits, at least one; None when closed and empty."""
        first = self._queue.get()
        if first is None:
            return None
        group = [first]
        while len(group) < GROUP_MAX and not self._queue.empty():
            item = self._queue.get()
            if item is None:
                self._queue.put(None)
                break
            group.append(item)
        return group

    def _write(self, group: list[_Item]) -> None:
        ticks = self.ticks
        reached_ns = ticks.reached_ns if ticks else None
        entries = [piece for entry, _ in group for piece in _pieces(entry, ticks)]
        size = sum(len(entry) for entry, _ in group if isinstance(entry, ReadingBatch))
        try:
            position = self._journal.append(entries) if entries else 0
        except JournalError as error:
            self._telemetry.count(COMPONENT, Event.FAILED, size, "journal")
            if ticks:
                ticks.reached_ns = reached_ns
            refused = BackPressureError(str(error), RETRY_AFTER_S)
            for _, future in group:
                if future.set_running_or_notify_cancel():
                    future.set_exception(refused)
            return
        finally:
            with self._lock:
                self._pending -= size
        for number, entry in enumerate(entries):
            self._durable(position + number, entry)
        self._telemetry.count(COMPONENT, Event.SENT, size)
        for _, future in group:
            if future.set_running_or_notify_cancel():
                future.set_result(None)


def _pieces(entry: Entry, ticks: EventTicks | None) -> list[Entry]:
    return [entry] if ticks is None or isinstance(entry, Tick) else list(ticks.cut(entry))
