"""What each detector costs: nanoseconds a reading that it listens to."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from detectors.base import Detector
from detectors.bound import BoundDetector
from pipeline.clock import Clock
from pipeline.config.plan import Plan
from pipeline.model.batch import ReadingBatch
from pipeline.stages.core import Core
from pipeline.stages.qualify import Columns

RUNS: Final = 3


def costs_ns(plan: Plan, batches: Sequence[ReadingBatch], clock: Clock) -> dict[str, float]:
    """Kind -> the quickest of some runs over the whole recording, each of a fresh state; compiling does not count."""
    core = Core(plan)
    qualified = [core.process(batch).columns for batch in batches]
    return {detector.kind: cost for detector in plan.detectors if (cost := _cost_ns(detector, plan, qualified, clock))}


def _cost_ns(detector: Detector, plan: Plan, qualified: Sequence[Columns], clock: Clock) -> float:
    subjects = detector.subjects(plan.inventory)
    slots = [plan.inventory.slot_by_series[series] for subject in subjects for series in subject.series]
    count = sum(int(np.isin(columns.slot, slots).sum()) for columns in qualified)
    return min(_run_s(detector, plan, qualified, clock) for _ in range(RUNS)) / count * 1e9 if count else 0.0


def _run_s(detector: Detector, plan: Plan, qualified: Sequence[Columns], clock: Clock) -> float:
    bound = BoundDetector(detector, plan.inventory)
    begun_s = clock.monotonic_s()
    for columns in qualified:
        bound.feed(columns.slot, columns.at_ns, columns.value, columns.quality)
    return clock.monotonic_s() - begun_s
