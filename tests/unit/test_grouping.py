"""Rows site by site: what comes of a stream is what comes of it reading by reading."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from detectors.sensor_health.qualify import Qualifier
from pipeline.config.plan import Plan
from pipeline.model.batch import ReadingBatch
from pipeline.model.instant import NS_PER_S
from pipeline.model.quantity import Quantity
from pipeline.model.reading import Reading, Series
from pipeline.registry import Group, kinds, load
from pipeline.runners.replay import Replayed, replay
from pipeline.stages.grouping import grouped, site_numbers
from pipeline.stages.qualify import Qualified, Qualify
from tests.bench.workload import START_NS, Stream, inventory

FIELD = inventory(50)
FIRST, LAST = FIELD.sensors[0].series, FIELD.sensors[-1].series
STRANGE = Series("nobody", Quantity.RAIN)


def test_groups_follow_each_other_and_rows_keep_their_order_within() -> None:
    group = np.random.default_rng(1).integers(0, 7, 500).astype(np.int32)
    rows = grouped(group, 7)
    assert rows.tolist() == sorted(range(500), key=lambda row: (group[row], row))


def test_every_sensor_has_the_number_of_its_site_and_a_stranger_one_of_its_own() -> None:
    numbers = site_numbers(FIELD)
    assert [FIELD.sites[number].id for number in numbers[:-1]] == [sensor.site for sensor in FIELD.sensors]
    assert numbers[-1] == len(FIELD.sites)


def qualified(*rows: tuple[Series, float]) -> Qualified:
    readings = [Reading(series, START_NS + round(at_s * NS_PER_S), 1.0) for series, at_s in rows]
    return Qualify(FIELD, Qualifier(FIELD)).take([ReadingBatch.of(readings)])


def test_a_row_says_where_in_the_batch_a_reading_stood() -> None:
    columns = qualified((LAST, 0), (STRANGE, 1), (FIRST, 2), (LAST, 3)).columns
    told = zip(
        columns.row.tolist(), columns.slot.tolist(), ((columns.at_ns - START_NS) // NS_PER_S).tolist(), strict=True
    )
    assert sorted(told) == [(0, 49, 0), (2, 0, 2), (3, 49, 3)]


def test_the_watermark_is_that_of_arrival_and_of_readings_taken_in() -> None:
    taken = qualified((LAST, 5), (STRANGE, 99), (FIRST, 2), (LAST, 3), (FIRST, 7))
    assert ((taken.watermark_ns - START_NS) // NS_PER_S).tolist() == [5, 5, 5, 5, 7]
    assert taken.dropped == {"unknown_sensor": 1, "late": 1}
    assert taken.unknown == (STRANGE,)


def played(rows: int) -> Replayed:
    detectors = [load(Group.DETECTORS, kind)() for kind in kinds(Group.DETECTORS)]
    return replay(Plan(FIELD, detectors), Stream(FIELD).batches(50 * 700, rows), tick_s=36_000.0)


@pytest.mark.parametrize("rows", [7, 640])
def test_the_result_does_not_depend_on_how_a_stream_is_cut(rows: int) -> None:
    whole, cut = played(65_536), played(rows)
    assert len(whole.findings) > 10
    assert (cut.findings, cut.assessments, cut.warnings) == (whole.findings, whole.assessments, whole.warnings)
    assert all(before.at <= after.at for before, after in pairwise(whole.findings))
