"""The sample site's recording: six made-up hours with a small leak and a tank that somebody fills too far."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Final

START: Final = datetime(2026, 1, 1, tzinfo=UTC)
MINUTES: Final = 360
LEAK_FROM_MIN: Final = 335
LEAK_LEL: Final = 31.0
FILL_FROM_MIN: Final = 210
FILL_M_MIN: Final = 0.03
RAIN_EVERY_MIN: Final = 5


def readings() -> str:
    """A long CSV: observed_at, sensor, value."""
    rows = [f"{(START + timedelta(minutes=minute)).isoformat()},{sensor},{value}" for minute, sensor, value in _rows()]
    return "\n".join(["observed_at,sensor,value", *rows]).replace("+00:00", "Z") + "\n"


def _rows() -> Iterator[tuple[int, str, float]]:
    draw = Random("sample site")  # noqa: S311  # measurement noise, not a secret
    for minute in range(MINUTES):
        leak = LEAK_LEL * min(max(minute - LEAK_FROM_MIN, 0) / 10, 1.0)
        yield minute, "gas-1", round(0.6 + leak + abs(draw.gauss(0, 0.2)), 1)
        filled = FILL_M_MIN * max(minute - FILL_FROM_MIN, 0)
        yield minute, "level-1", round(4.0 + filled + draw.gauss(0, 0.002), 3)
        if minute % RAIN_EVERY_MIN == 0:
            yield minute, "rain-1", 0.2 * round(draw.random() * 1.2)
