"""Where a source lies, by the wind that brought its gas.

While gas arrives, its source lies upwind. The direction of the wind, as a unit vector towards where it comes from, is
averaged with the weight of what arrived in each minute (a nonparametric wind regression in one sum: Henry et al. 2002,
Atmospheric Environment 36); the length of the mean vector says how much the wind turned meanwhile (circular standard
deviation; Mardia and Jupp 2000). The interval adds that and the half-width of a plume, in squares.
"""

from __future__ import annotations

from math import atan2, cos, degrees, hypot, log, radians, sin, sqrt
from typing import Any, Final

import numpy as np

from detectors.kernel import kernel

VANE: Final = np.dtype([("at_ns", "i8"), ("east", "f8"), ("north", "f8")], align=True)
"""The latest direction that the wind comes from, as a unit vector."""
BEARING: Final = np.dtype([("east", "f8"), ("north", "f8"), ("weight", "f8")], align=True)
"""The direction of what arrived at one sensor, weighted and smoothed, and the sum of the weights."""
_LEAST_SHARE: Final = 0.5
"""Of what arrived, at least so much must have come with a known wind."""
_DEVIATIONS: Final = 1.5
_LEAST_DEG: Final = 25.0
"""A plume as far out as a trace sensor sees it: two to three standard deviations (Pasquill's class D at 100 m)."""
_MOST_DEG: Final = 90.0
"""A wider interval says nothing, and is not told."""


@kernel
def turn(vane: Any, at_ns: int, from_deg: float) -> None:
    """Take in where the wind comes from; gas crosses a site in a minute, so it is not smoothed."""
    vane.at_ns = at_ns
    vane.east, vane.north = sin(radians(from_deg)), cos(radians(from_deg))


@kernel
def bring(bearing: Any, vane: Any, silent_ns: int, at_ns: int, flux: float, taken: float) -> None:
    """Take in what arrived at a sensor; without a vane the sums fade alike, so their direction stays.

    Args:
        silent_ns: for how long a vane is believed.
        taken: share of the mean that the newest reading is.
    """
    arrived = max(flux, 0.0) if vane.at_ns != 0 and at_ns - vane.at_ns <= silent_ns else 0.0
    bearing.east += (arrived * vane.east - bearing.east) * taken
    bearing.north += (arrived * vane.north - bearing.north) * taken
    bearing.weight += (arrived - bearing.weight) * taken


@kernel
def point(bearing: Any, flux: float, evidence: Any) -> None:
    """Tell bearing and spread, spread 0 where too little is known.

    Args:
        flux: what arrived, smoothed alike; where most of it came while no vane was heard, nothing is told.
    """
    if bearing.weight <= 0.0 or bearing.weight < _LEAST_SHARE * flux:
        return
    steady = min(hypot(bearing.east, bearing.north) / bearing.weight, 1.0)
    if steady <= 0.0:
        return
    spread = hypot(_DEVIATIONS * degrees(sqrt(-2.0 * log(steady))), _LEAST_DEG)
    if spread <= _MOST_DEG:
        evidence.bearing_deg = degrees(atan2(bearing.east, bearing.north)) % 360.0
        evidence.spread_deg = spread
