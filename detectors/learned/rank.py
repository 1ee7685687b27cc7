"""How rare a number is among those that came before it: a p-value from ranks, without a distribution.

The share of remembered numbers at least as extreme is a conformal p-value (Laxhammar and Falkman 2014, Annals of
Mathematics and Artificial Intelligence 74). Ranks cannot tell a record from a record by far, so beyond the largest
number remembered the p-value goes on falling as in a Pareto tail, on the scale of the largest fiftieth.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from detectors.kernel import kernel

MEMORY: Final = 6000
"""Numbers remembered: three weeks at five minutes."""
ENOUGH: Final = 100
"""Below so many there is no tail to speak of."""
LEAST_IN_TAIL: Final = 5

UPPER: Final = 1
BOTH: Final = 0
"""Which end is extreme."""


@kernel
def p_value(number: float, ranked: Any, count: int, side: int, finest: float) -> float:
    """Probability of a number at least as extreme, from `ranked[:count]`, rising; ties count half.

    Args:
        finest: the least scale that a tail may have: an instrument's resolution, or 0.
    """
    known = ranked[:count]
    below = np.searchsorted(known, number, side="left")
    upto = np.searchsorted(known, number, side="right")
    ties = 0.5 * (upto - below)
    upper = (count - upto + ties + 1.0) / (count + 1.0)
    lower = (below + ties + 1.0) / (count + 1.0)
    if count > ENOUGH:
        tail = max(count // 50, LEAST_IN_TAIL)
        most, least = known[count - 1], known[0]
        if number > most:
            upper /= 1.0 + (number - most) / max(_scale(known[count - 1 - tail : count], most), finest)
        if number < least:
            lower /= 1.0 + (least - number) / max(_scale(known[: tail + 1], least), finest)
    return float(upper) if side == UPPER else min(1.0, 2.0 * min(upper, lower))


@kernel
def upper_scale(ranked: Any, count: int) -> float:
    """Mean distance of the largest fiftieth from where it begins; 0 where there is too little."""
    if count <= ENOUGH:
        return 0.0
    return float(_scale(ranked[count - 1 - max(count // 50, LEAST_IN_TAIL) : count], ranked[count - 1]))


@kernel
def _scale(tail: Any, end: float) -> float:
    """Mean distance of a tail's numbers from where it begins; never zero."""
    begin = tail[0] if end == tail[tail.size - 1] else tail[tail.size - 1]
    total = 0.0
    for number in tail:
        total += abs(number - begin)
    return float(total / (tail.size - 1) + 1e-9 * abs(end) + 1e-12)


@kernel
def remember(number: float, ranked: Any, ring: Any, count: int, turn: int) -> int:
    """Take a number into `ranked` and `ring`, in place of the oldest where they are full; the new count.

    Args:
        ranked: f8[MEMORY], rising up to `count`.
        ring: f8[MEMORY], the same numbers in order of arrival.
        turn: how many came before.
    """
    place = turn % ring.size
    if count == ring.size:
        gone = np.searchsorted(ranked, ring[place], side="left")
        for k in range(gone, count - 1):
            ranked[k] = ranked[k + 1]
        count -= 1
    here = np.searchsorted(ranked[:count], number, side="left")
    for k in range(count, here, -1):
        ranked[k] = ranked[k - 1]
    ranked[here] = number
    ring[place] = number
    return count + 1
