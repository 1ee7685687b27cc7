"""Voight's law fitted: scipy, searching from many starts with a least squares of its own, finds no better place."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from scipy.optimize import least_squares

from detectors.kernel import records
from detectors.subsidence.curve import COLUMNS, HEAT_MM
from detectors.subsidence.voight import FIT, Q_LEAST, Q_MEAN, Q_MOST, Q_SPREAD, fit_failure

NOISE_MM = 0.35
"""Of a mean over four readings."""


def law(age_d: Any, left_d: float, q: float, onset_d: float) -> Any:
    """Displacement by its shape alone: what is still to come, negative; a straight line before the onset."""
    bent = np.minimum(age_d, onset_d)
    speed = (1.0 + bent / left_d) ** (q - 1.0) / left_d
    return -(((1.0 + bent / left_d) ** q - 1.0) / q + speed * (age_d - bent))


def slope(seed: int, *, crept: bool) -> tuple[Any, tuple[float, float, float]]:
    """Points f8[n, COLUMNS], the latest first, of a slope a day before it fails; and left, q, onset of it."""
    draw = np.random.default_rng(seed)
    alpha, ran_d = draw.uniform(1.5, 2.2), draw.uniform(4.0, 15.0)
    q = 1.0 - 1.0 / (alpha - 1.0)
    q = q if abs(q) > 0.01 else 0.01
    age = np.arange(0.0, (2.5 if crept else 1.0) * ran_d, 0.1)
    onset = ran_d if crept else float("inf")
    points = np.zeros((age.size, COLUMNS))
    points[:, 0] = age
    points[:, 1] = 40.0 * law(age, 1.0, q, onset) + draw.normal(0.0, NOISE_MM, age.size)
    points[:, 2] = age < draw.uniform(0.2, 0.8) * age[-1]
    points[:, 1] += draw.uniform(5, 30) * points[:, 2]
    points[:, 4] = 1.0
    points[:, 5], points[:, 6] = np.cos(2 * np.pi * age), np.sin(2 * np.pi * age)
    return points, (1.0, q, onset)


def least_misfit(points: Any, *, crept: bool) -> float:
    """The least sum of squares that scipy finds, over left, q, onset and the linear terms, priors and all."""
    age, moved, step = points[:, 0], points[:, 1], points[:, 2]
    columns = [np.ones_like(age), step, points[:, 5], points[:, 6]]
    prior = np.zeros((2, 5))
    prior[0, 3] = prior[1, 4] = 1.0 / HEAT_MM

    def residuals(at: Any) -> Any:
        onset = float(np.exp(at[2])) if crept else np.inf
        shape = law(age, float(np.exp(at[0])), at[1] if abs(at[1]) > 1e-4 else 1e-4, onset)
        matrix = np.vstack([np.column_stack([shape, *columns]) / NOISE_MM, prior])
        wanted = np.concatenate([moved / NOISE_MM, [0.0, 0.0]])
        linear = np.linalg.lstsq(matrix, wanted, rcond=None)[0]
        return np.concatenate([matrix @ linear - wanted, [(at[1] - Q_MEAN) / Q_SPREAD]])

    low, high = [np.log(0.01), Q_LEAST, np.log(0.05 * age[-1])], [np.log(100.0), Q_MOST, np.log(age[-1])]
    starts = [
        [np.log(left), q, np.log(onset * age[-1])]
        for left in (0.3, 1.0, 4.0)
        for q in (-0.8, -0.2, 0.2)
        for onset in ((0.2, 0.4, 0.7) if crept else (0.5,))
    ]
    return min(2.0 * float(least_squares(residuals, start, bounds=(low, high)).cost) for start in starts)


@pytest.mark.parametrize("crept", [False, True], ids=["runs away all the time", "crept before"])
@pytest.mark.parametrize("seed", range(4))
def test_the_fit_is_not_left_in_a_local_minimum(seed: int, *, crept: bool) -> None:
    points, true = slope(seed, crept=crept)
    fit = records(1, FIT).view(np.recarray)[0]
    fit.heat[2] = HEAT_MM
    assert fit_failure(points, len(points), NOISE_MM, fit)
    assert np.isfinite(fit.onset_d) == crept
    assert fit.squares <= least_misfit(points, crept=crept) + 0.1
    assert abs(np.log(fit.left_d / true[0])) < 4.0 * fit.log_error
