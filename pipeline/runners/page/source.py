"""Implements the console's source over the embedded runner."""

from __future__ import annotations

import asyncio
from importlib.metadata import version

from alerting.cap import to_cap
from alerting.console.sensor_views import Catalogue, FindingDetail, RevisionView, SensorStates, SeriesView
from alerting.console.views import Drop, Pulse, Situation, WarningDetail
from alerting.feed import atom_feed
from pipeline.config.coverage import load_reach
from pipeline.model.audience import Audience
from pipeline.model.finding import FindingState
from pipeline.runners.page.cards import Cards
from pipeline.runners.page.covered import Covered
from pipeline.runners.page.evidence import finding_view
from pipeline.runners.page.running import Running
from pipeline.runners.page.sensors import catalogue, series, states
from pipeline.runners.page.situation import Situations
from pipeline.telemetry import Event

MS_PER_S = 1_000.0


class EmbeddedSource:
    """Answers the page. What reads the database, or every sensor, does so in a thread."""

    def __init__(self, runner: Running) -> None:
        self._runner = runner
        self._inventory = runner.config.inventory
        self._criteria = runner.config.plan().criteria()
        covered = Covered(runner.store, self._inventory, load_reach(runner.config.coverage, self._inventory))
        self._cards = Cards(runner.store, self._inventory, self._criteria, covered)
        self._situations = Situations(runner.store, runner.config, self._cards, covered, version("forewarn"))
        self._catalogue = catalogue(self._inventory)
        self.address = ""

    @property
    def version(self) -> int:
        """Another number whenever something was written to the store."""
        return self._runner.store.version

    async def situation(self) -> Situation:
        """Warnings, deliveries, ledger."""
        return await asyncio.to_thread(self._situations.at, self._runner.time.now())

    async def pulse(self) -> Pulse:
        """The process's clock and throughput."""
        runner, counts = self._runner, self._runner.telemetry.counts()
        playing = runner.time.recorded_ns is not None
        p50_s, p99_s = runner.live.delay_s(0.5), runner.live.delay_s(0.99)
        return Pulse(
            now_at=runner.time.now(),
            rate=0.0 if playing else 1.0,
            readings_per_s=runner.live.readings_per_s(),
            received=runner.telemetry.total(runner.counted.received, Event.RECEIVED),
            processed=runner.telemetry.total(runner.counted.processed, Event.SENT),
            drops=tuple(Drop(who, why, n) for (who, what, why), n in counts.items() if what is Event.DROPPED),
            latency_p50_ms=None if p50_s is None else p50_s * MS_PER_S,
            latency_p99_ms=None if p99_s is None else p99_s * MS_PER_S,
            backlog=runner.processor.backlog,
        )

    async def sensors(self) -> Catalogue:
        """Areas, sites and sensors."""
        return self._catalogue

    async def sensor_states(self, since: int) -> SensorStates:
        """What changed after `since`."""
        return await asyncio.to_thread(states, self._inventory, self._runner.live, since)

    async def series(self, sensor: str) -> SeriesView | None:
        """The last readings of a sensor."""
        return series(self._inventory, self._runner.live, self._criteria, sensor)

    async def warning(self, chain: str) -> WarningDetail | None:
        """One chain with all of its evidence and deliveries."""
        return await asyncio.to_thread(self._cards.card, chain)

    async def finding(self, finding: str) -> FindingDetail | None:
        """One finding with its history and its trigger's last readings."""
        revisions = await asyncio.to_thread(self._runner.store.finding, finding)
        if not revisions:
            return None
        view = finding_view(revisions[-1], self._inventory, self._criteria)
        history = tuple(
            RevisionView(one.at, one.level, one.value, one.state is not FindingState.CLOSED) for one in revisions
        )
        readings = await self.series(view.sensor)
        return FindingDetail(view, history, (readings,) if readings else ())

    async def cap(self, report: str) -> bytes | None:
        """The CAP document of one report, once it was released to those it is for."""
        store = self._runner.store
        shown = (store.is_released(report, one) for one in (Audience.PUBLIC, Audience.MAINTENANCE))
        if not await asyncio.to_thread(lambda: any(shown)):
            return None
        warning = await asyncio.to_thread(self._runner.store.warning, report)
        return to_cap(warning, self._inventory, self._runner.config.warnings) if warning else None

    async def feed(self) -> bytes:
        """The public Atom feed."""
        now = self._runner.time.now()
        reports = await asyncio.to_thread(self._runner.store.public_reports_in_force, now)
        return atom_feed(
            reports,
            self._runner.config.warnings,
            feed_url=f"{self.address}feed.atom",
            cap_url=lambda report: f"{self.address}cap/{report.id}.xml",
            now=now,
        )

    def metrics_text(self) -> str:
        """Counters in Prometheus' text form."""
        return self._runner.telemetry.prometheus()
