"""What waits to be sent to one page."""

from __future__ import annotations

from asyncio import Queue
from enum import Enum, auto
from typing import Final

EVENTS_WAITING_MAX: Final = 64


class Signal(Enum):
    """What a mailbox can hold besides events."""

    SNAPSHOT = auto()
    CLOSED = auto()


class Mailbox:
    """A bounded queue that never makes the sender wait.

    A page too slow to empty it loses what waits and is told to begin again from one snapshot.
    """

    def __init__(self, size: int = EVENTS_WAITING_MAX) -> None:
        self._queue: Queue[bytes | Signal] = Queue(size)

    def offer(self, event: bytes) -> bool:
        """Put `event` in; False where the queue was full and all of it gave way to a snapshot."""
        if not self._queue.full():
            self._queue.put_nowait(event)
            return True
        self._replace_all(Signal.SNAPSHOT)
        return False

    def close(self) -> None:
        """Nothing more comes."""
        self._replace_all(Signal.CLOSED)

    async def take(self) -> bytes | Signal:
        """The next event, waiting for it."""
        return await self._queue.get()

    def _replace_all(self, signal: Signal) -> None:
        while not self._queue.empty():
            self._queue.get_nowait()
        self._queue.put_nowait(signal)
