"""The stream cut into partitions: nothing is lost or moved, and cores of the parts say what one core of all says."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pytest

from device_adapters.recordings.options import RecordingOptions
from device_adapters.recordings.recording import Recording
from pipeline.config.load import load_config
from pipeline.config.plan import Plan
from pipeline.model.area import AreaLevel
from pipeline.model.batch import ReadingBatch
from pipeline.model.entry import Entry, Tick
from pipeline.model.quantity import Quantity
from pipeline.model.reading import Reading, Series
from pipeline.stages.core import Core
from pipeline.stages.merge import merged
from pipeline.stages.shards import Shards
from pipeline.stages.ticks import with_ticks

DEMO = Path(__file__).parents[2] / "pipeline" / "samples" / "demo"


@pytest.fixture(scope="module")
def plan() -> Plan:
    return load_config(DEMO / "forewarn.toml").plan()


@pytest.fixture(scope="module")
def entries(plan: Plan) -> list[Entry]:
    files = tuple(DEMO / "recordings" / f"{name}.parquet" for name in ("rain", "tank", "subsidence"))
    with Recording(RecordingOptions(files=files), plan.inventory) as recording:
        return list(with_ticks(recording.batches(), 60.0))


def said(core: Core, stream: Iterable[Entry]) -> dict[str, list[str]]:
    """By area, in order: every assessment and warning, and by site every finding."""
    found = defaultdict(list)
    for entry in stream:
        made = core.process(entry).made
        for finding in made.findings:
            found[finding.site].append(finding.model_dump_json())
        for assessment in made.assessments:
            found[assessment.area].append(assessment.model_dump_json())
        for warning in made.warnings:
            found[warning.area].append(warning.model_dump_json())
    return dict(found)


def part(shards: Shards, stream: Iterable[Entry], partition: int) -> Iterable[Entry]:
    for entry in stream:
        if isinstance(entry, Tick):
            yield entry
        else:
            yield from (piece for number, piece in shards.split(entry) if number == partition)


@pytest.mark.parametrize("partitions", [2, 5])
def test_cores_of_the_parts_say_what_one_core_says(plan: Plan, entries: list[Entry], partitions: int) -> None:
    shards = Shards(plan, partitions)
    parts = [said(Core(shards.plan_of(number)), part(shards, entries, number)) for number in range(partitions)]
    assert sum(bool(one) for one in parts) > 1, "the recording speaks in more than one partition"
    assert {key: words for one in parts for key, words in one.items()} == said(Core(plan), entries)


def test_every_sensor_is_in_one_partition_and_areas_that_are_assessed_as_one_are_whole(plan: Plan) -> None:
    shards = Shards(plan, 7)
    sensors = [sensor.id for number in range(7) for sensor in shards.plan_of(number).inventory.sensors]
    assert sorted(sensors) == [sensor.id for sensor in plan.inventory.sensors]
    for number in range(7):
        own = {site.area[: AreaLevel.TOWNSHIP] for site in shards.plan_of(number).inventory.sites}
        others = {
            s.area[: AreaLevel.TOWNSHIP] for m in range(7) if m != number for s in shards.plan_of(m).inventory.sites
        }
        assert not own & others


def test_splitting_keeps_every_row_in_its_order(plan: Plan, entries: list[Entry]) -> None:
    shards = Shards(plan, 3)
    batch = merged([entry for entry in entries if isinstance(entry, ReadingBatch)])
    pieces = dict(shards.split(batch))
    assert sum(len(piece) for piece in pieces.values()) == len(batch)
    for number, piece in pieces.items():
        kept = [one for one in batch.readings() if shards.partition_of(one.series.sensor) == number]
        assert list(piece.readings()) == kept


def test_a_sensor_that_nobody_lists_goes_by_its_name(plan: Plan) -> None:
    places = {Shards(plan, 5).partition_of(f"stranger-{number}") for number in range(50)}
    assert places == set(range(5))
    assert Shards(plan, 5).partition_of("stranger") == Shards(plan, 5).partition_of("stranger")


def test_merging_keeps_order_names_only_what_is_used_and_the_first_reception() -> None:
    one, two, unused = (Series(name, Quantity.RAIN) for name in ("one", "two", "unused"))
    first = ReadingBatch.of([Reading(two, 1, 0.1), Reading(one, 2, 0.2)], received_at_ns=20)
    second = ReadingBatch.of([Reading(one, 3, 0.3), Reading(unused, 4, 0.4)], received_at_ns=10)
    second = second.take(np.array([True, False]))
    together = merged([first, second])
    assert list(together.readings()) == [*first.readings(), *second.readings()]
    assert set(together.series) == {one, two}
    assert together.received_at_ns == 10
    assert merged([ReadingBatch.of([])]).received_at_ns is None
