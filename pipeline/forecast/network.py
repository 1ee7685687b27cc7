"""Rain ahead of any place, from gauges alone: what they report is moved on, and averaged near and wide.

An amount within the next hour is the sum over its steps of what the gauges have just had, averaged where the air over
the place then is now. Both averages widen with the distance between gauges, below which they know nothing. Beyond the
last gauge upwind the wide surroundings stand for what is coming.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from pipeline.forecast.lags import Points, weights
from pipeline.model.earth import KM_PER_DEG

STEP_MIN: Final = 5
NEAR: Final = 0.53
WIDE: Final = 1.33
"""Widths of the two averages, in distances between gauges: 8 and 20 km where these stand 15 km apart."""
BEYOND: Final = 10.0
BEYOND_WEIGHT: Final = 1e-6
"""How much the far surroundings count, which stand for what is coming from beyond the last gauge."""


@dataclass(frozen=True, slots=True)
class Network:
    """Gauges and the places that are forecast for, on one plane [km]; `spacing_km` from gauge to gauge."""

    gauges: Points
    places: Points
    spacing_km: float

    def ahead_mm(
        self, now_mm: NDArray[np.float64], velocity_km_h: NDArray[np.float64], minutes: int
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """What motion brings to each place within the next minutes: averaged near and wide [mm], f8[places] each.

        Args:
            now_mm: f8[gauges] of the last STEP_MIN minutes, NaN where it is not known.
        """
        known = ~np.isnan(now_mm)
        totals = np.zeros((2, len(self.places)))
        if not known.any():
            return totals[0], totals[1]
        gauges, amounts = self.gauges[known], now_mm[known]
        for step in range(1, minutes // STEP_MIN + 1):
            origin = self.places - velocity_km_h * (step * STEP_MIN / 60.0)
            beyond = BEYOND_WEIGHT * weights(origin, gauges, BEYOND * self.spacing_km) + 1e-12
            for row, width in enumerate((NEAR, WIDE)):
                weight = weights(origin, gauges, width * self.spacing_km) + beyond
                totals[row] += (weight @ amounts) / weight.sum(axis=1)
        return totals[0], totals[1]


def on_plane(
    longitude_deg: NDArray[np.float64], latitude_deg: NDArray[np.float64], centre: tuple[float, float]
) -> Points:
    """East and north of a centre [km], true to scale about its latitude: good for some hundred kilometres."""
    east = (longitude_deg - centre[0]) * KM_PER_DEG * np.cos(np.radians(centre[1]))
    return np.stack([east, (latitude_deg - centre[1]) * KM_PER_DEG], axis=1)


def usual_spacing_km(gauges: Points) -> float:
    """The median distance to the next gauge; gauges at one place count once."""
    places = np.unique(gauges, axis=0)
    apart = np.hypot(*(np.subtract.outer(places[:, axis], places[:, axis]) for axis in (0, 1)))
    np.fill_diagonal(apart, np.inf)
    return float(np.median(apart.min(axis=1)))
