"""Forest fire danger from a station's readings: the index of the reference, classes, gaps, restarts."""

from __future__ import annotations

import csv
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from detectors.bound import BoundDetector
from detectors.fire.fire_weather import FireWeather, FireWeatherOptions
from pipeline.model.area import Area
from pipeline.model.finding import Finding, FindingState
from pipeline.model.hazard import Hazard, SensorKind
from pipeline.model.inventory import Inventory, InventoryError
from pipeline.model.quantity import Quantity
from pipeline.model.site import Sensor, Site
from tests.unit.detector_rig import START_S, feed_many, sensor

DAYS = list(csv.DictReader((Path(__file__).parents[1] / "golden" / "fwi" / "days.csv").read_text().splitlines()))
FIRST_NOON_S = datetime(1985, 4, 13, 18, 40, tzinfo=UTC).timestamp()
"""Noon at 100 degrees west."""
HOUR_S = 3600.0
QUANTITIES = (Quantity.HUMIDITY, Quantity.RAIN, Quantity.TEMPERATURE, Quantity.WIND_SPEED)
COLUMNS = ("rh", "prec", "temp", "ws")
Row = tuple[float, int, float]


def station(quantities: tuple[Quantity, ...] = QUANTITIES, **more: Any) -> list[Sensor]:
    return [
        sensor(SensorKind.WEATHER, quantity, HOUR_S, id=f"s{place:02}", **more)
        for place, quantity in enumerate(quantities)
    ]


def bound(sensors: list[Sensor] | None = None, **options: Any) -> BoundDetector:
    area = Area(code="330212000000", name_zh="鄞州区", name_en="Yinzhou")
    place = {"longitude_deg": -100.0, "latitude_deg": 40.0}
    site = Site(id="site", area=area.code, name_zh="示例", name_en="Sample", **place)
    return BoundDetector(
        FireWeather(FireWeatherOptions(**options)), Inventory((area,), (site,), tuple(sensors or station()))
    )


def weather(skip: Callable[[int, str], bool] = lambda day, name: False) -> list[Row]:  # noqa: ARG005  # nothing is skipped
    """Every hour the weather of the noon to come, all its rain in the hour at eleven."""
    rows = []
    for day, row in enumerate(DAYS):
        for hour in range(-12, 12):
            for slot, name in enumerate(COLUMNS):
                value = float(row[name]) / (3.6 if name == "ws" else 1.0)
                value = value if name != "prec" or hour == -1 else 0.0
                if not skip(day, name):
                    rows.append((FIRST_NOON_S + 86_400 * day + HOUR_S * hour - START_S, slot, value))
    return rows


def told(findings: list[Finding]) -> list[tuple[int, str, float]]:
    """Day, level and index."""
    return [
        (int((one.at.timestamp() - FIRST_NOON_S) // 86_400), one.level.word, round(one.value, 2)) for one in findings
    ]


def test_the_classes_of_the_reference_days() -> None:
    findings = feed_many(bound(yellow_fwi=20.0, orange_fwi=25.0, red_fwi=50.0), weather())
    wanted = {day: float(row["fwi"]) for day, row in enumerate(DAYS)}
    seen = told(findings)
    assert [(day, level) for day, level, _ in seen] == [
        (21, "yellow"), (24, "red"), (25, "orange"), (26, "none"), (31, "orange"), (32, "yellow"), (33, "none"),
        (40, "yellow"), (41, "none"),
    ]  # fmt: skip
    assert all(index == pytest.approx(wanted[day], abs=0.01) for day, _, index in seen)
    assert (findings[0].hazard, findings[0].criterion) == (Hazard.FIRE_DANGER, "fire_weather_index")
    assert findings[0].window_start_at.timestamp() == FIRST_NOON_S + 86_400 * 20


def test_a_counter_tells_the_same_as_amounts() -> None:
    quantities = (Quantity.HUMIDITY, Quantity.RAIN_TOTAL, Quantity.TEMPERATURE, Quantity.WIND_SPEED)
    total, rows = 0.0, []
    for at_s, slot, value in weather():
        total += value if slot == 1 else 0.0
        rows.append((at_s, slot, total if slot == 1 else value))
    options: dict[str, Any] = {"yellow_fwi": 20.0}
    assert told(feed_many(bound(station(quantities), **options), rows)) == told(feed_many(bound(**options), weather()))


def test_a_day_without_weather_takes_that_of_the_day_before() -> None:
    """The seventh of May, the driest: without it nothing is red; with too many gaps all begins anew."""
    options: dict[str, Any] = {"yellow_fwi": 20.0, "orange_fwi": 25.0}
    levels = [level for _, level, _ in told(feed_many(bound(**options), weather(lambda day, _: day == 24)))]
    assert "red" not in levels
    assert levels[0] == "yellow"
    gone = weather(lambda day, name: 21 <= day < 24 and name == "rh")
    assert (24, "red") in [one[:2] for one in told(feed_many(bound(**options), gone))]
    assert not [one for one in told(feed_many(bound(**options, carry_days=2), gone)) if one[0] == 24]


def test_a_long_silence_ends_what_was_said_when_the_weather_is_back() -> None:
    options: dict[str, Any] = {"yellow_fwi": 20.0, "orange_fwi": 25.0}
    found = feed_many(bound(**options), weather(lambda day, _: 25 <= day < 40))
    assert [one.state for one in found if one.state is FindingState.CLOSED] == [FindingState.CLOSED]
    assert told(found)[-1][:2] == (39, "none")  # the hours before noon belong to the day before


OPTIONS: dict[str, Any] = {
    "blue_fwi": 10.0, "yellow_fwi": 60.0, "orange_fwi": 22.0, "red_fwi": 90.0, "deadband": 0.9, "start_ffmc": 0.0,
    "start_dmc": 500.0, "start_dc": 2000.0, "warm_up_days": 40, "carry_days": 0,
}  # fmt: skip


@pytest.mark.parametrize("option", OPTIONS)
def test_each_option_counts(option: str) -> None:
    value = OPTIONS[option]
    base: dict[str, Any] = {"orange_fwi": 61.0, "red_fwi": 80.0} if option == "yellow_fwi" else {}
    rows = weather(lambda day, _: day in (10, 23))
    values = [(one.at, one.level, one.value) for one in feed_many(bound(**(base | {option: value})), rows)]
    assert values != [
        (one.at, one.level, one.value) for one in feed_many(bound(**(base and {"yellow_fwi": 21.3} | base)), rows)
    ]


def test_classes_that_do_not_rise_are_refused() -> None:
    with pytest.raises(ValueError, match="yellow_fwi, orange_fwi, red_fwi must rise; they are 0, 40, 38, 50"):
        FireWeatherOptions(yellow_fwi=40.0)


def test_who_is_watched() -> None:
    assert bound(station(QUANTITIES[:3])).subjects == ()
    gauge = sensor(SensorKind.RAIN, Quantity.RAIN_TOTAL, 60.0, id="gauge")
    air = station((Quantity.HUMIDITY, Quantity.TEMPERATURE, Quantity.WIND_SPEED))
    assert [one.id for one in bound([*air, gauge]).subjects] == ["site"]
    with pytest.raises(InventoryError, match="site site: 8 weather sensors, 5 of them rain gauges; at most 16 and 4"):
        bound(
            [*air, *station((Quantity.RAIN,) * 5, site="site", group="x")][:3]
            + [sensor(SensorKind.RAIN, Quantity.RAIN, 60.0, id=f"g{k}") for k in range(5)]
        )
