from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError

from device_adapters.recordings.writer import write_parquet
from device_adapters.replay import Replay, ReplayOptions, steps
from pipeline.clock import SystemClock
from pipeline.errors import BackPressureError, RecordingError
from pipeline.model.batch import ReadingBatch
from pipeline.model.instant import NS_PER_S
from pipeline.model.reading import Reading
from tests.adapter_rig import AT, FIELD, NOW_NS, MemorySink, context, counted, running, until

SERIES = FIELD.sensors[0].series


def storm(folder: Path, seconds: int = 10) -> Path:
    path = folder / "storm.parquet"
    rows = [Reading(FIELD.sensors[3].series, NOW_NS + step * NS_PER_S, 10.0 + step) for step in range(seconds)]
    write_parquet(path, [ReadingBatch.of(rows)])
    return path


def played(path: Path, sink: MemorySink, **options: Any) -> dict[str, int]:
    inside = context(sink)
    asyncio.run(Replay("storm", ReplayOptions.model_validate({"files": [path]} | options), inside).run())
    return counted(inside)


def test_everything_is_handed_in_and_counted(tmp_path: Path) -> None:
    sink = MemorySink()
    assert played(storm(tmp_path), sink, unit="mm") == {"received": 10, "sent": 10}
    assert [reading.value for reading in sink.readings] == [10.0 + step for step in range(10)]


def test_chunks(tmp_path: Path) -> None:
    sink = MemorySink()
    played(storm(tmp_path), sink, chunk_rows=4)
    assert [len(batch) for batch in sink.batches] == [4, 4, 2]


SHIFTS: dict[str, tuple[dict[str, Any], int]] = {
    "not": ({}, 0),
    "last to now": ({"last_at": "now"}, -9),
    "first to an instant": ({"first_at": "2026-05-01T08:01:00Z"}, 60),
    "last to an instant": ({"last_at": "2026-05-01T08:01:00Z"}, 51),
}


@pytest.mark.parametrize(("options", "shift_s"), SHIFTS.values(), ids=SHIFTS)
def test_shift(tmp_path: Path, options: dict[str, Any], shift_s: int) -> None:
    sink = MemorySink()
    played(storm(tmp_path), sink, **options)
    assert sink.readings[0].observed_at_ns == NOW_NS + shift_s * NS_PER_S


def test_speed(tmp_path: Path) -> None:
    clock, sink = SystemClock(), MemorySink()
    replay = Replay("storm", ReplayOptions(files=(storm(tmp_path),), speed=20.0), context(sink, clock))
    started_s = clock.monotonic_s()
    asyncio.run(replay.run())
    assert 0.4 < clock.monotonic_s() - started_s < 5
    assert len(sink.batches) == 5


def test_rejects_go_to_the_dead_letters(tmp_path: Path) -> None:
    path = tmp_path / "storm.csv"
    path.write_text(f"time,sensor,value\n{AT},north-rain,1\n{AT},nobody,1\n{AT},nobody,2\n")
    sink = MemorySink()
    assert played(path, sink) == {"received": 3, "sent": 1, "dropped:unknown_sensor": 2}
    assert [source for source, _ in sink.rejects] == ["storm"]


def test_back_pressure_is_waited_out(tmp_path: Path) -> None:
    sink = MemorySink()
    sink.refusal = BackPressureError("full", 0.01)
    inside = context(sink)

    async def story() -> None:
        async with running(Replay("storm", ReplayOptions(files=(storm(tmp_path),)), inside)):
            await until(lambda: sink.refused > 2)
            sink.refusal = None
            await until(lambda: len(sink.readings) == 10)

    asyncio.run(story())
    assert counted(inside) == {"received": 10, "sent": 10}


def test_a_recording_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(RecordingError, match="no such file"):
        played(tmp_path / "gone.csv", MemorySink())


def test_steps_cut_by_event_time() -> None:
    batch = ReadingBatch.of([Reading(SERIES, NOW_NS + at, 1.0) for at in (0, 4, 9, 10, 35, 36)])
    assert [(step.observed_at_ns - NOW_NS).tolist() for step in steps(batch, 10)] == [[0, 4, 9], [10], [35, 36]]
    assert list(steps(batch, 0)) == [batch]
    assert [len(step) for step in steps(batch, 1)] == [1] * 6
    assert list(steps(batch.take(np.zeros(6, np.bool_)), 10)) == []


def test_moved_only_once() -> None:
    with pytest.raises(ValidationError, match="give first_at or last_at, not both"):
        ReplayOptions(files=(Path("a.csv"),), first_at="now", last_at="now")
