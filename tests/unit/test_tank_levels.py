"""Levels of concern of a tank: at each one, just below it, just above it."""

from __future__ import annotations

import math

import numpy as np
import pytest

from detectors.evidence import EVIDENCE
from detectors.kernel import records
from detectors.tank.tank_levels import TankLevels, TankLevelsOptions
from pipeline.model.hazard import SensorKind
from pipeline.model.quantity import Quantity
from pipeline.model.site import Sensor
from tests.unit.detector_rig import bind, feed, inventory, sensor, told


def gauge(**thresholds: float) -> Sensor:
    own = {f"tank_levels.{key}": value for key, value in thresholds.items()}
    return sensor(SensorKind.TANK, Quantity.TANK_LEVEL, 60, range_low=0.0, range_high=10.0, thresholds=own)


def at(value: float, watched: Sensor | None = None, **options: float) -> tuple[str, str]:
    found = told(feed(bind(TankLevels(TankLevelsOptions(**options)), watched or gauge()), [(0, value)]))
    return (found[0][1], found[0][2]) if found else ("none", "")


SHARES = [
    (9.0, ("none", ""), ("blue", "maximum_working")),
    (9.25, ("blue", "maximum_working"), ("yellow", "high")),
    (9.5, ("yellow", "high"), ("orange", "high_high")),
    (9.8, ("orange", "high_high"), ("red", "critical_high")),
]


@pytest.mark.parametrize(("height_m", "below", "reached"), SHARES)
def test_default_heights_are_shares_of_the_range(
    height_m: float, below: tuple[str, str], reached: tuple[str, str]
) -> None:
    assert at(height_m - 1e-9) == below
    assert at(height_m + 1e-9) == reached


OWN = {"maximum_working_m": 6.0, "high_m": 6.5, "high_high_m": 7.0, "critical_high_m": 8.0}


@pytest.mark.parametrize(("height_m", "colour"), [(6.0, "blue"), (6.5, "yellow"), (7.0, "orange"), (8.0, "red")])
def test_a_tank_has_its_own_heights(height_m: float, colour: str) -> None:
    assert at(height_m, gauge(**OWN))[0] == colour
    assert at(height_m, None, **OWN)[0] == colour
    assert at(math.nextafter(height_m, 0), gauge(**OWN))[0] != colour


@pytest.mark.parametrize(("height_m", "colour"), [(1.001, "none"), (1.0, "blue"), (0.999, "blue"), (0.0, "blue")])
def test_low_is_watched_where_it_is_set(height_m: float, colour: str) -> None:
    assert at(height_m, gauge(low_m=1.0))[0] == colour
    assert at(height_m)[0] == "none"


def test_a_low_level_is_left_above_the_waves() -> None:
    rows = [(0.0, 1.0), *((60.0 * k, 1.005) for k in range(1, 20)), *((60.0 * k, 1.006) for k in range(20, 40))]
    found = told(feed(bind(TankLevels(), gauge(low_m=1.0)), rows))
    assert found == [(0, "blue", "low"), (1800, "none", "low")]


def test_the_plain_twin_reckons_without_a_warning() -> None:
    """An unset low level is an infinite height: no arithmetic with it, which numpy would complain of."""
    state, evidence = records(1, TankLevels.state).view(np.recarray)[0], records(1, EVIDENCE).view(np.recarray)[0]
    for watched in (gauge(), gauge(low_m=1.0), gauge(deadband=0.0)):
        params = records(1, TankLevels.params).view(np.recarray)
        for name, value in TankLevels().subjects(inventory(watched))[0].params.items():
            params[0][name] = value
        with np.errstate(all="raise"):
            for level in range(5):
                getattr(TankLevels.step, "py_func", TankLevels.step)(state, params[0], 0, 0, 5.0, level, evidence)
        assert evidence.level == 0


def test_waves_do_not_end_an_episode() -> None:
    rows = [(float(60 * k), 9.5 + (0.02 if k % 2 else -0.02)) for k in range(40)]
    found = told(feed(bind(TankLevels(), gauge()), rows))
    assert [level for _, level, _ in found] == ["yellow", "orange"]


@pytest.mark.parametrize("interval_s", [1.0, 10.0, 60.0])
def test_one_reading_that_leaps_is_no_filling(interval_s: float) -> None:
    calm = [5.0] * 20
    one, two = ([*calm, *([9.9] * readings), *calm] for readings in (1, 2))
    spike, step = ([(interval_s * k, value) for k, value in enumerate(values)] for values in (one, two))
    assert feed(bind(TankLevels(), gauge()), spike) == []
    assert told(feed(bind(TankLevels(), gauge()), step))[0] == (21 * interval_s, "red", "critical_high")


def test_a_leap_that_a_fast_filling_can_make_is_yellow_at_once() -> None:
    slow = [(0.0, 5.0), (3600.0, 9.9), (7200.0, 9.9)]
    assert told(feed(bind(TankLevels(), gauge()), slow)) == [(3600, "yellow", "high"), (7200, "red", "critical_high")]
    assert told(feed(bind(TankLevels(), gauge(fastest_m_h=300.0)), [(0.0, 5.0), (60.0, 9.9)]))[0][:2] == (60, "yellow")
    assert told(feed(bind(TankLevels(), gauge()), [(0.0, 9.9)])) == [(0, "red", "critical_high")]
    filling = [(float(k), 8.0 + k / 60.0) for k in range(120)]  # 60 m/h
    assert [round(at_s) for at_s, _, _ in told(feed(bind(TankLevels(), gauge()), filling))] == [60, 75, 90, 108]


@pytest.mark.parametrize("interval_s", [10.0, 60.0, 900.0, 3600.0])
@pytest.mark.parametrize("stands_m", [5.0, 9.05, 9.3])
def test_one_reading_is_never_orange_nor_red(interval_s: float, stands_m: float) -> None:
    rows = [(interval_s * k, 9.9 if k == 10 else stands_m) for k in range(20)]
    assert {level for _, level, _ in told(feed(bind(TankLevels(), gauge()), rows))} <= {"none", "blue", "yellow"}


@pytest.mark.parametrize("interval_s", [10.0, 60.0, 900.0])
@pytest.mark.parametrize("m_h", [0.5, 3.0, 10.0])
def test_a_filling_is_told_with_the_first_reading_at_each_height(interval_s: float, m_h: float) -> None:
    rows = [(interval_s * k, 5.0 + m_h * interval_s * k / 3600) for k in range(2 + round(5 / m_h * 3600 / interval_s))]
    red = next(at_s for at_s, level, _ in told(feed(bind(TankLevels(), gauge()), rows)) if level == "red")
    assert red == next(at_s for at_s, level in rows if level >= 9.8)


def test_a_pump_that_starts_just_below_is_late_by_one_reading_at_most() -> None:
    rows = [(900.0 * k, 8.9 + max(k - 10, 0) * 0.75) for k in range(14)]
    assert [one[:2] for one in told(feed(bind(TankLevels(), gauge()), rows))] == [(9900, "yellow"), (10_800, "red")]


def test_a_leap_leaves_the_level_in_force() -> None:
    rows = [(0.0, 9.1), (60.0, 9.1), (120.0, 30.0), (180.0, 9.1)]
    assert told(feed(bind(TankLevels(), gauge()), rows)) == [(0, "blue", "maximum_working")]


def test_an_episode_ends_after_the_hold_off_and_keeps_its_criterion() -> None:
    rows = [(0.0, 9.6), (60.0, 8.0), (659.0, 8.0), (660.0, 8.0)]
    assert told(feed(bind(TankLevels(), gauge()), rows)) == [(0, "orange", "high_high"), (660, "none", "high_high")]


@pytest.mark.parametrize("wrong", [{"high_high_m": 9.9}, {"critical_high_m": 9.0}, {"high_m": 8.0}])
def test_heights_that_do_not_rise_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError, match=r"sensor a1: maximum_working_m, high_m, .* must rise"):
        bind(TankLevels(), gauge(**wrong))


def test_only_gauges_of_tanks_are_watched() -> None:
    assert not bind(TankLevels(), sensor(SensorKind.TANK, Quantity.PRESSURE, 60)).subjects
