"""Where a leak lies, by the wind: a Gaussian plume over a fence of posts, with the wind turning about."""

from __future__ import annotations

from math import atan2, cos, degrees, exp, pi, radians, sin
from typing import Any

import numpy as np
import pytest

from detectors.gas.gas_site import GasSite, GasSiteOptions
from pipeline.model.finding import Finding, Upwind
from pipeline.model.hazard import SensorKind
from pipeline.model.quantity import Quantity
from pipeline.model.site import Sensor
from pipeline.stages.upwind import standing_upwind
from tests.unit.detector_rig import bind, feed_many, inventory, sensor
from tests.unit.test_gas_site import GAUGE, MINUTE_S, post

RING_M = 80.0
POSTS_AT = [(RING_M * sin(k * pi / 4), RING_M * cos(k * pi / 4)) for k in range(8)]
"""East and north of the middle [m]."""
FENCE = tuple(post(f"a{k}") for k in range(8))
VANE = sensor(SensorKind.WEATHER, Quantity.WIND_DIRECTION, MINUTE_S, id="w2", range_low=0.0, range_high=360.0)
LEAK_MIN, END_MIN = 120, 240


def plume_ppm(at: tuple[float, float], source: tuple[float, float], from_deg: float, speed_m_s: float) -> float:
    """Ground-level concentration downwind of a steady source, spread about as Pasquill's class D on short ways."""
    east, north = at[0] - source[0], at[1] - source[1]
    toward = radians(from_deg + 180.0)
    along, across = east * sin(toward) + north * cos(toward), east * cos(toward) - north * sin(toward)
    if along <= 1.0:
        return 0.0
    wide, high = 0.16 * along, 0.12 * along
    return 4000.0 / (pi * wide * high * speed_m_s) * exp(-0.5 * (across / wide) ** 2)


def leak(seed: int, *, vane: bool = True, turning_deg: float = 15.0) -> tuple[list[Finding], tuple[float, float]]:
    """What is found of a source somewhere within the fence, and where it is."""
    draw = np.random.default_rng(seed)
    source = tuple(draw.uniform(-0.5 * RING_M, 0.5 * RING_M, 2).tolist())
    from_deg, speed = float(draw.uniform(0, 360)), float(draw.uniform(1.5, 5.0))
    rows: list[tuple[float, int, float]] = []
    off = 0.0
    for minute in range(END_MIN):
        off = 0.9 * off + float(draw.normal(0, turning_deg * 0.19**0.5))
        for k, at in enumerate(POSTS_AT):
            leaked = plume_ppm(at, source, from_deg + off, speed) if minute >= LEAK_MIN else 0.0
            rows.append((minute * MINUTE_S, k, 2.0 + float(draw.normal(0, 0.02)) + leaked))
        rows.append((minute * MINUTE_S + 1.0, 8, speed * float(draw.uniform(0.8, 1.2))))
        if vane:
            rows.append((minute * MINUTE_S + 2.0, 9, (from_deg + off) % 360.0))
    return feed_many(bind(GasSite(GasSiteOptions()), *FENCE, GAUGE, VANE), rows), source


def off_deg(upwind: Upwind, source: tuple[float, float]) -> float:
    """How far the bearing told lies from the true one."""
    east, north = POSTS_AT[int(upwind.sensor[1:])]
    true = degrees(atan2(source[0] - east, source[1] - north))
    return abs((upwind.bearing_deg - true + 180.0) % 360.0 - 180.0)


@pytest.mark.parametrize("turning_deg", [5.0, 30.0])
def test_the_interval_of_the_bearing_holds_the_source(turning_deg: float) -> None:
    rows = [
        (off_deg(one.upwind, source), one.upwind.spread_deg)
        for findings, source in (leak(seed, turning_deg=turning_deg) for seed in range(25))
        for one in findings
        if one.upwind
    ]
    assert len(rows) >= 25
    assert sum(off <= spread for off, spread in rows) >= 0.9 * len(rows)
    assert np.median([off for off, _ in rows]) < 15.0
    assert np.median([spread for _, spread in rows]) < 40.0, "an interval that holds everything says nothing"


def test_without_a_vane_nothing_is_said_of_where_and_all_else_is_the_same() -> None:
    with_vane, without = leak(3)[0], leak(3, vane=False)[0]
    assert [one.upwind for one in without] == [None] * len(without)
    assert [one.model_copy(update={"upwind": None}) for one in with_vane] == without
    assert without


@pytest.mark.parametrize(("vane_min", "is_told"), [(60, False), (END_MIN, True)])
def test_a_vane_that_fell_silent_is_not_believed(vane_min: int, *, is_told: bool) -> None:
    """While it was heard, nothing but noise arrived: from that comes no direction of a leak hours later."""
    noise = np.random.default_rng(1).normal(0.0, 0.02, (END_MIN, len(FENCE)))
    noise[END_MIN - 30 :, 0] += 4.0
    rows: list[tuple[float, int, float]] = []
    for minute, values in enumerate(noise.tolist()):
        rows += [(MINUTE_S * minute + 1, k, 2.0 + value) for k, value in enumerate(values)]
        rows.append((MINUTE_S * minute + 2, 8, 3.0))
        rows += [(MINUTE_S * minute + 3, 9, 90.0)] if minute < vane_min else []
    found = feed_many(bind(GasSite(GasSiteOptions()), *FENCE, GAUGE, VANE), rows)
    assert found
    assert all((one.upwind is not None) is is_told for one in found)


def test_who_stands_upwind_is_named_nearest_first() -> None:
    def placed(name: str, east_m: float, north_m: float, **more: Any) -> Sensor:
        here = {"longitude_deg": 120.0 + east_m / 55_597.5, "latitude_deg": 60.0 + north_m / 111_195.0}
        return post(name, **here, **more)

    seen = placed("a1", 0, 0, group="fence")
    others = (
        placed("level-7", 30, 40, group="tank-7"), placed("heat-7", 31, 42, group="tank-7"), placed("p1", 6, 8),
        placed("behind", -6, -8), placed("a2", 60, 80, group="fence"), placed("far", 90, 120), post("nowhere"),
    )  # fmt: skip
    places = inventory(seen, *others)
    upwind = Upwind(sensor="a1", bearing_deg=37.0, spread_deg=25.0)
    assert standing_upwind(upwind, places) == ("p1", "tank-7", "a2")
    assert standing_upwind(upwind.model_copy(update={"bearing_deg": 300.0}), places) == ()
    assert standing_upwind(upwind.model_copy(update={"sensor": "nowhere"}), places) == ()
