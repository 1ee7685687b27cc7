"""Watches whether each channel will be through in time, and says so when one will not."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Final

from alerting.patience import until_stored
from alerting.projection import Pace, Projection, project
from alerting.store.store import Store
from pipeline.clock import Clock
from pipeline.model.instant import to_text
from pipeline.telemetry import Event, Telemetry

EVERY_S: Final = 5.0

log = logging.getLogger(__name__)


class Overlook:
    """`latest` holds the projection of each channel that something waits in.

    Counts as `overlook.NAME`: failed (the channel began to be late).
    """

    def __init__(self, store: Store, channels: Iterable[str], clock: Clock, telemetry: Telemetry) -> None:
        self._store = store
        self._clock = clock
        self._telemetry = telemetry
        self._paces = {name: Pace() for name in channels}
        self._settled = dict.fromkeys(self._paces, 0)
        self.latest: Mapping[str, Projection] = {}

    @property
    def late(self) -> frozenset[str]:
        """The channels that will be through only after somebody needed to know."""
        return frozenset(name for name, one in self.latest.items() if one.late)

    def settled(self, channel: str, number: int) -> None:
        """So many deliveries came to an end or will be tried again."""
        self._settled[channel] += number

    async def run(self, every_s: float = EVERY_S) -> None:
        """Look again and again, until cancelled."""
        while True:
            await asyncio.sleep(every_s)
            await self.look(every_s)

    async def look(self, worked_s: float) -> None:
        """Project every channel, given for how long it worked since the last look."""
        now = self._clock.now()
        waiting = await until_stored(lambda: self._store.waiting(now))
        found = {}
        for name, pace in self._paces.items():
            settled, self._settled[name] = self._settled[name], 0
            if name in waiting:
                pace.add(settled, worked_s)
                found[name] = project(name, waiting[name], pace.per_s, now)
        before, self.latest = self.late, found
        self._tell(before, found)

    def _tell(self, before: frozenset[str], found: Mapping[str, Projection]) -> None:
        for name in sorted(self.late - before):
            one = found[name]
            self._telemetry.count(f"overlook.{name}", Event.FAILED, reason="late")
            log.error(
                "channel %s: %d deliveries wait, at %.3g a second until %s: too late, some are needed by %s; "
                "raise its rate_per_s or max_concurrent, or reach these people by another channel",
                name, one.waiting, one.per_s or 0, _text(one.finish_at), _text(one.needed_by),
            )  # fmt: skip
        for name in sorted(before - self.late):
            log.warning("channel %s will be through in time again", name)


def _text(at: datetime | None) -> str:
    return to_text(at) if at else "an unknown instant"
