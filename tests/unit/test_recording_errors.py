from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from pydantic import ValidationError

from device_adapters.recordings.options import RecordingOptions
from pipeline.errors import RecordingError
from tests.adapter_rig import AT, NOW
from tests.recording_rig import parquet, read, text

UNREADABLE_FILES: dict[str, tuple[str, str, str]] = {
    "no such column": ("a.csv", "a,b\n1,2\n", "no column time or observed_at; it has a, b"),
    "no value column": ("a.csv", f"time,sensor\n{AT},x\n", "no column value; it has time, sensor"),
    "empty": ("a.csv", "", "cannot be read as CSV: it is empty"),
    "blank": ("a.csv", "\n \n", "cannot be read as CSV: it is empty"),
    "a name twice": ("a.csv", f"time,sensor,value,value\n{AT},x,1,2\n", "stands there twice"),
    "no Parquet": ("a.parquet", "hello", "cannot be read as Parquet"),
}


@pytest.mark.parametrize(("name", "content", "words"), UNREADABLE_FILES.values(), ids=UNREADABLE_FILES)
def test_a_file_that_cannot_be_read_is_named_with_what_is_wrong(
    tmp_path: Path, name: str, content: str, words: str
) -> None:
    path = text(tmp_path, content, name)
    with pytest.raises(RecordingError) as caught:
        read(path)
    assert str(path) in str(caught.value)
    assert words in str(caught.value)


@pytest.mark.parametrize("data", [b"hello", gzip.compress(b"time,sensor,value")[:-9]], ids=["no gzip", "cut off"])
def test_a_compressed_file_that_is_damaged(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "a.csv.gz"
    path.write_bytes(data)
    with pytest.raises(RecordingError, match=r"a\.csv\.gz: cannot be read"):
        read(path)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(RecordingError, match=r"gone\.parquet: no such file"):
        read(tmp_path / "gone.parquet")


def test_bytes_of_another_encoding(tmp_path: Path) -> None:
    with pytest.raises(RecordingError, match="line 2 is not utf-8; declare its encoding"):
        read(text(tmp_path, "time,sensor,value\n,瓦斯,1\n", encoding="gb18030"))


def test_times_without_a_zone_must_be_declared(tmp_path: Path) -> None:
    at = pa.array([NOW.replace(tzinfo=None)], pa.timestamp("us"))
    with pytest.raises(RecordingError, match="times have no zone; declare it"):
        read(parquet(tmp_path, observed_at=at, sensor=["north-h2s"], value=[1.0]))


def test_numbers_for_times_must_be_declared(tmp_path: Path) -> None:
    with pytest.raises(RecordingError, match="say by time_format what such numbers count"):
        read(parquet(tmp_path, observed_at=[1], sensor=["north-h2s"], value=[1.0]))


def test_values_must_be_numbers(tmp_path: Path) -> None:
    at = pa.array([NOW], pa.timestamp("us", "UTC"))
    with pytest.raises(RecordingError, match="values are bool, want numbers"):
        read(parquet(tmp_path, observed_at=at, sensor=["north-h2s"], value=[True]))


def test_a_file_of_columns_must_have_its_own(tmp_path: Path) -> None:
    names = text(tmp_path, "a,b\n1,2\n", "columns.csv")
    with pytest.raises(RecordingError, match="want columns column, sensor and maybe unit"):
        read(text(tmp_path, f"time,H\n{AT},1\n"), layout="wide", columns_file=names)


CONTRADICTIONS: dict[str, tuple[dict[str, Any], str]] = {
    "columns twice": (
        {"layout": "wide", "columns": {"a": "b"}, "columns_file": "c"},
        "columns or columns_file, not both",
    ),
    "columns of a long file": ({"columns": {"a": "b"}}, "columns are those of a wide file"),
    "epoch of texts": ({"epoch_at": AT}, "epoch_at is what numbers count from"),
    "zone that is none": ({"zone": "Nowhere"}, "is no time zone"),
    "format that is none": ({"time_format": "hours"}, "is none of iso, s, ms, us, ns or a strptime format"),
    "unknown key": ({"speeed": 1}, "Extra inputs are not permitted"),
    "no file": ({"files": ()}, "at least 1 item"),
}


@pytest.mark.parametrize(("options", "words"), CONTRADICTIONS.values(), ids=CONTRADICTIONS)
def test_contradictions_are_refused(options: dict[str, Any], words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        RecordingOptions.model_validate({"files": ("a.csv",)} | options)
