"""Rain ahead of places: the newest composite carried along, summed, and averaged near and wide about each place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from device_adapters.radar.advection import Motion, carried, smoothed
from device_adapters.radar.composite import Field
from pipeline.forecast.spread import HORIZONS_MIN

NEAR_KM: Final = 10.0
WIDE_KM: Final = 20.0
"""Widths of the two averages that spread.toml weighs."""
_KNOWN_MIN: Final = 0.02
"""Where less of the rain's way is known, the average is taken as if so much were: it fades out."""

Places = Sequence[tuple[float, float]]
"""Row and column of each, as pixels."""
Amounts = NDArray[np.float64]


def ahead_mm(
    rain_mm: Field, motion: Motion, minutes: float, pixel_km: float, places: Places
) -> Mapping[int, tuple[Amounts, Amounts]]:
    """Horizon [min] -> what motion brings within it: averaged near and wide [mm], f8[places] each.

    Rain that comes from where no radar sees is taken to be as what is known around it. A place that no radar sees, nor
    its surroundings, or outside the grid, has NaN.

    Args:
        rain_mm: what fell in the last `minutes`; NaN where no radar sees.
        motion: pixels in as many minutes.
    """
    seen = np.isfinite(rain_mm).astype(np.float32)
    total, known = np.zeros_like(seen), np.zeros_like(seen)
    blind = at(smoothed(seen, WIDE_KM / pixel_km), places) < _KNOWN_MIN
    found: dict[int, tuple[Amounts, Amounts]] = {}
    steps = {round(horizon / minutes): horizon for horizon in HORIZONS_MIN}
    for step, (moved, share) in enumerate(carried((np.nan_to_num(rain_mm), seen), motion, max(steps)), 1):
        total += moved
        known += share
        if step in steps:
            near, wide = (_averaged(total, known / np.float32(step), km / pixel_km) for km in (NEAR_KM, WIDE_KM))
            found[steps[step]] = np.where(blind, np.nan, at(near, places)), np.where(blind, np.nan, at(wide, places))
    return found


def at(field: Field, places: Places) -> Amounts:
    """The field at the pixels of some places; NaN outside the grid."""
    rows, columns = field.shape
    whole = [(round(row), round(column)) for row, column in places]
    return np.array(
        [field[row, column] if 0 <= row < rows and 0 <= column < columns else np.nan for row, column in whole],
        np.float64,
    )


def _averaged(total: Field, known: Field, width_px: float) -> Field:
    averaged = smoothed(total, width_px) / np.maximum(smoothed(known, width_px), np.float32(_KNOWN_MIN))
    return averaged.astype(np.float32, copy=False)
