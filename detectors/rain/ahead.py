"""What is forecast to fall, at any time within the hours that are foreseen: kernels on one record a site.

A forecast says, for 1 and for 3 hours after its issue, a median and an amount exceeded one time in ten. Between them
the median grows in a straight line, and so does the error of the root: the root of an amount is taken for normal, as in
`pipeline.forecast.spread`, whose `exceeded` is the plain twin of `exceeded` here.
"""

from __future__ import annotations

from math import erfc, sqrt
from typing import Any, Final

import numpy as np

from detectors.kernel import kernel

HORIZONS: Final = 2
_FIRST_MIN: Final = 60
_LAST_MIN: Final = 180
HIGH_SD: Final = 1.2815515655446004

AHEAD: Final = np.dtype(
    [
        ("median_mm", "f8", (HORIZONS,)),
        ("high_mm", "f8", (HORIZONS,)),
        ("issued_ns", "i8", (HORIZONS,)),
        ("rank", "i8", (HORIZONS,)),
        ("coming_mm", "f8", (HORIZONS, 2)),
        ("coming_ns", "i8", (HORIZONS, 2)),
        ("coming_rank", "i8", (HORIZONS, 2)),
    ],
    align=True,
)
"""The forecast in force for 1 and for 3 hours, and the median and the upper bound of one that is coming in: they come
as two readings, and count once both are there."""


@kernel
def take_in(ahead: Any, horizon: int, part: int, rank: int, at_ns: int, amount_mm: float, fresh_ns: int) -> bool:
    """Take in one half of a forecast, part 0 the median and 1 the upper bound; whether it came into force.

    One of a worse source (a greater rank) does not replace a better one before that is older than `fresh_ns`.
    """
    ahead.coming_mm[horizon, part] = amount_mm
    ahead.coming_ns[horizon, part] = at_ns
    ahead.coming_rank[horizon, part] = rank
    other = 1 - part
    if ahead.coming_ns[horizon, other] != at_ns or ahead.coming_rank[horizon, other] != rank:
        return False
    if rank > ahead.rank[horizon] and at_ns - ahead.issued_ns[horizon] <= fresh_ns:
        return False
    median_mm = max(ahead.coming_mm[horizon, 0], 0.0)
    ahead.median_mm[horizon] = median_mm
    ahead.high_mm[horizon] = max(ahead.coming_mm[horizon, 1], median_mm)
    ahead.issued_ns[horizon] = at_ns
    ahead.rank[horizon] = rank
    return True


@kernel
def reach_min(ahead: Any, now_ns: int, fresh_ns: int) -> int:
    """How many minutes from now are foreseen; 0 where nothing is, or what was is older than `fresh_ns`."""
    reach = 0
    for horizon in range(HORIZONS):
        age_ns = now_ns - ahead.issued_ns[horizon]
        if ahead.issued_ns[horizon] > 0 and 0 <= age_ns <= fresh_ns:
            last = _FIRST_MIN if horizon == 0 else _LAST_MIN
            reach = max(reach, last - int(age_ns // 60_000_000_000))
    return reach


@kernel
def rate_um_h(ahead: Any, now_ns: int, fresh_ns: int, minutes: int) -> int:
    """The mean rate that is forecast for the next minutes, by the median; -1 where no fresh forecast is."""
    first, last = _is_fresh(ahead, 0, now_ns, fresh_ns), _is_fresh(ahead, 1, now_ns, fresh_ns)
    if first and (minutes <= _FIRST_MIN or not last):
        return int(1000.0 * ahead.median_mm[0])
    return int(1000.0 * ahead.median_mm[1]) * _FIRST_MIN // _LAST_MIN if last else -1


@kernel
def exceeded(
    ahead: Any, now_ns: int, fresh_ns: int, begin_min: int, end_min: int, amount_mm: float, factor: float
) -> float:
    """The probability of at least `amount_mm` between two instants, in minutes from now.

    Args:
        factor: by which the amounts forecast are multiplied: the adjustment to the gauge.
    """
    if amount_mm <= 0.0:
        return 1.0
    begin_mm, _ = _until(ahead, now_ns, fresh_ns, begin_min)
    end_mm, error = _until(ahead, now_ns, fresh_ns, end_min)
    mean = sqrt(factor * max(end_mm - begin_mm, 0.0))
    error *= sqrt(factor)
    lack = sqrt(amount_mm) - mean
    if error <= 0.0:
        return 1.0 if lack <= 0.0 else 0.0
    return 0.5 * erfc(lack / (error * sqrt(2.0)))


@kernel
def _until(ahead: Any, now_ns: int, fresh_ns: int, minutes: int) -> tuple[float, float]:
    """Median of what falls from the issue until `minutes` from now [mm], and the error of its root [sqrt(mm)]."""
    first = _is_fresh(ahead, 0, now_ns, fresh_ns)
    last = _is_fresh(ahead, 1, now_ns, fresh_ns)
    issued_ns = ahead.issued_ns[1] if last else ahead.issued_ns[0]
    since = minutes + (now_ns - issued_ns) / 6e10
    if first and (since <= _FIRST_MIN or not last):
        return ahead.median_mm[0] * since / _FIRST_MIN, _error(ahead, 0)
    if not first:
        return ahead.median_mm[1] * since / _LAST_MIN, _error(ahead, 1)
    share = min((since - _FIRST_MIN) / (_LAST_MIN - _FIRST_MIN), 1.0)
    later_mm = max(ahead.median_mm[1], ahead.median_mm[0])
    median_mm = ahead.median_mm[0] + share * (later_mm - ahead.median_mm[0])
    return median_mm, _error(ahead, 0) + share * (_error(ahead, 1) - _error(ahead, 0))


@kernel
def _is_fresh(ahead: Any, horizon: int, now_ns: int, fresh_ns: int) -> bool:
    return bool(ahead.issued_ns[horizon] > 0 and now_ns - ahead.issued_ns[horizon] <= fresh_ns)


@kernel
def _error(ahead: Any, horizon: int) -> float:
    return (sqrt(ahead.high_mm[horizon]) - sqrt(ahead.median_mm[horizon])) / HIGH_SD
