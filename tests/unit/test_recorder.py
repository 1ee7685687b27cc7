"""The recorder's files: exactly once over crashes, played back reading for reading, by span."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from device_adapters.recordings.options import RecordingOptions
from device_adapters.recordings.recording import Recording
from pipeline.connectors.recorder import files
from pipeline.connectors.recorder.place import Folder
from pipeline.connectors.recorder.recorder import Recorder
from pipeline.errors import RecordingError
from pipeline.model.batch import ReadingBatch
from pipeline.model.instant import to_ns
from pipeline.model.reading import Reading
from tests.district import BEGIN, batches, inventory

LOG = "5f0c91d2"
STREAM = list(batches(minutes=2 * 1440, per_batch_min=60))


def rows(some: Iterable[ReadingBatch]) -> list[tuple[str, int, float]]:
    return sorted((one.series.sensor, one.observed_at_ns, one.value) for batch in some for one in batch.readings())


def played(folder: Path, **span: object) -> list[tuple[str, int, float]]:
    with Recording(RecordingOptions.model_validate({"files": (folder,), **span}), inventory()) as recording:
        found = rows(recording.batches())
        assert not recording.rejects
    return found


def record(folder: Path, first: int, last: int, *, rolls: bool = True, log: str = LOG) -> None:
    """One life of a recorder, from one position to another."""
    recorder = Recorder(Folder(folder), "v7", log)
    for position in range(first, last + 1):  # each fifth entry is a tick
        recorder.take(0, position, STREAM[position] if position % 5 else None)
    if rolls:
        recorder.roll()


def test_what_was_taken_is_in_files_by_day_and_shard_with_the_inventory_version(tmp_path: Path) -> None:
    recorder = Recorder(Folder(tmp_path), "v7", LOG)
    for position, batch in enumerate(STREAM):
        recorder.take(position % 2, position, batch)
    assert recorder.readings == sum(map(len, STREAM))
    assert list(files.recorded(tmp_path)) == []
    assert recorder.roll() == {0: len(STREAM) - 2, 1: len(STREAM) - 1}
    names = [str(path.relative_to(tmp_path)) for path in files.recorded(tmp_path)]
    assert names == [
        f"day=2026-06-0{day}/shard=000{shard}/000{shard}-{LOG}-{shard:020d}.parquet"
        for day in (1, 2)
        for shard in (0, 1)
    ]
    notes = pq.read_schema(tmp_path / names[0]).metadata
    assert (notes[files.INVENTORY], notes[files.LAST_POSITION]) == (b"v7", str(len(STREAM) - 2).encode())
    assert played(tmp_path) == rows(STREAM)


@settings(max_examples=20)
@given(st.lists(st.integers(0, 47), min_size=1, max_size=6), st.lists(st.booleans(), min_size=6, max_size=6))
def test_a_life_that_begins_again_where_the_log_does_leaves_every_reading_once(
    tmp_path_factory: pytest.TempPathFactory, ends: list[int], acknowledged: list[bool]
) -> None:
    folder, position = tmp_path_factory.mktemp("recording"), 0
    for end, kept in zip(ends, acknowledged, strict=False):
        last = min(max(position, end), len(STREAM) - 1)
        record(folder, position, last)
        position = last + 1 if kept else position
    record(folder, position, len(STREAM) - 1)
    assert played(folder) == rows(batch for number, batch in enumerate(STREAM) if number % 5)


def test_nothing_is_there_before_the_roll_and_remains_of_a_crash_are_taken_away(tmp_path: Path) -> None:
    record(tmp_path, 0, 9, rolls=False)
    assert list(files.recorded(tmp_path)) == []
    torn = files.name_of(tmp_path, 20_605, files.Roll(LOG, 0, 3, 3, "")).with_suffix(".part")
    torn.parent.mkdir(parents=True)
    torn.write_bytes(b"half a file")
    record(tmp_path, 0, 9)
    assert not torn.exists()


def test_a_clock_gone_wrong_makes_no_folder_of_its_own(tmp_path: Path) -> None:
    series = inventory().sensors[0].series
    strange = ReadingBatch.of([Reading(series, to_ns(BEGIN - timedelta(days=9000)), 1.0)], to_ns(BEGIN))
    recorder = Recorder(Folder(tmp_path), "", LOG)
    recorder.take(0, 0, strange)
    recorder.roll()
    (path,) = files.recorded(tmp_path)
    assert path.parts[-3] == "day=2026-06-01"
    received = pq.read_table(path)["received_at"].to_pylist()
    assert [one.isoformat() for one in received] == ["2026-06-01T00:00:00+00:00"]


def test_a_folder_that_cannot_be_written_is_told_and_what_gathered_is_kept(tmp_path: Path) -> None:
    recorder = Recorder(Folder(tmp_path / "recording"), "", LOG)
    recorder.take(0, 0, STREAM[1])
    (tmp_path / "recording" / "day=2026-06-01").write_text("in the way")
    with pytest.raises(RecordingError, match=r"0000-5f0c91d2-0{20}\.parquet cannot be written"):
        recorder.roll()
    (tmp_path / "recording" / "day=2026-06-01").unlink()
    recorder.roll()
    assert played(tmp_path / "recording") == rows([STREAM[1]])


def test_a_log_that_is_begun_anew_takes_nothing_of_the_one_before_it(tmp_path: Path) -> None:
    record(tmp_path, 0, 9)
    record(tmp_path, 0, 9, log="00000001")
    kept = rows(batch for number, batch in enumerate(STREAM[:10]) if number % 5)
    assert played(tmp_path) == sorted([*kept, *kept])


def test_one_that_was_paused_does_not_undo_what_its_successor_wrote(tmp_path: Path) -> None:
    paused, successor = (Recorder(Folder(tmp_path), "", LOG) for _ in range(2))
    for one, last in ((paused, 10), (successor, 30)):
        for position in range(last):
            one.take(0, position, STREAM[position])
    successor.roll()
    written = played(tmp_path)
    paused.take(0, 10, STREAM[10])
    paused._begun.add(0)  # it had rolled before it was paused
    paused.roll()
    assert played(tmp_path) == written == rows(STREAM[:30])


def test_a_shard_that_went_to_another_is_forgotten(tmp_path: Path) -> None:
    recorder = Recorder(Folder(tmp_path), "", LOG)
    recorder.take(3, 0, STREAM[0])
    recorder.leave(3)
    assert (recorder.readings, recorder.roll()) == (0, {})


def test_only_the_span_that_is_asked_for_is_played(tmp_path: Path) -> None:
    record(tmp_path, 0, len(STREAM) - 1)
    begin, end = BEGIN + timedelta(hours=20), BEGIN + timedelta(hours=26, minutes=30)
    whole = rows(batch for number, batch in enumerate(STREAM) if number % 5)
    expected = [row for row in whole if to_ns(begin) <= row[1] < to_ns(end)]
    assert played(tmp_path, from_at=begin, until_at=end) == expected
    assert played(tmp_path, until_at=begin) == [row for row in whole if row[1] < to_ns(begin)]
    assert np.prod([len(expected), len(whole)]) > 0


def test_a_folder_without_a_recording_is_told(tmp_path: Path) -> None:
    with pytest.raises(RecordingError, match="a folder without a Parquet file"):
        played(tmp_path)
    with pytest.raises(ValueError, match="from_at must be before until_at"):
        RecordingOptions(files=(tmp_path,), from_at=BEGIN, until_at=BEGIN)


def test_a_reading_keeps_its_quality_and_status(tmp_path: Path) -> None:
    recorder = Recorder(Folder(tmp_path), "", LOG)
    batch = replace(STREAM[0], received_at_ns=None)
    recorder.take(0, 0, batch)
    recorder.roll()
    (path,) = files.recorded(tmp_path)
    table = pq.read_table(path)
    assert table["received_at"].null_count == len(batch)
    assert sorted(table["quality"].to_pylist()) == sorted(batch.quality.tolist())
