"""Expected value, tail and drift, each by its name; the parts are river's where river has them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from river.anomaly import GaussianScorer
from river.drift import ADWIN
from river.time_series import HoltWinters

from detectors.bound import BoundDetector
from detectors.kernel import records
from detectors.learned.adwin import WINDOW, adapt, empty, moments
from detectors.learned.learned_expected import ExpectedOptions, LearnedExpected
from pipeline.model.finding import Finding
from pipeline.model.hazard import Hazard, SensorKind
from pipeline.model.quantity import Quantity
from tests.unit.detector_rig import bind, feed, sensor, since_start_s

STEP_S = 1800.0
A_DAY = 48
DAYS = 40


def watched(**options: Any) -> BoundDetector:
    well = sensor(SensorKind.TANK, Quantity.TANK_LEVEL, STEP_S, id="a1", range_low=0.0, range_high=20.0)
    return bind(LearnedExpected(ExpectedOptions(**({"sensors": ("a*",), "lower_after_s": 0.0} | options))), well)


def daily(seed: int = 0, days: int = DAYS) -> NDArray[np.float64]:
    """A course of the day with noise."""
    rows = np.arange(days * A_DAY)
    return 10 + 2 * np.sin(2 * np.pi * rows / A_DAY) + 0.05 * np.random.default_rng(seed).standard_normal(rows.size)


def found(values: NDArray[np.float64], **options: Any) -> list[Finding]:
    bound = watched(**options)
    return [one for one in feed(bound, [(STEP_S * k, float(v)) for k, v in enumerate(values)]) if one.level]


def row_of(finding: Finding) -> int:
    return round(since_start_s(finding) / STEP_S)


MODELS = [(expected, tail) for expected in ("level", "trend", "season") for tail in ("gaussian", "rank")]


@pytest.mark.parametrize(("expected", "tail"), MODELS)
def test_a_jump_is_unexpected_under_every_model(expected: str, tail: str) -> None:
    values = daily()
    values[1500] += 8.0
    told = found(values, expected=expected, tail=tail, drift="none")
    assert (row_of(told[0]), told[0].criterion, told[0].hazard) == (1500, "unexpected_value", Hazard.SENSOR_FAULT)


def test_only_the_season_sees_a_usual_value_at_an_unusual_hour() -> None:
    values = daily()
    values[1500:1506] = values[1500 + A_DAY // 2 : 1506 + A_DAY // 2]
    assert 1500 in [row_of(one) for one in found(values, expected="season", drift="none")]


@pytest.mark.parametrize("drift", ["page_hinkley", "adwin"])
def test_a_drift_resets_the_model_and_is_told_once(drift: str) -> None:
    values = daily(1, 80)
    values[1900:] += 1.0
    told = found(values, expected="season", tail="gaussian", drift=drift, rarity=300.0)
    assert [one.criterion for one in told] == ["model_drift"]
    assert 1900 <= row_of(told[0]) < 1900 + 3 * A_DAY


@pytest.mark.parametrize("drift", ["none", "page_hinkley", "adwin"])
def test_a_steady_course_is_nothing(drift: str) -> None:
    assert found(daily(2, 120), drift=drift, tail="gaussian", rarity=7.0) == []


def test_nothing_is_said_before_the_warm_up_nor_after_a_reset() -> None:
    values = daily(3, 80)
    values[200] += 8.0
    values[1900:] += 3.0
    values[2100] += 8.0
    rows = [row_of(one) for one in found(values, expected="level", warm_up=400, delta=1e-6, drift="adwin", rarity=6.0)]
    assert not any(row < 400 for row in rows)


OPTIONS: dict[str, Any] = {
    "sensors": ("b*",), "expected": "level", "tail": "gaussian", "drift": "none", "alpha": 0.9, "beta": 0.9,
    "rarity": 200.0, "warm_up": 1700, "slack": 3.9, "drift_sum": 1e6, "delta": 1e-300, "finest_share": 1.0,
}  # fmt: skip
NEEDS: dict[str, dict[str, Any]] = {
    "alpha": {"expected": "trend", "tail": "gaussian"},
    "beta": {"expected": "trend", "tail": "gaussian"},
    "slack": {"drift": "page_hinkley"},
    "drift_sum": {"drift": "page_hinkley"},
}


@pytest.mark.parametrize("option", OPTIONS)
def test_each_option_counts(option: str) -> None:
    values = daily(4)
    values[1500:] += 6.0
    base = {"expected": "season", "warm_up": 300} | NEEDS.get(option, {})
    plain, other = found(values, **base), found(values, **(base | {option: OPTIONS[option]}))
    assert [(one.at, one.criterion, one.value) for one in plain] != [
        (one.at, one.criterion, one.value) for one in other
    ]


@settings(deadline=None, max_examples=25)
@given(st.integers(0, 10_000), st.floats(-3, 3), st.sampled_from((0.002, 1e-4)))
def test_the_cuts_are_those_of_river(seed: int, shift: float, delta: float) -> None:
    values = np.random.default_rng(seed).standard_normal(600)
    values[300:] += shift
    river: Any = ADWIN
    theirs, window = river(delta=delta)._helper, records(1, WINDOW)[0]
    empty(window)
    for value in values:
        assert adapt(window, float(value), delta) == theirs.update(float(value))
    width, mean, variance = moments(window)
    assert (width, mean * width) == pytest.approx((theirs.get_width(), theirs.get_total()))
    assert variance >= 0.0


def test_the_trend_is_that_of_holt_as_river_has_it() -> None:
    river: Any = HoltWinters
    bound, theirs = watched(expected="trend", drift="none", tail="gaussian"), river(alpha=0.3, beta=0.1)
    values = np.cumsum(np.random.default_rng(5).standard_normal(200)) * 0.1 + 10
    for value in values[:10]:
        theirs.learn_one(float(value))
    bound._state["turn"], bound._state["level"], bound._state["trend"] = 10, theirs.level[-1], theirs.trend[-1]
    for row, value in enumerate(values[10:]):
        feed(bound, [(STEP_S * row, float(value))])
        theirs.learn_one(float(value))
        ahead = float(bound._state["level"][0] + bound._state["trend"][0])
        assert ahead == pytest.approx(theirs.forecast(1)[0], rel=1e-9)


def test_the_gaussian_tail_is_that_of_river() -> None:
    river: Any = GaussianScorer
    bound, theirs = watched(expected="level", alpha=1.0, drift="none", tail="gaussian"), river()
    values = 10 + np.cumsum(0.01 * np.random.default_rng(6).standard_normal(250))
    for value in np.diff(values):
        theirs.learn_one(None, float(value))
    feed(bound, [(STEP_S * k, float(v)) for k, v in enumerate([*values, values[-1] + 0.02])])
    assert 10 ** -float(bound._evidence[0]["value"]) == pytest.approx(1 - theirs.score_one(None, 0.02), rel=1e-6)
