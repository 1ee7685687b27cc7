"""Means over fifteen minutes and eight hours against the limits of GBZ 2.1."""

from __future__ import annotations

from typing import Any

import pytest

from detectors.gas.gas_exposure import GasExposure, GasExposureOptions
from detectors.gas.limits import ppm
from pipeline.model.finding import Finding
from pipeline.model.hazard import SensorKind
from pipeline.model.quantity import Quantity
from pipeline.model.site import Sensor
from tests.unit.detector_rig import Row, bind, feed, sensor, told

STEL = ppm("carbon_monoxide", 30, 25)
TWA = ppm("carbon_monoxide", 20, 25)
HOUR = 3600


def co(name: str = "carbon_monoxide", **thresholds: float) -> Sensor:
    own = {f"gas_exposure.{key}": value for key, value in thresholds.items()}
    return sensor(SensorKind.GAS, Quantity.GAS_PPM, 60, gas=name, range_low=0.0, range_high=2000.0, thresholds=own)


def breathed(rows: list[Row], watched: Sensor | None = None, **options: Any) -> list[Finding]:
    return feed(bind(GasExposure(GasExposureOptions(**options)), watched or co()), rows)


def constant(value: float, hours: float, step_s: float = 60.0) -> list[Row]:
    return [(step_s * k, value) for k in range(round(hours * HOUR / step_s) + 1)]


@pytest.mark.parametrize(("share", "level"), [(0.999, None), (1.0, "orange"), (1.001, "orange")])
def test_the_fifteen_minute_mean_at_its_limit(share: float, level: str | None) -> None:
    found = told(breathed(constant(share * STEL, 0.25)))
    assert found == ([] if level is None else [(900, level, "stel")])


@pytest.mark.parametrize("step_s", [10.0, 45.0, 60.0, 300.0])
def test_the_mean_does_not_depend_on_how_often_a_sensor_reports(step_s: float) -> None:
    assert told(breathed(constant(STEL, 0.25, step_s)))[-1][1:] == ("orange", "stel")
    assert not told(breathed(constant(0.99 * STEL, 0.25, step_s)))


@pytest.mark.parametrize(
    ("share", "levels"), [(0.499, []), (0.5, ["blue"]), (0.999, ["blue"]), (1.0, ["blue", "yellow"])]
)
def test_the_eight_hour_mean_at_the_action_level_and_its_limit(share: float, levels: list[str]) -> None:
    found = breathed(constant(share * TWA, 8), stel_ppm=1e6)
    assert [one.level.word for one in found] == levels
    assert {one.criterion for one in found} <= {"twa"}


def test_a_short_high_exposure_counts_by_its_share_of_eight_hours() -> None:
    rows = [(60.0 * k, 8 * TWA if k < 60 else 0.0) for k in range(120)]
    (first, second) = breathed(rows, stel_ppm=1e6)
    assert (first.level.word, first.at.timestamp() - first.onset_at.timestamp()) == ("blue", 0)
    assert second.level.word == "yellow"
    assert second.value == pytest.approx(TWA, rel=1e-9)


def test_time_that_nobody_measured_counts_as_clean() -> None:
    held = [(0.0, 10 * STEL), (3600.0, 0.0)]
    assert breathed(held, hold_s=60.0, twa_ppm=1e6) == []
    assert breathed([(0.0, 10 * STEL), (89.0, 0.0)], hold_s=90.0, twa_ppm=1e6) == []
    (finding,) = breathed([(0.0, 10 * STEL), (90.0, 0.0)], hold_s=90.0, twa_ppm=1e6)
    assert finding.level.word == "yellow"
    assert finding.value == pytest.approx(STEL)


@pytest.mark.parametrize("interval_s", [10.0, 60.0, 300.0, 900.0])
def test_one_reading_makes_a_mean_yellow_and_two_make_it_orange(interval_s: float) -> None:
    watched = co().model_copy(update={"interval_s": interval_s})
    for readings, levels in ((1, {"yellow", "none"}), (2, {"orange", "none"})):
        rows = [(interval_s * k, 100 * STEL if 4 <= k < 4 + readings else 0.0) for k in range(400)]
        assert {level for _, level, _ in told(breathed(rows, watched, twa_ppm=1e6))} == levels


@pytest.mark.parametrize("interval_s", [900.0, 1800.0, 3600.0])
def test_a_sensor_that_reports_seldom_holds_its_value_until_the_next(interval_s: float) -> None:
    watched = co().model_copy(update={"interval_s": interval_s})
    assert [word for _, word, _ in told(breathed(constant(TWA, 9, interval_s), watched, stel_ppm=1e6))] == [
        "blue",
        "yellow",
    ]
    assert told(breathed(constant(0.49 * TWA, 9, interval_s), watched, stel_ppm=1e6)) == []


def test_a_value_holds_for_an_hour_at_most() -> None:
    daily = co().model_copy(update={"interval_s": 86_400.0})
    once = [(0.0, 7.99 * TWA), (5 * HOUR, 0.0)]
    assert [word for _, word, _ in told(breathed(once, daily, stel_ppm=1e6))] == ["blue"]
    assert told(breathed([(0.0, 3.9 * TWA), (5 * HOUR, 0.0)], daily, stel_ppm=1e6)) == []


def test_an_exposure_is_over_when_it_has_left_the_window() -> None:
    rows = [(60.0 * k, 2 * STEL if k < 15 else 0.0) for k in range(60)]
    found = told(breathed(rows, twa_ppm=1e6))
    assert [level for _, level, _ in found] == ["orange", "none"]
    opened, closed = found[0][0], found[1][0]
    assert opened == 8 * 60  # 7.5 min of twice the limit
    assert closed == 23 * 60 + 600  # below 95 % of the limit, then the hold-off


@pytest.mark.parametrize("offset_s", [15.0, 45.0])
def test_the_window_is_fifteen_minutes_wherever_it_begins(offset_s: float) -> None:
    rows = [(at_s + offset_s, value) for at_s, value in constant(0.99 * STEL, 0.5)]
    assert breathed(rows, twa_ppm=1e6) == []


def test_a_value_below_zero_pays_nothing_back() -> None:
    rows = [(60.0 * k, -1000.0 if k < 10 else STEL) for k in range(26)]
    assert told(breathed(rows, twa_ppm=1e6)) == [(25 * 60, "orange", "stel")]


def test_whom_it_watches() -> None:
    assert bind(GasExposure(), co("ammonia")).subjects
    assert bind(GasExposure(), co("ethylene_oxide")).subjects
    assert not bind(GasExposure(), co("hydrogen_sulfide")).subjects
    assert not bind(GasExposure(), co("methane")).subjects
    assert bind(GasExposure(), co("methane", twa_ppm=1000.0)).subjects


def test_a_sensor_may_have_its_own_limit() -> None:
    assert told(breathed(constant(20.0, 0.25), co(stel_ppm=20.0, twa_ppm=1e6))) == [(900, "orange", "stel")]


def test_a_gas_with_a_long_limit_only_cites_it() -> None:
    limit = ppm("ethylene_oxide", 2, 25)
    found = breathed([*constant(limit, 8), *((hour * HOUR, 0.0) for hour in range(9, 20))], co("ethylene_oxide"))
    assert {(one.criterion, one.threshold) for one in found} <= {("twa", limit), ("twa", limit / 2)}
    assert [one.level.word for one in found] == ["blue", "yellow", "blue", "none"]
