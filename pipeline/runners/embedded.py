"""The embedded runner: journal, core, store and dispatcher in one process, no server needed.

adapters -> sink -> writer (thread) -> processor (thread) -> store -> dispatcher -> channels
"""

from __future__ import annotations

import asyncio
from time import sleep
from typing import Final

from alerting.base import Channel
from alerting.runner import Dispatcher
from alerting.store.store import Store
from device_adapters.base import Adapter, AdapterContext
from pipeline.clock import Clock
from pipeline.config.config import Config
from pipeline.config.options import TimeSource
from pipeline.connectors.data_lock import DataLock
from pipeline.connectors.journal import Journal
from pipeline.errors import ForewarnError
from pipeline.model.batch import ReadingBatch
from pipeline.model.entry import Entry
from pipeline.model.instant import NS_PER_S
from pipeline.runners import processor, writer
from pipeline.runners.desk import make_desk
from pipeline.runners.heap import settle
from pipeline.runners.live import Live
from pipeline.runners.messages import Messages
from pipeline.runners.page.running import Counted
from pipeline.runners.processor import Keeping, Outlets, Processor
from pipeline.runners.sink import JournalSink
from pipeline.runners.staged_clock import StagedClock
from pipeline.runners.ticking import Ticking
from pipeline.runners.writer import JournalWriter
from pipeline.stages.core import Core
from pipeline.stages.ticks import EventTicks
from pipeline.stages.warm_up import warm_up
from pipeline.telemetry import Telemetry

JOURNAL_FILE: Final = "journal.db"
STORE_FILE: Final = "store.db"
DELIVER_MAX_S: Final = 1.0
"""How long recorded time stands still for one try of what is due; a channel that hangs does not stop a replay."""
_LOOK_S: Final = 0.005
EVENT_TICK_S: Final = 60.0
"""Between ticks of event time: what is recorded is played much faster than the clock, and needs no finer ones."""


class ProcessingError(ForewarnError):
    """The core could not take an entry in: a defect. The journal keeps it; nothing acknowledged is lost."""


class Embedded:
    """Everything of one process but the page: `start`, then `run` until cancelled, then `close`."""

    counted: Final = Counted(writer.COMPONENT, processor.COMPONENT)

    def __init__(self, config: Config, clock: Clock, telemetry: Telemetry) -> None:
        self.config = config
        self.clock = clock
        self.time = StagedClock(clock)
        self.telemetry = telemetry
        options = config.process
        self.lock = DataLock(options.data)
        self.journal = Journal(options.data / JOURNAL_FILE)
        self.store = Store(config.alerting.url(options.data / STORE_FILE))
        self.store.node = self.lock.node
        self.live = Live(config.inventory, clock)
        self.core = Core(config.plan())
        self.channels: dict[str, Channel] = {name: one.type(name, one.options) for name, one in config.channels.items()}
        message = Messages(config.inventory, config.warnings)
        self.dispatcher = Dispatcher(
            self.store, self.channels, message, config.retry, self.time, telemetry, config.drill.channels
        )
        targets = {name: channel.targets for name, channel in self.channels.items()}
        self.desk = make_desk(config, self.store, targets, self.time, self.dispatcher.wake, self.dispatcher.overlook)
        self.processor = Processor(
            self.core,
            self.journal,
            self.store,
            self.live,
            Outlets(self.desk.outlet.offer, self.dispatcher.wake),
            Keeping(options.snapshot_every_s, options.keep_readings_s),
            self.time,
            telemetry,
        )
        self.writer = JournalWriter(self.journal, self.processor.put, telemetry, options.pending_max)
        by_clock = options.time is TimeSource.WALL
        self.ticking = Ticking(self.writer, self.store, self.time, options.tick_s, by_clock=by_clock)
        self.desk.ordered = self.ticking.ordered.ring
        self.taking_live = asyncio.Event()
        self.sink = JournalSink(self.writer, self.processor, self.journal, clock)

    async def start(self) -> int:
        """Take up what was there; how many entries of the journal were taken in again."""
        if self._plays:
            self.time.recorded_ns = self._recorded_ns
        again = await asyncio.to_thread(self.processor.recover, self._stage)
        if not self._plays:
            self._go_by_clock()
        self.processor.start()
        self.writer.start()
        return again

    def _stage(self, entry: Entry) -> None:
        """What is taken in again is issued now if it was live, and when it was due if it was recorded."""
        if isinstance(entry, ReadingBatch):
            played = self._in_event_time or entry.received_at_ns is None
            self.time.recorded_ns = self._recorded_ns if played else None

    @property
    def _in_event_time(self) -> bool:
        return self.config.process.time is TimeSource.EVENT

    @property
    def _plays(self) -> bool:
        """Whether time is taken from readings, at least at first."""
        return self._in_event_time or any(one.type.finite for one in self.config.adapters.values())

    async def run(self) -> None:
        """Play what is recorded, in its own time; then take in what is live; until cancelled.

        Raises:
            ExceptionGroup: holding a ProcessingError when the core had to stop.
        """
        context = AdapterContext(self.config.inventory, self.sink, self.clock, self.telemetry)
        adapters = [one.type(name, one.options, context) for name, one in self.config.adapters.items()]
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self.dispatcher.run(), name="dispatcher")
            tasks.create_task(self.desk.run(), name="duty desk")
            tasks.create_task(self._watch(), name="watch")
            await self._prepare()
            if self._plays:
                await self._play([one for one in adapters if one.finite])
            self.taking_live.set()
            tasks.create_task(self.ticking.run(), name="ticks")
            for adapter in adapters:
                if not adapter.finite:
                    tasks.create_task(adapter.run(), name=adapter.name)

    async def _prepare(self) -> None:
        """Whatever would hold up the first readings, or all of them now and then."""
        await asyncio.to_thread(warm_up, self.config.plan())
        settle()

    async def _play(self, recordings: list[Adapter]) -> None:
        """Recordings to their end, time taken from them; with time = "event" it stays so."""
        self.writer.ticks = EventTicks(EVENT_TICK_S, self.journal.last_tick_ns())
        self.time.recorded_ns = self._recorded_ns
        self.processor.after_save = self._deliver_now
        async with asyncio.TaskGroup() as playing:
            for recording in recordings:
                playing.create_task(recording.run(), name=recording.name)
        await asyncio.wrap_future(self.processor.caught_up())
        if not self._in_event_time:
            self._go_by_clock()
        elif all(one.type.finite for one in self.config.adapters.values()):
            self._go_on_after(self._recorded_ns(), self.clock.monotonic_s())

    def _go_by_clock(self) -> None:
        self.writer.ticks = None
        self.time.recorded_ns = None
        self.processor.after_save = self.dispatcher.wake

    def _go_on_after(self, end_ns: int, at_s: float) -> None:
        """Nothing more is recorded: time goes on from there, or what failed would never be due again."""
        self.time.recorded_ns = lambda: end_ns + round((self.clock.monotonic_s() - at_s) * NS_PER_S)
        self.dispatcher.wake()

    def _recorded_ns(self) -> int:
        return self.processor.reached_ns

    def _deliver_now(self) -> None:
        """Recorded time stands still until what is due was tried, so that deliveries are dated as they would be."""
        self.dispatcher.wake()
        now, until_s = self.time.now(), self.clock.monotonic_s() + DELIVER_MAX_S
        while self.clock.monotonic_s() < until_s and any(self.store.is_due(name, now) for name in self.channels):
            sleep(_LOOK_S)

    async def _watch(self) -> None:
        ended = (asyncio.wrap_future(one.ended) for one in (self.processor, self.writer))
        try:
            await asyncio.shield(asyncio.gather(*ended))
        except Exception as error:
            raise ProcessingError(
                f"processing stopped: {error!r}; "
                "the readings are in the journal and will be taken in again at the next start"
            ) from error

    async def close(self) -> None:
        """Process what is durable, save state, close files. Adapters must have stopped."""
        self.processor.after_save = self.dispatcher.wake  # nobody delivers any more: do not wait for it
        await asyncio.to_thread(self.writer.close)
        await asyncio.to_thread(self.processor.close)
        self.journal.close()
        self.store.close()
        self.lock.close()
