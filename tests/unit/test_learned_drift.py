"""Drift against companions and against oneself; Page and Hinkley's sums are river's."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from river.drift import PageHinkley

from detectors.kernel import records
from detectors.learned.learned_drift import PAGE, DriftOptions, LearnedDrift, clear, page_hinkley
from pipeline.model.finding import Finding
from pipeline.model.hazard import Hazard, SensorKind
from pipeline.model.quantity import Quantity
from pipeline.model.site import Sensor
from tests.unit.detector_rig import bind, feed_many, sensor, since_start_s

STEP_S = 3600.0
DAYS = 60
ROWS = 24 * DAYS
DRIFT = 24 * 30


def level(name: str, group: str = "well", **thresholds: float) -> Sensor:
    own = {f"learned_drift.{key}": value for key, value in thresholds.items()}
    span: dict[str, Any] = {"range_low": 0.0, "range_high": 20.0, "id": name, "group": group, "thresholds": own}
    return sensor(SensorKind.TANK, Quantity.TANK_LEVEL, STEP_S, **span)


def water(seed: int) -> NDArray[np.float64]:
    """Rises and falls for all alike, with noise of one's own."""
    common = 5 + np.cumsum(0.2 * np.random.default_rng(99).standard_normal(ROWS))
    return common + 0.05 * np.random.default_rng(seed).standard_normal(ROWS)


def found(*columns: NDArray[np.float64], group: str = "well", **options: Any) -> list[Finding]:
    sensors = tuple(level(f"a{number}", group) for number in range(len(columns)))
    bound = bind(LearnedDrift(DriftOptions(**({"sensors": ("a*",)} | options))), *sensors)
    rows = [(STEP_S * row, slot, float(values[row])) for row in range(ROWS) for slot, values in enumerate(columns)]
    return feed_many(bound, rows)


def drifting(seed: int, per_day: float) -> NDArray[np.float64]:
    return water(seed) + per_day / 24 * np.maximum(np.arange(ROWS) - DRIFT, 0)


def first_day(findings: list[Finding]) -> float:
    return since_start_s(findings[0]) / 86_400


def test_a_slow_drift_away_from_companions() -> None:
    told = found(drifting(0, 0.05), water(1), water(2), water(3))
    assert told[0].trigger == "a0/tank_level"
    assert (told[0].criterion, told[0].hazard) == ("drift", Hazard.SENSOR_FAULT)
    assert 30 < first_day(told) < 40


def test_what_all_do_is_no_drift() -> None:
    assert not found(water(0), water(1), water(2))


def test_an_offset_that_stays_is_told_once() -> None:
    values = water(0)
    values[DRIFT:] -= 1.0
    told = [one for one in found(values, water(1), water(2)) if one.trigger.startswith("a0/") and one.state == "opened"]
    assert len(told) == 1
    assert 30 < first_day(told) < 33


def test_without_companions_against_its_own_past() -> None:
    values = 5 + 0.05 * np.random.default_rng(0).standard_normal(ROWS)
    assert not found(values)
    values[DRIFT:] += 1.0
    assert 30 < first_day(found(values)) < 33
    assert [one.subject for one in found(values, values, group="")][:1] == ["a0"]


OPTIONS: dict[str, Any] = {
    "sensors": ("b*",), "learn_days": 59, "slack": 500.0, "drift": 1e6, "finest_share": 1e3, "mean_s": 40 * 86_400.0,
}  # fmt: skip


@pytest.mark.parametrize("option", OPTIONS)
def test_each_option_counts(option: str) -> None:
    columns = (drifting(0, 0.05), water(1), water(2))
    assert found(*columns)
    assert not found(*columns, **{option: OPTIONS[option]})


@settings(deadline=None)
@given(st.lists(st.floats(-10, 10), min_size=1, max_size=80), st.floats(0, 2))
def test_the_sums_are_those_of_river(numbers: list[float], slack: float) -> None:
    theirs: Any = PageHinkley(min_instances=1, delta=slack, threshold=1e9)
    page = records(1, PAGE)[0]
    clear(page)
    for number in numbers:
        theirs.update(number)
        ours = page_hinkley(number, page, slack)
        rise, fall = theirs._sum_increase - theirs._min_increase, theirs._max_decrease - theirs._sum_decrease
        assert ours == pytest.approx(max(rise, fall), abs=1e-9)
