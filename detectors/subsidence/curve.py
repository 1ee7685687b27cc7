"""Least squares through the points of a displacement curve: how it bends, and how fast it goes now.

Every fit knows two steps of the instrument, and daily heat as a cosine and a sine of the time of day.
"""

from __future__ import annotations

from math import hypot, inf, sqrt
from typing import Any, Final

import numpy as np

from detectors.kernel import kernel

COLUMNS: Final = 7
"""Of a point: age [d], value, share of its readings after the last step and after the one before, their number, means
of cosine and sine of the time of day."""
HEAT_MM: Final = 1.0
"""Before anything is known: standard deviation of the cosine and of the sine of daily heat."""
SIZE: Final = 10
UNKNOWNS: Final = 9
"""The most columns of a fit, and those of them that are not the value."""
_VALUE: Final = 9
_LATEST: Final = 8


_HEAT_LEAST_MM, _HEAT_SHARE = 0.2, 0.5
"""One day is not like another: heat is not known better than this, and this share of it."""
_HEAT_POINTS: Final = 12
_HEAT_D: Final = 2.0
"""Fewer points, or a shorter stretch, do not tell heat from motion."""
HEAT: Final = 3
"""What is known of daily heat: cosine and sine [mm], and their standard deviation [mm]."""


@kernel
def learn_heat(points: Any, first: int, count: int, noise: float, heat: Any) -> None:
    """Daily heat of points `first` to `count`, older than those of interest, about a parabola; f8[HEAT]."""
    heat[0], heat[1], heat[2] = 0.0, 0.0, HEAT_MM
    if count - first < _HEAT_POINTS or points[count - 1, 0] - points[first, 0] < _HEAT_D:
        return
    sums, answer, row = np.zeros((SIZE, SIZE)), np.zeros(UNKNOWNS), np.zeros(SIZE)
    for k in range(first, count):
        age = points[k, 0] - points[first, 0]
        row[0], row[1], row[2], row[3], row[_VALUE] = 1.0, age, points[k, 2], points[k, 3], points[k, 1]
        row[4], row[5], row[6] = age * age, points[k, 5], points[k, 6]
        gather(sums, row, points[k, 4])
    weigh_heat(sums, 5, noise, heat)
    rest = sums[_VALUE, _VALUE]
    pivot = cholesky(sums, 7, _VALUE, answer)
    for i in range(7):
        rest -= answer[i] * sums[_VALUE, i]
    misfit = max(rest / (noise * noise) / (count - first - 7), 1.0)
    heat[0], heat[1] = answer[5], answer[6]
    unlike = max(_HEAT_LEAST_MM, _HEAT_SHARE * hypot(heat[0], heat[1]))
    heat[2] = max(min(noise * sqrt(misfit / pivot), HEAT_MM), unlike) if pivot > 0.0 else HEAT_MM


@kernel
def weigh_heat(sums: Any, first: int, noise: float, heat: Any) -> None:
    """Add what is known of heat to the sums, of which its columns are `first` and the next."""
    weight = (noise / heat[2]) ** 2
    for k in range(2):
        sums[first + k, first + k] += weight
        sums[_VALUE, first + k] += weight * heat[k]
        sums[_VALUE, _VALUE] += weight * heat[k] * heat[k]


@kernel
def gather(sums: Any, row: Any, weight: float) -> None:
    """Add the products of a row's columns to a lower triangle."""
    for i in range(SIZE):
        for j in range(i + 1):
            sums[i, j] += weight * row[i] * row[j]


@kernel
def cholesky(matrix: Any, size: int, right: int, answer: Any) -> float:
    """Solve `size` symmetric equations for the right side in row `right` of a lower triangle.

    Rows that are all zero, or depend on those before, get 0. Returns the last pivot, whose inverse is the variance of
    the last unknown; 0 where it depends on the others.
    """
    lower = np.zeros((UNKNOWNS, UNKNOWNS))
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
def bend(points: Any, count: int, noise: float, heat: Any) -> float:
    """By how much the curve bends upwards: the coefficient of age squared over its standard error for a noise of 1."""
    sums, answer, row = np.zeros((SIZE, SIZE)), np.zeros(UNKNOWNS), np.zeros(SIZE)
    for k in range(count):
        age = points[k, 0]
        row[0], row[1], row[2], row[3], row[_VALUE] = 1.0, age, points[k, 2], points[k, 3], points[k, 1]
        row[4], row[5], row[6] = points[k, 5], points[k, 6], age * age
        gather(sums, row, points[k, 4])
    weigh_heat(sums, 4, noise, heat)
    pivot = cholesky(sums, 7, _VALUE, answer)
    return answer[6] * sqrt(pivot)  # type: ignore[no-any-return]  # an element of an array is Any


@kernel
def recent_velocity(points: Any, count: int, noise: float, heat: Any) -> tuple[float, float]:
    """Velocity of a line through the latest quarter of the points, `_LATEST` or more, and its standard error."""
    sums, answer, row = np.zeros((SIZE, SIZE)), np.zeros(UNKNOWNS), np.zeros(SIZE)
    for k in range(min(max(count // 4, _LATEST), count)):
        row[0], row[1], row[2], row[3], row[_VALUE] = 1.0, points[k, 5], points[k, 6], -points[k, 0], points[k, 1]
        gather(sums, row, points[k, 4])
    weigh_heat(sums, 1, noise, heat)
    pivot = cholesky(sums, 4, _VALUE, answer)
    return answer[3], noise / sqrt(pivot) if pivot > 0.0 else inf
