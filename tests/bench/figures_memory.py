"""Memory a sensor, and that it does not grow with the readings."""

from __future__ import annotations

import gc
import os
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from typing import Final

from pipeline.model.entry import Tick
from pipeline.stages.core import Core
from pipeline.stages.ticks import with_ticks
from tests.bench.figure import Figure
from tests.bench.figures_replay import plan
from tests.bench.pinned import measured
from tests.bench.workload import Stream

READINGS: Final = int(os.environ.get("READINGS", "100_000_000"))
SENSORS: Final = 10_000
EARLY_SHARE: Final = 0.1
"""Of the readings, after which memory is looked at for the first time."""
_TICK_S: Final = 60.0
_WARM_UP: Final = (100, 100_000)
"""Sensors and readings of a small core before: what any core needs is no sensor's."""
_PAGE: Final = os.sysconf("SC_PAGE_SIZE")


def held_bytes(readings: str) -> tuple[int, int]:
    """What inventory and core of `SENSORS` sensors hold after `EARLY_SHARE` of the readings, and after all of them."""
    warm_up, warm_up_readings = _WARM_UP
    (before,) = _resident_bytes(warm_up, [warm_up_readings])
    early, late = _resident_bytes(SENSORS, [round(int(readings) * EARLY_SHARE), int(readings)])
    return early - before, late - before


def _resident_bytes(sensors: int, marks: Sequence[int]) -> Iterator[int]:
    """Memory of this process when a fresh core has taken in each number of readings."""
    core, taken, waiting = Core(plan(sensors)), 0, list(marks)
    for entry in with_ticks(Stream(core.plan.inventory).batches(marks[-1]), _TICK_S):
        core.process(entry)
        taken += 0 if isinstance(entry, Tick) else len(entry)
        if waiting and taken >= waiting[0]:
            gc.collect()
            yield int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * _PAGE
            del waiting[0]


@cache
def _held() -> tuple[int, int]:
    early, late = measured("tests.bench.figures_memory", "held_bytes", str(READINGS))
    return early, late


BYTES: Final = Figure(
    "embedded.bytes_per_sensor",
    "bytes",
    f"resident memory of inventory and core, {SENSORS:,} sensors of five kinds, all installed detectors, "
    f"after {READINGS:,} readings with events every day; what a small core needs is taken off",
    lambda: _held()[1] / SENSORS,
)
GROWTH: Final = Figure(
    "embedded.bytes_grown_per_sensor",
    "bytes",
    f"by how much that grew between {EARLY_SHARE:.0%} of the readings and the last",
    lambda: (_held()[1] - _held()[0]) / SENSORS,
    BYTES.name,
)
