"""Readings gathered by partition, so that a message carries many: a worker pays by the message, not by the reading."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

from pipeline.model.batch import ReadingBatch
from pipeline.model.entry import Entry
from pipeline.stages.merge import merged

Send = Callable[[int, Entry], "asyncio.Future[None]"]
"""Hands an entry to one partition; the future is done when it is durable."""


@dataclass
class _Group:
    """What waits to be sent to one partition; `durable` is shared by all who have readings in it."""

    durable: asyncio.Future[None]
    timer: asyncio.TimerHandle
    timed: bool
    pieces: list[ReadingBatch] = field(default_factory=list)
    readings: int = 0


class Groups:
    """One event loop's. A group is sent when it is full, when it has waited long enough, or when it must.

    Args:
        readings_max: in one message; a longer batch is cut.
        linger_s: how long a group waits for more.
    """

    def __init__(self, send: Send, readings_max: int, linger_s: float) -> None:
        self._send = send
        self._readings_max = readings_max
        self._linger_s = linger_s
        self._groups: dict[int, _Group] = {}

    def add(self, partition: int, batch: ReadingBatch) -> list[asyncio.Future[None]]:
        """Take in readings; they are durable when all of these futures are done."""
        return [
            self._add(partition, batch.take(slice(start, start + self._readings_max)))
            for start in range(0, len(batch), self._readings_max)
        ]

    def flush(self) -> None:
        """Send all that waits, now."""
        for partition in sorted(self._groups):
            self._flush(partition)

    def _add(self, partition: int, piece: ReadingBatch) -> asyncio.Future[None]:
        group = self._groups.get(partition)
        timed = piece.received_at_ns is not None
        if group and (group.timed != timed or group.readings + len(piece) > self._readings_max):
            self._flush(partition)
            group = None
        if group is None:
            loop = asyncio.get_running_loop()
            timer = loop.call_later(self._linger_s, self._flush, partition)
            group = self._groups[partition] = _Group(loop.create_future(), timer, timed)
        group.pieces.append(piece)
        group.readings += len(piece)
        durable = group.durable
        if group.readings >= self._readings_max:
            self._flush(partition)
        return durable

    def _flush(self, partition: int) -> None:
        group = self._groups.pop(partition)
        group.timer.cancel()
        try:
            sent = self._send(partition, merged(group.pieces))
        except Exception as error:  # noqa: BLE001  # told to everyone who has readings in the group
            group.durable.set_exception(error)
        else:
            sent.add_done_callback(lambda done: _tell(done, group.durable))


def _tell(done: asyncio.Future[None], durable: asyncio.Future[None]) -> None:
    if durable.done():
        return
    error = done.exception()
    if error:
        durable.set_exception(error)
    else:
        durable.set_result(None)
