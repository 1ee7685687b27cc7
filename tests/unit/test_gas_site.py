"""A leak seen by all sensors of a site: wind, what is common to all, silence, and who is watched."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from detectors.gas.gas_site import CHANNELS_MAX, GasSite, GasSiteOptions
from pipeline.model.finding import Finding
from pipeline.model.hazard import SensorKind
from pipeline.model.inventory import InventoryError
from pipeline.model.level import Level
from pipeline.model.quantity import Quantity
from pipeline.model.site import Sensor
from tests.unit.detector_rig import bind, feed_many, sensor, since_start_s

MINUTE_S = 60.0
START, END = 600, 660
"""The minutes of the leak."""
WIND = 4
"""The slot after those of four gas sensors."""


def post(name: str, **more: Any) -> Sensor:
    fields: dict[str, Any] = {"gas": "methane", "range_low": 0.0, "range_high": 2000.0} | more
    return sensor(SensorKind.GAS, Quantity.GAS_PPM, MINUTE_S, id=name, **fields)


GAUGE = sensor(SensorKind.WEATHER, Quantity.WIND_SPEED, MINUTE_S, id="w1", range_low=0.0, range_high=60.0)
POSTS = tuple(post(f"a{k}") for k in range(WIND))


def told(leak_ppm: tuple[float, ...], wind_m_s: float | None, silent: int | None = None, **o: float) -> list[Finding]:
    """Clean air of 2 ppm with noise of 0.02, an excess at each post from minute START to END, a steady wind."""
    air = np.random.default_rng(1).normal(2.0, 0.02, (END + 60, WIND))
    air[START:END] += leak_ppm
    rows = []
    for minute, values in enumerate(air.tolist()):
        rows += [
            (minute * MINUTE_S, slot, value) for slot, value in enumerate(values) if slot != silent or minute < START
        ]
        if wind_m_s is not None:
            rows.append((minute * MINUTE_S + 1.0, WIND, wind_m_s))
    return feed_many(bind(GasSite(GasSiteOptions(**o)), *POSTS, GAUGE), rows)


def test_one_post_sees_a_leak() -> None:
    first = told((3.0, 0.0, 0.0, 0.0), 3.0)[0]
    assert (first.subject, first.criterion, first.level) == ("site/methane", "flux", Level.BLUE)
    assert START <= since_start_s(first) / MINUTE_S <= START + 6


@pytest.mark.parametrize(("wind_m_s", "found"), [(0.2, False), (1.0, False), (2.0, True), (8.0, True)])
def test_the_same_excess_is_worth_more_in_more_wind(wind_m_s: float, *, found: bool) -> None:
    assert bool(told((1.5, 0.0, 0.0, 0.0), wind_m_s)) is found


def test_what_all_posts_see_comes_from_elsewhere() -> None:
    assert not told((3.0, 3.0, 3.0, 3.0), 3.0)
    assert told((3.0, 3.0, 0.0, 0.0), 3.0)


@pytest.mark.parametrize(("minutes", "found"), [(1, False), (2, True)])
def test_one_reading_is_no_leak_in_any_wind(minutes: int, *, found: bool) -> None:
    air = np.random.default_rng(6).normal(2.0, 0.02, (START + 60, WIND))
    air[START : START + minutes, 0] += 500.0
    rows = [
        (60.0 * minute + slot, slot, value)
        for minute, values in enumerate(np.column_stack([air, np.full(len(air), 20.0)]).tolist())
        for slot, value in enumerate(values)
    ]
    assert bool(feed_many(bind(GasSite(), *POSTS, GAUGE), rows)) is found


@pytest.mark.parametrize("interval_s", [30.0, 60.0, 120.0, 300.0, 900.0, 3600.0])
def test_a_large_leak_is_yellow_at_any_interval(interval_s: float) -> None:
    posts = [one.model_copy(update={"interval_s": interval_s}) for one in (*POSTS, GAUGE)]
    air = np.random.default_rng(2).normal(2.0, 0.02, (120, WIND))
    air[100:, 1] += 500.0
    rows = [
        (interval_s * turn + slot, slot, value)
        for turn, values in enumerate(np.column_stack([air, np.full(len(air), 5.0)]).tolist())
        for slot, value in enumerate(values)
    ]
    found = feed_many(bind(GasSite(), *posts), rows)
    first, yellow = ((since_start_s(one) - 100 * interval_s) // interval_s for one in found[:2])
    assert [one.level for one in found[:2]] == [Level.BLUE, Level.YELLOW]
    assert first >= 1.0, "one reading alone says nothing"
    assert yellow <= max(3.0, 330.0 / interval_s)


def test_without_wind_one_is_assumed() -> None:
    assert not told((1.0, 0.0, 0.0, 0.0), None)
    assert told((1.0, 0.0, 0.0, 0.0), None, wind_assumed_m_s=4.0)
    assert told((2.0, 0.0, 0.0, 0.0), 0.1, wind_least_m_s=4.0)


def test_a_silent_post_does_not_count() -> None:
    """Three posts that see the same are no leak while the fourth speaks; without it they are the whole site."""
    assert told((3.0, 3.0, 0.0, 0.0), 3.0)
    assert not told((3.0, 3.0, 3.0, 0.0), 3.0, silent=3, silent_s=60.0)


def test_posts_that_report_by_the_hour_are_one_site_too() -> None:
    """Each at its own minute: no two of them speak within `silent_s`."""
    posts = [one.model_copy(update={"interval_s": 3600.0}) for one in POSTS]
    air = np.random.default_rng(2).normal(2.0, 0.02, (200, WIND))
    air[150:, 1] += 5.0
    rows = [
        (3600.0 * hour + 905.0 * slot, slot, value)
        for hour, values in enumerate(air.tolist())
        for slot, value in enumerate(values)
    ]
    findings = feed_many(bind(GasSite(), *posts), rows)
    assert 150 <= since_start_s(findings[0]) / 3600.0 <= 153
    assert not feed_many(bind(GasSite(), *posts), rows[: 150 * WIND])


def test_options() -> None:
    leak = (3.0, 0.0, 0.0, 0.0)
    assert not told(leak, 3.0, flux_blue=9.5, flux_yellow=1e9)
    assert max(one.level for one in told(leak, 3.0, flux_yellow=3.0)) is Level.YELLOW
    assert not told(leak, 3.0, excess_most_ppm=0.5)
    assert told(leak, 3.0)[0].at < told(leak, 3.0, smooth_s=1800.0)[0].at
    assert told(leak, 3.0, lower_after_s=0.0)[-1].state == "closed"


def test_who_is_watched() -> None:
    other = [post(f"b{k}", gas="propane") for k in range(3)]
    toxic = [post(f"c{k}", gas="chlorine") for k in range(3)]
    subjects = bind(GasSite(), *POSTS, GAUGE, *other, *toxic).subjects
    assert [(one.id, len(one.series)) for one in subjects] == [("site/methane", 5), ("site/propane", 3)]
    assert not bind(GasSite(), *POSTS[:2], GAUGE).subjects


def test_a_site_too_large_is_refused() -> None:
    with pytest.raises(InventoryError, match="33 gas sensors and gauges of wind speed, at most 32"):
        bind(GasSite(), *(post(f"d{k}") for k in range(CHANNELS_MAX + 1)))


def test_a_vane_without_room_is_left_out() -> None:
    posts = [post(f"d{k:02}") for k in range(CHANNELS_MAX - 2)]
    vanes = [sensor(SensorKind.WEATHER, Quantity.WIND_DIRECTION, MINUTE_S, id=f"v{k}") for k in range(2)]
    for more, kept in ([], ["v0", "w1"]), ([post("d98")], ["w1"]):
        (subject,) = bind(GasSite(), *posts, *more, GAUGE, *vanes).subjects
        assert len(subject.series) == CHANNELS_MAX
        assert [one.sensor for one in subject.series[len(posts) + len(more) :]] == kept
