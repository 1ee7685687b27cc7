"""Whose time false episodes are counted against, and what a reading's cost is measured by."""

from __future__ import annotations

from datetime import UTC, datetime

from pipeline.clock import ProcessorClock, SystemClock
from pipeline.evaluation.plans import frozen
from pipeline.evaluation.voices import voices
from pipeline.model.hazard import Hazard, SensorKind
from pipeline.model.quantity import Quantity
from pipeline.runners.replay import Replayed
from tests.unit.detector_rig import inventory, sensor
from tests.unit.test_gas_site import GAUGE, MINUTE_S, POSTS


def test_gauges_of_wind_lend_no_time_to_what_they_bear_witness_to() -> None:
    vane = sensor(SensorKind.WEATHER, Quantity.WIND_DIRECTION, MINUTE_S, id="w2", range_low=0.0, range_high=360.0)
    plan = frozen()(inventory(*POSTS, GAUGE, vane))
    heard = {one.name: one.series for one in voices(plan, Hazard.GAS_LEAK, Replayed(), {})}
    gas = {post.series for post in POSTS}
    assert heard["gas_site"] == heard["assessment"] == heard["warnings"] == gas


def test_a_processor_clock_tells_the_time_and_counts_work_alone() -> None:
    clock, wall = ProcessorClock(), SystemClock()
    worked_s, passed_s = clock.monotonic_s(), wall.monotonic_s()
    while wall.monotonic_s() - passed_s < 0.02:
        sum(range(1000))
    assert 0.0 < clock.monotonic_s() - worked_s <= wall.monotonic_s() - passed_s + 0.01
    assert clock.now() > datetime(2026, 1, 1, tzinfo=UTC)
