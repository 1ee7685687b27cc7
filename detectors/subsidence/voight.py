"""Voight's law fitted to displacement: when the ground fails, how surely, and with which exponent.

The last stage of creep follows v' = A v**alpha (Voight 1988, Nature 332; Fukuzono 1985 found exponents of 1.5 to 2.2 in
his slopes of sand). With the failure `left` days ahead and q = 1 - 1 / (alpha - 1), the displacement `age` days ago is

    d = a - b * ((1 + age / left)**q - 1) / q        (a - b * log(1 + age / left) for q = 0, that is alpha = 2)

which is linear in a and b; an instrument that has stepped adds a linear term, the size of the step. `left` and q are
found by damped Gauss-Newton steps on log(left) and q (Levenberg 1944) from the best of a few starts, the linear terms
solved for at each. The displacement itself is fitted, not its inverse velocity: no differences are taken, so noise does
not grow.
"""

from __future__ import annotations

from math import exp, inf, log1p, sqrt
from typing import Any, Final

import numpy as np

from detectors.kernel import kernel

Q_MEAN: Final = -0.25
Q_SPREAD: Final = 0.33
"""Before anything is known: mean and deviation of q for exponents spread evenly over Fukuzono's 1.5 to 2.2."""
Q_LEAST: Final = -1.5
Q_MOST: Final = 0.35
COLUMNS: Final = 5
"""Of a point: age [d], value, share of its readings after the last step and after the one before, their number."""
_STARTS: Final = (-0.8, -0.2, 0.1)
_LEFTS: Final = 8
_LEAST_LEFT: Final = 0.01
_ROUNDS: Final = 20
_ENOUGH: Final = 1e-3
_DAMPING, _LESS, _MORE = 0.01, 0.1, 8.0
_SMALL: Final = 1e-5
_LINEAR: Final = 4
_LATEST: Final = 8
_A, _B, _STEP, _BEFORE, _Q, _LEFT, _D = range(7)
_SIZE: Final = 7
_UNKNOWNS: Final = 6

FIT: Final = np.dtype(
    [
        ("left_d", "f8"),
        ("q", "f8"),
        ("b", "f8"),
        ("squares", "f8"),
        ("log_error", "f8"),
        ("sums", "f8", (_SIZE, _SIZE)),
        ("answer", "f8", (_UNKNOWNS,)),
    ],
    align=True,
)
"""Days to failure from the latest point, q and b; the sum of squares of residuals and prior, in squares of the noise;
the standard error of log(left). And the sums of products of the columns a, b, the two steps, q, log(left), d."""


@kernel
def fit_failure(points: Any, count: int, noise: float, fit: Any) -> bool:
    """Fit the law to f8[n, COLUMNS], the latest first; says whether there is a fit, which is then in a FIT record."""
    oldest_d = points[count - 1, 0]
    total, left_d, start_q = inf, 0.0, 0.0
    for k in range(_LEFTS):
        left = 2.0 * oldest_d * _LEAST_LEFT ** (1.0 - k / (_LEFTS - 1))
        for q in _STARTS:
            _place(points, count, noise, left, q, fit)
            if fit.b > 0.0 and fit.squares < total:
                total, left_d, start_q = fit.squares, left, q
    if total == inf:
        return False
    _refine(points, count, noise, left_d, start_q, fit)
    return fit.b > 0.0 and 0.0 < fit.log_error < inf  # type: ignore[no-any-return]  # a field of a record is Any


@kernel
def _refine(points: Any, count: int, noise: float, left: float, q: float, fit: Any) -> None:
    """Damped steps downhill; `fit` is the best place found."""
    _place(points, count, noise, left, q, fit)
    damping, total = _DAMPING, fit.squares
    for _ in range(_ROUNDS):
        if not _solve(fit, noise, damping):
            break
        new_left = left * exp(min(max(fit.answer[_LEFT], -1.0), 1.0))
        new_q = min(max(q + fit.answer[_Q], Q_LEAST), Q_MOST)
        _place(points, count, noise, new_left, new_q, fit)
        gained = total - fit.squares
        if fit.b > 0.0 and gained >= 0.0:
            left, q, total, damping = new_left, new_q, fit.squares, _LESS * damping
            if gained < _ENOUGH:
                break
        else:
            damping *= _MORE
            _place(points, count, noise, left, q, fit)
    _place(points, count, noise, left, q, fit)
    _solve(fit, noise, 0.0)


@kernel
def _place(points: Any, count: int, noise: float, left: float, q: float, fit: Any) -> None:
    """Fit the linear terms for one failure time and exponent."""
    fit.left_d, fit.q, fit.b, fit.squares = left, q, 0.0, inf
    sums = fit.sums
    for i in range(_SIZE):
        for j in range(i + 1):
            sums[i, j] = 0.0
    for k in range(count):
        ratio = points[k, 0] / left
        x = log1p(ratio)
        power = exp(q * x)
        shape = x if abs(q) < _SMALL else (power - 1.0) / q
        weight = points[k, 4]
        by_q = -0.5 * x * x if abs(q) < _SMALL else -(x * power - shape) / q
        by_left = power * ratio / (1.0 + ratio)
        row = (1.0, -shape, points[k, 2], points[k, 3], by_q, by_left, points[k, 1])
        for i in range(_SIZE):
            for j in range(i + 1):
                sums[i, j] += weight * row[i] * row[j]
    cholesky(sums, _LINEAR, _D, fit.answer)
    rest = sums[_D, _D]
    for i in range(_LINEAR):
        rest -= fit.answer[i] * sums[_D, i]
    fit.b = fit.answer[_B]
    fit.squares = max(rest, 0.0) / (noise * noise) + ((q - Q_MEAN) / Q_SPREAD) ** 2


@kernel
def _solve(fit: Any, noise: float, damping: float) -> bool:
    """The step in q and log(left) into `answer`, with the prior of q; also sets the standard error of log(left)."""
    system = np.zeros((_SIZE, _SIZE))
    for i in range(_SIZE):
        for j in range(i + 1):
            scale_i = fit.b if _Q <= i <= _LEFT else 1.0
            scale_j = fit.b if _Q <= j <= _LEFT else 1.0
            system[i, j] = fit.sums[i, j] * scale_i * scale_j
    weight = (noise / Q_SPREAD) ** 2
    system[_Q, _Q] = system[_Q, _Q] * (1.0 + damping) + weight
    system[_D, _Q] += (Q_MEAN - fit.q) * weight
    system[_LEFT, _LEFT] *= 1.0 + damping
    pivot = cholesky(system, _UNKNOWNS, _D, fit.answer)
    fit.log_error = noise / sqrt(pivot) if pivot > 0.0 else inf
    return pivot > 0.0


@kernel
def cholesky(matrix: Any, size: int, right: int, answer: Any) -> float:
    """Solve `size` symmetric equations for the right side in row `right` of a lower triangle.

    Rows that are all zero, or depend on those before, get 0. Returns the last pivot, whose inverse is the variance of
    the last unknown; 0 where it depends on the others.
    """
    lower = np.zeros((_UNKNOWNS, _UNKNOWNS))
    for i in range(size):
        for j in range(i + 1):
            total = matrix[i, j]
            for k in range(j):
                total -= lower[i, k] * lower[j, k]
            if i != j:
                lower[i, j] = total / lower[j, j] if lower[j, j] > 0.0 else 0.0
            elif total > 1e-12 * matrix[i, i]:
                lower[i, i] = sqrt(total)
    for i in range(size):
        total = matrix[right, i]
        for k in range(i):
            total -= lower[i, k] * answer[k]
        answer[i] = total / lower[i, i] if lower[i, i] > 0.0 else 0.0
    for i in range(size - 1, -1, -1):
        total = answer[i]
        for k in range(i + 1, size):
            total -= lower[k, i] * answer[k]
        answer[i] = total / lower[i, i] if lower[i, i] > 0.0 else 0.0
    return lower[size - 1, size - 1] ** 2  # type: ignore[no-any-return]  # an element of an array is Any


@kernel
def bend(points: Any, count: int) -> float:
    """By how much the curve bends upwards: the coefficient of age squared over its standard error for a noise of 1."""
    sums, answer = np.zeros((_SIZE, _SIZE)), np.zeros(_UNKNOWNS)
    for k in range(count):
        age = points[k, 0]
        row = (1.0, age, points[k, 2], points[k, 3], age * age, 0.0, points[k, 1])
        for i in range(_SIZE):
            for j in range(i + 1):
                sums[i, j] += points[k, 4] * row[i] * row[j]
    pivot = cholesky(sums, 5, _D, answer)
    return answer[4] * sqrt(pivot)  # type: ignore[no-any-return]  # an element of an array is Any


@kernel
def recent_velocity(points: Any, count: int, noise: float) -> tuple[float, float]:
    """Velocity of a line through the latest quarter of the points, `_LATEST` or more, and its standard error."""
    sums, answer = np.zeros((_SIZE, _SIZE)), np.zeros(_UNKNOWNS)
    for k in range(min(max(count // 4, _LATEST), count)):
        row = (1.0, -points[k, 0], 0.0, 0.0, 0.0, 0.0, points[k, 1])
        for i in range(_SIZE):
            for j in range(i + 1):
                sums[i, j] += points[k, 4] * row[i] * row[j]
    pivot = cholesky(sums, 2, _D, answer)
    return answer[1], noise / sqrt(pivot) if pivot > 0.0 else inf
