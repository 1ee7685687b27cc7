"""What every peer does with a reading: EWMA, two-sided CUSUM and river's GaussianScorer of its sensor.

Imports nothing of Forewarn: it runs in the peers' environment as well.
"""

from __future__ import annotations

import json
import time
from typing import Any

from river.anomaly import GaussianScorer

ALPHA = 0.05
DRIFT = 0.5
LIMIT = 8.0


class Watched:
    """One sensor."""

    __slots__ = ("down", "mean", "scorer", "spread", "up")

    def __init__(self) -> None:
        self.mean = self.spread = self.up = self.down = 0.0
        self.scorer: Any = GaussianScorer()  # type: ignore[no-untyped-call]  # river is not typed

    def learn(self, value: float) -> bool:
        """Take in a value; whether it is out of the ordinary."""
        off = value - self.mean
        self.mean += ALPHA * off
        self.spread += ALPHA * (abs(off) - self.spread)
        score = off / (self.spread or 1.0)
        self.up = max(0.0, self.up + score - DRIFT)
        self.down = max(0.0, self.down - score - DRIFT)
        rare = self.scorer.score_one(None, value) > 1 - 1e-6
        self.scorer.learn_one(None, value)
        return rare or self.up > LIMIT or self.down > LIMIT


class Watch:
    """All sensors, and the pace: the clock runs from the first reading after WARM_UP to the last."""

    WARM_UP = 10_000

    def __init__(self, readings: int) -> None:
        self._sensors: dict[str, Watched] = {}
        self._readings = readings
        self._seen = 0
        self._began_s = 0.0

    def take(self, message: bytes) -> bool:
        """Take in one message; whether it was the last."""
        reading = json.loads(message)
        name = reading["sensor"]
        watched = self._sensors.get(name)
        if watched is None:
            watched = self._sensors[name] = Watched()
        watched.learn(reading["value"])
        self._seen += 1
        if self._seen == self.WARM_UP:
            self._began_s = time.perf_counter()
        return self._seen >= self._readings

    def per_s(self) -> float:
        """Readings a second."""
        return (self._seen - self.WARM_UP) / (time.perf_counter() - self._began_s)
