"""Subsidence: a synthetic slope that creeps, runs away and fails, and one that rests.

First a steady creep, as a slow landslide has for years. Then Fukuzono (1985, "A new method for predicting the failure
time of a slope"): inverse velocity falls in a straight line to failure, velocity = 1 / (A (t_f - t)), which sets out
from the velocity of the creep; so displacement grows by -ln(1 - t / t_f) / A. Noise of 0.2 mm (one standard deviation,
a wire extensometer), a reading every 10 min. After failure the mass lies still.
"""

from __future__ import annotations

from pathlib import Path
from random import Random
from typing import Final

import numpy as np
from numpy.typing import NDArray

from demo_recordings.story import START_S, Block, Event, grid

AREA: Final = "990101001002"
STEP_S: Final = 600.0
NOISE_MM: Final = 0.2
FAILS_S: Final = 2 * 3600.0
ACCELERATES_S: Final = FAILS_S - 20 * 3600.0
SCALE_MM: Final = 10.0
"""1 / A. The creep before is SCALE_MM / (FAILS_S - ACCELERATES_S): 12 mm a day."""
STILL_BEFORE_S: Final = 120.0
"""Readings end to grow so long before the singular instant: the mass has broken away."""

POINTS: Final = {
    "slope-1.crown": 1.0,
    "slope-1.middle": 0.85,
    "slope-1.toe": 0.6,
    "slope-1.flank": 0.2,
    "slope-2.crown": 0.0,
    "slope-2.toe": 0.0,
}
"""Extensometer -> share of the moving mass's displacement."""


def blocks(_: Path) -> list[Block]:
    """Displacement of six extensometers, to a hundredth of a millimetre."""
    at_s = grid(STEP_S)
    moved_mm = displacement_mm(at_s)
    return [
        Block(point, "mm", at_s, np.round(share * moved_mm + _noise(point, at_s.size), 2))
        for point, share in POINTS.items()
    ]


def events(_: Path) -> list[Event]:
    """The instant of failure."""
    return [Event("ground_movement", AREA, FAILS_S, "slope 1 fails", "synthetic creep after Fukuzono")]


def displacement_mm(at_s: NDArray[np.float64]) -> NDArray[np.float64]:
    """f8[n]: of the moving mass, since the recordings began."""
    runaway_s = FAILS_S - ACCELERATES_S
    moving_s = np.minimum(at_s, FAILS_S - STILL_BEFORE_S)
    crept = (np.minimum(moving_s, ACCELERATES_S) - START_S) / runaway_s
    run = np.maximum(moving_s - ACCELERATES_S, 0.0) / runaway_s
    return np.asarray(SCALE_MM * (crept - np.log1p(-run)))


def _noise(point: str, count: int) -> NDArray[np.float64]:
    draw = Random(point)  # noqa: S311  # measurement noise, not a secret
    return np.array([draw.gauss(0.0, NOISE_MM) for _ in range(count)])
