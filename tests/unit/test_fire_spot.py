"""Cameras and satellites: one source, two that agree, and how long a word counts."""

from __future__ import annotations

from typing import Any

import pytest

from detectors.bound import BoundDetector
from detectors.fire.fire_spot import FireSpot, SpotOptions
from pipeline.model.hazard import Hazard, SensorKind
from pipeline.model.inventory import InventoryError
from pipeline.model.quantity import Quantity
from pipeline.model.site import Sensor
from tests.unit.detector_rig import bind, feed_many


def source(name: str, group: str = "ridge", **thresholds: float) -> Sensor:
    return Sensor(
        id=name, site="site", kind=SensorKind.FIRE, quantity=Quantity.HEAT_SPOT, range_low=0, range_high=100,
        interval_s=60, group=group, thresholds={f"fire_spot.{key}": value for key, value in thresholds.items()},
    )  # fmt: skip


def woods(**options: Any) -> BoundDetector:
    return bind(FireSpot(SpotOptions(**options)), source("cam-1"), source("cam-2"), source("sat"))


CASES: dict[str, tuple[list[tuple[float, int, float]], str, str]] = {
    "nothing": ([(0, 0, 0.0), (60, 1, 29.0)], "none", ""),
    "possible": ([(0, 0, 30.0)], "blue", "one_source"),
    "likely": ([(0, 0, 80.0)], "yellow", "one_source"),
    "two that are possible": ([(0, 0, 30.0), (60, 2, 40.0)], "yellow", "one_source"),
    "a likely one and a possible one": ([(0, 0, 85.0), (60, 2, 40.0)], "orange", "two_sources"),
    "two likely ones": ([(0, 0, 85.0), (60, 2, 90.0)], "red", "two_sources"),
    "the other spoke too long ago": ([(0, 0, 85.0), (7200, 2, 40.0)], "yellow", "one_source"),
    "the same source twice": ([(0, 0, 85.0), (60, 0, 90.0)], "yellow", "one_source"),
}


@pytest.mark.parametrize("name", CASES)
def test_the_level(name: str) -> None:
    rows, level, criterion = CASES[name]
    found = feed_many(woods(), rows)
    assert (found[-1].level.word if found else "none") == level
    if found:
        assert (found[-1].criterion, found[-1].hazard) == (criterion, Hazard.FOREST_FIRE)


def test_it_is_over_when_the_sources_have_looked_again_and_see_nothing() -> None:
    found = feed_many(woods(lower_after_s=600), [(0, 0, 85.0), *((60.0 * k, 0, 0.0) for k in range(1, 20))])
    assert [(one.state.value, (one.at - found[0].at).total_seconds()) for one in found] == [
        ("opened", 0),
        ("closed", 660),
    ]


OPTIONS: dict[str, float] = {"possible": 50.0, "likely": 95.0, "agree_s": 30.0}


@pytest.mark.parametrize("option", OPTIONS)
def test_each_option_counts(option: str) -> None:
    rows = [(0.0, 0, 85.0), (60.0, 2, 40.0)]
    assert [one.level.word for one in feed_many(woods(), rows)] == ["yellow", "orange"]
    assert [one.level.word for one in feed_many(woods(**{option: OPTIONS[option]}), rows)] != ["yellow", "orange"]


def test_groups_and_bounds() -> None:
    alone = bind(FireSpot(), source("cam-1"), source("cam-2", group=""))
    assert [one.id for one in alone.subjects] == ["cam-2", "site/ridge"]
    with pytest.raises(InventoryError, match="group site/ridge: 17 heat spot sources, at most 16"):
        bind(FireSpot(), *(source(f"c{k}") for k in range(17)))
    with pytest.raises(ValueError, match="possible must be below likely; they are 90, 80"):
        SpotOptions(possible=90.0)
