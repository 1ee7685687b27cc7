"""Where rain goes, from the lags between gauges: the one velocity at which the past, moved on, looks most like now.

For each trial velocity, what the gauges had some minutes ago is carried along and averaged (Gaussian weights) at where
they stand; the velocity wins whose picture agrees best, by the correlation of square roots, with what they have now.
The same idea as lag correlation between pairs (Briggs 1968; Niemczynowicz 1987, Nordic Hydrology 18, 193), with all
pairs and several lags at once.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np
from numpy.typing import NDArray

Points = NDArray[np.float64]
"""f8[n, 2]: east and north [km]."""

LAGS_MIN: Final = (15, 30, 45)
GAUGES_MIN: Final = 4
"""Fewer with rain in them tell no motion."""
TARGETS_MAX: Final = 150
"""At more gauges than that the pictures are not compared: more would take long and tell no more."""
AGREEMENT_MIN: Final = 0.3
"""A picture that agrees less is no picture of a motion."""
SEEN_MIN: Final = 0.7
"""Share of the usual sum of weights; less says that the picture is hardly known there. At its edges, where it is known
from one side only, fast motions would seem to agree better than they do."""
_STEPS_KM_H: Final = (24.0, 9.6, 3.84, 1.536)
_REACH: Final = (6, 2, 2, 2)
"""Trials on either side, step by step: up to 144 km/h at first, then ever closer about the best so far."""


def motion_km_h(
    gauges: Points, now_mm: NDArray[np.float64], before_mm: Mapping[int, NDArray[np.float64]], width_km: float
) -> NDArray[np.float64] | None:
    """East and north velocity f8[2] [km/h]; None where there is too little rain, or none that moves.

    Args:
        gauges: where they stand.
        now_mm: f8[n] of each in the last minutes, NaN where it is not known.
        before_mm: lag [min] -> the same so long ago.
        width_km: of the Gaussian weights.
    """
    pictures = [_Picture(gauges, now_mm, then_mm, lag / 60.0, width_km) for lag, then_mm in before_mm.items()]
    pictures = [one for one in pictures if one.tells]
    if not pictures:
        return None
    best, agreement = np.zeros(2), -1.0
    for step_km_h, reach in zip(_STEPS_KM_H, _REACH, strict=True):
        offsets = step_km_h * np.arange(-reach, reach + 1)
        trials = [best + np.array([east, north]) for east in offsets for north in offsets]
        scores = [float(np.mean([one.agreement(trial) for one in pictures])) for trial in trials]
        place = int(np.argmax(scores))
        if scores[place] > agreement:
            best, agreement = trials[place], scores[place]
    return best if agreement >= AGREEMENT_MIN else None


class _Picture:
    """What gauges had `lag_h` ago, to be carried along and held against now."""

    def __init__(
        self,
        gauges: Points,
        now_mm: NDArray[np.float64],
        then_mm: NDArray[np.float64],
        lag_h: float,
        width_km: float,
    ) -> None:
        had, has = ~np.isnan(then_mm), np.flatnonzero(~np.isnan(now_mm))
        has = has[:: -(-len(has) // TARGETS_MAX) or 1]
        self._from, self._then = gauges[had], np.sqrt(then_mm[had])
        self._to, self._now = gauges[has], np.sqrt(now_mm[has])
        self._lag_h, self._width_km = lag_h, width_km
        usual = weights(self._to, self._from, width_km).sum(axis=1) if len(self._to) else np.zeros(1)
        self._seen = SEEN_MIN * float(np.median(usual))

    @property
    def tells(self) -> bool:
        """Whether there is rain enough, here more and there less, to tell a motion by."""
        return all(int((root > 0).sum()) >= GAUGES_MIN and float(root.std()) > 0 for root in (self._then, self._now))

    def agreement(self, velocity_km_h: NDArray[np.float64]) -> float:
        """Correlation of the picture moved on with now, where the picture reaches; -1 where it hardly does."""
        moved = self._from + velocity_km_h * self._lag_h
        weight = weights(self._to, moved, self._width_km)
        held = weight.sum(axis=1)
        seen = held > self._seen
        if int(seen.sum()) < GAUGES_MIN:
            return -1.0
        picture, now = (weight[seen] @ self._then) / held[seen], self._now[seen]
        spread = float(picture.std() * now.std())
        return float(np.mean((picture - picture.mean()) * (now - now.mean()))) / spread if spread > 0 else -1.0


def weights(targets: Points, sources: Points, width_km: float) -> NDArray[np.float64]:
    """Gaussian weights f8[m, n] by distance; 1 where a target stands at a source."""
    east = np.subtract.outer(targets[:, 0], sources[:, 0])
    north = np.subtract.outer(targets[:, 1], sources[:, 1])
    result: NDArray[np.float64] = np.exp(-(east * east + north * north) / (2.0 * width_km * width_km))
    return result
