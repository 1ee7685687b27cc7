"""Laws of episodes, of detectors and of the qualifier, on random input."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detectors.bound import BoundDetector
from detectors.checks import told
from detectors.episode import CHANGED, CLOSED, EPISODE, OPENED, POLICY, QUIET, advance
from detectors.kernel import records
from detectors.scenario import READINGS, Columns, inventory, trouble
from detectors.sensor_health.qualify import Qualifier, QualityOptions
from pipeline.model.finding import Finding
from pipeline.model.instant import NS_PER_S
from pipeline.registry import Group, kinds, load
from tests.unit.detector_rig import START_S

steps = st.lists(st.tuples(st.integers(1, 300), st.integers(0, 4)), min_size=1, max_size=60)
waits = st.sampled_from((0, 60, 600))


def policy(raise_after_s: int, lower_after_s: int) -> Any:
    record = records(1, POLICY)
    record[0] = (raise_after_s * NS_PER_S, lower_after_s * NS_PER_S, 0)
    return record[0]


@given(steps, waits, waits)
@settings(max_examples=200)
def test_a_level_changes_only_when_the_evidence_for_it_has_lasted(
    gaps: list[tuple[int, int]], raise_after_s: int, lower_after_s: int
) -> None:
    one, rule = records(1, EPISODE)[0], policy(raise_after_s, lower_after_s)
    now_s, before = 0, 0
    seen: list[tuple[int, int]] = []
    for gap_s, level in gaps:
        now_s += gap_s
        seen.append((now_s, level))
        verdict = advance(one, rule, now_s * NS_PER_S, level, 0)
        after = int(one["level"])
        if after > before:
            recent = [heard for at_s, heard in seen if at_s >= now_s - raise_after_s]
            assert min(recent) >= after
            assert seen[0][0] <= now_s - raise_after_s
        if after < before:
            recent = [heard for at_s, heard in seen if at_s >= now_s - lower_after_s]
            assert max(recent) <= after
        want = {(True, True): QUIET, (True, False): OPENED, (False, True): CLOSED, (False, False): CHANGED}
        assert verdict == (QUIET if after == before else want[before == 0, after == 0])
        assert one["peak"] >= after
        before = after


@given(steps)
@settings(max_examples=100)
def test_without_waits_the_level_is_that_of_the_evidence(gaps: list[tuple[int, int]]) -> None:
    one, rule, now_s = records(1, EPISODE)[0], policy(0, 0), 0
    for gap_s, level in gaps:
        now_s += gap_s
        advance(one, rule, now_s * NS_PER_S, level, 0)
        assert one["level"] == level


FIELD = inventory()
cuts = st.lists(st.integers(0, READINGS * len(FIELD.sensors)), max_size=6).map(sorted)


def pieces(columns: Columns, places: list[int]) -> list[Columns]:
    edges = [0, *places, len(columns)]
    return [columns.rows(slice(a, b)) for a, b in pairwise(edges)]


@pytest.mark.parametrize("kind", kinds(Group.DETECTORS))
@given(seed=st.integers(0, 1000), places=cuts, shuffle=st.booleans())
@settings(max_examples=8)
def test_cuts_and_restarts_do_not_matter(kind: str, seed: int, places: list[int], shuffle: bool) -> None:  # noqa: FBT001  # drawn
    detector, columns = load(Group.DETECTORS, kind), trouble(seed)
    if shuffle:
        columns.value[:] = np.random.default_rng(seed).permutation(columns.value)
    whole = told(BoundDetector(detector(), FIELD), [columns])
    found: list[Finding] = []
    saved = BoundDetector(detector(), FIELD).snapshot()
    for piece in pieces(columns, places):
        bound = BoundDetector(detector(), FIELD)
        bound.restore(saved)
        found += told(bound, [piece])
        saved = bound.snapshot()
    assert found == whole


reading = st.tuples(
    st.integers(0, 2),
    st.integers(-200, 4000),
    st.one_of(st.floats(-60, 120), st.sampled_from((20.0, float("nan"), float("inf"), 500.0))),
    st.sampled_from((1, 2, 3, 4, 9)),
    st.sampled_from((0, 0, 0, 0, 1, 2, 3, 4)),
)
streams = st.lists(reading, min_size=1, max_size=80)


def arrays(rows: list[Any]) -> tuple[Any, Any, Any, Any, Any]:
    slot, at_s, value, quality, status = (list(column) for column in zip(*rows, strict=True))
    return (
        np.array(slot, np.int32),
        (np.array(at_s, np.int64) + START_S) * NS_PER_S,
        np.array(value, np.float64),
        np.array(quality, np.uint8),
        np.array(status, np.uint8),
    )


def qualifier() -> Qualifier:
    return Qualifier(FIELD, QualityOptions(flat_after_s=120.0, spike=5.0, rate_per_s=1.0))


def judged(rows: list[Any], places: list[int]) -> tuple[list[bool], list[int], dict[str, int], list[Finding]]:
    """Keep, quality, drops and findings of rows that come in batches cut at `places`, restarted at each cut."""
    keep: list[bool] = []
    quality: list[int] = []
    dropped: dict[str, int] = {}
    found: list[Finding] = []
    saved = qualifier().snapshot()
    edges = sorted({0, len(rows), *(min(place, len(rows)) for place in places)})
    for a, b in pairwise(edges):
        one = qualifier()
        one.restore(saved)
        result = one.feed(*arrays(rows[a:b]), np.full(b - a, (START_S + 3000) * NS_PER_S))
        keep += result.keep.tolist()
        quality += result.quality.tolist()
        found += [finding for _, finding in result.findings]
        for reason, number in result.dropped.items():
            dropped[reason] = dropped.get(reason, 0) + number
        saved = one.snapshot()
    return keep, quality, dropped, found


@given(streams, st.lists(st.integers(0, 80), max_size=4))
@settings(max_examples=60)
def test_the_qualifier_does_not_depend_on_cuts_and_restarts(rows: list[Any], places: list[int]) -> None:
    assert judged(rows, places) == judged(rows, [])


@given(streams)
@settings(max_examples=100)
def test_the_qualifier_keeps_rising_instants_and_counts_every_drop(rows: list[Any]) -> None:
    keep, quality, dropped, _ = judged(rows, [])
    assert keep.count(False) == sum(dropped.values())
    for slot in range(3):
        kept = [row[1] for row, taken in zip(rows, keep, strict=True) if taken and row[0] == slot]
        assert all(a < b for a, b in pairwise(kept))
    for (_, _, value, said, status), flag, taken in zip(rows, quality, keep, strict=True):
        if taken:
            assert flag in (1, 3, 4, 9)
            assert flag >= said or said == 2
            assert flag >= 4 or (np.isfinite(value) and status <= 2)


@given(streams)
@settings(max_examples=60)
def test_what_is_dropped_changes_no_flag_of_what_is_kept(rows: list[Any]) -> None:
    keep, quality, _, _ = judged(rows, [])
    again = judged([row for row, taken in zip(rows, keep, strict=True) if taken], [])
    assert again[0] == [True] * keep.count(True)
    assert again[1] == [flag for flag, taken in zip(quality, keep, strict=True) if taken]


@given(st.integers(1, 5000), st.lists(st.integers(0, 6000), max_size=5).map(sorted))
@settings(max_examples=60)
def test_a_silence_that_readings_end_does_not_depend_on_ticks(lapse_s: int, ticks_s: list[int]) -> None:
    def found(ticks: list[int]) -> list[Finding]:
        one = qualifier()
        events = [finding for _, finding in one.feed(*arrays([(5, 0, 20.9, 1, 0)])).findings]
        for at_s in ticks:
            events += [f for f in one.tick((START_S + at_s) * NS_PER_S) if f.subject == FIELD.sensors[5].id]
        return events + [finding for _, finding in one.feed(*arrays([(5, lapse_s, 20.9, 1, 0)])).findings]

    assert found([at_s for at_s in ticks_s if at_s < lapse_s]) == found([])
