"""Heat: the fixed temperature, EN 54-5's ramps, jitter, spikes, silence."""

from __future__ import annotations

import random
from typing import Any

import pytest

from detectors.fire.fire_heat import FireHeat, HeatOptions
from pipeline.model.hazard import SensorKind
from pipeline.model.level import Level
from pipeline.model.quantity import Quantity
from tests.unit.detector_rig import Row, bind, feed, sensor, since_start_s, told


def run(rows: list[Row], interval_s: float = 2.0, **options: Any) -> list[tuple[float, str, str]]:
    return told(feed(bound(interval_s, **options), rows))


def bound(interval_s: float = 2.0, **options: Any) -> Any:
    return bind(FireHeat(HeatOptions(**options)), sensor(SensorKind.FIRE, Quantity.TEMPERATURE, interval_s))


def ramp(rate_k_min: float, until_s: float, interval_s: float = 2.0, start_c: float = 25.0) -> list[Row]:
    """A minute at `start_c`, then a steady rise from second 0."""
    count = round(until_s / interval_s)
    return [(interval_s * k, start_c + max(0.0, rate_k_min * interval_s * k / 60)) for k in range(-30, count + 1)]


@pytest.mark.parametrize(
    ("value_c", "level"),
    [(56.99, "none"), (57.0, "orange"), (57.01, "orange"), (64.99, "orange"), (65.0, "red"), (200.0, "red")],
)
def test_fixed_temperature(value_c: float, level: str) -> None:
    rows = [(2.0 * k, value_c) for k in range(3)]
    assert run(rows) == ([] if level == "none" else [(2.0, level, "fixed_temperature")])


@pytest.mark.parametrize(
    ("value_c", "level"),
    [(57.0, "orange"), (65.0, "red")],
)
def test_of_a_slow_sensor_the_first_alarm_reading_is_yellow_at_once_and_the_second_confirms(
    value_c: float, level: str
) -> None:
    rows = [(60.0 * k, 56.0 if k < 5 else value_c) for k in range(8)]
    assert run(rows, 60) == [(300.0, "yellow", "fixed_temperature"), (360.0, level, "fixed_temperature")]
    assert run(rows, 60, raise_after_s=90) == [(420.0, level, "fixed_temperature")], "more than the next is asked for"
    assert run(rows, 60, raise_after_s=0) == [(300.0, level, "fixed_temperature")]


def test_two_readings_of_one_moment_do_not_confirm_each_other() -> None:
    rows = [(60.0 * k, 22.0) for k in range(5)] + [(300.0, 80.0), (300.5, 80.0), (360.0, 80.0)]
    assert [(at_s, level) for at_s, level, _ in run(rows, 60)] == [(300.0, "yellow"), (360.0, "red")]


def test_a_spike_of_a_slow_sensor_is_yellow_at_most() -> None:
    rows = [(60.0 * k, 90.0 if k == 50 else 22.0) for k in range(100)]
    assert {level for _, level, _ in run(rows, 60)} == {"yellow", "none"}


@pytest.mark.parametrize("interval_s", [2.0, 10.0, 60.0])
@pytest.mark.parametrize("noise_k", [0.5, 2.0])
def test_a_noisy_thermometer_is_known_as_one(noise_k: float, interval_s: float) -> None:
    noise = random.Random(11)  # noqa: S311  # no secret
    assert not run([(interval_s * k, 22.0 + noise.gauss(0, noise_k)) for k in range(20_000)], interval_s)


@pytest.mark.parametrize("interval_s", [2.0, 10.0])
def test_a_fire_outruns_the_noise_of_its_thermometer(interval_s: float) -> None:
    noise = random.Random(12)  # noqa: S311  # no secret
    rows = [(at_s, value + noise.gauss(0, 2.0)) for at_s, value in ramp(30.0, 120.0, interval_s)]
    alarm = next(at_s for at_s, level, _ in run(rows, interval_s) if level == "orange")
    assert 0.0 < alarm <= 60.0


@pytest.mark.parametrize(
    ("rate_k_min", "earliest_s", "latest_s"),
    [
        (1.0, 29 * 60, 40 * 60 + 20),
        (3.0, 7 * 60 + 13, 13 * 60 + 40),
        (5.0, 4 * 60 + 9, 8 * 60 + 20),
        (10.0, 60, 4 * 60 + 20),
        (20.0, 30, 2 * 60 + 20),
        (30.0, 20, 60 + 40),
    ],
)
def test_ramps_of_en_54_5_class_a1_give_alarm_within_its_limits(
    rate_k_min: float, earliest_s: float, latest_s: float
) -> None:
    findings = feed(bound(), ramp(rate_k_min, latest_s))
    alarm = next(finding for finding in findings if finding.level >= Level.ORANGE)
    assert earliest_s <= since_start_s(alarm) <= latest_s


def test_a_fast_rise_is_yellow_then_orange_then_red() -> None:
    findings = feed(bound(), ramp(20.0, 120.0))
    first = findings[0]
    assert [finding.level for finding in findings if finding.level > first.level][-1] is Level.RED
    assert (first.level, first.criterion) == (Level.YELLOW, "rate_of_rise")
    assert since_start_s(first) == 14.0  # 3 K above a ramp of 5 K/min at 12 s, confirmed by the next reading
    assert first.expected_at is not None
    assert (first.expected_at - first.window_start_at).total_seconds() == pytest.approx(32 / 20 * 60, abs=0.01)
    assert findings[-1].criterion == "hot_and_rising"


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("interval_s", [1.0, 2.0, 60.0])
def test_jitter_of_a_tenth_of_a_degree_is_no_rise(interval_s: float, seed: int) -> None:
    noise = random.Random(seed)  # noqa: S311  # no secret
    assert not run([(interval_s * k, 22.0 + noise.gauss(0, 0.1)) for k in range(3000)], interval_s)


@pytest.mark.parametrize(
    "rows",
    [
        pytest.param([(2.0 * k, 90.0 if k == 50 else 22.0) for k in range(100)], id="one spike"),
        pytest.param([(600.0 * k, 20.0 + 2.0 * k) for k in range(10)], id="a warm morning"),
        pytest.param([(0.0, 5.0), (86_400.0, 45.0), (86_402.0, 45.0)], id="a long silence"),
        pytest.param(ramp(4.9, 300.0), id="just below the ramp"),
        pytest.param([(2.0 * k, 22.0) for k in range(200)], id="constant"),
    ],
)
def test_what_is_no_fire(rows: list[Row]) -> None:
    assert not run(rows)


def test_without_confirmation_one_reading_is_enough() -> None:
    assert run([(0.0, 22.0), (2.0, 90.0)], raise_after_s=0) == [(2.0, "red", "hot_and_rising")]


@pytest.mark.parametrize(
    ("options", "level"),
    [
        ({}, Level.YELLOW),
        ({"rise_k_min": 12.0}, Level.NONE),
        ({"early_k": 9.0}, Level.NONE),
        ({"alarm_k": 5.0}, Level.ORANGE),
        ({"fixed_c": 30.0}, Level.ORANGE),
        ({"hot_c": 30.0}, Level.RED),
    ],
)
def test_options(options: dict[str, Any], level: Level) -> None:
    findings = feed(bound(**options), ramp(10.0, 50.0))
    assert max((finding.level for finding in findings), default=Level.NONE) is level


def test_a_sensor_overrides_and_a_restart_changes_nothing() -> None:
    hot = sensor(SensorKind.FIRE, Quantity.TEMPERATURE, 2.0, thresholds={"fire_heat.fixed_c": 80.0})
    rows = ramp(25.0, 160.0)
    through = feed(bind(FireHeat(), hot), rows)
    assert through[-1].threshold == 80.0
    before, after = bind(FireHeat(), hot), bind(FireHeat(), hot)
    told_before = feed(before, rows[:50])
    after.restore(before.snapshot())
    assert told_before + feed(after, rows[50:]) == through
