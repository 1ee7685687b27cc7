"""The only place that reads the time."""

from __future__ import annotations

import time
from datetime import datetime, timedelta
from typing import Protocol

from pipeline.model.instant import from_ns, to_ns


class Clock(Protocol):
    """What tells the time to runners, transports and channels; the core is given instants instead."""

    def now(self) -> datetime:
        """Aware UTC."""
        ...

    def now_ns(self) -> int:
        """Nanoseconds UTC since 1970."""
        ...

    def monotonic_s(self) -> float:
        """Seconds that never step back, from an arbitrary start."""
        ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """Aware UTC."""
        return from_ns(self.now_ns())

    def now_ns(self) -> int:
        """Nanoseconds UTC since 1970."""
        return time.time_ns()

    def monotonic_s(self) -> float:
        """Seconds since an arbitrary start."""
        return time.monotonic()


class ProcessorClock(SystemClock):
    """Measures by the time that this thread ran, not by what others of the machine took from it."""

    def monotonic_s(self) -> float:
        """Seconds of processor time of this thread."""
        return time.thread_time()


class ManualClock:
    """A clock that moves only when told: for tests and replays."""

    def __init__(self, start: datetime) -> None:
        self._at = start

    def now(self) -> datetime:
        """Where it was moved last."""
        return self._at

    def now_ns(self) -> int:
        """Nanoseconds UTC since 1970."""
        return to_ns(self._at)

    def monotonic_s(self) -> float:
        """Seconds since 1970."""
        return self._at.timestamp()

    def advance(self, seconds: float) -> None:
        """Move on by `seconds`."""
        self._at += timedelta(seconds=seconds)
