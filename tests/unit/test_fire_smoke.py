"""Smoke: levels above clean air, dirt, and fires too slow to see at a glance."""

from __future__ import annotations

from typing import Any

import pytest

from detectors.fire.fire_smoke import FireSmoke, SmokeOptions
from pipeline.model.hazard import SensorKind
from pipeline.model.level import Level
from pipeline.model.quantity import Quantity
from tests.unit.detector_rig import Row, bind, feed, sensor, since_start_s, told

ALARM = 4.5


def bound(**options: Any) -> Any:
    return bind(FireSmoke(SmokeOptions(**options)), sensor(SensorKind.FIRE, Quantity.SMOKE, 2.0))


def worst(rows: list[Row], **options: Any) -> Level:
    return max((finding.level for finding in feed(bound(**options), rows)), default=Level.NONE)


def puff(obscuration: float) -> list[Row]:
    """Clean air, then `obscuration` for ten seconds."""
    return [(2.0 * k, 0.0 if k < 10 else obscuration) for k in range(15)]


@pytest.mark.parametrize(
    ("obscuration", "level"),
    [
        (1.599, Level.NONE),
        (1.601, Level.YELLOW),
        (4.499, Level.YELLOW),
        (4.502, Level.ORANGE),
        (34.299, Level.ORANGE),
        (34.302, Level.RED),
        (99.0, Level.RED),
    ],
)
def test_levels(obscuration: float, level: Level) -> None:
    assert worst(puff(obscuration)) is level


@pytest.mark.parametrize("rate_per_h", [ALARM / 4 * 1.01, ALARM / 2, ALARM, 3 * ALARM, 60 * ALARM])
def test_a_slow_fire_gives_alarm_within_the_limit_of_en_54_7(rate_per_h: float) -> None:
    limit_s = 1.6 * ALARM / rate_per_h * 3600 + 100
    rows = [(10.0 * k, rate_per_h * 10 * k / 3600) for k in range(int(limit_s / 10) + 2)]
    alarm = next(finding for finding in feed(bound(), rows) if finding.level >= Level.ORANGE)
    assert ALARM / rate_per_h * 3600 <= since_start_s(alarm) + 10 <= limit_s + 10


@pytest.mark.parametrize(
    "rows",
    [
        pytest.param([(60.0 * k, 2.0) for k in range(100)], id="a constant offset"),
        pytest.param([(3600.0 * k, 0.01 * k) for k in range(200)], id="dirt of months"),
        pytest.param([(2.0 * k, 60.0 if k == 9 else 0.0) for k in range(20)], id="an insect"),
        pytest.param([(2.0 * k, 2.0 if k != 9 else 0.0) for k in range(600)], id="one low reading over dirt"),
        pytest.param([(2.0 * k, 0.0) for k in range(20)], id="zeros"),
    ],
)
def test_what_is_no_fire(rows: list[Row]) -> None:
    assert worst(rows) is Level.NONE


def test_compensation_ends_at_six_tenths_of_the_alarm() -> None:
    assert worst([(60.0 * k, 0.6 * ALARM + 1.59) for k in range(100)]) is Level.NONE
    assert worst([(60.0 * k, 0.6 * ALARM + 1.61) for k in range(100)]) is Level.YELLOW


@pytest.mark.parametrize(
    ("options", "level"),
    [
        ({}, Level.YELLOW),
        ({"early_obscuration": 3.5}, Level.NONE),
        ({"alarm_obscuration": 2.9}, Level.ORANGE),
        ({"dense_obscuration": 2.9}, Level.RED),
        ({"clean_air": 2.0}, Level.NONE),
    ],
)
def test_options(options: dict[str, Any], level: Level) -> None:
    assert worst(puff(3.0), **options) is level


def backed(*others: Quantity, group: str = "hall") -> Any:
    """A smoke detector in a hall with instruments of other quantities in `group`."""
    smoke = sensor(SensorKind.FIRE, Quantity.SMOKE, 2.0, group="hall")
    rest = [sensor(SensorKind.FIRE, one, 2.0, id=f"b{k}", group=group) for k, one in enumerate(others)]
    return bind(FireSmoke(), smoke, *rest)


@pytest.mark.parametrize(
    ("room", "level"),
    [
        pytest.param(backed(), Level.ORANGE, id="alone"),
        pytest.param(backed(Quantity.SMOKE), Level.ORANGE, id="steam fools another one as well"),
        pytest.param(backed(Quantity.TEMPERATURE), Level.YELLOW, id="heat can tell"),
        pytest.param(backed(Quantity.GAS_PPM), Level.YELLOW, id="carbon monoxide can tell"),
        pytest.param(backed(Quantity.GAS_PPM, group="yard"), Level.ORANGE, id="elsewhere"),
    ],
)
def test_steam_in_a_room_where_others_can_tell_is_yellow(room: Any, level: Level) -> None:
    assert max(finding.level for finding in feed(room, puff(10.0))) is level


def test_compensation_is_that_of_the_standard_in_such_a_room_too() -> None:
    rows = [(60.0 * k, 0.6 * ALARM + 1.61) for k in range(100)]
    assert max(finding.level for finding in feed(backed(Quantity.TEMPERATURE), rows)) is Level.YELLOW


@pytest.mark.parametrize(("obscuration", "level"), [(15.4, Level.YELLOW), (15.6, Level.ORANGE), (34.4, Level.RED)])
def test_dense_smoke_needs_nobody_else(obscuration: float, level: Level) -> None:
    found = feed(backed(Quantity.TEMPERATURE), puff(obscuration))
    assert max(finding.level for finding in found) is level


@pytest.mark.parametrize(
    ("obscuration", "lasts_s", "level"),
    [(5.5, 1700.0, Level.YELLOW), (5.5, 1900.0, Level.ORANGE), (4.3, 6000.0, Level.YELLOW)],
)
@pytest.mark.parametrize("interval_s", [2.0, 60.0])
def test_smoke_that_outlasts_what_people_do_needs_nobody_else(
    obscuration: float, lasts_s: float, level: Level, interval_s: float
) -> None:
    rows = [(interval_s * k, obscuration) for k in range(1, round(lasts_s / interval_s))]
    assert max(finding.level for finding in feed(backed(Quantity.TEMPERATURE), [(0.0, 0.0), *rows])) is level


def test_how_long_it_lasts_forgives_a_dip_and_not_a_silence() -> None:
    dipped = [(60.0 * k, 0.0 if k in {0, 15} else 6.0) for k in range(36)]
    assert max(finding.level for finding in feed(backed(Quantity.TEMPERATURE), dipped)) is Level.ORANGE
    silent = [(at_s + (3700.0 if at_s > 1200.0 else 0.0), value) for at_s, value in dipped]
    assert max(finding.level for finding in feed(backed(Quantity.TEMPERATURE), silent)) is Level.YELLOW


def test_of_a_slow_sensor_the_first_alarm_reading_is_yellow_at_once_and_the_second_confirms() -> None:
    slow = bind(FireSmoke(), sensor(SensorKind.FIRE, Quantity.SMOKE, 30.0))
    rows = [(30.0 * k, 0.0 if k < 5 else 9.0) for k in range(8)]
    assert told(feed(slow, rows)) == [(150.0, "yellow", "smoke"), (180.0, "orange", "smoke")]


def test_what_is_yellow_waits_for_its_second_reading_in_a_slow_sensor_too() -> None:
    slow = bind(FireSmoke(), sensor(SensorKind.FIRE, Quantity.SMOKE, 30.0))
    rows = [(30.0 * k, 0.0 if k < 5 else 2.0) for k in range(8)]
    assert told(feed(slow, rows)) == [(180.0, "yellow", "smoke")]


def test_a_restart_changes_nothing() -> None:
    rows = [(5.0 * k, 0.08 * k) for k in range(600)]
    through = feed(bound(), rows)
    before, after = bound(), bound()
    told_before = feed(before, rows[:100])
    after.restore(before.snapshot())
    assert len(through) == 3
    assert told_before + feed(after, rows[100:]) == through
