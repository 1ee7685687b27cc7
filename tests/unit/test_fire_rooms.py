"""Simulated rooms (tests/fire_rooms.py), draws that no figure was chosen on: nuisances, fires, and nothing at all."""

from __future__ import annotations

import pytest

from detectors.fire.fire_heat import FireHeat
from detectors.fire.fire_smoke import FireSmoke
from detectors.fire.fire_two_channel import FireTwoChannel
from pipeline.model.hazard import SensorKind
from pipeline.model.level import Level
from pipeline.model.quantity import Quantity
from tests.fire_rooms import EVERYDAY, FIRES, NOISE, Thing, readings
from tests.unit.detector_rig import bind, feed_many, sensor, since_start_s

QUANTITIES = (Quantity.TEMPERATURE, Quantity.SMOKE, Quantity.GAS_PPM)
HELD_OUT = 4000
"""Seeds below were for choosing figures."""
INTERVALS_S = (2.0, 10.0, 30.0, 60.0)


def reached(thing: Thing | None, interval_s: float, noise: str, seed: int) -> dict[Level, float]:
    """When each level is first told by any detector, in seconds since the thing began."""
    sensors = [
        sensor(SensorKind.FIRE, quantity, interval_s, id=f"s{slot}", group="room")
        for slot, quantity in enumerate(QUANTITIES)
    ]
    rows = readings(thing, interval_s, noise, seed)
    found = [one for kind in (FireHeat, FireSmoke, FireTwoChannel) for one in feed_many(bind(kind(), *sensors), rows)]
    return {
        level: min(since_start_s(one) for one in found if one.level >= level)
        for level in Level
        if level and any(one.level >= level for one in found)
    }


@pytest.mark.parametrize("noise", NOISE)
@pytest.mark.parametrize("interval_s", INTERVALS_S)
@pytest.mark.parametrize("name", EVERYDAY)
def test_what_people_do_is_yellow_at_most(name: str, interval_s: float, noise: str) -> None:
    for seed in range(HELD_OUT, HELD_OUT + 3):
        assert max(reached(EVERYDAY[name], interval_s, noise, seed), default=Level.NONE) <= Level.YELLOW


@pytest.mark.parametrize("interval_s", INTERVALS_S)
def test_of_an_empty_room_good_instruments_say_nothing(interval_s: float) -> None:
    for seed in range(HELD_OUT, HELD_OUT + 3):
        assert not reached(None, interval_s, "good", seed)


@pytest.mark.parametrize("noise", NOISE)
@pytest.mark.parametrize("interval_s", INTERVALS_S)
@pytest.mark.parametrize(
    ("name", "orange_s", "red_s"),
    [("flaming", 120.0, 240.0), ("oil on the stove", 700.0, 900.0), ("smouldering", 1800.0, None)],
)
def test_a_fire_is_orange_in_time(
    name: str, orange_s: float, red_s: float | None, interval_s: float, noise: str
) -> None:
    for seed in range(HELD_OUT, HELD_OUT + 3):
        when = reached(FIRES[name], interval_s, noise, seed)
        assert when[Level.ORANGE] <= orange_s + 2 * interval_s
        assert red_s is None or when[Level.RED] <= red_s + 2 * interval_s
