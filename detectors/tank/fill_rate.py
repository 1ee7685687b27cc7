"""The fill rate of a tank, from two lines through its levels: a short one, and a long one for steady pumping.

The records are those of `tank_overfill`. Levels come as medians of three.
"""

from __future__ import annotations

from math import hypot, sqrt
from typing import Any, Final

import numpy as np

from detectors.kernel import kernel
from detectors.tank.line import fit, forget, rate, take_from, value_at
from pipeline.model.instant import NS_PER_S

_USUAL_NOISE_M: Final = 0.005
_LEARNING: Final = 0.05
_BOUND: Final = 3.0
"""How a gauge's noise is learned: from where, with which weight of a point, and how many deviations one counts for."""
_LEFT: Final = 5.0
"""Deviations from the line at which a point may be of another rate."""
_PARTED: Final = 3.0
"""Standard errors by which the two lines must differ to be of two rates."""
GRAIN_M: Final = 0.003
"""Less is the grain of a gauge."""
_INTERVAL: Final = 3.5
_LEAST_SHARE: Final = 0.01
"""The interval of the time left, 90 %: standard errors (more than 1.64, for medians of three overlap), and a floor."""


@kernel
def follow(state: Any, params: Any, value: float) -> None:
    """Take a point into both lines; the long one forgets where they part, both where two points in a row leave them."""
    short, long = state.short, state.long
    if _left(state, value):
        forget(short)
        forget(long)
        fit(short, params.window_s, state.apart_ns, state.apart)
        fit(long, params.steady_s, state.apart_ns, state.apart)
        state.parted = 0
    fit(short, params.window_s, state.at_ns, value)
    fit(long, params.steady_s, state.at_ns, value)
    slope, error = rate(short)
    steady, steady_error = rate(long)
    scatter = error * sqrt(short.tt / max(short.weight, 1.0))
    apart = abs(value_at(short, slope, state.at_ns) - value_at(long, steady, state.at_ns))
    if _spans(short, params) and (
        abs(slope - steady) > _PARTED * hypot(error, steady_error) or apart > _PARTED * scatter + GRAIN_M
    ):
        take_from(long, short)


@kernel
def _left(state: Any, value: float) -> bool:
    """Whether this point and the one before lie far to one side of the long line: pumping has changed.

    The readings of both instants must do so too: one wrong value moves two medians.
    """
    if state.noise_square <= 0.0:
        state.noise_square = _USUAL_NOISE_M**2
    slope, error = rate(state.long)
    if error == np.inf:
        return False
    foreseen = value_at(state.long, slope, state.at_ns)
    residual, raw = value - foreseen, state.before - foreseen
    ahead_s = (state.at_ns - state.long.fitted_ns) / NS_PER_S - state.long.mean_s
    doubt = state.noise_square * (1.0 + 1.0 / state.long.weight + ahead_s * ahead_s / state.long.tt)
    side = 0
    least = max(_LEFT * sqrt(doubt), GRAIN_M)
    if min(residual, raw) > least or max(residual, raw) < -least:
        side = 1 if residual > 0.0 else -1
    state.noise_square += _LEARNING * (min(residual * residual, _BOUND**2 * doubt) / doubt - 1.0) * state.noise_square
    left = side != 0 and side == state.parted
    if not left:
        state.parted, state.apart_ns, state.apart = side, state.at_ns, value
    return left


@kernel
def _spans(line: Any, params: Any) -> bool:
    return (line.fitted_ns - line.first_ns) / NS_PER_S >= params.span_s  # type: ignore[no-any-return]  # of a record


@kernel
def believed(state: Any, params: Any) -> tuple[float, float]:
    """Fill rate [m/s], 0 where it is negligible, negative or lost in the noise; and by what share it may be wrong."""
    if not _spans(state.short, params):
        return 0.0, 0.0
    slope, error = rate(state.long)
    error = max(error, sqrt(state.noise_square / state.long.tt))
    if slope < max(params.least_rate, params.least_errors * error):
        return 0.0, 0.0
    return slope, _INTERVAL * error / slope + _LEAST_SHARE
