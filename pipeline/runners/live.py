"""What the process is doing just now: last readings, rates, delays. Written by the processor, read by the page."""

from __future__ import annotations

from collections import deque
from threading import Lock
from typing import Final

import numpy as np

from pipeline.clock import Clock
from pipeline.model.instant import NS_PER_S
from pipeline.model.inventory import Inventory
from pipeline.stages.core import Outcome
from pipeline.stages.record import Recent

DELAYS_KEPT: Final = 4096
RATE_WINDOW_S: Final = 10.0


class Live:
    """Thread-safe; `version` grows whenever something a page shows has changed."""

    def __init__(self, inventory: Inventory, clock: Clock) -> None:
        self.recent = Recent(inventory)
        self.version = 0
        self._clock = clock
        self._lock = Lock()
        self._delays_s: deque[float] = deque(maxlen=DELAYS_KEPT)
        self._rates: deque[tuple[float, int]] = deque()

    def take(self, outcome: Outcome, received_at_ns: int | None) -> None:
        """Note one processed entry."""
        now_s = self._clock.monotonic_s()
        with self._lock:
            self.version += 1
            if len(outcome.columns):
                self.recent.take(outcome.columns)
                self._rates.append((now_s, len(outcome.columns)))
            if received_at_ns is not None:
                self._delays_s.append((self._clock.now_ns() - received_at_ns) / NS_PER_S)
            while self._rates and self._rates[0][0] < now_s - RATE_WINDOW_S:
                self._rates.popleft()

    def readings_per_s(self) -> float:
        """Mean over the last ten seconds."""
        oldest_s = self._clock.monotonic_s() - RATE_WINDOW_S
        with self._lock:
            return sum(number for at_s, number in self._rates if at_s >= oldest_s) / RATE_WINDOW_S

    def delay_s(self, quantile: float) -> float | None:
        """From a batch's reception to the end of its processing; None before the first."""
        with self._lock:
            return float(np.quantile(self._delays_s, quantile)) if self._delays_s else None
