"""Whether the last readings, as a course, were ever seen before: the distance to the third nearest stretch of the past.

The left matrix profile of a stream (Yeh et al. 2016, Matrix Profile I, ICDM), with the third neighbour instead of the
first, so that something odd that happened twice is still odd. Distances are Euclidean and not normalised: a course at
another height is another course. Every lag keeps its own running sum, so a reading costs one pass over the lags.
"""

from __future__ import annotations

import math
from typing import Any, Final

from detectors.kernel import kernel
from detectors.learned.rank import MEMORY

WINDOW: Final = 48
"""Readings that make a course."""
RING: Final = MEMORY + 2 * WINDOW
"""Values kept; each stands twice, RING apart, so that any stretch of the past lies in one piece."""


@kernel
def follow(value: float, turn: int, values: Any, apart: Any) -> None:
    """Take a value in.

    Args:
        turn: how many came before.
        values: f8[2 * RING].
        apart: f8[MEMORY + 1], by lag: sum of squared differences over the window and the window that much earlier.
    """
    here = turn % RING + RING
    values[here - RING] = value
    values[here] = value
    for lag in range(1, min(turn, MEMORY) + 1):
        apart[lag] += (value - values[here - lag]) ** 2
    gone = values[here - WINDOW]
    for lag in range(1, min(turn - WINDOW, MEMORY) + 1):
        apart[lag] = max(apart[lag] - (gone - values[here - WINDOW - lag]) ** 2, 0.0)


@kernel
def novelty(turn: int, apart: Any) -> float:
    """Distance of the window that ends at reading `turn` to its third nearest in the past; NaN before there are any."""
    if turn < 3 * WINDOW:
        return float("nan")
    first, second, third = math.inf, math.inf, math.inf
    for lag in range(WINDOW, min(turn, MEMORY) - WINDOW + 1):
        distance = apart[lag]
        if distance < third:
            if distance < first:
                first, second, third = distance, first, second
            elif distance < second:
                second, third = distance, second
            else:
                third = distance
    return math.sqrt(third)
