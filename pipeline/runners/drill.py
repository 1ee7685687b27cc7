"""A drill: a recording played as if it were live, its reports marked as an exercise, on the ledger of the real ones.

The recording's instants are moved: a live drill begins now and keeps the pace of the clock, a tabletop drill is over at
once and ends now. Nothing but reports and findings enters the store; the real journal,
snapshot and onsets are left alone.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import numpy as np
from sqlalchemy import Connection

from alerting.base import Channel
from alerting.desk import Desk
from alerting.ledger import Onset
from alerting.lifecycle import Lifecycle
from alerting.runner import Dispatcher
from alerting.store.record import Record
from alerting.store.store import Offer, Store
from pipeline.clock import Clock
from pipeline.config.config import Config
from pipeline.model.assessment import Assessment
from pipeline.model.batch import ReadingBatch
from pipeline.model.entry import Entry, Tick
from pipeline.model.identity import content_id
from pipeline.model.instant import NS_PER_S, from_ns, to_ns
from pipeline.model.level import Level
from pipeline.model.warning import HazardWarning, WarningStatus
from pipeline.runners.desk import make_desk
from pipeline.runners.messages import Messages
from pipeline.stages.core import Core
from pipeline.stages.ticks import with_ticks
from pipeline.telemetry import Telemetry

LOOK_S = 0.2
SETTLE_S = 60.0
"""How long what is queued may still be tried when the recording is over."""

Observe = Callable[[datetime, Sequence[HazardWarning]], None]


@dataclass
class Played:
    """What a drill came to."""

    begun_at: datetime
    ended_at: datetime
    readings: int
    chains: tuple[str, ...]
    onsets: tuple[Onset, ...]


def as_exercise(config: Config) -> Config:
    """The same configuration, whose reports are an exercise."""
    return replace(config, warnings=config.warnings.model_copy(update={"status": WarningStatus.EXERCISE}))


def moved(batches: Iterable[ReadingBatch], by_ns: int) -> Iterator[ReadingBatch]:
    """The batches with every instant moved."""
    for batch in batches:
        yield replace(batch, observed_at_ns=(batch.observed_at_ns + by_ns).astype(np.int64), received_at_ns=None)


def tabletop(
    config: Config, store: Store, batches: Iterable[ReadingBatch], by_ns: int, onsets: Iterable[Onset], note: Offer
) -> Played:
    """Play at once; reports go into the ledger, dated as they would have been, and nothing is queued for anybody.

    `note` is told of each report in the transaction that stores it.
    """
    core, begun_ns, readings, chains = Core(config.plan()), 0, 0, []
    for entry in with_ticks(moved(batches, by_ns), 60.0):
        if not isinstance(entry, Tick):
            begun_ns = begun_ns or int(entry.observed_at_ns.min())
            readings += len(entry)
        made = core.process(entry).made
        at = from_ns(core.watermark_ns)
        store.save(Record(made.findings, made.assessments, made.warnings), at, note)
        chains += [one.chain for one in made.warnings]
    ended_at = from_ns(core.watermark_ns)
    store.save(over(core.lifecycle, ended_at), ended_at, note)
    return Played(from_ns(begun_ns), ended_at, readings, tuple(dict.fromkeys(chains)), tuple(_moved(onsets, by_ns)))


def over(lifecycle: Lifecycle, at: datetime) -> Record:
    """The final reports of what a drill leaves in force: nobody is to go on believing in it."""
    ended = [
        Assessment(
            id=content_id("drill over", last.chain),
            hazard=last.hazard,
            area=last.area,
            level=Level.NONE,
            previous_level=last.level,
            confidence=last.confidence,
            at=at,
            first_evidence_at=last.first_evidence_at,
            findings=(),
            trigger="",
        )
        for last in lifecycle.in_force()
    ]
    return Record(warnings=[one for one in (lifecycle.take(each, {}) for each in ended) if one is not None])


class LiveDrill:
    """Plays at the pace of its clock; what is released leaves by the drill channels.

    `note` is told of each report in the transaction that stores it.
    """

    def __init__(self, config: Config, store: Store, clock: Clock, telemetry: Telemetry, note: Offer) -> None:
        self._note = note
        self._config = config
        self._store = store
        self._clock = clock
        self._core = Core(config.plan())
        self._channels: dict[str, Channel] = {
            name: one.type(name, one.options) for name, one in config.channels.items() if name in config.drill.channels
        }
        message = Messages(config.inventory, config.warnings)
        self._dispatcher = Dispatcher(
            store, self._channels, message, config.retry, clock, telemetry, config.drill.channels, is_guest=True
        )
        targets = {name: channel.targets for name, channel in self._channels.items()}
        self._desk: Desk = make_desk(config, store, targets, clock, self._dispatcher.wake)
        self._chains: list[str] = []
        self._readings = 0

    async def run(
        self,
        batches: Iterable[ReadingBatch],
        by_ns: int,
        onsets: Iterable[Onset],
        answer_s: float,
        observe: Observe,
    ) -> Played:
        """Play to the end, then wait for what is queued, then for answers."""
        begun_at = self._clock.now()
        async with asyncio.TaskGroup() as tasks:
            beside = [tasks.create_task(self._dispatcher.run()), tasks.create_task(self._desk.run())]
            for entry in with_ticks(moved(batches, by_ns), self._config.process.tick_s):
                await asyncio.sleep(max((_instant_ns(entry) - self._clock.now_ns()) / NS_PER_S, 0.0))
                await self._take(entry, observe)
            await self._keep(self._over(), observe)
            await self._settled()
            await asyncio.sleep(answer_s if self._chains else 0.0)
            self._dispatcher.stop()
            beside[1].cancel()
            await beside[0]
        chains = tuple(dict.fromkeys(self._chains))
        return Played(begun_at, self._clock.now(), self._readings, chains, tuple(_moved(onsets, by_ns)))

    async def _take(self, entry: Entry, observe: Observe) -> None:
        self._readings += 0 if isinstance(entry, Tick) else len(entry)
        made = self._core.process(entry).made
        await self._keep(Record(made.findings, made.assessments, made.warnings), observe)

    async def _keep(self, record: Record, observe: Observe) -> None:
        if record:
            await asyncio.to_thread(self._store.save, record, self._clock.now(), self._offer)
            self._dispatcher.wake()
        self._chains += [one.chain for one in record.warnings]
        observe(self._clock.now(), record.warnings)

    def _offer(self, connection: Connection, report: HazardWarning, at: datetime) -> None:
        self._note(connection, report, at)
        self._desk.outlet.offer(connection, report, at)

    def _over(self) -> Record:
        return over(self._core.lifecycle, self._clock.now())

    async def _settled(self) -> None:
        async with asyncio.timeout(SETTLE_S):
            while await asyncio.to_thread(self._is_queued):  # noqa: ASYNC110  # what is waited for is in the database
                await asyncio.sleep(LOOK_S)

    def _is_queued(self) -> bool:
        ours = set(self._chains)
        return any(told.is_open for chain in ours for told in self._store.told(chain))


def _instant_ns(entry: Entry) -> int:
    return to_ns(entry.at) if isinstance(entry, Tick) else int(entry.observed_at_ns.max())


def _moved(onsets: Iterable[Onset], by_ns: int) -> Iterator[Onset]:
    by = timedelta(microseconds=by_ns // 1000)
    return (replace(one, at=one.at + by) for one in onsets)
