"""The same recording gives the same bytes: twice, and however it is cut into batches."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cache
from random import Random
from typing import Any

import numpy as np
import pytest

from pipeline.config.plan import Plan
from pipeline.model.batch import ReadingBatch
from pipeline.model.hazard import Hazard
from pipeline.model.instant import NS_PER_S
from pipeline.model.level import Level
from pipeline.model.quality import Quality
from pipeline.registry import Group, kinds, load
from pipeline.runners.replay import Replayed, replay
from pipeline.stages.core import Core, Outcome
from tests.district import batches, inventory


def plan() -> Plan:
    return Plan(inventory(), [load(Group.DETECTORS, kind)() for kind in kinds(Group.DETECTORS)])


def written(replayed: Replayed) -> bytes:
    made = (*replayed.findings, *replayed.assessments, *replayed.warnings)
    return b"\n".join(one.model_dump_json().encode() for one in made)


@cache
def whole() -> bytes:
    return written(replay(plan(), batches()))


def cut(rows: int) -> Iterator[ReadingBatch]:
    for batch in batches(per_batch_min=1440):
        for start in range(0, len(batch), rows):
            yield batch.take(slice(start, start + rows))


def test_two_runs_are_byte_identical() -> None:
    assert written(replay(plan(), batches())) == whole()
    assert whole()


@pytest.mark.parametrize("rows", [1, 7, 1000, 100_000])
def test_the_cut_into_batches_does_not_matter(rows: int) -> None:
    assert written(replay(plan(), cut(rows))) == whole()


@pytest.mark.parametrize("together", [2, 7, 32])
def test_batches_taken_together_say_what_they_say_one_by_one(together: int) -> None:
    draw = Random(together)  # noqa: S311  # a test may guess
    received = [replace(one, received_at_ns=_received_ns(one, draw)) for one in cut(50)]
    alone, joint = Core(plan()), Core(plan())
    said = [alone.process(one) for one in received]
    said_together = [joint.take(received[at : at + together]) for at in range(0, len(received), together)]
    assert _all_of(said_together) == _all_of(said)
    assert joint.snapshot() == alone.snapshot()


def _received_ns(batch: ReadingBatch, draw: Random) -> int:
    """Soon after its last reading, or so much before it that the clocks cannot be right."""
    return int(batch.observed_at_ns.max()) + draw.choice((0, 1, 10, -3600)) * NS_PER_S


def _all_of(outcomes: Sequence[Outcome]) -> tuple[Any, ...]:
    """What was made, and how many readings went no further."""
    dropped: Counter[str] = Counter()
    for one in outcomes:
        dropped.update(one.dropped)
    made = [one.made for one in outcomes]
    kinds = ("findings", "assessments", "warnings", "forecasts")
    return dropped, *([one for part in made for one in getattr(part, kind)] for kind in kinds)


def test_repeats_and_late_readings_change_nothing_but_the_count() -> None:
    def disturbed() -> Iterator[ReadingBatch]:
        before: ReadingBatch | None = None
        for batch in batches():
            yield batch
            if before is not None:
                yield before
            yield batch
            before = batch

    again = replay(plan(), disturbed())
    assert written(again) == whole()
    assert again.dropped["repeat"] + again.dropped["late"] > again.readings / 2


def test_the_day_is_told_as_it_was() -> None:
    told = replay(plan(), batches()).warnings
    peaks = {(one.hazard, one.area): one.peak_level for one in told}
    assert peaks[Hazard.RAINSTORM, "990101001000"] is Level.RED
    assert peaks[Hazard.GAS_LEAK, "990101001001"] is Level.YELLOW
    assert peaks[Hazard.SENSOR_FAULT, "990101001001"] is Level.BLUE
    assert set(peaks) == {
        (Hazard.RAINSTORM, "990101001000"),
        (Hazard.GAS_LEAK, "990101001001"),
        (Hazard.SENSOR_FAULT, "990101001001"),
    }


@pytest.mark.parametrize("quality", [Quality.FAIL, Quality.MISSING])
def test_readings_that_failed_give_no_hazard(quality: Quality) -> None:
    def failed() -> Iterator[ReadingBatch]:
        for batch in batches():
            value = np.full(len(batch), np.nan) if quality is Quality.MISSING else batch.value
            flags = np.full(len(batch), quality, np.uint8)
            yield ReadingBatch(batch.series, batch.index, batch.observed_at_ns, value, flags, batch.status)

    assert {one.hazard for one in replay(plan(), failed()).warnings} <= {Hazard.SENSOR_FAULT}


def test_sensors_that_the_inventory_does_not_list_are_counted_and_named() -> None:
    without = inventory()
    fewer = type(without)(without.areas, without.sites, without.sensors[1:])
    found = replay(Plan(fewer, ()), batches(minutes=10))
    assert found.unknown == {str(without.sensors[0].series)}
    assert found.dropped == {"unknown_sensor": 10}
