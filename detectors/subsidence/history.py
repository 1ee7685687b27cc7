"""A long record of displacement in few points: fine where it is recent, coarse where it is old.

An exponential histogram (Datar et al. 2002, SIAM J. Comput. 31): the latest readings stand as they came, by stretches;
older ones are merged in pairs, and pairs again, so that 96 points reach over a thousand stretches. A point is the mean
instant and the mean value of its readings, what share of them came after the last step of the instrument, and after
the one before, and the mean cosine and sine of their times of day: what daily heat does to a mean of any length is a
multiple of these.
"""

from __future__ import annotations

from math import cos, pi, sin
from typing import Any, Final

import numpy as np

from detectors.kernel import kernel

ROWS: Final = 6
WIDTH: Final = 16
"""Points of one coarseness; a power of two."""
REACH: Final = ROWS * WIDTH
SPAN: Final = WIDTH * (2**ROWS - 1)
"""Stretches that a full history reaches over."""
_NS_PER_DAY: Final = 86_400_000_000_000
_DAYS_PER_NS: Final = 1.0 / _NS_PER_DAY
MEANS: Final = 5
_VALUE, _AFTER, _EARLIER, _COS, _SIN = range(MEANS)

POINT: Final = np.dtype([("at_ns", "i8"), ("readings", "f8"), ("means", "f8", (MEANS,))], align=True)
"""`means`: value, share after the last step, share after the one before, cosine and sine of the time of day."""
HISTORY: Final = np.dtype(
    [
        ("points", POINT, (ROWS, WIDTH)),
        ("head", "i8", (ROWS,)),
        ("count", "i8", (ROWS,)),
        ("open", POINT),
        ("stretch", "i8"),
    ],
    align=True,
)
"""A ring a row, each point of row k made of 2**k stretches; and the stretch that is being filled."""


@kernel
def remember(history: Any, at_ns: int, value: float, stretch_ns: int, silence_ns: int) -> bool:
    """Take in one reading; says whether it closed a stretch, which then is the latest point.

    After a silence longer than `silence_ns` the history begins anew.
    """
    filling = history.open
    stretch = at_ns // stretch_ns
    closes = filling.readings > 0 and stretch != history.stretch
    if closes:
        latest_ns = filling.at_ns
        _push(history, filling)
        filling.readings = 0.0
        if at_ns - latest_ns > silence_ns:
            for row in range(ROWS):
                history.count[row] = 0
            closes = False
    history.stretch = stretch
    before = filling.readings
    filling.readings = before + 1.0
    share = 1.0 / filling.readings
    angle = 2.0 * pi * (at_ns % _NS_PER_DAY) / _NS_PER_DAY
    now = (value, 1.0, 1.0, cos(angle), sin(angle))
    if before == 0.0:
        filling.at_ns = at_ns
    filling.at_ns += int((at_ns - filling.at_ns) * share)
    for k in range(MEANS):
        filling.means[k] = now[k] if before == 0.0 else filling.means[k] + (now[k] - filling.means[k]) * share
    return closes  # type: ignore[no-any-return]  # a field of a record is Any


@kernel
def mark_step(history: Any) -> None:
    """The instrument has stepped: all points so far came before it."""
    for row in range(ROWS):
        for place in range(WIDTH):
            _mark(history.points[row, place].means)
    _mark(history.open.means)


@kernel
def _mark(means: Any) -> None:
    means[_EARLIER], means[_AFTER] = means[_AFTER], 0.0


@kernel
def _push(history: Any, filled: Any) -> None:
    """Put a point into the finest row; where a row is full its two oldest become one of the next."""
    at_ns, readings, means, one = filled.at_ns, filled.readings, filled.means.copy(), np.empty(MEANS)
    for row in range(ROWS):
        ring = history.points[row]
        full = history.count[row] == WIDTH
        one_ns, one_readings = 0, 0.0
        if full:
            old, next_old = ring[history.head[row]], ring[(history.head[row] + 1) & (WIDTH - 1)]
            one_readings = old.readings + next_old.readings
            share = next_old.readings / one_readings
            one_ns = old.at_ns + int((next_old.at_ns - old.at_ns) * share)
            one[:] = old.means + (next_old.means - old.means) * share
            history.head[row] = (history.head[row] + 2) & (WIDTH - 1)
            history.count[row] -= 2
        point = ring[(history.head[row] + history.count[row]) & (WIDTH - 1)]
        point.at_ns, point.readings = at_ns, readings
        point.means[:] = means
        history.count[row] += 1
        if not full:
            return
        at_ns, readings = one_ns, one_readings
        means[:] = one


@kernel
def listed(history: Any, window_ns: int, into: Any) -> int:
    """Write the points of the last `window_ns` into f8[REACH, COLUMNS] of `voight`, the latest first.

    Ages and values count from the latest point. Returns how many there are.
    """
    count, now_ns, now_value = 0, 0, 0.0
    for row in range(ROWS):
        for back in range(history.count[row]):
            place = (history.head[row] + history.count[row] - 1 - back) & (WIDTH - 1)
            point = history.points[row, place]
            if count == 0:
                now_ns, now_value = point.at_ns, point.means[_VALUE]
            if now_ns - point.at_ns > window_ns:
                return count
            into[count, 0] = (now_ns - point.at_ns) * _DAYS_PER_NS
            means = point.means
            into[count, 1] = means[_VALUE] - now_value
            into[count, 2], into[count, 3] = means[_AFTER], means[_EARLIER]
            into[count, 4] = point.readings
            into[count, 5], into[count, 6] = means[_COS], means[_SIN]
            count += 1
    return count


@kernel
def newest_ns(history: Any) -> int:
    """The instant of the latest point; there must be one."""
    return history.points[0, (history.head[0] + history.count[0] - 1) & (WIDTH - 1)].at_ns  # type: ignore[no-any-return]  # of a record
