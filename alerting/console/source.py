"""What the page needs of the process it is part of."""

from __future__ import annotations

from typing import Protocol

from alerting.console.sensor_views import Catalogue, FindingDetail, SensorStates, SeriesView
from alerting.console.views import Pulse, Situation, WarningDetail


class ConsoleSource(Protocol):
    """Answers from what the process holds. Every call is made on the event loop that serves the page.

    Changes are found by looking, which cannot miss one: while somebody watches, the page compares `version` four
    times a second and asks for `situation()` when it moved; `pulse()` and `sensor_states()` are asked for every
    second. Answers are compared with the last ones and only differences are sent, so a source keeps no account of
    who knows what. A coroutine that has to wait for a disk does so in a thread. None stands for "no such thing".
    """

    @property
    def version(self) -> int:
        """Another number whenever `situation()` would answer otherwise; cheap."""
        ...

    async def situation(self) -> Situation:
        """Warnings in force, those that ended lately, deliveries, ledger."""
        ...

    async def pulse(self) -> Pulse:
        """The process's clock and throughput."""
        ...

    async def sensors(self) -> Catalogue:
        """Areas, sites and sensors."""
        ...

    async def sensor_states(self, since: int) -> SensorStates:
        """The sensors whose state or value changed after version `since`; 0 for all."""
        ...

    async def series(self, sensor: str) -> SeriesView | None:
        """The last readings of a sensor (a few hundred at most), with the thresholds in force."""
        ...

    async def warning(self, chain: str) -> WarningDetail | None:
        """One chain with all its evidence and deliveries, whether in force or ended."""
        ...

    async def finding(self, finding: str) -> FindingDetail | None:
        """One finding with its readings."""
        ...

    async def cap(self, report: str) -> bytes | None:
        """The CAP 1.2 document of one report, as it was sent."""
        ...

    async def feed(self) -> bytes:
        """The public Atom feed."""
        ...

    def metrics_text(self) -> str:
        """Counters in Prometheus' text exposition format 0.0.4."""
        ...
