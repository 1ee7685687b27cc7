"""A detector bound to an inventory: its arrays, its findings, its snapshot."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from detectors.bound import BoundDetector
from detectors.gas.gas_levels import GasLevels
from detectors.loop import EVENT_CAPACITY
from detectors.snapshot import load, save
from pipeline.model.finding import FindingState, finding_id
from pipeline.model.hazard import SensorKind
from pipeline.model.level import Level
from pipeline.model.quality import Quality
from pipeline.model.quantity import Quantity
from pipeline.model.site import Sensor
from tests.unit.detector_rig import START_S, feed, feed_many, inventory, sensor

NS = 1_000_000_000


def gas(name: str, **thresholds: float) -> Sensor:
    own = {f"gas_levels.{key}": value for key, value in thresholds.items()}
    return sensor(SensorKind.GAS, Quantity.GAS_LEL, 60, id=name, range_low=0.0, range_high=100.0, thresholds=own)


def bind(*names: str) -> BoundDetector:
    return BoundDetector(GasLevels(), inventory(*(gas(name) for name in names)))


def test_a_finding_says_who_where_when_and_why() -> None:
    (finding,) = feed(bind("a1"), [(0, 10.0), (60, 30.0)])
    assert (finding.state, finding.revision) == (FindingState.OPENED, 0)
    assert (finding.level, finding.peak_level) == (Level.YELLOW, Level.YELLOW)
    assert (finding.detector, finding.detector_version, finding.criterion) == (
        "gas_levels",
        GasLevels.version,
        "combustible",
    )
    assert (finding.subject, finding.trigger) == ("a1", "a1/gas_lel")
    assert (finding.site, finding.area) == ("site", "330212000000")
    assert finding.at == finding.onset_at == finding.window_start_at
    assert finding.at.timestamp() == START_S + 60
    assert finding.id == finding_id("gas_levels", "a1", "", (START_S + 60) * NS)


def test_the_same_onset_gives_the_same_id_and_another_onset_another() -> None:
    first, second = ([one.id for one in feed(bind("a1"), rows)] for rows in ([(0, 30.0)], [(0, 30.0), (60, 60.0)]))
    assert first == second[:1]
    assert len(set(second)) == 1
    assert feed(bind("a1"), [(60, 30.0)])[0].id != first[0]


def test_a_closed_episode_keeps_the_criterion_that_raised_it() -> None:
    oxygen = sensor(SensorKind.GAS, Quantity.OXYGEN, 60, range_low=0.0, range_high=30.0)
    bound = BoundDetector(GasLevels(), inventory(oxygen))
    said = [(one.state.value, one.criterion) for one in feed(bound, [(0, 17.0), (60, 20.9), (660, 20.9)])]
    assert said == [("opened", "oxygen_deficiency"), ("closed", "oxygen_deficiency")]


def test_rows_come_with_findings_and_sensors_do_not_mix() -> None:
    rows = [(0.0, 1, 30.0), (0.0, 0, 0.0), (60.0, 1, 0.0), (60.0, 0, 30.0)]
    found = feed_many(bind("a1", "a2"), rows)
    assert [one.subject for one in found] == ["a2", "a1"]


def read(bound: BoundDetector, quality: Quality, slot: int = 0) -> bool:
    """Whether one reading of 99 %LEL brings about a finding."""
    at_ns = np.array([START_S * NS], np.int64)
    flags = np.array([quality], np.uint8)
    return bool(bound.feed(np.array([slot], np.int32), at_ns, np.array([99.0]), flags))


@pytest.mark.parametrize("quality", Quality)
def test_only_readings_that_did_not_fail_are_evidence(quality: Quality) -> None:
    assert read(bind("a1"), quality) is (quality < Quality.FAIL)


def test_unknown_sensors_are_passed_over() -> None:
    assert not read(bind("a1"), Quality.GOOD, slot=-1)


def test_a_slot_beyond_the_inventory_is_refused_before_anything_is_taken_in() -> None:
    bound = bind("a1", "a2")
    before = bound.snapshot()
    with pytest.raises(ValueError, match="slot 2 is beyond the inventory of 2 sensors"):
        bound.feed(np.array([0, 2], np.int32), np.array([NS, NS]), np.array([99.0, 99.0]), np.ones(2, np.uint8))
    assert bound.snapshot() == before
    nothing = np.array([], np.int32)
    assert bound.feed(nothing, nothing.astype(np.int64), nothing.astype(float), nothing.astype(np.uint8)) == []


def test_more_findings_than_one_call_has_room_for() -> None:
    names = [f"s{k:05}" for k in range(EVENT_CAPACITY + 500)]
    found = feed_many(bind(*names), [(0.0, slot, 99.0) for slot in range(len(names))])
    assert [one.subject for one in found] == names


def test_a_snapshot_is_taken_up_by_name() -> None:
    first = bind("a1", "a2")
    feed_many(first, [(0.0, 0, 30.0), (0.0, 1, 60.0)])
    second = bind("a0", "a2")
    second.restore(first.snapshot())
    assert feed_many(second, [(60.0, 1, 60.0)]) == []
    (new,) = feed_many(second, [(60.0, 0, 30.0)])
    assert (new.subject, new.revision) == ("a0", 0)
    assert second.bytes_per_subject == first.bytes_per_subject > 0


class Newer(GasLevels):
    version = GasLevels.version + 1
    state_since = None


def test_a_snapshot_of_another_version_is_not_taken_up() -> None:
    first = bind("a1")
    feed(first, [(0, 30.0)])
    second = BoundDetector(Newer(), inventory(gas("a1")))
    second.restore(first.snapshot())
    assert [one.revision for one in feed(second, [(60, 30.0)])] == [0]


class Lasting(GasLevels):
    version = GasLevels.version + 2
    state_since = 1


def test_a_version_that_learned_the_same_is_taken_up() -> None:
    first = bind("a1")
    feed(first, [(0, 30.0)])
    second = BoundDetector(Lasting(), inventory(gas("a1")))
    second.restore(first.snapshot())
    assert feed(second, [(60, 30.0)]) == []
    older = bind("a1")
    older.restore(second.snapshot())
    assert [one.revision for one in feed(older, [(120, 30.0)])] == [0], "what a later version wrote nobody takes up"


def test_a_snapshot_of_another_layout_is_not_taken_up() -> None:
    old, new = np.ones(2, np.dtype([("a", "f8")])), np.zeros(2, np.dtype([("a", "f4")]))
    load(save(1, ["x", "y"], [old]), 1, ["x", "y"], [new])
    assert not new["a"].any()


def test_an_upgrade_that_adds_and_drops_fields_carries_the_rest() -> None:
    inner = np.dtype([("x", "i8"), ("y", "f8", (2,)), ("flag", "u1")], align=True)
    grown = np.dtype([("y", "f8", (2,)), ("flag", "u1"), ("z", "f8"), ("x", "i8")], align=True)
    old = np.zeros(2, np.dtype([("a", "f8"), ("gone", "i4"), ("in", inner), ("rows", inner, (2,))], align=True))
    new = np.full(3, 7, np.dtype([("added", "i8"), ("a", "f8"), ("in", grown), ("rows", grown, (2,))], align=True))
    old["a"], old["in"]["x"], old["in"]["y"], old["rows"]["x"] = [1, 2], [3, 4], [[5, 6], [8, 9]], [[10, 11], [12, 13]]
    load(save(1, ["x", "y"], [old, np.arange(2.0)]), 1, ["y", "new", "x"], [new, plain := np.zeros(3)])
    assert plain.tolist() == [1.0, 0.0, 0.0]
    assert new["added"].tolist() == [7, 7, 7]
    assert new["a"].tolist() == [2.0, 7.0, 1.0]
    assert (new["in"]["x"].tolist(), new["in"]["z"].tolist()) == ([4, 7, 3], [7, 7, 7])
    assert new["in"]["y"].tolist() == [[8, 9], [7, 7], [5, 6]]
    assert new["rows"]["x"].tolist() == [[12, 13], [7, 7], [10, 11]]


@pytest.mark.parametrize("kind", [("a", "f8", (3,)), ("a", "i8", (2,)), ("a", [("x", "f8")])])
def test_a_field_of_another_size_or_type_is_not_carried(kind: Any) -> None:
    old, new = np.ones(1, np.dtype([("a", "f8", (2,)), ("b", "i8")])), np.zeros(1, np.dtype([kind, ("b", "i8")]))
    load(save(1, ["x"], [old]), 1, ["x"], [new])
    assert new["b"].tolist() == [0], "all or nothing: a record half new is none"


def test_rows_of_many_columns_are_saved_and_taken_up_by_name() -> None:
    old = np.arange(6, dtype=np.int64).reshape(3, 2)
    new = np.zeros((3, 2), np.int64)
    load(save(1, ["x", "y", "z"], [old]), 1, ["z", "new", "x"], [new])
    assert new.tolist() == [[4, 5], [0, 0], [0, 1]]


def test_an_override_out_of_bounds_names_the_option() -> None:
    with pytest.raises(ValueError, match="first_lel"):
        BoundDetector(GasLevels(), inventory(gas("a1", first_lel=30.0)))
