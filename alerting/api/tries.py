"""Wrong tokens and codes, counted, so that nobody can try them all."""

from __future__ import annotations

from collections import deque
from typing import Final

from pipeline.clock import Clock

WRONG_MAX: Final = 10
WINDOW_S: Final = 60.0
KNOWN_MAX: Final = 10_000


class Tries:
    """Ten wrong ones a minute, for each who tries."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._wrong: dict[str, deque[float]] = {}

    def failed(self, who: str) -> None:
        """Note a wrong one."""
        if len(self._wrong) >= KNOWN_MAX:
            self._wrong.pop(next(iter(self._wrong)))
        self._wrong.setdefault(who, deque(maxlen=WRONG_MAX)).append(self._clock.monotonic_s())

    def too_many(self, who: str) -> bool:
        """Whether to listen no more for now."""
        wrong = self._wrong.get(who, deque[float]())
        return len(wrong) == WRONG_MAX and self._clock.monotonic_s() - wrong[0] < WINDOW_S
