"""A ConsoleSource in memory, which tests change by calling it."""

from __future__ import annotations

from datetime import datetime, timedelta

import msgspec

from alerting.console.sensor_views import (
    Catalogue,
    Condition,
    FindingDetail,
    RevisionView,
    SensorState,
    SensorStates,
    SeriesView,
)
from alerting.console.views import Pulse, Situation, WarningDetail, WarningView
from pipeline.clock import Clock, SystemClock
from pipeline.model.level import Level
from pipeline.telemetry import Event, Telemetry
from tests.console.afternoon import THROUGHPUT, deliveries_of, situation
from tests.console.district import RECORDED, catalogue
from tests.console.recorded import NOW, recording_of, series


class MemorySource:
    """Begins at NOW and moves on with the clock. Every change is a method a test calls."""

    def __init__(self, more: int = 0, clock: Clock | None = None) -> None:
        self._clock = clock or SystemClock()
        self._begun_s = self._clock.monotonic_s()
        self.version = 1
        self.catalogue = catalogue(more)
        self.state = situation()
        self._sensor_version = 1
        self._rows = {sensor.id: (1, self._first_state(sensor.id)) for sensor in self.catalogue.sensors}
        self._series: dict[str, SeriesView] = {}
        self._telemetry = Telemetry()
        self._telemetry.count("http", Event.RECEIVED, 3)

    def change(self, **sections: object) -> None:
        """Put other sections in the situation."""
        self.state = msgspec.structs.replace(self.state, **sections)
        self.version += 1

    def put(self, card: WarningView) -> None:
        """Add a card, or replace that of its chain."""
        others = tuple(other for other in self.state.warnings if other.chain != card.chain)
        self.change(warnings=(*others, card))

    def hear(self, sensor: str, value: float, condition: Condition = Condition.GOOD, level: Level = Level.NONE) -> None:
        """One more reading of `sensor`, now."""
        self._sensor_version += 1
        self._rows[sensor] = (self._sensor_version, SensorState(sensor, condition, level, value, self.now()))

    def now(self) -> datetime:
        """Where the clock of the sample stands."""
        return NOW + timedelta(seconds=self._clock.monotonic_s() - self._begun_s)

    async def situation(self) -> Situation:
        return self.state

    async def pulse(self) -> Pulse:
        return msgspec.structs.replace(THROUGHPUT, now_at=self.now())

    async def sensors(self) -> Catalogue:
        return self.catalogue

    async def sensor_states(self, since: int) -> SensorStates:
        rows = tuple(row for version, row in self._rows.values() if version > since)
        return SensorStates(self._sensor_version, rows)

    async def series(self, sensor: str) -> SeriesView | None:
        found = next((known for known in self.catalogue.sensors if known.id == sensor), None)
        return series(sensor, recording_of(sensor), found.quantity) if found else None

    async def warning(self, chain: str) -> WarningDetail | None:
        cards = (*self.state.warnings, *self.state.ended)
        found = next((card for card in cards if card.chain == chain), None)
        return WarningDetail(found, found.findings, deliveries_of(found)) if found else None

    async def finding(self, finding: str) -> FindingDetail | None:
        evidence = (one for card in self.state.warnings for one in card.findings)
        found = next((one for one in evidence if one.id == finding), None)
        if found is None:
            return None
        readings = await self.series(found.sensor)
        history = RevisionView(found.onset_at, found.level, found.value, found.open)
        return FindingDetail(found, (history,), (readings,) if readings else ())

    async def cap(self, report: str) -> bytes | None:
        known = {one.id for card in self.state.warnings for one in card.reports}
        return f"<alert><identifier>{report}</identifier></alert>".encode() if report in known else None

    async def feed(self) -> bytes:
        return b'<feed xmlns="http://www.w3.org/2005/Atom"/>'

    def metrics_text(self) -> str:
        return self._telemetry.prometheus()

    def _first_state(self, sensor: str) -> SensorState:
        condition, level = RECORDED[sensor][3:] if sensor in RECORDED else (Condition.GOOD, Level.NONE)
        quantity = next(known.quantity for known in self.catalogue.sensors if known.id == sensor)
        last = series(sensor, recording_of(sensor), quantity)
        silent_for = timedelta(minutes=62 if condition is Condition.SILENT else 0)
        return SensorState(sensor, condition, level, last.values[-1], NOW - silent_for)
