"""Volumes by height, and strapping tables with their mistakes."""

from __future__ import annotations

from math import pi
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from detectors.kernel import records
from detectors.tank.shape import POINTS, TABLE, Shape, ShapeOptions, shape_of, strapped, volume_m3
from detectors.tank.tank_overfill import TankOverfill, TankOverfillOptions
from pipeline.model.hazard import SensorKind
from pipeline.model.quantity import Quantity
from pipeline.model.site import Sensor
from tests.unit.detector_rig import bind, feed, since_start_s


def gauge(high: float = 2.0) -> Sensor:
    return Sensor(
        id="a1", site="site", kind=SensorKind.TANK, quantity=Quantity.TANK_LEVEL, range_low=0, range_high=high,
        interval_s=60,
    )  # fmt: skip


def at(shape: Shape, height_m: float) -> float:
    table = records(1, TABLE)
    table[0] = shape
    return float(volume_m3(table[0], height_m))


LYING = ShapeOptions(diameter_m=2.0, length_m=5.0)
HEADS = ShapeOptions(diameter_m=2.0, length_m=5.0, head_depth_m=0.5)
BALL = ShapeOptions(diameter_m=2.0, length_m=1e-9, head_depth_m=1.0)
CASES = {
    "no shape": (ShapeOptions(), 1.5, 1.5),
    "standing": (ShapeOptions(diameter_m=2.0), 1.5, 1.5 * pi),
    "lying, half": (LYING, 1.0, 5 * pi / 2),
    "lying, full": (LYING, 2.0, 5 * pi),
    "lying, a quarter of the height": (LYING, 0.5, 5 * (pi / 3 - 3**0.5 / 4)),
    "with heads, half": (HEADS, 1.0, 5 * pi / 2 + pi / 3),
    "with heads, full": (HEADS, 2.0, 5 * pi + 4 / 3 * pi * 0.5),
    "a ball": (BALL, 2.0, 4 / 3 * pi),
    "above the range": (ShapeOptions(), 9.0, 2.0),
    "below it": (ShapeOptions(), -1.0, 0.0),
}


@pytest.mark.parametrize("name", CASES)
def test_the_volume(name: str) -> None:
    options, height_m, volume = CASES[name]
    assert at(shape_of(gauge(), options, {}), height_m) == pytest.approx(volume, rel=2e-4)


@given(st.lists(st.tuples(st.floats(0.01, 1), st.floats(0, 50)), min_size=1, max_size=200))
def test_a_table_is_met_at_its_ends_and_never_falls(steps: list[tuple[float, float]]) -> None:
    heights = np.concatenate([[0.0], np.cumsum([dh for dh, _ in steps])])
    volumes = np.concatenate([[0.0], np.cumsum([dv for _, dv in steps])])
    shape = shape_of(gauge(), ShapeOptions(), {"a1": (heights, volumes)})
    told = [at(shape, float(h)) for h in np.linspace(-1, heights[-1] + 1, 50)]
    assert np.all(np.diff(told) >= -1e-9)
    assert (told[0], told[-1]) == pytest.approx((0.0, volumes[-1]))
    assert len(shape[2]) == POINTS


GOOD = "sensor,level_m,volume_m3\na1,0,0\na1,1,4\na1,2,5\nb2,0,1\nb2,9,3\n"
BAD = {
    "no such file": (None, "No such file"),
    "header": ("gauge,level_m,volume_m3\n", r"t.csv:1: the first line must be sensor,level_m,volume_m3"),
    "cells": (GOOD + "b2,10\n", r"t.csv:7: 2 cells, not 3"),
    "number": (GOOD + "b2,ten,5\n", r"t.csv:7: 'ten', '5' are no two numbers"),
    "height": (GOOD + "b2,8,5\n", r"t.csv:7: b2: heights must rise from row to row, and volumes not fall"),
    "volume": (GOOD + "b2,10,2\n", r"t.csv:7: b2: heights must rise from row to row, and volumes not fall"),
    "one row": ("sensor,level_m,volume_m3\na1,0,0\n", r"t.csv:1: a1 has one row; a table needs two"),
    "not text": ("sensor,level_m,volume_m3\n\udce9", r"strapping .*t.csv"),
}


@pytest.mark.parametrize("name", BAD)
def test_a_table_that_is_none(name: str, tmp_path: Path) -> None:
    text, said = BAD[name]
    path = tmp_path / "t.csv"
    if text is not None:
        path.write_text(text, errors="surrogateescape")
    with pytest.raises(ValueError, match=said):
        strapped(path)


def test_the_time_to_overfill_follows_the_strapping_table(tmp_path: Path) -> None:
    """4 m3 up to 1 m, 1 m3 from there to 2 m: the level creeps, then races; the volume rises evenly."""
    path = tmp_path / "t.csv"
    path.write_text(GOOD)
    volumes = [1.0 + 0.05 * k for k in range(60)]
    rows = [(60.0 * k, v / 4) for k, v in enumerate(volumes)]
    options = TankOverfillOptions(strapping=path, critical_high_m=1.96, least_rate_m_h=0.01)
    first = feed(bind(TankOverfill(options), gauge()), rows)[0]
    assert first.expected_at is not None
    full_s = 60.0 * (4.96 - 1.0) / 0.05
    assert first.expected_at.timestamp() - first.at.timestamp() == pytest.approx(full_s - since_start_s(first), abs=60)
    even = TankOverfillOptions(critical_high_m=1.96, least_rate_m_h=0.01)
    assert (
        not feed(bind(TankOverfill(even), gauge()), rows) or feed(bind(TankOverfill(even), gauge()), rows)[0] != first
    )
