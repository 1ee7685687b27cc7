"""Pressure and heat of a tank that change fast."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from detectors.bound import BoundDetector
from detectors.tank.tank_rates import TankRates, TankRatesOptions
from pipeline.model.finding import Finding
from pipeline.model.hazard import Hazard, SensorKind
from pipeline.model.quantity import Quantity
from pipeline.model.site import Sensor
from tests.unit.detector_rig import START_S, Row, bind, feed, since_start_s

MINUTES = 120


def vessel(quantity: Quantity = Quantity.PRESSURE, interval_s: float = 60.0, **options: Any) -> BoundDetector:
    one = Sensor(
        id="p1",
        site="site",
        kind=SensorKind.TANK,
        quantity=quantity,
        range_low=0,
        range_high=100,
        interval_s=interval_s,
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


def over_the_range(interval_s: float, rise_s: float, starts_s: float = 72_000.0, sign: int = 1) -> list[Row]:
    """Calm for 20 hours, then from one end of the range to the other."""
    at_s = np.arange(0.0, starts_s + 2 * rise_s + 10 * interval_s, interval_s)
    share = np.clip((at_s - starts_s) / rise_s, 0.0, 1.0)
    return list(zip(at_s.tolist(), (50 + sign * 100 * (share - 0.5)).tolist(), strict=True))


@pytest.mark.parametrize("interval_s", [10.0, 60.0, 120.0, 300.0, 600.0, 900.0, 1800.0, 3600.0])
@pytest.mark.parametrize("rise_s", [60.0, 900.0, 3600.0, 7200.0, 14_400.0])
@pytest.mark.parametrize("sign", [1, -1])
def test_the_whole_range_is_found_at_every_interval(interval_s: float, rise_s: float, sign: int) -> None:
    found = feed(vessel(interval_s=interval_s), over_the_range(interval_s, rise_s, sign=sign))
    assert {one.criterion for one in found} == {"pressure_rise" if sign > 0 else "pressure_fall"}
    assert since_start_s(found[0]) - 72_000.0 <= max(1.05 * rise_s, 600.0, 2 * interval_s)


@pytest.mark.parametrize("interval_s", [60.0, 900.0])
def test_one_reading_is_no_leap_and_two_are(interval_s: float) -> None:
    def one_of(readings: int) -> list[Finding]:
        values = [5.0] * 60 + [95.0] * readings + [5.0] * 60
        options: dict[str, Any] = {"raise_after_s": 0.0, "least_errors": 1e6}
        return feed(vessel(interval_s=interval_s, **options), [(interval_s * k, v) for k, v in enumerate(values)])

    assert one_of(1) == []
    assert since_start_s(one_of(2)[0]) == 61 * interval_s


@pytest.mark.parametrize(("interval_s", "readings"), [(10.0, 14), (60.0, 4), (119.0, 4), (120.0, 2), (900.0, 2)])
def test_where_readings_span_the_wait_they_are_not_waited_for_again(interval_s: float, readings: int) -> None:
    rows = [(interval_s * k, 5.0 if k < 60 else 95.0) for k in range(90)]
    found = feed(vessel(interval_s=interval_s, least_errors=1e6), rows)
    assert since_start_s(found[0]) == (59 + readings) * interval_s


@pytest.mark.parametrize("rise_s", [60.0, 7200.0])
@pytest.mark.parametrize("interval_s", [10.0, 60.0, 900.0])
def test_the_onset_stays_where_the_limit_was_reached(interval_s: float, rise_s: float) -> None:
    found = feed(vessel(interval_s=interval_s, limit=80.0), over_the_range(interval_s, rise_s))
    reached_s = START_S + interval_s * np.ceil((72_000.0 + 0.8 * rise_s) / interval_s)
    assert all(later.expected_at for now, later in pairwise(found) if later.level >= now.level)
    late = {one.expected_at.timestamp() for one in found if one.expected_at and one.at.timestamp() >= reached_s}
    assert late <= {reached_s}
    assert late or rise_s > interval_s


def test_a_state_without_the_usual_learns_it() -> None:
    """As one of version 1 is read."""
    bound = vessel()
    feed(bound, [(60.0 * k, 60.0) for k in range(60)])
    for field in ("before", "usual", "settled"):
        bound._state[field] = 0
    assert not feed(bound, [(60.0 * k, 60.0) for k in range(60, 120)])


OPTIONS: dict[str, Any] = {
    "window_s": 1800.0, "leap_share": 0.01, "least_errors": 1e6, "blue_share_h": 0.29,
    "yellow_share_h": 0.5, "orange_share_h": 0.35,
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
