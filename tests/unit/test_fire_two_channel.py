"""Heat, smoke and carbon monoxide of a group: one alone, two that agree, sensors that come late or fall silent."""

from __future__ import annotations

import random
from typing import Any

import pytest

from detectors.fire.fire_two_channel import CHANNELS_MAX, FireTwoChannel, TwoChannelOptions
from pipeline.model.hazard import SensorKind
from pipeline.model.inventory import InventoryError
from pipeline.model.level import Level
from pipeline.model.quantity import Quantity
from pipeline.model.site import Sensor
from tests.unit.detector_rig import bind, feed_many, inventory, sensor, told

CLEAN = {"heat": 22.0, "smoke": 0.2, "smoke2": 0.2, "co": 4.0}
FIRE = {"heat": 60.0, "smoke": 30.0, "smoke2": 30.0, "co": 90.0}
QUANTITIES = {
    "heat": Quantity.TEMPERATURE,
    "smoke": Quantity.SMOKE,
    "smoke2": Quantity.SMOKE,
    "co": Quantity.GAS_PPM,
}
ROOM = sorted(CLEAN)


def member(name: str, group: str = "room", **thresholds: float) -> Sensor:
    own = {f"fire_two_channel.{key}": value for key, value in thresholds.items()}
    return sensor(SensorKind.FIRE, QUANTITIES[name], 2.0, id=name, group=group, thresholds=own)


def room(**options: Any) -> Any:
    return bind(FireTwoChannel(TwoChannelOptions(**options)), *(member(name) for name in ROOM))


def burning(*names: str, seconds: int = 60, since: int = 20, values: dict[str, float] = FIRE) -> list[Any]:
    """Rows of all four sensors every 2 s; those of `names` tell of fire from second `since` on."""
    return [
        (float(s), slot, (values if name in names and s >= since else CLEAN)[name])
        for s in range(0, seconds, 2)
        for slot, name in enumerate(ROOM)
    ]


def worst(rows: list[Any], **options: Any) -> Level:
    return max((finding.level for finding in feed_many(room(**options), rows)), default=Level.NONE)


@pytest.mark.parametrize(
    ("names", "level"),
    [
        ((), Level.NONE),
        (("heat",), Level.YELLOW),
        (("co",), Level.YELLOW),
        (("smoke", "smoke2"), Level.YELLOW),
        (("heat", "smoke"), Level.RED),
        (("smoke", "co"), Level.RED),
        (("heat", "smoke", "co"), Level.RED),
    ],
)
def test_who_must_agree(names: tuple[str, ...], level: Level) -> None:
    assert worst(burning(*names)) is level


def test_two_channels_are_orange_at_once_then_red() -> None:
    young = burning("heat", "smoke", values=FIRE | {"heat": 40.0, "smoke": 9.0}, seconds=30)
    findings = feed_many(room(), young + [row for row in burning("heat", "smoke", seconds=40) if row[0] >= 30])
    assert told(findings) == [
        (22.0, "orange", "two_channels"),
        (30.0, "red", "two_channels"),
    ]
    orange = findings[0]
    assert (orange.subject, orange.value, orange.threshold, orange.score) == ("site/room", 100.0, 100.0, 1.0)
    assert (orange.at - orange.window_start_at).total_seconds() == 4.0


def test_much_of_one_and_a_little_of_another_add_up() -> None:
    little = FIRE | {"smoke": 2.7}
    first = feed_many(room(), burning("heat", "smoke", values=little, seconds=40))[0]
    assert told([first]) == [(24.0, "orange", "two_channels")]
    assert 1.0 <= first.score < 1.2, "smoke alone would need two readings more"
    alone = feed_many(room(), burning("heat", seconds=40))
    assert {finding.criterion for finding in alone} == {"one_channel"}


def test_three_quantities_are_red_without_waiting() -> None:
    findings = feed_many(room(), burning("heat", "smoke", "co", seconds=30))
    assert told(findings)[-1] == (22.0, "red", "two_channels")


@pytest.mark.parametrize("names", [("heat", "smoke"), ("heat", "smoke", "co")])
def test_one_reading_of_every_sensor_is_no_fire(names: tuple[str, ...]) -> None:
    spike = [row for row in burning(*names, seconds=24) if row[0] <= 20] + burning(seconds=60)[44:]
    assert worst(spike) is Level.NONE


@pytest.mark.parametrize("seed", range(3))
def test_noise_of_a_quiet_day_is_no_fire(seed: int) -> None:
    noise = random.Random(seed)  # noqa: S311  # no secret
    scale = {"heat": 0.2, "smoke": 0.3, "smoke2": 0.3, "co": 1.5}
    rows = [
        (10.0 * k, slot, max(0.0, CLEAN[name] + noise.gauss(0, scale[name])))
        for k in range(3000)
        for slot, name in enumerate(ROOM)
    ]
    assert worst(rows) is Level.NONE


def test_a_noisy_channel_is_soon_judged_by_its_own_noise() -> None:
    noise = random.Random(7)  # noqa: S311  # no secret
    wild = [(2.0 * k, 0, 60.0 + noise.gauss(0, 25.0)) for k in range(4000)]
    raised = [second for second, level, _ in told(feed_many(room(), wild)) if level != "none"]
    assert not [second for second in raised if second > 600]
    assert worst([(2.0 * k, 0, 4.0 if k < 300 else 64.0) for k in range(400)]) is Level.YELLOW


def test_a_channel_of_long_ago_does_not_agree() -> None:
    co = [(2.0 * k, 0, 4.0 if k < 5 else 90.0) for k in range(10)]
    heat = [(300.0 + 2.0 * k, 1, 22.0 if k < 5 else 60.0) for k in range(8)]
    assert worst(co + heat) is Level.BLUE
    assert worst(co + heat, agree_s=600) is Level.RED


def test_a_channel_begins_anew_after_a_silence() -> None:
    assert worst([*burning(), *[(8000.0 + 2 * k, 1, 35.0) for k in range(60)]]) is Level.NONE


@pytest.mark.parametrize(
    ("options", "level"),
    [
        ({}, Level.YELLOW),
        ({"heat_scale_k": 40.0}, Level.NONE),
        ({"alone_sum": 60.0}, Level.NONE),
        ({"strong_sum": 60.0}, Level.BLUE),
    ],
)
def test_options(options: dict[str, Any], level: Level) -> None:
    assert worst(burning("heat", seconds=50), **options) is level


def test_what_is_enough_for_two_is_not_for_one() -> None:
    """Three readings sum up to 9."""
    rows = burning("heat", seconds=26)
    assert worst(rows) is Level.NONE
    assert worst(rows, alone_sum=9.0) is Level.BLUE
    assert worst(burning("heat", "smoke", seconds=26)) is Level.RED
    assert worst(burning("heat", "smoke", seconds=26), alarm_sum=9.5) is Level.NONE


@pytest.mark.parametrize(("scale", "name"), [("smoke_scale", "smoke"), ("co_scale_ppm", "co")])
def test_scales_belong_to_their_quantity(scale: str, name: str) -> None:
    assert worst(burning(name), **{scale: 1000.0}) is Level.NONE
    assert worst(burning("heat"), **{scale: 1000.0}) is Level.YELLOW


def test_a_sensor_may_have_a_scale_of_its_own() -> None:
    room_of_four = [member(name, co_scale_ppm=1000.0) for name in ROOM]
    assert not feed_many(bind(FireTwoChannel(), *room_of_four), burning("co"))
    assert feed_many(bind(FireTwoChannel(), *room_of_four), burning("heat"))


def test_subjects() -> None:
    sensors = [member("co"), member("heat"), member("smoke", group="hall"), member("smoke2", group="")]
    subjects = FireTwoChannel().subjects(inventory(*sensors))
    assert [(subject.id, [series.sensor for series in subject.series]) for subject in subjects] == [
        ("site/hall", ["smoke"]),
        ("site/room", ["co", "heat"]),
        ("smoke2", ["smoke2"]),
    ]


def test_a_group_that_is_too_large_is_named() -> None:
    crowd = [sensor(SensorKind.FIRE, Quantity.SMOKE, 2.0, id=f"s{k}", group="hall") for k in range(CHANNELS_MAX + 1)]
    with pytest.raises(InventoryError, match="group site/hall: 17 fire sensors, at most 16 in one group"):
        FireTwoChannel().subjects(inventory(*crowd))


@pytest.mark.parametrize("cut", [40, 45, 60])
def test_a_restart_changes_nothing(cut: int) -> None:
    rows = burning("heat", "smoke")
    through = feed_many(room(), rows)
    before, after = room(), room()
    told_before = feed_many(before, rows[:cut])
    after.restore(before.snapshot())
    assert told_before + feed_many(after, rows[cut:]) == through
