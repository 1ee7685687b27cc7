"""The score of the Numenta Anomaly Benchmark, version 1.1 (Lavin and Ahmad 2015, ICMLA; its scoring in words there).

A detector gives each reading of a series a score. Rows at or above one threshold, the same for all series, are
detections. In a labelled window only the earliest counts: worth 1 at the window's left edge, falling as a sigmoid to 0
at its right one. Each row detected outside costs up to the weight of a false one, less just after a window; a window
missed costs the weight of a miss. The first 15 % of a series, at most 750 rows, do not count. 0 is what a silent
detector gets, 100 a perfect one.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

_STEEPNESS: Final = 5.0
_FAR: Final = 3.0
"""Window lengths after a window beyond which a false row costs its whole weight."""
_TOP: Final = 2.0 / (1.0 + math.exp(-_STEEPNESS)) - 1.0


@dataclass(frozen=True, slots=True)
class Profile:
    """What a false row and a missed window cost, where a window found is worth 1."""

    name: str
    false: float
    missed: float


STANDARD: Final = Profile("standard", 0.11, 1.0)
LOW_FALSE: Final = Profile("low false positive", 0.22, 1.0)
LOW_MISSED: Final = Profile("low false negative", 0.11, 2.0)


@dataclass(frozen=True, slots=True)
class Labelled:
    """A series as it is scored: worth f8[n] of a detection in each row, window i8[n] it lies in or -1, counted ?[n]."""

    worth: NDArray[np.float64]
    window: NDArray[np.int64]
    counted: NDArray[np.bool_]
    windows: int


def labelled(rows: int, windows: Sequence[tuple[int, int]]) -> Labelled:
    """A series of so many rows with windows from row to row, both within, in order."""
    place = np.arange(rows)
    worth, window = np.full(rows, -1.0), np.full(rows, -1)
    for number, (first, last) in enumerate(windows):
        length = last - first + 1
        after = place > last
        worth[after] = _worth((place[after] - last) / max(length - 1, 1))
        inside = slice(first, last + 1)
        worth[inside] = _worth(-(last - place[inside] + 1) / length) / _TOP
        window[inside] = number
    return Labelled(worth, window, place >= min(math.floor(0.15 * rows), 750), len(windows))


def _worth(position: NDArray[np.float64]) -> NDArray[np.float64]:
    """By window lengths from the right edge; negative is within."""
    return np.where(position > _FAR, -1.0, 2.0 / (1.0 + np.exp(_STEEPNESS * np.minimum(position, _FAR))) - 1.0)


Scores = Mapping[str, NDArray[np.float64]]
"""Series -> f8[n], one score a reading."""


def normalised(scores: Scores, series: Mapping[str, Labelled], profile: Profile, threshold: float) -> float:
    """The score of all `series` at one threshold."""
    gained, count = 0.0, 0
    for name, one in series.items():
        told = one.counted & (scores[name] >= threshold)
        outside, inside = told & (one.window < 0), told & (one.window >= 0)
        best = np.full(one.windows, -profile.missed)
        np.maximum.at(best, one.window[inside], one.worth[inside])
        gained += profile.false * float(one.worth[outside].sum()) + float(best.sum()) + profile.missed * one.windows
        count += one.windows
    return 100.0 * gained / (count * (1.0 + profile.missed))


def best_threshold(scores: Scores, series: Mapping[str, Labelled], profile: Profile) -> float:
    """The threshold that scores highest on these series; above all scores where silence is best."""
    rows = _pooled(scores, series)
    best = dict.fromkeys(range(sum(one.windows for one in series.values())), -profile.missed)
    gained, top, at = 0.0, 0.0, float("inf")
    for place, (score, worth, window) in enumerate(rows):
        if window < 0:
            gained += profile.false * worth
        elif worth > best[window]:
            gained += worth - best[window]
            best[window] = worth
        if gained > top and (place + 1 == len(rows) or rows[place + 1][0] != score):
            top, at = gained, score
    return at


def _pooled(scores: Scores, series: Mapping[str, Labelled]) -> list[tuple[float, float, int]]:
    """(score, worth, window counted through all series) of every row that counts, highest score first."""
    rows: list[tuple[float, float, int]] = []
    first = 0
    for name, one in series.items():
        window = np.where(one.window < 0, -1, one.window + first)[one.counted]
        columns = (scores[name][one.counted].tolist(), one.worth[one.counted].tolist(), window.tolist())
        rows += zip(*columns, strict=True)
        first += one.windows
    return sorted(rows, key=lambda row: -row[0])
