"""Choosing coefficients: the score is that of the censored normal, and known coefficients are found again."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.stats import norm

from pipeline.evaluation.rain_fit import crps
from pipeline.forecast.spread import HORIZONS_MIN, spreads, told


@pytest.mark.parametrize(("mean", "sd", "came"), [(0.5, 0.3, 0.0), (-0.4, 0.6, 0.2), (1.5, 0.4, 1.1), (0.1, 1.0, 3.0)])
def test_the_score_is_the_integral_of_its_definition(mean: float, sd: float, came: float) -> None:
    def at(x: float) -> float:
        return float(norm.cdf((x - mean) / sd) - (x >= came)) ** 2

    whole = quad(at, 0, came)[0] + quad(at, came, came + 12 * sd + 5)[0]
    assert float(crps(*(np.array([one]) for one in (mean, sd, came)))[0]) == pytest.approx(whole, abs=1e-6)


def test_the_true_coefficients_score_best() -> None:
    noise = np.random.default_rng(5)
    brought = noise.uniform(0, 2, 20_000)
    came = np.maximum(0.1 + brought + noise.normal(0, 0.4, brought.size), 0)
    scores = {
        (base, error): crps(base + brought, np.full(brought.size, error), came).mean()
        for base in (0.0, 0.1, 0.2)
        for error in (0.2, 0.4, 0.6)
    }
    assert min(scores, key=lambda one: scores[one]) == (0.1, 0.4)


@pytest.mark.parametrize("way", ["radar", "gauges"])
@pytest.mark.parametrize("minutes", HORIZONS_MIN)
def test_what_motion_brings_is_not_inflated(way: str, minutes: int) -> None:
    one = spreads()[way].at(minutes)
    assert one.near + one.wide == pytest.approx(1.0)
    median, high = told(one, np.array([4.0, 0.0]), np.array([4.0, 0.0]))
    assert median.tolist() == [pytest.approx((2 + one.base) ** 2), 0.0]
    assert high[0] > median[0]
