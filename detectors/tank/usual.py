"""What is usual of a tank's rows: learned from its first ones, with limits from the next, and how far a row is from it.

Each row is taken once by two moving averages; what is learned, limits and departures are of both.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from detectors.kernel import kernel
from detectors.tank.axes import principal_axes

CHANNELS_MAX: Final = 32
"""Instruments that one group may hold."""
FIGURES: Final = 2
"""T2 along the first axes, and along the rest: places of the criteria."""
AVERAGES: Final = 2
_LEAST_SPREAD: Final = 0.01
"""Of an instrument's own variance; an axis that carries less would make much of rounding."""
VECTOR: Final = ("f8", (CHANNELS_MAX,))
_VECTORS: Final = ("f8", (AVERAGES, CHANNELS_MAX))
_MATRICES: Final = ("f8", (AVERAGES, CHANNELS_MAX, CHANNELS_MAX))
STATE: Final = np.dtype(
    [
        ("row", "i8"),
        ("seen", "i8"),
        ("last_row", "i8", (CHANNELS_MAX,)),
        ("value", *VECTOR),
        ("rows", "i8"),
        ("centre", *_VECTORS),
        ("products", *_MATRICES),
        ("scatter", *_VECTORS),
        ("axes", *_MATRICES),
        ("spreads", *_VECTORS),
        ("kept", "i8", (AVERAGES,)),
        ("smoothed", *_VECTORS),
        ("limit_mean", "f8", (AVERAGES * FIGURES,)),
        ("limit_square", "f8", (AVERAGES * FIGURES,)),
        ("departure", "f8", (AVERAGES * FIGURES,)),
        ("away", "i8"),
        ("learned", "i8"),
        ("limited", "i8"),
        ("fillings", "i8"),
        ("moves", "u1"),
        ("rises", "u1"),
        ("turned_at", "f8"),
    ],
    align=True,
)
"""The row being filled, and each channel's last value and the row it came in; by moving average, means and products
learned, then axes and their variances; by moving average and figure, mean and squares in the second stretch, and normal
deviations in the last row; for how many rows it has been away from what was learned; rows learned, and rows that limits
came from, 0: not yet; fillings since either began, whether there ever was one, whether the level rises, and the last
extreme of it."""


@kernel
def take_row(state: Any, params: Any) -> None:
    """Learn from a row, take limits from it, or judge it."""
    state.rows += 1
    for which in range(AVERAGES):
        weight = params.smooth[which] if state.rows > 1 else 1.0
        for i in range(params.channels):
            state.smoothed[which, i] += weight * (state.value[i] - state.smoothed[which, i])
        if state.learned > 0:
            _depart(state, params, which)
        elif state.rows > params.settling_rows:
            _learn(state, params, which)
    if params.gauge >= 0 and _fills(state, params.filling, state.smoothed[0, params.gauge]):
        state.fillings += 1
        if not state.moves and state.learned > 0 and state.limited == 0:
            _forget(state)
        state.moves = 1
    if state.learned == 0:
        _end_learning(state, params)
    elif state.limited == 0:
        _limit(state, params)
    else:
        _judge(state, params)


@kernel
def _end_learning(state: Any, params: Any) -> None:
    """Once it has lasted, and the tank, if it moves at all, has been filled often enough."""
    if state.rows < params.learn_rows or (state.moves and state.fillings < params.fillings):
        return
    for which in range(AVERAGES):
        _settle(state, params, which)
    state.learned, state.fillings = state.rows, 0


@kernel
def _limit(state: Any, params: Any) -> None:
    """Mean and squares of the figures, over rows that were not learned from and half as many fillings."""
    seen = state.rows - state.learned
    for k in range(AVERAGES * FIGURES):
        delta = state.departure[k] - state.limit_mean[k]
        state.limit_mean[k] += delta / seen
        state.limit_square[k] += delta * (state.departure[k] - state.limit_mean[k])
        state.departure[k] = 0.0
    if seen >= params.limit_rows and (not state.moves or 2 * state.fillings >= params.fillings):
        state.limited = seen


@kernel
def _judge(state: Any, params: Any) -> None:
    """Normal deviations of the figures; away for too long is the new usual."""
    for k in range(AVERAGES * FIGURES):
        variance = state.limit_square[k] / max(state.limited - 1, 1)
        state.departure[k] = _deviations(state.departure[k], state.limit_mean[k], variance)
    near = params.deviations[0] * (1.0 - params.deadband)
    state.away = state.away + 1 if state.departure.max() >= near else 0
    if state.away > params.relearn_rows:
        _forget(state)


@kernel
def _fills(state: Any, filling: float, height: float) -> bool:
    """Whether the level has just risen by `filling` from where it was lowest."""
    if state.rows == 1:
        state.turned_at = height
    if state.rises:
        state.turned_at = max(state.turned_at, height)
        if height < state.turned_at - filling:
            state.rises, state.turned_at = 0, height
        return False
    state.turned_at = min(state.turned_at, height)
    if height > state.turned_at + filling:
        state.rises, state.turned_at = 1, height
        return True
    return False


@kernel
def _forget(state: Any) -> None:
    """Start afresh; averages go on."""
    state.rows, state.away, state.learned, state.limited, state.fillings = 0, 0, 0, 0, 0
    state.centre[:], state.products[:], state.spreads[:], state.kept[:] = 0.0, 0.0, 0.0, 0
    state.limit_mean[:], state.limit_square[:], state.departure[:] = 0.0, 0.0, 0.0


@kernel
def _learn(state: Any, params: Any, which: int) -> None:
    """Running means and sums of products (Welford 1962); `spreads` lends its room to distances from the old mean."""
    smoothed, centre, apart = state.smoothed[which], state.centre[which], state.spreads[which]
    for i in range(params.channels):
        apart[i] = smoothed[i] - centre[i]
        centre[i] += apart[i] / (state.rows - params.settling_rows)
    for i in range(params.channels):
        for j in range(i + 1):
            state.products[which, i, j] += apart[i] * (smoothed[j] - centre[j])


@kernel
def _settle(state: Any, params: Any, which: int) -> None:
    """From products to principal axes; the products are used up."""
    count, free = params.channels, max(state.rows - params.settling_rows - 1, 1)
    products, scatter, spreads = state.products[which], state.scatter[which], state.spreads[which]
    for i in range(count):
        scatter[i] = max((products[i, i] / free) ** 0.5, params.least[i])
    for i in range(count):
        for j in range(i + 1):
            share = products[i, j] / free / (scatter[i] * scatter[j])
            products[i, j] = products[j, i] = share
    principal_axes(products, count, state.axes[which], spreads)
    whole = 0.0
    for k in range(count):
        whole += spreads[k]
    part = 0.0
    while state.kept[which] < count - 1 and part < params.share * whole:
        part += spreads[state.kept[which]]
        state.kept[which] += 1


@kernel
def _depart(state: Any, params: Any, which: int) -> None:
    """T2 of the smoothed row, along the first axes and along the rest, into `departure`."""
    count, first = params.channels, FIGURES * which
    smoothed, centre, scatter = state.smoothed[which], state.centre[which], state.scatter[which]
    state.departure[first] = state.departure[first + 1] = 0.0
    for k in range(count):
        along = 0.0
        for i in range(count):
            along += state.axes[which, i, k] * (smoothed[i] - centre[i]) / scatter[i]
        place = first if k < state.kept[which] else first + 1
        state.departure[place] += along * along / (state.spreads[which, k] + _LEAST_SPREAD)


@kernel
def _deviations(value: float, mean: float, variance: float) -> float:
    """How many normal deviations a value of a scaled chi-squared distribution stands for."""
    mean = max(mean, 1e-6)
    ninth = 2.0 / 9.0 * max(variance, 1e-4 * mean * mean) / (2.0 * mean * mean)
    return ((value / mean) ** (1.0 / 3.0) - 1.0 + ninth) / ninth**0.5  # type: ignore[no-any-return]  # a kernel is Any
