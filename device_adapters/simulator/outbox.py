"""Readings on their way to one target: a bounded queue, emptied in order, each message repeated until acknowledged."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from typing import Final, Protocol

from device_adapters.simulator.schedule import Report
from pipeline.telemetry import Event, Telemetry

WAITING_MAX: Final = 20_000
"""Readings that may wait; a schedule that runs into it waits too, so nothing is lost."""
FIRST_PAUSE_S: Final = 0.2
LONGEST_PAUSE_S: Final = 10.0

_log = logging.getLogger(__name__)


class NotAcknowledgedError(Exception):
    """The target did not take a message; it is sent again, not before `retry_after_s` if the target said so."""

    def __init__(self, why: str, retry_after_s: float | None = None) -> None:
        super().__init__(why)
        self.retry_after_s = retry_after_s


class Sender(Protocol):
    """One target."""

    name: str
    readings_max: int

    async def send(self, reports: Sequence[Report]) -> int:
        """Send until acknowledged; returns how many the target refused for good.

        Raises:
            NotAcknowledgedError: not taken, or not known to be taken.
        """
        ...

    async def close(self) -> None:
        """Give back what is held."""
        ...


class Outbox:
    """The queue in front of one sender."""

    def __init__(self, sender: Sender, telemetry: Telemetry) -> None:
        self._sender = sender
        self._telemetry = telemetry
        self._waiting: asyncio.Queue[Report] = asyncio.Queue(WAITING_MAX)

    async def put(self, report: Report) -> None:
        """Take in one reading; waits while the queue is full."""
        await self._waiting.put(report)
        self._telemetry.count(self._sender.name, Event.RECEIVED)

    async def drained(self) -> None:
        """Return when everything taken in is acknowledged."""
        await self._waiting.join()

    async def run(self) -> None:
        """Empty the queue until cancelled; what is unacknowledged then was never counted as sent."""
        try:
            while True:
                reports = await self._next()
                refused = await self._acknowledged(reports)
                self._telemetry.count(self._sender.name, Event.SENT, len(reports) - refused)
                self._telemetry.count(self._sender.name, Event.DROPPED, refused, reason="refused")
                for _ in reports:
                    self._waiting.task_done()
        finally:
            await self._sender.close()

    async def _next(self) -> list[Report]:
        """At least one reading, and as many more as are waiting and fit."""
        reports = [await self._waiting.get()]
        while len(reports) < self._sender.readings_max and not self._waiting.empty():
            reports.append(self._waiting.get_nowait())
        return reports

    async def _acknowledged(self, reports: Sequence[Report]) -> int:
        tries = 0
        while True:
            try:
                refused = await self._sender.send(reports)
            except NotAcknowledgedError as error:
                self._told_gone(tries, error)
                await asyncio.sleep(max(pause_s(tries), error.retry_after_s or 0.0))
                tries += 1
            else:
                if tries:
                    _log.info("%s: taken again after %d tries", self._sender.name, tries + 1)
                return refused

    def _told_gone(self, tries: int, error: NotAcknowledgedError) -> None:
        self._telemetry.count(self._sender.name, Event.FAILED, reason="not acknowledged")
        if tries == 0:
            _log.warning("%s: not acknowledged, will be sent again: %s", self._sender.name, error)


def pause_s(tries: int) -> float:
    """How long to wait after so many tries failed before: doubling, bounded."""
    return min(FIRST_PAUSE_S * 2.0 ** min(tries, 30), LONGEST_PAUSE_S)
