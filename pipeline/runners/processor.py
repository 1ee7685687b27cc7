"""The processor: entries of the journal, in order, through the core and into the store.

After a crash it starts from the last snapshot and takes the entries after it again. The core is deterministic and ids
are functions of content, so what had been stored before the crash is found there and left as it is.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from queue import SimpleQueue
from threading import Event as Flag
from threading import Thread
from typing import Final

from msgspec import MsgspecError

from alerting.store.progress import Snapshot
from alerting.store.record import Record
from alerting.store.store import Offer, Store
from pipeline.clock import Clock
from pipeline.connectors.journal import DeadLetter, Journal
from pipeline.errors import JournalError, StoreError
from pipeline.model.batch import ReadingBatch
from pipeline.model.entry import Entry
from pipeline.model.instant import NS_PER_S, to_ns
from pipeline.runners.live import Live
from pipeline.stages.core import Core, Outcome
from pipeline.telemetry import Event, Telemetry

COMPONENT: Final = "core"
SNAPSHOT_READINGS: Final = 5_000_000
"""A snapshot is taken at least this often, so that a restart has little to take again."""

STORE_RETRY_S: Final = 1.0

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Keeping:
    """How often state is saved, and how long readings are kept to explain findings."""

    snapshot_every_s: float
    journal_s: float


@dataclass(frozen=True, slots=True)
class Outlets:
    """What becomes of warnings: the outlet that decides on each as it is stored, and whom to wake then."""

    offer: Offer
    wake: Callable[[], None]


class Processor:
    """One thread that owns the core.

    Attributes:
        ended: done when the thread has stopped; holds the error if it had to.
        after_save: called when a warning with its deliveries has been stored.
    """

    def __init__(
        self,
        core: Core,
        journal: Journal,
        store: Store,
        live: Live,
        outlets: Outlets,
        keeping: Keeping,
        clock: Clock,
        telemetry: Telemetry,
    ) -> None:
        self._core = core
        self._journal = journal
        self._store = store
        self._live = live
        self._outlets = outlets
        self._keeping = keeping
        self._clock = clock
        self._telemetry = telemetry
        self._queue: SimpleQueue[tuple[int, Entry] | Future[None] | None] = SimpleQueue()
        self._position = 0
        self._unsaved = 0
        self._saved_s = clock.monotonic_s()
        self._unknown: set[str] = set()
        self._decided_ns: int | None = None
        self._closing = Flag()
        self._thread = Thread(target=self._work, name="processor", daemon=True)
        self.ended: Future[None] = Future()
        self.after_save: Callable[[], None] = outlets.wake

    def recover(self, before_each: Callable[[Entry], None] = lambda _: None) -> int:
        """Take up the last snapshot and the entries after it; how many entries that were.

        Args:
            before_each: told of each entry before it is taken in.

        Raises:
            StoreError: the snapshot is of another version of Forewarn.
            JournalError: an entry cannot be read.
        """
        saved = self._store.load_snapshot()
        if saved is not None:
            self._restore(saved)
            self._journal.go_on_after(self._position)
        before = self._position
        for position, entry in self._journal.after(self._position):
            before_each(entry)
            self._take(position, entry)
        return self._position - before

    def _restore(self, saved: Snapshot) -> None:
        try:
            self._core.restore(saved.blob)
        except (ValueError, MsgspecError) as error:
            raise StoreError(
                f"the snapshot in the store cannot be taken up: {error}; "
                "use the program that wrote it, or begin with an empty data folder"
            ) from error
        self._position = saved.position
        self._live.resume(self._core.open_findings())

    def start(self) -> None:
        """Begin to take entries in."""
        self._thread.start()

    def put(self, position: int, entry: Entry) -> None:
        """Hand in the next durable entry."""
        self._queue.put((position, entry))

    def caught_up(self) -> Future[None]:
        """Done when everything handed in before has been taken in."""
        reached: Future[None] = Future()
        self._queue.put(reached)
        return reached

    @property
    def reached_ns(self) -> int:
        """How far event time has come: to the reports being stored, or to the end of the last entry."""
        return self._core.watermark_ns if self._decided_ns is None else self._decided_ns

    @property
    def backlog(self) -> int:
        """Entries that wait."""
        return self._queue.qsize()

    def close(self) -> None:
        """Take in what waits, save a snapshot, stop."""
        self._closing.set()
        self._queue.put(None)
        self._thread.join()

    def _work(self) -> None:
        try:
            while (item := self._queue.get()) is not None:
                if not isinstance(item, Future):
                    self._take(*item)
                elif item.set_running_or_notify_cancel():
                    item.set_result(None)
            self._snapshot()
        except Exception as error:  # what the core cannot take must stop the process, not be skipped
            log.exception("processing stopped at journal entry %d", self._position + 1)
            self.ended.set_exception(error)
        else:
            self.ended.set_result(None)

    def _take(self, position: int, entry: Entry) -> None:
        outcome = self._core.process(entry)
        if outcome.made:
            self._save(outcome)
        self._position = position
        received_at_ns = entry.received_at_ns if isinstance(entry, ReadingBatch) else None
        self._live.take(outcome, received_at_ns)
        self._count(entry, outcome)
        self._unsaved += len(entry) if isinstance(entry, ReadingBatch) else 1
        if self._due():
            self._snapshot()

    def _save(self, outcome: Outcome) -> None:
        made = outcome.made
        self._decided_ns = max((to_ns(warning.sent_at) for warning in made.warnings), default=None)
        self._keep(Record(made.findings, made.assessments, made.warnings, made.forecasts))
        if made.warnings:
            self.after_save()
        self._decided_ns = None

    def _keep(self, record: Record) -> None:
        """The core goes on only from what is stored: while the store fails, wait for it, unless told to stop."""
        told = False
        while True:
            try:
                self._store.save(record, self._clock.now(), self._outlets.offer)
                break
            except StoreError as error:
                if self._closing.is_set():
                    raise
                if not told:
                    log.error("processing waits: %s", error)  # noqa: TRY400  # its text says all
                told = True
                self._closing.wait(STORE_RETRY_S)
        if told:
            log.warning("processing goes on: the store answers again")

    def _count(self, entry: Entry, outcome: Outcome) -> None:
        if isinstance(entry, ReadingBatch):
            self._telemetry.count(COMPONENT, Event.RECEIVED, len(entry))
            self._telemetry.count(COMPONENT, Event.SENT, len(outcome.columns))
        for reason, number in outcome.dropped.items():
            self._telemetry.count(COMPONENT, Event.DROPPED, number, reason)
        strange = [str(series) for series in outcome.unknown if str(series) not in self._unknown]
        if strange:
            self._bury(strange)

    def _bury(self, strange: list[str]) -> None:
        """Keep the names of series that the inventory does not list, each once."""
        detail = "the inventory lists no such sensor with this quantity; add it, or mend the device's name"
        now_ns = self._clock.now_ns()
        letters = [DeadLetter(now_ns, COMPONENT, "unknown_series", detail, one.encode()) for one in strange]
        try:
            self._journal.bury(letters)
        except JournalError as error:
            self._telemetry.count(COMPONENT, Event.FAILED, len(letters), "dead_letters")
            log.error("unknown series are not noted: %s", error)  # noqa: TRY400  # its text says all
        else:
            self._unknown.update(strange)

    def _due(self) -> bool:
        waited_s = self._clock.monotonic_s() - self._saved_s
        return self._unsaved >= SNAPSHOT_READINGS or (self._unsaved > 0 and waited_s >= self._keeping.snapshot_every_s)

    def _snapshot(self) -> None:
        """Save the state, and forget what is old. Where that fails, a restart takes in again what came since."""
        before_ns = self._core.watermark_ns - round(self._keeping.journal_s * NS_PER_S)
        try:
            self._store.save_snapshot(self._position, self._core.snapshot())
            self._journal.trim(self._position, before_ns)
        except (StoreError, JournalError) as error:
            self._telemetry.count(COMPONENT, Event.FAILED, reason="snapshot")
            log.error("state is not saved: %s", error)  # noqa: TRY400  # its text says all
        self._unsaved = 0
        self._saved_s = self._clock.monotonic_s()
