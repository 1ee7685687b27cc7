"""Pressure and heat of a tank that change fast."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from detectors.bound import BoundDetector
from detectors.tank.tank_rates import TankRates, TankRatesOptions
from pipeline.model.finding import Finding
from pipeline.model.hazard import Hazard, SensorKind
from pipeline.model.quantity import Quantity
from pipeline.model.site import Sensor
from tests.unit.detector_rig import bind, feed

MINUTES = 120


def vessel(quantity: Quantity = Quantity.PRESSURE, **options: Any) -> BoundDetector:
    one = Sensor(
        id="p1", site="site", kind=SensorKind.TANK, quantity=quantity, range_low=0, range_high=100, interval_s=60
    )
    return bind(TankRates(TankRatesOptions(**options)), one)


def told(per_h: float, bound: BoundDetector, noise: float = 0.02) -> list[Finding]:
    """Calm for an hour, then a change for another."""
    minutes = np.arange(MINUTES)
    course = 40 + per_h / 60 * np.maximum(minutes - 60, 0) + noise * np.random.default_rng(1).standard_normal(MINUTES)
    return feed(bound, [(60.0 * k, float(value)) for k, value in enumerate(course)])


@pytest.mark.parametrize(
    ("quantity", "per_h", "criterion", "level"),
    [
        (Quantity.PRESSURE, 20.0, "pressure_rise", "blue"),
        (Quantity.PRESSURE, -40.0, "pressure_fall", "yellow"),
        (Quantity.TEMPERATURE, 50.0, "temperature_rise", "yellow"),
        (Quantity.TEMPERATURE, -35.0, "temperature_fall", "yellow"),
    ],
)
def test_the_rate(quantity: Quantity, per_h: float, criterion: str, level: str) -> None:
    found = told(per_h, vessel(quantity))
    assert {(one.criterion, one.hazard) for one in found} == {(criterion, Hazard.TANK_LEAK)}
    assert found[-1].level.word == level
    assert found[-1].value == pytest.approx(abs(per_h), rel=0.35)


def test_it_says_when_the_limit_is_reached() -> None:
    found = told(50.0, vessel(limit=80.0))[0]
    assert found.expected_at is not None
    assert (found.expected_at - found.at).total_seconds() == pytest.approx((80 - 40) / 50 * 3600, rel=0.9)
    assert told(-50.0, vessel(limit=80.0))[-1].expected_at is None


def test_weather_and_noise_are_no_alarm() -> None:
    assert not told(0.0, vessel(), noise=0.5)
    assert not told(10.0, vessel())


def test_after_a_gap_it_starts_afresh() -> None:
    rows = [(60.0 * k, 40.0) for k in range(30)] + [(60.0 * (k + 300), 90.0) for k in range(30)]
    assert not feed(vessel(), rows)


OPTIONS: dict[str, Any] = {
    "window_s": 1800.0, "least_errors": 1e6, "blue_share_h": 0.29, "yellow_share_h": 0.5, "orange_share_h": 0.35,
    "limit": 60.0, "deadband": 0.9, "raise_after_s": 1200.0,
}  # fmt: skip


@pytest.mark.parametrize("option", OPTIONS)
def test_each_option_counts(option: str) -> None:
    slopes_h = np.repeat([0.0, 42.0, 10.0, 0.0], 60)
    rows = [(60.0 * k, float(value)) for k, value in enumerate(30 + np.cumsum(slopes_h / 60))]
    assert feed(vessel(), rows) != feed(vessel(**{option: OPTIONS[option]}), rows)


def test_shares_that_do_not_rise_are_refused() -> None:
    with pytest.raises(ValueError, match=r"yellow_share_h, orange_share_h must rise; they are 0.5, 0.3, 0.6"):
        TankRatesOptions(blue_share_h=0.5)
