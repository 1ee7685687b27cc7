"""What agreement of heat, smoke and carbon monoxide is worth: everyday amounts, rates of flames, smoulder, red."""

from __future__ import annotations

import random
from typing import Any

import pytest

from detectors.fire.fire_two_channel import FireTwoChannel, TwoChannelOptions
from pipeline.model.hazard import SensorKind
from pipeline.model.level import Level
from pipeline.model.quantity import Quantity
from tests.unit.detector_rig import bind, feed_many, sensor, told

HEAT, SMOKE, GAS = 0, 1, 2
QUANTITIES = (Quantity.TEMPERATURE, Quantity.SMOKE, Quantity.GAS_PPM)
CLEAN = (22.0, 0.2, 4.0)


def room(interval_s: float = 2.0, without: tuple[int, ...] = (), **options: Any) -> Any:
    sensors = [
        sensor(SensorKind.FIRE, quantity, interval_s, id=f"s{slot}", group="kitchen")
        for slot, quantity in enumerate(QUANTITIES)
        if slot not in without
    ]
    return bind(FireTwoChannel(TwoChannelOptions(**options)), *sensors)


def rising(*most: float, over_s: float = 300.0, interval_s: float = 2.0, lasts_s: float = 600.0) -> list[Any]:
    """Clean air for two minutes; then heat, smoke and gas rise by `most` in `over_s`, and stay."""
    return [
        (interval_s * k, slot, CLEAN[slot] + more * min(max((interval_s * k - 120.0) / over_s, 0.0), 1.0))
        for k in range(int((120.0 + lasts_s) / interval_s))
        for slot, more in enumerate(most)
    ]


def worst(rows: list[Any], **options: Any) -> tuple[Level, str]:
    found = feed_many(room(**options), rows)
    return max(((one.level, one.criterion) for one in found if one.level), default=(Level.NONE, ""))


def test_cooking_is_something_to_look_at() -> None:
    assert worst(rising(12.0, 1.5, 6.0)) == (Level.YELLOW, "small_amounts")


@pytest.mark.parametrize(
    ("most", "over_s", "level"),
    [
        pytest.param((12.0, 4.0, 0.0), 300.0, Level.YELLOW, id="a shower: slow heat and fog"),
        pytest.param((0.0, 14.0, 18.0), 60.0, Level.YELLOW, id="toast: smoke and some gas"),
        pytest.param((2.0, 0.5, 120.0), 300.0, Level.YELLOW, id="a car: gas and hardly anything else"),
        pytest.param((12.0, 0.0, 0.0), 300.0, Level.NONE, id="a heater"),
        pytest.param((12.0, 0.0, 0.0), 60.0, Level.YELLOW, id="heat alone, yet quick"),
        pytest.param((25.0, 0.0, 0.0), 400.0, Level.YELLOW, id="heat alone, slow, yet much"),
        pytest.param((12.0, 4.0, 0.0), 60.0, Level.ORANGE, id="flames: heat outruns the ramp"),
        pytest.param((24.0, 4.0, 0.0), 500.0, Level.ORANGE, id="hot, however slowly"),
        pytest.param((0.0, 4.0, 40.0), 500.0, Level.ORANGE, id="smouldering"),
        pytest.param((0.0, 14.0, 70.0), 500.0, Level.RED, id="dense smoke and much gas"),
        pytest.param((24.0, 14.0, 0.0), 400.0, Level.RED, id="hot and dense"),
        pytest.param((24.0, 0.0, 70.0), 400.0, Level.RED, id="hot and much gas"),
    ],
)
def test_what_is_beyond_everyday(most: tuple[float, ...], over_s: float, level: Level) -> None:
    assert worst(rising(*most, over_s=over_s))[0] is level


@pytest.mark.parametrize(
    ("option", "most", "over_s", "before", "after"),
    [
        pytest.param({"flame_k_min": 15.0}, (12.0, 4.0, 0.0), 60.0, Level.ORANGE, Level.YELLOW, id="flame_k_min"),
        pytest.param({"flame_k": 9.0}, (12.0, 4.0, 0.0), 60.0, Level.ORANGE, Level.YELLOW, id="flame_k"),
        pytest.param({"hot_k": 26.0}, (24.0, 4.0, 0.0), 500.0, Level.ORANGE, Level.YELLOW, id="hot_k"),
        pytest.param({"smoulder_ppm": 45.0}, (0.0, 4.0, 40.0), 500.0, Level.ORANGE, Level.YELLOW, id="smoulder_ppm"),
        pytest.param({"smoulder_smoke": 5.0}, (0.0, 4.0, 40.0), 500.0, Level.ORANGE, Level.YELLOW, id="smoulder_smoke"),
        pytest.param({"heavy_ppm": 80.0}, (0.0, 14.0, 70.0), 500.0, Level.RED, Level.ORANGE, id="heavy_ppm"),
        pytest.param({"dense_smoke": 20.0}, (0.0, 14.0, 70.0), 500.0, Level.RED, Level.ORANGE, id="dense_smoke"),
    ],
)
def test_options(option: dict[str, Any], most: tuple[float, ...], over_s: float, before: Level, after: Level) -> None:
    rows = rising(*most, over_s=over_s)
    assert worst(rows)[0] is before
    assert worst(rows, **option)[0] is after


def test_a_slow_fire_does_not_hide_behind_a_background_that_follows_it() -> None:
    """45 ppm in 50 min: the background takes in 6 ppm every 10 min."""
    gas = rising(0.0, 0.0, 45.0, over_s=3000.0, lasts_s=3000.0, interval_s=10.0)
    rows = [(at_s, slot, 4.0 if slot == SMOKE and at_s > 2700.0 else value) for at_s, slot, value in gas]
    assert worst(rows) == (Level.ORANGE, "two_channels")


def test_what_was_left_behind_counts_for_nothing_more() -> None:
    """20 ppm that stay become the background; another 20 ppm and some smoke an hour later are no smoulder."""
    first = rising(0.0, 0.0, 20.0, lasts_s=7000.0, interval_s=10.0)
    second = [
        (at_s + 7200.0, slot, value + (20.0 if slot == GAS else 0.0))
        for at_s, slot, value in rising(0.0, 4.0, 20.0, interval_s=10.0)
    ]
    assert worst(first + second)[0] is Level.YELLOW


@pytest.mark.parametrize(("noise_k", "level"), [(0.1, Level.ORANGE), (2.0, Level.YELLOW)])
def test_of_an_amount_three_times_the_noise_is_taken_off(noise_k: float, level: Level) -> None:
    draw = random.Random(3)  # noqa: S311  # no secret
    rows = rising(22.0, 4.0, 0.0, over_s=560.0)
    noisy = [(at_s, slot, value + (draw.gauss(0, noise_k) if slot == HEAT else 0.0)) for at_s, slot, value in rows]
    assert worst(noisy)[0] is level


def flash(smoke_at_s: float) -> list[Any]:
    """A flash of heat of 5 K at 120 s that stays a while, and smoke that comes later."""
    return [
        (2.0 * k, slot, value)
        for k in range(250)
        for slot, value in enumerate((27.0 if 60 <= k < 200 else 22.0, 5.0 if 2.0 * k >= smoke_at_s else 0.2, 4.0))
    ]


def test_a_flash_of_heat_is_remembered_as_long_as_another_word() -> None:
    assert worst(flash(180.0))[0] is Level.ORANGE
    assert worst(flash(280.0))[0] is Level.YELLOW
    assert worst(flash(280.0), agree_s=300.0)[0] is Level.ORANGE


def test_one_quick_reading_is_no_flame() -> None:
    """Heat that rises slowly, a spark in it, and fog: the spark alone does not make it a fire."""
    slow = rising(12.0, 4.0, 0.0)
    sparked = [(at_s, slot, value + 9.0 if (at_s, slot) == (300.0, HEAT) else value) for at_s, slot, value in slow]
    assert worst(sparked)[0] is Level.YELLOW


def test_one_hot_reading_in_dense_smoke_is_no_red() -> None:
    dense = rising(0.0, 30.0, 0.0)
    spiked = [(at_s, slot, 70.0 if (at_s, slot) == (500.0, HEAT) else value) for at_s, slot, value in dense]
    assert worst(spiked)[0] is Level.YELLOW


def test_slow_sensors_agree_over_two_and_a_half_of_their_intervals() -> None:
    rows = rising(40.0, 4.0, 0.0, over_s=600.0, interval_s=120.0, lasts_s=2400.0)
    late = [(at_s + (60.0 if slot == SMOKE else 0.0), slot, value) for at_s, slot, value in rows]
    found = feed_many(room(120.0, agree_s=50.0), sorted(late))
    assert max(one.level for one in found) is Level.ORANGE
    assert max(one.level for one in feed_many(room(2.0, agree_s=50.0), sorted(late))) is Level.YELLOW


def silenced(smoke: float, *gone: int, at_s: float = 100.0) -> list[Any]:
    return [row for row in rising(0.0, smoke, 0.0) if row[1] not in gone or row[0] < at_s]


@pytest.mark.parametrize(
    ("smoke", "gone", "options", "level"),
    [
        pytest.param(9.0, (), {}, Level.YELLOW, id="all others speak"),
        pytest.param(9.0, (HEAT,), {}, Level.YELLOW, id="one other speaks"),
        pytest.param(9.0, (HEAT, GAS), {}, Level.ORANGE, id="smoke alone is left"),
        pytest.param(4.0, (HEAT, GAS), {}, Level.YELLOW, id="little smoke alone is left"),
        pytest.param(4.0, (HEAT, GAS), {"lone_smoke": 3.0}, Level.ORANGE, id="its option"),
    ],
)
def test_where_the_others_fell_silent_smoke_is_believed_alone(
    smoke: float, gone: tuple[int, ...], options: dict[str, Any], level: Level
) -> None:
    assert worst(silenced(smoke, *gone), **options)[0] is level


def test_a_room_that_has_only_smoke_leaves_the_alarm_to_the_smoke_detector() -> None:
    rows = [(at_s, 0, value) for at_s, slot, value in rising(0.0, 9.0, 0.0) if slot == SMOKE]
    assert max(one.level for one in feed_many(room(without=(HEAT, GAS)), rows)) is Level.YELLOW


@pytest.mark.parametrize("cut", [400, 620, 700])
def test_a_restart_changes_nothing(cut: int) -> None:
    rows = flash(180.0)
    through = feed_many(room(), rows)
    assert "orange" in {level for _, level, _ in told(through)}
    before, after = room(), room()
    told_before = feed_many(before, rows[:cut])
    after.restore(before.snapshot())
    assert told_before + feed_many(after, rows[cut:]) == through
