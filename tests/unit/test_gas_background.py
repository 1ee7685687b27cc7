"""Small leaks against the background."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from detectors.gas.gas_background import GasBackground, GasBackgroundOptions
from pipeline.model.finding import Finding
from pipeline.model.hazard import SensorKind
from pipeline.model.level import Level
from pipeline.model.quantity import Quantity
from pipeline.model.site import Sensor
from tests.unit.detector_rig import Row, bind, feed, sensor, since_start_s

HOUR = 3600.0
NOISE = np.random.default_rng(7).normal(0.0, 0.02, 3 * 1440)


def methane(**thresholds: float) -> Sensor:
    own = {f"gas_background.{key}": value for key, value in thresholds.items()}
    return sensor(SensorKind.GAS, Quantity.GAS_PPM, 60, gas="methane", thresholds=own)


def clean(hours: float) -> list[Row]:
    """A minute's readings: 2 ppm, a slow day and night of 0.1 ppm, a little noise."""
    return [
        (60.0 * k, 2.0 + 0.1 * float(np.sin(k * 2 * np.pi / 1440)) + float(NOISE[k])) for k in range(round(hours * 60))
    ]


def leak(rows: list[Row], start_s: float, end_s: float, extra_ppm: float) -> list[Row]:
    return [(at_s, value + extra_ppm * (start_s <= at_s < end_s)) for at_s, value in rows]


def found(rows: list[Row], watched: Sensor | None = None, **options: Any) -> list[Finding]:
    return feed(bind(GasBackground(GasBackgroundOptions(**options)), watched or methane()), rows)


def test_a_clean_day_gives_nothing() -> None:
    assert found(clean(72)) == []


@pytest.mark.parametrize(("extra_ppm", "within_min"), [(0.5, 10), (2.0, 4), (50.0, 3)])
def test_a_leak_is_seen_within_minutes(extra_ppm: float, within_min: float) -> None:
    first = found(leak(clean(30), 24 * HOUR, 26 * HOUR, extra_ppm))[0]
    assert 0 <= since_start_s(first) - 24 * HOUR <= 60 * within_min
    assert first.criterion == "excess"


def test_the_evidence_is_soft() -> None:
    levels = [one.level for one in found(leak(clean(30), 24 * HOUR, 26 * HOUR, 1000.0))]
    assert max(levels) == Level.YELLOW
    assert levels[-1] == Level.NONE


def test_a_leak_of_hours_does_not_become_the_background() -> None:
    rows = leak(clean(40), 24 * HOUR, 32 * HOUR, 2.0)
    findings = found(rows)
    assert [one.state.value for one in findings if one.level > 0 or one.state == "closed"][-1] == "closed"
    assert since_start_s(findings[-1]) >= 32 * HOUR


def test_a_wild_reading_below_leaves_the_baseline_where_it_is() -> None:
    assert found(leak(clean(30), 24 * HOUR, 24 * HOUR + 60, -1000.0)) == []


def test_a_wild_reading_above_counts_as_the_bound_and_no_more() -> None:
    high, wild = (found(leak(clean(30), 24 * HOUR, 24 * HOUR + 60, extra), excess_blue=2.0) for extra in (10.0, 1e6))
    assert high == wild != []


def test_a_background_that_drops_is_followed() -> None:
    rows = [(at_s, value - 0.5 * (at_s > 24 * HOUR)) for at_s, value in clean(40)]
    assert found(rows) == []
    assert found(leak(rows, 36 * HOUR, 37 * HOUR, 0.5))


def test_the_value_is_the_excess_in_ppm() -> None:
    last = found(leak(clean(30), 24 * HOUR, 30 * HOUR, 0.3), smooth_s=60.0, lower_after_s=1e6)[-1]
    assert last.value == pytest.approx(0.3, abs=0.2)
    assert last.threshold >= 3 * 0.05


def test_whom_it_watches() -> None:
    gases = {"methane": True, "propane": True, "hydrogen": True, "hydrogen_sulfide": False, "chlorine": False}
    for name, watched in gases.items():
        one = sensor(SensorKind.GAS, Quantity.GAS_PPM, 60, gas=name)
        assert bool(bind(GasBackground(), one).subjects) is watched, name
    assert not bind(GasBackground(), sensor(SensorKind.GAS, Quantity.GAS_PPM, 60)).subjects
    assert not bind(GasBackground(), sensor(SensorKind.GAS, Quantity.GAS_LEL, 60, gas="methane")).subjects


def test_a_sensor_may_be_less_sensitive() -> None:
    rows = leak(clean(26), 24 * HOUR, 25 * HOUR, 0.5)
    assert found(rows)
    assert not found(rows, methane(noise_floor_ppm=1.0))


@pytest.mark.parametrize("interval_s", [60, 900, 3600])
def test_noise_is_no_leak_however_seldom_it_is_read(interval_s: int) -> None:
    noise = np.random.default_rng(3)
    for _ in range(20):
        air = np.maximum(noise.normal(5.0, 0.5, 200), 0.0)
        assert found([(float(interval_s * k), float(value)) for k, value in enumerate(air)]) == []


@pytest.mark.parametrize("interval_s", [900, 3600])
def test_a_leak_is_found_however_seldom_it_is_read(interval_s: int) -> None:
    air = np.random.default_rng(4).normal(5.0, 0.5, 200)
    air[150:] += 10.0
    first = found([(float(interval_s * k), float(value)) for k, value in enumerate(air)])[0]
    assert 150 <= since_start_s(first) / interval_s <= 153


def test_one_reading_after_a_gap_is_no_evidence() -> None:
    """As long a gap as would make the mean of one reading."""
    rows = clean(48)
    before, after = [row for row in rows if row[0] < 24 * HOUR], [row for row in rows if row[0] >= 30 * HOUR]
    after[0] = (after[0][0], after[0][1] + 0.3)
    assert found(before + after) == []


def test_a_record_of_seven_readings_says_nothing() -> None:
    rows = [(60.0 * k, 2.0 + 20.0 * (k > 0)) for k in range(40)]
    assert since_start_s(found(rows)[0]) == 7 * 60


def test_a_snapshot_from_before_readings_were_counted_is_no_young_record() -> None:
    rows = leak(clean(30), 24 * HOUR, 30 * HOUR, 2.0)
    whole, cut = bind(GasBackground(), methane()), 25 * 60
    expected = feed(whole, rows)
    first, then = bind(GasBackground(), methane()), bind(GasBackground(), methane())
    told = feed(first, rows[:cut])
    first._state["readings"] = 0  # what a field that is new begins with
    then.restore(first.snapshot())
    assert told + feed(then, rows[cut:]) == expected
