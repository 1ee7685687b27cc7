"""What the core costs in calls of Python, which a clock cannot tell on a machine that others use.

Work for a reading is done in compiled kernels: Python is called for a message, not for what is in it.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from types import FrameType
from typing import Any, Final

from pipeline.config.plan import Plan
from pipeline.model.batch import ReadingBatch
from pipeline.model.entry import Tick
from pipeline.model.instant import NS_PER_S, from_ns
from pipeline.stages.core import Core
from tests.bench.figures_replay import plan
from tests.bench.workload import INTERVAL_S, START_NS, Stream

SENSORS: Final = 200
CALLS_A_DETECTOR: Final = 30
"""What a message may cost for each detector that is installed, whatever it holds; now it is 22."""


def calls(work: Callable[[], Any]) -> int:
    """Functions of Python and of C that `work` calls."""
    count = 0

    def one(_frame: FrameType, event: str, _argument: object) -> None:
        nonlocal count
        count += event in {"call", "c_call"}

    sys.setprofile(one)
    try:
        work()
    finally:
        sys.setprofile(None)
    return count


def minutes_of(field: Plan) -> Iterator[ReadingBatch]:
    """Calm readings, one of each sensor."""
    whole = next(Stream(field.inventory).batches(200 * SENSORS))
    return (whole.take(slice(at, at + SENSORS)) for at in range(0, len(whole), SENSORS))


def calm(sensors: int) -> Core:
    """A core that has heard each of its sensors once, and a tick; its kernels are there."""
    one = plan(sensors)
    core = Core(one)
    core.take([next(Stream(one.inventory).batches(sensors))])
    core.process(Tick(from_ns(START_NS)))
    return core


def test_a_message_costs_the_same_calls_whatever_it_holds() -> None:
    field = plan(SENSORS)
    core, minutes = Core(field), minutes_of(field)
    core.take([next(minutes)])
    core.take([next(minutes)])
    few = calls(lambda: core.take([next(minutes)]))
    many = next(Stream(field.inventory).batches(200 * SENSORS)).take(slice(3 * SENSORS, 100 * SENSORS))
    assert calls(lambda: core.take([many])) <= few
    assert few < CALLS_A_DETECTOR * len(field.detectors)


def test_a_tick_over_a_calm_field_costs_the_same_calls_however_many_its_sensors() -> None:
    at = from_ns(START_NS + INTERVAL_S * NS_PER_S)
    small, large = calm(SENSORS), calm(10 * SENSORS)
    assert calls(lambda: large.process(Tick(at))) <= calls(lambda: small.process(Tick(at)))


def test_a_core_is_made_at_the_same_calls_for_each_sensor() -> None:
    """Nothing of it goes through the inventory for each sensor of the inventory."""
    few, many = plan(5 * SENSORS), plan(10 * SENSORS)
    Core(few)
    assert calls(lambda: Core(many)) <= 2.1 * calls(lambda: Core(few))
