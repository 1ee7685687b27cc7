"""Rainstorm signals at a site that has forecasts: what is forecast counts, not persistence."""

from __future__ import annotations

from detectors.bound import BoundDetector
from detectors.rain.rain_signals import RainOptions, RainSignals
from pipeline.model.finding import Finding
from pipeline.model.hazard import SensorKind
from pipeline.model.level import Level
from pipeline.model.quantity import Quantity
from pipeline.model.site import Sensor
from tests.unit.detector_rig import bind, feed_many, sensor, since_start_s

GAUGE, HIGH, MEDIAN, SECOND = range(4)
"""Slots: an inventory keeps sensors in order of their ids."""


def at(quantity: Quantity, name: str, group: str = "") -> Sensor:
    return sensor(SensorKind.RAIN, quantity, 300.0, id=name, group=group)


def bound(
    quantities: tuple[Quantity, Quantity] = (Quantity.RAIN_1H, Quantity.RAIN_1H_HIGH), **options: float
) -> BoundDetector:
    sensors = (
        at(Quantity.RAIN, "gauge"),
        at(quantities[0], "median", "radar"),
        at(quantities[1], "high", "radar"),
        at(Quantity.RAIN, "second"),
    )
    return bind(RainSignals(RainOptions.model_validate({"outlook_s": 0, **options})), *sensors)


Rows = list[tuple[float, int, float]]


def heard(minute: float, slot: int, value: float) -> tuple[float, int, float]:
    return (60.0 * minute, slot, value)


def forecast(minute: float, median_mm: float) -> Rows:
    return [heard(minute, MEDIAN, median_mm), heard(minute, HIGH, 2 * median_mm)]


def storm(rate_mm_h: float, last: int, slot: int = GAUGE) -> Rows:
    return [heard(minute, slot, rate_mm_h / 12) for minute in range(5, last + 1, 5)]


def test_a_storm_that_is_forecast_to_end_is_not_expected_to_go_on() -> None:
    dry = [*storm(60, 20), *forecast(20, 0.5), *storm(60, 45)[4:]]
    assert feed_many(bound(), storm(60, 45))[0].criterion == "orange_expected"
    assert not [one for one in feed_many(bound(), dry) if since_start_s(one) <= 40 * 60]  # 20 + fresh_s


def test_a_storm_that_is_forecast_is_expected_before_it_has_begun() -> None:
    found = feed_many(bound(), [*storm(6, 30), *forecast(30, 49.0)])
    assert [(one.level, one.criterion) for one in found] == [(Level.ORANGE, "orange_expected")]
    told = found[0]
    assert told.expected_at is not None
    assert (told.expected_at - told.at).total_seconds() / 60 == 58  # 3 mm are there, 47 lack at 49 mm/h


def test_a_stale_forecast_counts_no_more() -> None:
    rows = [*storm(60, 20), *forecast(20, 0.5), *storm(60, 48)[4:]]
    (first, *_) = feed_many(bound(fresh_s=300.0), rows)
    assert (first.criterion, since_start_s(first)) == ("orange_expected", 30 * 60)


def test_half_a_forecast_is_none() -> None:
    assert not feed_many(bound(), [*storm(6, 30), heard(30, MEDIAN, 60.0)])


def test_the_next_colour_goes_by_three_hours() -> None:
    both = (Quantity.RAIN_3H, Quantity.RAIN_3H_HIGH)
    rows = [*storm(120, 25), *forecast(25, 90.0), *storm(120, 30)[5:]]
    found = feed_many(bound(both, outlook_s=10800.0, horizon_s=0.0), rows)
    assert found[-1].criterion == "orange"
    assert found[-1].expected_at is not None
    wait_min = (found[-1].expected_at - found[-1].at).total_seconds() / 60
    assert wait_min == 80  # 60 of 100 mm are there, the rest comes at 30 mm/h


def test_where_forecasts_are_heard_a_second_gauge_tells_what_has_fallen() -> None:
    assert not feed_many(bound(), storm(60, 45, SECOND))
    found: list[Finding] = feed_many(bound(), storm(60, 50, SECOND))
    assert [(one.subject, one.criterion) for one in found] == [("second", "orange")]


def test_what_a_silent_gauge_had_leaves_the_window_all_the_same() -> None:
    one = bound(lower_after_s=0.0, horizon_s=0.0)
    assert feed_many(one, storm(60, 50))[-1].criterion == "orange"
    left = feed_many(one, [row for minute in range(60, 400, 10) for row in forecast(minute, 0.0)])
    assert [(f.level, round(since_start_s(f) / 60)) for f in left][:1] == [(Level.YELLOW, 190)]
