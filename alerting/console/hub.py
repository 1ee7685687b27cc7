"""Looks at the source and tells every open page what changed, as server-sent events.

Events: `snapshot` (everything), `patch` (differences, numbered), `sensors` (rows that changed), `pulse` (every second,
so also the heartbeat). A page that comes back with the number of the last patch it saw is given those it missed, or a
snapshot where they are no longer kept.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncGenerator
from itertools import count
from typing import Final

import msgspec

from alerting.console.changes import Patch, difference
from alerting.console.mailbox import Mailbox, Signal
from alerting.console.source import ConsoleSource
from alerting.console.views import Pulse, Situation
from pipeline.telemetry import Event, Telemetry

LOOK_EVERY_S: Final = 0.25
LOOKS_A_PULSE: Final = 4
PATCHES_KEPT: Final = 256
RATES_KEPT: Final = 300


class Snapshot(msgspec.Struct, frozen=True):
    """Everything a page needs to begin. `rates`: readings/s of the seconds somebody watched, oldest first."""

    sequence: int
    situation: Situation
    pulse: Pulse
    rates: tuple[float, ...]


class Numbered(msgspec.Struct, frozen=True):
    """A patch and its place in the row of patches."""

    sequence: int
    patch: Patch


class Hub:
    """One a process. `epoch` tells this run from another, so that no page resumes across a restart."""

    def __init__(self, source: ConsoleSource, telemetry: Telemetry, epoch: str) -> None:
        self._source = source
        self._telemetry = telemetry
        self._epoch = epoch
        self._boxes: set[Mailbox] = set()
        self._patches: deque[tuple[int, bytes]] = deque(maxlen=PATCHES_KEPT)
        self._rates: deque[float] = deque(maxlen=RATES_KEPT)
        self._sequence = 0
        self._version: int | None = None
        self._situation: Situation | None = None
        self._sensor_version = 0
        self._looking = asyncio.Lock()

    async def run(self) -> None:
        """Look until cancelled. A failing source is counted and asked again: pages see that no pulse comes."""
        for turn in count():
            await asyncio.sleep(LOOK_EVERY_S)
            if not self._boxes:
                continue
            try:
                await self.look()
                if turn % LOOKS_A_PULSE == 0:
                    await self.beat()
            except Exception as error:  # noqa: BLE001 supervising loop: counts and goes on
                self._telemetry.count("console", Event.FAILED, reason=type(error).__name__)

    async def look(self) -> Situation:
        """Send what changed in the situation since the last look, and return it as it is now."""
        async with self._looking:
            version = self._source.version
            if self._situation is not None and version == self._version:
                return self._situation
            situation = await self._source.situation()
            if self._situation is not None:
                self._send_patch(difference(self._situation, situation))
            self._situation, self._version = situation, version
            return situation

    async def beat(self) -> None:
        """Send a pulse and the sensors that changed since the last one."""
        pulse = await self._source.pulse()
        self._rates.append(pulse.readings_per_s)
        self._broadcast(frame("pulse", msgspec.json.encode(pulse)))
        states = await self._source.sensor_states(self._sensor_version)
        self._sensor_version = states.version
        if states.rows:
            self._broadcast(frame("sensors", msgspec.json.encode(states.rows)))

    async def snapshot(self) -> Snapshot:
        """Everything as it is now; older patches are part of it."""
        situation = await self.look()
        return Snapshot(self._sequence, situation, await self._source.pulse(), tuple(self._rates))

    async def stream(self, last_event_id: str = "") -> AsyncGenerator[bytes, None]:
        """The events of one page, until it goes away."""
        box = Mailbox()
        self._boxes.add(box)
        try:
            for missed in await self._missed_since(last_event_id):
                yield missed
            while (event := await box.take()) is not Signal.CLOSED:
                yield event if isinstance(event, bytes) else await self._snapshot_frame()
        finally:
            self._boxes.discard(box)

    def close(self) -> None:
        """End every stream: the process is about to stop, and pages come back by themselves."""
        for box in self._boxes:
            box.close()

    async def _missed_since(self, last_event_id: str) -> list[bytes]:
        await self.look()
        epoch, _, number = last_event_id.partition("-")
        oldest = self._patches[0][0] if self._patches else self._sequence + 1
        if epoch != self._epoch or not number.isdecimal() or not oldest - 1 <= int(number) <= self._sequence:
            return [await self._snapshot_frame()]
        return [patch for sequence, patch in self._patches if sequence > int(number)]

    async def _snapshot_frame(self) -> bytes:
        snapshot = await self.snapshot()
        return frame("snapshot", msgspec.json.encode(snapshot), f"{self._epoch}-{snapshot.sequence}")

    def _send_patch(self, patch: Patch) -> None:
        if patch == Patch():
            return
        self._sequence += 1
        body = msgspec.json.encode(Numbered(self._sequence, patch))
        event = frame("patch", body, f"{self._epoch}-{self._sequence}")
        self._patches.append((self._sequence, event))
        self._broadcast(event)

    def _broadcast(self, event: bytes) -> None:
        for box in self._boxes:
            if not box.offer(event):
                self._telemetry.count("console", Event.DROPPED, reason="slow_page")


def frame(event: str, data: bytes, number: str = "") -> bytes:
    """One server-sent event (WHATWG HTML, section 9.2). `data` is JSON, so it has no line breaks."""
    head = f"id: {number}\n" if number else ""
    return f"{head}event: {event}\n".encode() + b"data: " + data + b"\n\n"
