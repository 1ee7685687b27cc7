"""The records that kernels speak in, and the levels that thresholds give."""

from __future__ import annotations

from math import inf
from typing import Any, Final

import numpy as np

from detectors.kernel import kernel

EVIDENCE: Final = np.dtype(
    [
        ("value", "f8"),
        ("threshold", "f8"),
        ("score", "f8"),
        ("window_ns", "i8"),
        ("expected_ns", "i8"),
        ("earliest_ns", "i8"),
        ("latest_ns", "i8"),
        ("bearing_deg", "f8"),
        ("spread_deg", "f8"),
        ("witness", "i8"),
        ("level", "u1"),
        ("criterion", "u1"),
    ],
    align=True,
)
"""What a step says of one reading. The loop clears it first: level 0, score 0, window_ns = the reading's instant,
expected_ns 0 (= none), and the ends of its interval too (= `expected_ns` itself). `criterion` is a position in the
detector's `criteria`. Where the wind brought it from (`spread_deg` to both sides of `bearing_deg`, seen by channel
`witness`) is set with each reading by detectors that reckon it, spread 0 for none; the loop leaves it alone."""

EVENT: Final = np.dtype(
    [
        ("row", "i8"),
        ("at_ns", "i8"),
        ("onset_ns", "i8"),
        ("window_ns", "i8"),
        ("expected_ns", "i8"),
        ("earliest_ns", "i8"),
        ("latest_ns", "i8"),
        ("witness", "i8"),
        ("bearing_deg", "f8"),
        ("spread_deg", "f8"),
        ("value", "f8"),
        ("threshold", "f8"),
        ("score", "f8"),
        ("subject", "i4"),
        ("revision", "i4"),
        ("state", "u1"),
        ("level", "u1"),
        ("peak", "u1"),
        ("criterion", "u1"),
    ],
    align=True,
)
"""One revision of one episode, on its way to becoming a Finding. `row` is the reading's place in the batch."""


def levels(*, blue: float = inf, yellow: float = inf, orange: float = inf, red: float = inf) -> tuple[float, ...]:
    """Thresholds as `grade` takes them; a colour that is not named is not used."""
    return blue, yellow, orange, red


@kernel
def grade(value: float, thresholds: Any, deadband: float, current: int) -> int:
    """The level that `value` stands for, 0 to 4, with hysteresis.

    Args:
        value: grows towards danger.
        thresholds: f8[4], rising: blue, yellow, orange, red; NaN or inf where a colour is not used.
        deadband: share of a threshold, 0..1, by which the value must fall below it before the level is left.
        current: level in force; levels up to it are left only below threshold * (1 - deadband).
    """
    level = 0
    for k in range(4):
        bound = thresholds[k]
        if k < current and abs(bound) < inf:
            bound -= deadband * abs(bound)
        if value >= bound:
            level = k + 1
    return level
