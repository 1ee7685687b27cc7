"""The bench's workload is what it says: mixed, deterministic, in order, within range, and eventful."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest

from pipeline.model.batch import ReadingBatch
from pipeline.model.hazard import SensorKind
from tests.bench.workload import PROFILES, Stream, inventory

SMALL = inventory(50)
READINGS = 50 * 700


def columns(batches: list[ReadingBatch]) -> tuple[np.ndarray[Any, Any], ...]:
    return tuple(
        np.concatenate([getattr(batch, name) for batch in batches]) for name in ("index", "observed_at_ns", "value")
    )


def test_ten_thousand_sensors_are_two_thousand_of_each_kind() -> None:
    whole = inventory()
    assert set(Counter(sensor.kind for sensor in whole.sensors).values()) == {2_000}
    assert set(Counter(sensor.site for sensor in whole.sensors).values()) == {10}
    assert {sensor.kind for sensor in whole.sensors} == set(PROFILES)


def test_the_same_seed_gives_the_same_bytes_and_another_gives_others() -> None:
    first, again, other = (list(Stream(SMALL, seed).batches(READINGS)) for seed in (1, 1, 2))
    assert first == again
    assert first != other


def test_a_longer_stream_begins_as_a_shorter_one_however_it_is_cut() -> None:
    short, long = Stream(SMALL).batches(1_000, rows=64), Stream(SMALL).batches(READINGS, rows=999)
    for few, many in zip(columns(list(short)), columns(list(long)), strict=True):
        assert (few == many[: len(few)]).all()


def test_instants_rise_and_values_are_within_range() -> None:
    index, at_ns, value = columns(list(Stream(SMALL).batches(READINGS)))
    assert len(value) == READINGS
    assert (np.diff(at_ns) > 0).all()
    low, high = np.array([(sensor.range_low, sensor.range_high) for sensor in SMALL.sensors]).T
    assert ((value >= low[index]) & (value <= high[index])).all()


@pytest.mark.parametrize(
    ("kind", "calm_below", "event_above"),
    [
        (SensorKind.GAS, 10, 25),
        (SensorKind.TANK, 7, 9),
        (SensorKind.RAIN, 0.2, 1),
        (SensorKind.SUBSIDENCE, 10, 50),
        (SensorKind.FIRE, 30, 57),
    ],
)
def test_most_sensors_are_calm_and_one_sees_its_event(kind: SensorKind, calm_below: float, event_above: float) -> None:
    index, _, value = columns(list(Stream(SMALL).batches(50 * 1_000)))
    peaks = [value[index == slot].max() for slot, sensor in enumerate(SMALL.sensors) if sensor.kind is kind]
    assert sum(peak > event_above for peak in peaks) == 1
    assert sum(peak < calm_below for peak in peaks) == len(peaks) - 1


def test_the_parquet_file_holds_the_same_readings(tmp_path: Path) -> None:
    path = tmp_path / "workload.parquet"
    Stream(SMALL).write_parquet(path, READINGS)
    table = pq.read_table(path)
    index, at_ns, value = columns(list(Stream(SMALL).batches(READINGS)))
    assert table["value"].to_numpy().tolist() == value.tolist()
    assert table["observed_at"].cast("int64").to_numpy().tolist() == at_ns.tolist()
    assert table["sensor"].to_pylist() == [SMALL.sensors[slot].id for slot in index]
    assert table["quantity"].to_pylist() == [SMALL.sensors[slot].quantity for slot in index]


def test_an_event_comes_again_the_next_day() -> None:
    index, _, value = columns(list(Stream(SMALL).batches(50 * 2 * 1_440)))
    gas = np.isin(index, [slot for slot, sensor in enumerate(SMALL.sensors) if sensor.kind is SensorKind.GAS])
    first, second = np.array_split(np.where(gas, value, 0.0), 2)
    assert first.max() > 25
    assert second.max() > 25
