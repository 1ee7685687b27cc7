"""Time limits of many calls by one timer: asyncio's own timeout makes and cancels a timer for each."""

from __future__ import annotations

import asyncio
from types import TracebackType
from typing import Final, Self

APART_S: Final = 0.01
"""Limits that end within so long of each other may end together."""


class Deadlines:
    """Limits that run side by side, in one event loop at a time."""

    def __init__(self) -> None:
        self._open: dict[Limit, float] = {}
        self._loop: asyncio.AbstractEventLoop | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._look_at_s = float("inf")

    def within(self, seconds: float) -> Limit:
        """For `with`: the block raises TimeoutError when it takes longer, as under `asyncio.timeout`."""
        return Limit(self, seconds)

    def begin(self, limit: Limit, seconds: float) -> None:
        """Of `Limit`."""
        loop = asyncio.get_running_loop()
        if loop is not self._loop:
            self._loop, self._timer, self._look_at_s = loop, None, float("inf")
            self._open.clear()
        until_s = self._open[limit] = loop.time() + seconds
        if until_s < self._look_at_s:
            self._look(loop, until_s)

    def end(self, limit: Limit) -> None:
        """Of `Limit`."""
        self._open.pop(limit, None)

    def _look(self, loop: asyncio.AbstractEventLoop, at_s: float) -> None:
        if self._timer:
            self._timer.cancel()
        self._look_at_s = at_s
        self._timer = loop.call_at(at_s, self._expire, loop)

    def _expire(self, loop: asyncio.AbstractEventLoop) -> None:
        now_s = loop.time()
        self._timer, self._look_at_s = None, float("inf")
        for limit in [limit for limit, until_s in self._open.items() if until_s <= now_s]:
            del self._open[limit]
            limit.expire()
        if self._open:
            self._look(loop, max(min(self._open.values()), now_s + APART_S))


class Limit:
    """One block's."""

    __slots__ = ("_among", "_cancelling", "_expired", "_seconds", "_task")

    def __init__(self, among: Deadlines, seconds: float) -> None:
        self._among = among
        self._seconds = seconds
        self._expired = False

    def __enter__(self) -> Self:
        task = asyncio.current_task()
        if task is None:
            raise RuntimeError("a time limit needs a task to end")
        self._task: asyncio.Task[object] = task
        self._cancelling = task.cancelling()
        self._among.begin(self, self._seconds)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        self._among.end(self)
        if not self._expired:
            return
        # Who else cancelled the task meanwhile means it: then this is no mere lack of time.
        if self._task.uncancel() <= self._cancelling and kind is asyncio.CancelledError:
            raise TimeoutError from error

    def expire(self) -> None:
        """Its time is over."""
        self._expired = True
        self._task.cancel()
