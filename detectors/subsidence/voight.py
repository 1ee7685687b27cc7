"""Voight's law fitted to displacement: when the ground fails, how surely, and with which exponent.

The last stage of creep follows v' = A v**alpha (Voight 1988, Nature 332; Fukuzono 1985 found exponents of 1.5 to 2.2 in
his slopes of sand). With the failure `left` days ahead and q = 1 - 1 / (alpha - 1), the displacement `age` days ago is

    d = a - b * ((1 + age / left)**q - 1) / q        (a - b * log(1 + age / left) for q = 0, that is alpha = 2)

which is linear in a and b. Two steps of the instrument add a linear term each, their sizes, and daily heat two more, a
cosine and a sine of the time of day. Where the ground crept steadily before it
ran away, the curve before the `onset` is a straight line of the velocity the law begins with: so a long quiet record
tells that velocity well. `left`, q and the onset are found by damped Gauss-Newton steps on log(left), q and log(onset)
(Levenberg 1944) from the best of a few starts, the linear terms solved for at each. The displacement itself is fitted,
not its inverse velocity: no differences are taken, so noise does not grow.
"""

from __future__ import annotations

from math import exp, inf, log1p, sqrt
from typing import Any, Final

import numpy as np

from detectors.kernel import kernel
from detectors.subsidence.curve import HEAT, SIZE, UNKNOWNS, cholesky, gather, weigh_heat

Q_MEAN: Final = -0.25
Q_SPREAD: Final = 0.33
"""Before anything is known: mean and deviation of q for exponents spread evenly over Fukuzono's 1.5 to 2.2."""
Q_LEAST: Final = -1.5
Q_MOST: Final = 0.35
_STARTS: Final = (-0.8, -0.2, 0.1)
_LEFTS: Final = 8
_LEAST_LEFT: Final = 0.01
_ONSETS: Final = (0.6, 0.35, 0.2, 0.12)
"""Where an onset is looked for: shares of the age of the oldest point."""
_SHORTER: Final = (1.0, 0.5, 0.25)
"""And with how much less time left than without one."""
_LEAST_ONSET: Final = 0.05
_CLEARLY: Final = 6.0
"""By how many squares of the noise an onset must explain more."""
AGREES: Final = 1.5
"""Scatter about the law, in squares of the noise, up to which it agrees with the readings."""
_ROUNDS: Final = 20
_ENOUGH: Final = 1e-3
_DAMPING, _LESS, _MORE = 0.01, 0.1, 8.0
_SMALL: Final = 1e-5
_LINEAR: Final = 6
_A, _B, _STEP, _BEFORE, _COS, _SIN, _Q, _ONSET, _LEFT, _D = range(10)
_SQUARES, _AT_LEFT, _AT_Q, _AT_ONSET = range(4)

FIT: Final = np.dtype(
    [
        ("left_d", "f8"),
        ("q", "f8"),
        ("b", "f8"),
        ("onset_d", "f8"),
        ("squares", "f8"),
        ("log_error", "f8"),
        ("heat", "f8", (HEAT,)),
        ("best", "f8", (4,)),
        ("sums", "f8", (SIZE, SIZE)),
        ("answer", "f8", (UNKNOWNS,)),
    ],
    align=True,
)
"""Days to failure from the latest point, q, b and the age of the onset (inf: none in sight); the sum of squares of
residuals and priors, in squares of the noise; the standard error of log(left). What is known of heat before a fit is
given. And the best place of a search (squares,
left, q, onset), and the sums of products of the columns a, b, steps, heat, q, log(onset), log(left), d."""


@kernel
def fit_failure(points: Any, count: int, noise: float, fit: Any) -> bool:
    """Fit the law to f8[n, COLUMNS], the latest first; says whether there is a fit, which is then in a FIT record."""
    oldest_d = points[count - 1, 0]
    fit.best[_SQUARES] = inf
    for k in range(_LEFTS):
        for q in _STARTS:
            _try(points, count, noise, (2.0 * oldest_d * _LEAST_LEFT ** (1.0 - k / (_LEFTS - 1)), q, inf), fit)
    if fit.best[_SQUARES] == inf:
        return False
    _refine(points, count, noise, fit)
    left, middle, squares = fit.left_d, fit.q, fit.squares
    fit.best[_SQUARES] = inf
    for share in _ONSETS:
        for shorter in _SHORTER:
            for q in (middle, _STARTS[1]):
                _try(points, count, noise, (left * shorter, q, share * oldest_d), fit)
    if fit.best[_SQUARES] < inf:
        _refine(points, count, noise, fit)
    if fit.b <= 0.0 or squares - fit.squares <= _CLEARLY or fit.squares > AGREES * (count - 4):
        _place(points, count, noise, (left, middle, inf), fit)
        _solve(fit, noise, 0.0)
    return fit.b > 0.0 and 0.0 < fit.log_error < inf  # type: ignore[no-any-return]  # a field of a record is Any


@kernel
def _try(points: Any, count: int, noise: float, where: tuple[float, float, float], fit: Any) -> None:
    """Keep a start in `best` if it is better than those before."""
    _place(points, count, noise, where, fit)
    if fit.b > 0.0 and fit.squares < fit.best[_SQUARES]:
        fit.best[_SQUARES] = fit.squares
        fit.best[_AT_LEFT], fit.best[_AT_Q], fit.best[_AT_ONSET] = where


@kernel
def _refine(points: Any, count: int, noise: float, fit: Any) -> None:
    """Damped steps downhill from the best start."""
    best, oldest_d = (fit.best[_AT_LEFT], fit.best[_AT_Q], fit.best[_AT_ONSET]), points[count - 1, 0]
    _place(points, count, noise, best, fit)
    damping, total = _DAMPING, fit.squares
    for _ in range(_ROUNDS):
        if not _solve(fit, noise, damping):
            break
        left = best[0] * exp(min(max(fit.answer[_LEFT], -1.0), 1.0))
        q = min(max(best[1] + fit.answer[_Q], Q_LEAST), Q_MOST)
        onset = best[2] * exp(min(max(fit.answer[_ONSET], -0.5), 0.5))
        if onset < inf:
            onset = min(max(onset, _LEAST_ONSET * oldest_d), oldest_d)
        _place(points, count, noise, (left, q, onset), fit)
        gained = total - fit.squares
        if fit.b > 0.0 and gained >= 0.0:
            best, total, damping = (left, q, onset), fit.squares, _LESS * damping
            if gained < _ENOUGH:
                break
        else:
            damping *= _MORE
            _place(points, count, noise, best, fit)
    _place(points, count, noise, best, fit)
    _solve(fit, noise, 0.0)


@kernel
def _place(points: Any, count: int, noise: float, where: tuple[float, float, float], fit: Any) -> None:
    """Fit the linear terms for one time left, exponent and onset."""
    fit.left_d, fit.q, fit.onset_d = where
    fit.b, fit.squares = 0.0, inf
    sums, row = fit.sums, np.empty(SIZE)
    sums[:] = 0.0
    row[_A] = 1.0
    for k in range(count):
        _bent(points[k, 0], where, row)
        row[_STEP], row[_BEFORE], row[_D] = points[k, 2], points[k, 3], points[k, 1]
        row[_COS], row[_SIN] = points[k, 5], points[k, 6]
        gather(sums, row, points[k, 4])
    weigh_heat(sums, _COS, noise, fit.heat)
    cholesky(sums, _LINEAR, _D, fit.answer)
    rest = sums[_D, _D]
    for i in range(_LINEAR):
        rest -= fit.answer[i] * sums[_D, i]
    fit.b = fit.answer[_B]
    fit.squares = max(rest, 0.0) / (noise * noise) + ((fit.q - Q_MEAN) / Q_SPREAD) ** 2


@kernel
def _bent(age: float, where: tuple[float, float, float], row: Any) -> None:
    """The law's shape at an age and what it gains by q, log(onset) and log(left); a straight line before the onset."""
    left, q, onset = where
    bent, beyond = min(age, onset), max(age - onset, 0.0)
    ratio = bent / left
    x = log1p(ratio)
    power = exp(q * x)
    speed = power / (1.0 + ratio) / left
    flat = abs(q) < _SMALL
    shape = x if flat else (power - 1.0) / q
    by_q = 0.5 * x * x if flat else (x * power - shape) / q
    row[_B] = -(shape + speed * beyond)
    row[_Q] = -(by_q + x * speed * beyond)
    row[_LEFT] = ratio * speed * left + speed * (1.0 + q * ratio) / (1.0 + ratio) * beyond
    row[_ONSET] = (1.0 - q) * speed / (left + bent) * beyond * onset if beyond > 0.0 else 0.0


@kernel
def _solve(fit: Any, noise: float, damping: float) -> bool:
    """The step in q, log(onset), log(left) into `answer`, with the prior of q; sets the standard error of the last."""
    system = np.zeros((SIZE, SIZE))
    for i in range(SIZE):
        for j in range(i + 1):
            scale_i = fit.b if _Q <= i <= _LEFT else 1.0
            scale_j = fit.b if _Q <= j <= _LEFT else 1.0
            system[i, j] = fit.sums[i, j] * scale_i * scale_j
    weight = (noise / Q_SPREAD) ** 2
    system[_Q, _Q] = system[_Q, _Q] * (1.0 + damping) + weight
    system[_D, _Q] += (Q_MEAN - fit.q) * weight
    for i in (_ONSET, _LEFT):
        system[i, i] *= 1.0 + damping
    pivot = cholesky(system, UNKNOWNS, _D, fit.answer)
    fit.log_error = noise / sqrt(pivot) if pivot > 0.0 else inf
    return pivot > 0.0
