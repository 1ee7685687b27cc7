"""Ordinary days: synthetic sensors that see nothing, and one that is stuck."""

from __future__ import annotations

from pathlib import Path
from random import Random
from typing import Final

import numpy as np
from numpy.typing import NDArray

from demo_recordings.story import Block, Event, grid

STEP_S: Final = 60.0
CALM: Final = {
    "chlorine-1": ("ppm", 0.02, 0.005, 3),
    "chlorine-2": ("ppm", 0.03, 0.005, 3),
    "cng-lel-1": ("%LEL", 0.6, 0.15, 2),
    "cng-lel-2": ("%LEL", 0.8, 0.15, 2),
}
"""Sensor -> unit, mean, standard deviation, decimals."""
THERMOMETERS: Final = {"air-1": 0.0, "air-2": 1.5}
"""Sensor -> offset [K] from the district's mean."""
STUCK: Final = "air-2"
STUCK_FROM_S: Final = -5 * 3600.0
"""A fault to be found: from here on this thermometer repeats one value."""


def blocks(_: Path) -> list[Block]:
    """Gas sensors at their zero and two thermometers with a day's course."""
    at_s = grid(STEP_S)
    calm = [
        Block(name, unit, at_s, np.maximum(mean + _noise(name, spread, at_s.size), 0.0).round(decimals))
        for name, (unit, mean, spread, decimals) in CALM.items()
    ]
    return calm + [Block(name, "degC", at_s, _air_c(name, at_s)) for name in THERMOMETERS]


def events(_: Path) -> list[Event]:
    """Nothing happens here."""
    return []


def _air_c(name: str, at_s: NDArray[np.float64]) -> NDArray[np.float64]:
    day = 2 * np.pi * (at_s / 86_400.0)
    course = 17.0 + THERMOMETERS[name] + 6.0 * np.sin(day) + _noise(name, 0.08, at_s.size)
    if name == STUCK:
        stuck = at_s >= STUCK_FROM_S
        course[stuck] = course[int(np.argmax(stuck))]
    return np.asarray(np.round(course, 2))


def _noise(name: str, spread: float, count: int) -> NDArray[np.float64]:
    draw = Random(name)  # noqa: S311  # measurement noise, not a secret
    return np.array([draw.gauss(0.0, spread) for _ in range(count)])
