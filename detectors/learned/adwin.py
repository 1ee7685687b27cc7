"""Adaptive windowing: a window of numbers that is cut where the two parts cannot have one mean.

Bifet and Gavalda (2007), Learning from time-changing data with adaptive windowing, SIAM International Conference on
Data Mining, pp. 443-448: ADWIN2, with the exponential histogram of Datar et al. (2002) and the variances of Babcock et
al. (2003). A bucket holds 1, 2, 4, ... numbers, at most five of a size; every `CLOCK` numbers each cut between two
buckets is tried, and while one tells two means apart the oldest bucket goes.
"""

from __future__ import annotations

from math import log, sqrt
from typing import Any, Final

import numpy as np

from detectors.kernel import kernel

CLOCK: Final = 32
OF_A_SIZE: Final = 5
LEAST: Final = 5
"""Numbers that either part must hold."""
GRACE: Final = 10
BUCKETS: Final = 160
"""Enough for 2 ** 31 numbers."""

WINDOW: Final = np.dtype(
    [
        ("seen", "i8"),
        ("buckets", "i4"),
        ("held", "f8", (BUCKETS,)),
        ("total", "f8", (BUCKETS,)),
        ("squares", "f8", (BUCKETS,)),
    ],
    align=True,
)
"""Buckets from the oldest to the newest: how many numbers, their sum, their squared deviations from their mean."""


@kernel
def empty(window: Any) -> None:
    """Before the first number."""
    window.seen, window.buckets = 0, 0


@kernel
def adapt(window: Any, number: float, delta: float) -> bool:
    """Take a number in; says whether the window was cut.

    Args:
        delta: the probability of a cut where nothing has changed.
    """
    window.seen += 1
    if window.buckets == BUCKETS:
        _drop(window)
    last = window.buckets
    window.held[last], window.total[last], window.squares[last] = 1.0, number, 0.0
    window.buckets = last + 1
    _merge(window)
    if window.seen % CLOCK:
        return False
    cut = False
    while _parted(window, delta):
        _drop(window)
        cut = True
    return cut


@kernel
def _merge(window: Any) -> None:
    """While there are too many of a size, its two oldest become one."""
    last = window.buckets
    while last > OF_A_SIZE and window.held[last - 1] == window.held[last - 1 - OF_A_SIZE]:
        first = last - 1 - OF_A_SIZE
        _into(window, first, first + 1)
        for k in range(first + 1, window.buckets - 1):
            window.held[k], window.total[k] = window.held[k + 1], window.total[k + 1]
            window.squares[k] = window.squares[k + 1]
        window.buckets -= 1
        last = first + 1


@kernel
def _into(window: Any, here: int, other: int) -> None:
    """Add a bucket to another."""
    n, m = window.held[here], window.held[other]
    apart = window.total[here] / n - window.total[other] / m
    window.squares[here] += window.squares[other] + apart * apart * n * m / (n + m)
    window.held[here] += m
    window.total[here] += window.total[other]


@kernel
def _drop(window: Any) -> None:
    """Forget the oldest bucket."""
    for k in range(window.buckets - 1):
        window.held[k], window.total[k] = window.held[k + 1], window.total[k + 1]
        window.squares[k] = window.squares[k + 1]
    window.buckets -= 1


@kernel
def moments(window: Any) -> tuple[float, float, float]:
    """How many numbers, their mean and variance; the variance of none is 0."""
    width, total, squares = 0.0, 0.0, 0.0
    for k in range(window.buckets):
        n = window.held[k]
        if width > 0.0:
            apart = total / width - window.total[k] / n
            squares += apart * apart * width * n / (width + n)
        width += n
        total += window.total[k]
        squares += window.squares[k]
    if width == 0.0:
        return 0.0, 0.0, 0.0
    return width, total / width, squares / width


@kernel
def _parted(window: Any, delta: float) -> bool:
    """Whether some cut tells two means apart."""
    width, mean, variance = moments(window)
    if width <= GRACE:
        return False
    bound = log(2.0 * log(width) / delta)
    before, total = 0.0, 0.0
    for k in range(window.buckets - 1):
        before += window.held[k]
        total += window.total[k]
        after = width - before
        if before < LEAST or after < LEAST:
            continue
        share = 1.0 / (before - LEAST + 1.0) + 1.0 / (after - LEAST + 1.0)
        apart = abs(total / before - (mean * width - total) / after)
        if apart > sqrt(2.0 * share * variance * bound) + 2.0 / 3.0 * bound * share:
            return True
    return False
