"""Rain and slopes: each threshold at and about its amount, drainage, the counter, and what a gap forgets."""

from __future__ import annotations

import math
from typing import Any

import pytest

from detectors.rain.rain_slope import RainSlope, SlopeOptions
from pipeline.model.hazard import SensorKind
from pipeline.model.level import Level
from pipeline.model.quantity import Quantity
from pipeline.model.site import Sensor
from tests.unit.detector_rig import Row, bind, feed, inventory, sensor, told

HOUR = 3600.0
DAY = 24 * HOUR


def gauge(quantity: Quantity = Quantity.RAIN) -> Sensor:
    return sensor(SensorKind.RAIN, quantity, HOUR, range_low=0)


def hourly(*amounts_mm: float) -> list[Row]:
    return [(HOUR * (k + 1), amount_mm) for k, amount_mm in enumerate(amounts_mm)]


def worst(rows: list[Row], quantity: Quantity = Quantity.RAIN, **options: Any) -> tuple[Level, str]:
    found = feed(bind(RainSlope(SlopeOptions(**{"caine_share": 1.0, **options})), gauge(quantity)), rows)
    return max(((one.level, one.criterion) for one in found), default=(Level.NONE, ""))


@pytest.mark.parametrize(
    ("rows", "options", "expected"),
    [
        pytest.param(hourly(14.81), {}, Level.NONE, id="1 h, just below Caine"),
        pytest.param(hourly(14.83), {}, Level.YELLOW, id="1 h, just above Caine"),
        pytest.param(hourly(*[4.29] * 24), {}, Level.NONE, id="24 h, just below: 14.82 * 24 ** 0.61 = 103.0 mm"),
        pytest.param(hourly(*[4.30] * 24), {}, Level.YELLOW, id="24 h, just above"),
        pytest.param(hourly(7.5), {"caine_share": 0.5}, Level.YELLOW, id="half of Caine"),
        pytest.param(hourly(9.9), {"antecedent_mm": 10}, Level.NONE, id="the index, below"),
        pytest.param(hourly(10.1), {"antecedent_mm": 10}, Level.BLUE, id="the index, above"),
        pytest.param(hourly(9.9, 0, 9.9), {"antecedent_mm": 19, "half_life_d": 1}, Level.BLUE, id="drains a little"),
        pytest.param(hourly(9.9, 0, 9.9), {"antecedent_mm": 19, "half_life_d": 0.04}, Level.NONE, id="drains fast"),
        pytest.param(hourly(10.1), {"recent_mm": 10}, Level.BLUE, id="P3 alone"),
        pytest.param(
            hourly(*[2.0] * 5, *[0.0] * 80, 5.0), {"recent_mm": 10}, Level.BLUE, id="P3, and P15 by its share"
        ),
        pytest.param(
            hourly(*[2.0] * 5, *[0.0] * 80, 5.0),
            {"recent_mm": 10.5, "before_share": 0.5},
            Level.NONE,
            id="a lesser share",
        ),
        pytest.param(
            hourly(*[1.5] * 6, *[0.0] * 426, 2.0), {"recent_mm": 8}, Level.BLUE, id="it was reached on the first day"
        ),
    ],
)
def test_thresholds(rows: list[Row], options: dict[str, Any], expected: Level) -> None:
    assert worst(rows, **options)[0] is expected


def test_what_fell_more_than_eighteen_days_ago_is_forgotten() -> None:
    rows = [(HOUR, 9.0), (HOUR + 17 * DAY, 2.0), (2 * HOUR + 18 * DAY, 2.0)]
    found = feed(bind(RainSlope(SlopeOptions(recent_mm=8, lower_after_s=0)), gauge()), rows)
    assert told(found) == [
        (HOUR, "blue", "recent"),
        (2 * HOUR + 18 * DAY, "none", "recent"),  # on day 17 it still counts: 2.0 + 0.67 * 9.0
    ]


@pytest.mark.parametrize(("deadband", "ends_h"), [(0.0, 3), (0.2, 6)])
def test_an_alarm_stands_until_the_ground_has_drained(deadband: float, ends_h: int) -> None:
    """11 mm, of which a tenth drains each hour, against a threshold of 9: 9.9, 8.9, 8.0, 7.22, 6.5."""
    half_life_d = math.log(0.5) / math.log(0.9) / 24
    options = SlopeOptions(antecedent_mm=9, half_life_d=half_life_d, deadband=deadband, lower_after_s=0)
    found = feed(bind(RainSlope(options), gauge()), hourly(11.0, *[0.0] * 6))
    assert told(found) == [(HOUR, "blue", "antecedent"), (ends_h * HOUR, "none", "antecedent")]


def test_a_counter_rises_and_a_reset_is_no_rain() -> None:
    rows = [(HOUR, 100.0), (2 * HOUR, 116.0)]
    assert worst(rows, Quantity.RAIN_TOTAL) == (Level.YELLOW, "caine")
    assert worst([(HOUR, 100.0), (2 * HOUR, 20.0)], Quantity.RAIN_TOTAL)[0] is Level.NONE


def test_the_worse_threshold_speaks() -> None:
    assert worst(hourly(20.0), antecedent_mm=5) == (Level.YELLOW, "caine")
    assert worst(hourly(12.0), antecedent_mm=5, recent_mm=11) == (Level.BLUE, "antecedent")


def test_a_gauge_without_a_threshold_is_not_watched() -> None:
    where_nothing_slides, steep = (
        gauge(),
        sensor(SensorKind.RAIN, Quantity.RAIN, HOUR, id="steep", thresholds={"rain_slope.antecedent_mm": 40.0}),
    )
    assert [one.id for one in RainSlope().subjects(inventory(where_nothing_slides, steep))] == ["steep"]
