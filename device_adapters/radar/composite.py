"""A composite: what radars saw to fall in some minutes, over a grid."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from device_adapters.radar.projection import Projection

Field = NDArray[np.float32]
"""f4[rows, columns]; row 0 is the northernmost."""


class RadarError(ValueError):
    """Bytes that are no composite; the text names the part and the bound."""


@dataclass(frozen=True, slots=True)
class Grid:
    """Where the pixels lie: west and north edge of the first, and the size of each, on the plane [km, or deg]."""

    plane: Projection
    west: float
    north: float
    width: float
    height: float
    pixel_km: float

    def place(self, longitude_deg: float, latitude_deg: float) -> tuple[float, float]:
        """Row and column of a place; whole numbers are centres of pixels. It may lie outside."""
        x, y = self.plane.km(longitude_deg, latitude_deg)
        return (self.north - y) / self.height - 0.5, (x - self.west) / self.width - 0.5


@dataclass(frozen=True, slots=True, eq=False)
class Composite:
    """Rain of the minutes before `at_ns`.

    Attributes:
        rain_mm: what fell; NaN where no radar sees.
        minutes: in how long.
    """

    at_ns: int
    minutes: float
    grid: Grid
    rain_mm: Field
