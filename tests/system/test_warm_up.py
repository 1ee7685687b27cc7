"""After the warm-up no reading waits for a compiler."""

from __future__ import annotations

from typing import Any

import pytest

from detectors.loop import run
from detectors.sensor_health.examine import examine, look
from pipeline.stages.core import Core
from pipeline.stages.grouping import grouped
from pipeline.stages.record import Recent, _push
from pipeline.stages.ticks import with_ticks
from pipeline.stages.warm_up import warm_up
from tests.bench.figures_replay import plan
from tests.bench.pinned import measured
from tests.bench.workload import Stream

pytestmark = pytest.mark.system

KERNELS: tuple[Any, ...] = (run, examine, look, grouped, _push)


def compiled() -> list[int]:
    """How many kinds of arguments each kernel that Python calls was compiled for."""
    return [len(kernel.overloads) for kernel in KERNELS]


def before_and_after() -> tuple[list[int], list[int]]:
    """Run by the test in a fresh process, where nothing was compiled before."""
    field = plan(50)
    warm_up(field)
    before = compiled()
    core, recent = Core(field), Recent(field.inventory)
    for entry in with_ticks(Stream(field.inventory).batches(1_000), 60.0):
        recent.take(core.process(entry).columns)
    return before, compiled()


def test_a_stream_finds_every_kernel_ready() -> None:
    before, after = measured("tests.system.test_warm_up", "before_and_after")
    assert before == after
    assert all(before)
