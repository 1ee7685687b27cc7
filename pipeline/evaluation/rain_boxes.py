"""Radar frames as truth: what fell in boxes of 10 km, and how forecasts of it score."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from device_adapters.radar.composite import Grid, RadarError
from device_adapters.radar.read import read_composite
from pipeline.errors import RecordingError

FOLDER: Final = "rain_radar"
STEP_MIN: Final = 5
BOXES: Final = 40
BOX: Final = 10
"""Boxes on a side, pixels of 1 km on a side of a box."""
FIRST: Final = 11
EVERY: Final = 6
"""Forecasts start at frame 11, the first with an hour before it, and every half hour."""
PROBABILITY: Final = 0.3
"""From which on rain counts as forecast; chosen on the first half of the forecasts."""
AMOUNTS: Final = ((60, 1.0), (60, 2.0), (180, 1.0), (180, 3.0))
"""Horizon [min] and amount [mm]."""

Amounts = NDArray[np.float64]
Forecast = Callable[[int, int, float], Amounts]
"""From start, horizon [min] and amount [mm] to the probability f8[boxes] of as much."""


@dataclass(frozen=True, slots=True)
class Frames:
    """A sequence of composites, cut to what radars see, and the boxes about the greatest total.

    Attributes:
        rain_mm: f4[frames, rows, columns]; NaN where no radar sees.
        at_ns: i8[frames].
        corner: row and column of the first box's first pixel.
        offset: row and column that were cut off.
    """

    rain_mm: NDArray[np.float32]
    at_ns: NDArray[np.int64]
    grid: Grid
    corner: tuple[int, int]
    offset: tuple[int, int]

    def starts(self, minutes: int) -> list[int]:
        """Frames that forecasts of so many minutes start at, and can be held against what fell."""
        return list(range(FIRST, len(self.rain_mm) - minutes // STEP_MIN, EVERY))

    @property
    def centres(self) -> list[tuple[float, float]]:
        """Row and column of the middle of each box."""
        (top, left), middle = self.corner, (BOX - 1) / 2
        return [(top + BOX * i + middle, left + BOX * j + middle) for i in range(BOXES) for j in range(BOXES)]

    @property
    def covered(self) -> NDArray[np.bool_]:
        """?[boxes]: those of which radars see a part."""
        return self._boxed(np.isfinite(self.rain_mm[0]).astype(np.float64)) > 0

    def fell_mm(self, first: int, last: int) -> Amounts:
        """f8[boxes]: the mean of what fell over a box from frame `first` to the one before `last`."""
        return self.boxed_mm(np.nan_to_num(self.rain_mm[first:last].astype(np.float64)).sum(axis=0))

    def boxed_mm(self, field: NDArray[np.float64]) -> Amounts:
        """f8[boxes]: the mean of a field over what radars see of each box; it is 0 where they see nothing."""
        seen = self._boxed(np.isfinite(self.rain_mm[0]).astype(np.float64))
        return np.where(seen > 0, self._boxed(field) / np.maximum(seen, 1e-9), 0.0)

    def after_mm(self, start: int, minutes: int) -> Amounts:
        """What fell within so many minutes after a start."""
        return self.fell_mm(start + 1, start + 1 + minutes // STEP_MIN)

    def _boxed(self, field: NDArray[np.float64]) -> Amounts:
        top, left = self.corner
        square = field[top : top + BOXES * BOX, left : left + BOXES * BOX]
        boxed: Amounts = square.reshape(BOXES, BOX, BOXES, BOX).mean(axis=(1, 3)).ravel()
        return boxed


def frames_of(recordings: Path) -> Frames:
    """The frames of a folder, in order of time.

    Raises:
        RecordingError: none, one that cannot be read, or of another size.
    """
    paths = sorted((recordings / FOLDER).glob("*.h5"))
    if not paths:
        raise RecordingError(f"{recordings / FOLDER}: no radar composites (*.h5)")
    try:
        composites = [read_composite(path.read_bytes(), STEP_MIN) for path in paths]
        rain = np.stack([one.rain_mm for one in composites])
    except (OSError, RadarError, ValueError) as error:
        raise RecordingError(f"{recordings / FOLDER}: {error}") from error
    total = np.nan_to_num(rain).sum(axis=0)
    peak = np.unravel_index(int(total.argmax()), total.shape)
    side = BOXES * BOX
    top, left = (int(np.clip(at - side // 2, 0, size - side)) for at, size in zip(peak, total.shape, strict=True))
    rows, columns = np.nonzero(np.isfinite(rain[0]))
    north, west = min(int(rows.min()), top), min(int(columns.min()), left)
    south, east = max(int(rows.max()) + 1, top + side), max(int(columns.max()) + 1, left + side)
    return Frames(
        rain[:, north:south, west:east],
        np.array([one.at_ns for one in composites], np.int64),
        composites[0].grid,
        (top - north, left - west),
        (north, west),
    )


@dataclass(frozen=True, slots=True)
class Scored:
    """One forecast on some starts: the critical success index, how often it was said and came, and the Brier score."""

    csi: float
    said: int
    came: int
    brier: float


def scored(frames: Frames, forecast: Forecast, starts: Sequence[int], minutes: int, amount_mm: float) -> Scored:
    """All boxes of all starts together (Wilks 2011, chapter 8)."""
    covered = frames.covered
    probable = np.concatenate([forecast(start, minutes, amount_mm)[covered] for start in starts])
    came = np.concatenate([frames.after_mm(start, minutes)[covered] >= amount_mm for start in starts])
    said = probable >= PROBABILITY
    hits, either = int((said & came).sum()), int((said | came).sum())
    return Scored(
        hits / either if either else 0.0, int(said.sum()), int(came.sum()), float(np.mean((probable - came) ** 2))
    )


def halves(starts: Sequence[int]) -> tuple[list[int], list[int]]:
    """The first half of the starts, to choose by, and the second, to report."""
    middle = len(starts) // 2
    return list(starts[:middle]), list(starts[middle:])
