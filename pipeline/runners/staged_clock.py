"""The clock of a process that plays recordings: while they play, now is where they are."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from pipeline.clock import Clock
from pipeline.model.instant import from_ns


class StagedClock:
    """`recorded_ns` tells how far the recordings have come; without it, the clock behind counts.

    What is issued and delivered during a replay is so dated as it would have been then, and a warning does not
    expire because it is played years later. Waiting and measuring go by the clock behind at all times.
    """

    def __init__(self, behind: Clock) -> None:
        self._behind = behind
        self.recorded_ns: Callable[[], int] | None = None

    def now(self) -> datetime:
        """Aware UTC."""
        return from_ns(self.now_ns())

    def now_ns(self) -> int:
        """Nanoseconds UTC since 1970."""
        return self.recorded_ns() if self.recorded_ns else self._behind.now_ns()

    def monotonic_s(self) -> float:
        """Seconds of the clock behind."""
        return self._behind.monotonic_s()
