from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from device_adapters.recordings.options import RecordingOptions
from device_adapters.recordings.recording import Recording
from device_adapters.recordings.writer import write_parquet
from pipeline.model.batch import ReadingBatch
from pipeline.model.instant import NS_PER_S
from pipeline.model.quality import DeviceStatus, Quality
from pipeline.model.reading import Reading
from tests.adapter_rig import AT, FIELD, NOW, NOW_NS
from tests.recording_rig import SERIES, parquet, read, text, told

LONG: dict[str, tuple[str, dict[str, Any]]] = {
    "as it is": (f"time,sensor,value\n{AT},north-h2s,1.5\n", {}),
    "in another order, with spaces": (f"value,time,sensor\n 1.5 , {AT} ,north-h2s\n", {}),
    "other names": (
        f"t;id;v\n{AT};north-h2s;1.5\n",
        {"time_column": "t", "sensor_column": "id", "value_column": "v", "delimiter": ";"},
    ),
    "local time": ("time,sensor,value\n2026-05-01 16:00:00,north-h2s,1.5\n", {"zone": "Asia/Shanghai"}),
    "own format": (
        "time,sensor,value\n01.05.26 16:00,north-h2s,1.5\n",
        {"zone": "Asia/Shanghai", "time_format": "%d.%m.%y %H:%M"},
    ),
    "milliseconds": (f"time,sensor,value\n{NOW_NS // 10**6},north-h2s,1.5\n", {"time_format": "ms"}),
    "seconds since the start": (
        "time,sensor,value\n3.00E+01,north-h2s,1.5\n",
        {"time_format": "s", "epoch_at": "2026-05-01T07:59:30Z"},
    ),
    "unit declared": (f"time,sensor,value\n{AT},north-h2s,1500\n", {"unit": "ppb"}),
    "unit stated": (f"time,sensor,value,unit\n{AT},north-h2s,1500,ppb\n", {}),
    "quantity and status stated": (f"time,sensor,value,quantity,status\n{AT},north-h2s,1.5,gas_ppm,normal\n", {}),
    "a preamble": (f"made by\n\ntime,sensor,value\n{AT},north-h2s,1.5\n", {"skip_rows": 1}),
    "observed_at": (f"observed_at,sensor,value\n{AT},north-h2s,1.5\n", {}),
}


@pytest.mark.parametrize(("content", "options"), LONG.values(), ids=LONG)
def test_long_csv(tmp_path: Path, content: str, options: dict[str, Any]) -> None:
    readings, rejects = read(text(tmp_path, content), **options)
    assert told(readings) == [(0, "north-h2s", 1.5)]
    assert rejects == []


def test_compressed_and_in_another_encoding(tmp_path: Path) -> None:
    assert told(read(text(tmp_path, f"time,sensor,value\n{AT},north-h2s,1\n", "a.csv.gz"))[0])
    path = text(tmp_path, f"时间,传感器,value\n{AT},north-h2s,1\n", encoding="gb18030")
    options: dict[str, Any] = {"time_column": "时间", "sensor_column": "传感器", "encoding": "gb18030"}
    assert told(read(path, **options)[0]) == [(0, "north-h2s", 1)]


WIDE: dict[str, tuple[str, dict[str, Any]]] = {
    "columns called after sensors": (f"time,north-h2s,south-tank\n{AT},1.5,3\n", {}),
    "columns mapped": (f"time,H 2,x,T\n{AT},1.5,9,3\n", {"columns": {"H 2": "north-h2s", "T": "south-tank"}}),
    "columns with units": (
        f"time,H,T\n{AT},1500,300\n",
        {"columns": {"H": {"sensor": "north-h2s", "unit": "ppb"}, "T": {"sensor": "south-tank", "unit": "cm"}}},
    ),
}


@pytest.mark.parametrize(("content", "options"), WIDE.values(), ids=WIDE)
def test_wide_csv(tmp_path: Path, content: str, options: dict[str, Any]) -> None:
    readings, rejects = read(text(tmp_path, content), layout="wide", **options)
    assert told(readings) == [(0, "north-h2s", 1.5), (0, "south-tank", 3)]
    assert rejects == []


def test_wide_csv_with_a_file_of_columns(tmp_path: Path) -> None:
    names = text(tmp_path, "column,sensor,unit\nH,north-h2s,ppb\nT,south-tank,\n", "columns.csv")
    path = text(tmp_path, f"time,H,T\n{AT},1500,3\n")
    readings, _ = read(path, layout="wide", columns_file=names)
    assert told(readings) == [(0, "north-h2s", 1.5), (0, "south-tank", 3)]


def test_an_empty_cell_of_a_wide_file_is_no_reading_and_a_missing_one_is_said_so(tmp_path: Path) -> None:
    path = text(tmp_path, f"time,north-h2s,south-tank\n{AT},,-9999\n{AT}, ,NaN\n")
    readings, _ = read(path, layout="wide", missing=["-9999", "NaN"])
    assert [(row.series.sensor, row.quality) for row in readings] == [("south-tank", Quality.MISSING)] * 2


def test_a_missing_value_of_a_long_file_is_said_so(tmp_path: Path) -> None:
    path = text(tmp_path, f"time,sensor,value\n{AT},north-h2s,\n{AT},north-h2s,NA\n{AT},north-h2s,-1\n")
    readings, _ = read(path, missing=["NA", "-1"])
    assert [row.quality for row in readings] == [Quality.MISSING] * 3


def test_what_is_no_reading_is_summed_up_by_reason(tmp_path: Path) -> None:
    rows = [
        f"{AT},north-h2s,1",
        f"{AT},x,1",
        f"{AT},x,2",
        f"{AT},y,1",
        "noon,north-h2s,1",
        f"{AT},north-h2s,high",
        f"{AT},north-h2s",
    ]
    path = text(tmp_path, "time,sensor,value\n" + "\n".join(rows) + "\n")
    with Recording(RecordingOptions(files=(path,)), FIELD) as recording:
        assert sum(len(batch) for batch in recording.batches()) == 1
        rejects = recording.rejects
    assert sorted((one.reason.value, one.count) for one in rejects) == [
        ("bad_time", 1),
        ("bad_value", 1),
        ("malformed", 1),
        ("unknown_sensor", 1),
        ("unknown_sensor", 2),
    ]
    told = [one.detail for one in rejects]
    assert f"{path}: sensor 'x' is not listed (2 rows, the first is row 2)" in told
    assert any(one.endswith("see missing (1 rows, the first is row 6: sensor 'north-h2s')") for one in told)


STATED = {
    "bad_unit": "mm,gas_ppm,normal",
    "unknown_quantity": "ppm,rain,normal",
    "bad_status": "ppm,gas_ppm,asleep",
}


@pytest.mark.parametrize(("reason", "stated"), STATED.items(), ids=STATED)
def test_what_is_stated_must_fit(tmp_path: Path, reason: str, stated: str) -> None:
    path = text(tmp_path, f"time,sensor,value,unit,quantity,status\n{AT},north-h2s,1,{stated}\n")
    assert read(path) == ([], [f"{reason}*1"])


def test_own_words_for_the_status(tmp_path: Path) -> None:
    path = text(tmp_path, f"time,sensor,value,status\n{AT},north-h2s,1,K\n")
    readings, _ = read(path, status_codes={"k": "calibration"})
    assert readings[0].status == DeviceStatus.CALIBRATION


def test_currents_are_scaled(tmp_path: Path) -> None:
    readings, _ = read(text(tmp_path, f"time,sensor,value\n{AT},north-ch4,12\n{AT},north-ch4,2\n"))
    assert readings[0].value == 50
    assert (readings[1].quality, readings[1].status) == (Quality.MISSING, DeviceStatus.FAULT)


TIMES: dict[str, tuple[Any, dict[str, Any]]] = {
    "UTC": (pa.array([NOW], pa.timestamp("us", "UTC")), {}),
    "another zone": (pa.array([NOW], pa.timestamp("ms", "Asia/Shanghai")), {}),
    "local": (pa.array([NOW.replace(hour=16, tzinfo=None)], pa.timestamp("us")), {"zone": "Asia/Shanghai"}),
    "numbers": (pa.array([NOW_NS // 10**9]), {"time_format": "s"}),
    "fractions": (pa.array([NOW_NS / 1e9]), {"time_format": "s"}),
    "texts": (pa.array([AT]), {}),
}


@pytest.mark.parametrize(("times", "options"), TIMES.values(), ids=TIMES)
def test_parquet_times(tmp_path: Path, times: Any, options: dict[str, Any]) -> None:
    path = parquet(tmp_path, observed_at=times, sensor=["north-h2s"], value=[1.5])
    assert told(read(path, **options)[0]) == [(0, "north-h2s", 1.5)]


def test_parquet_nulls(tmp_path: Path) -> None:
    at = pa.array([NOW, NOW, None], pa.timestamp("us", "UTC"))
    sensor = pa.array(["north-h2s", None, "north-h2s"]).dictionary_encode()
    readings, rejects = read(parquet(tmp_path, observed_at=at, sensor=sensor, value=[None, 1.0, 2.0]))
    assert [row.quality for row in readings] == [Quality.MISSING]
    assert sorted(rejects) == ["bad_time*1", "unknown_sensor*1"]


@pytest.mark.parametrize("rows_a_group", [1, 3, 7, 100])
@pytest.mark.parametrize("chunk_rows", [1, 4, 1000])
def test_order_does_not_depend_on_how_it_is_cut(tmp_path: Path, rows_a_group: int, chunk_rows: int) -> None:
    random = np.random.default_rng(1)
    seconds = random.integers(0, 20, 60)
    names = np.array(sorted(SERIES))[random.integers(0, len(SERIES), 60)]
    at = pa.array(NOW_NS + seconds * NS_PER_S).view(pa.timestamp("ns", "UTC"))
    columns = {"observed_at": at, "sensor": names, "value": np.full(60, 5.0)}
    table = {
        name: np.asarray(column)[:30] if name != "observed_at" else column[:30] for name, column in columns.items()
    }
    rest = {name: np.asarray(column)[30:] if name != "observed_at" else column[30:] for name, column in columns.items()}
    files = parquet(tmp_path, "a.parquet", rows_a_group, **table), parquet(tmp_path, "b.parquet", rows_a_group, **rest)
    readings, _ = read(*files, chunk_rows=chunk_rows)
    keys = [(row.observed_at_ns, row.series.sensor) for row in readings]
    assert keys == sorted(zip((NOW_NS + seconds * NS_PER_S).tolist(), names.tolist(), strict=True))


def test_csv_and_parquet_meet_in_order(tmp_path: Path) -> None:
    later = parquet(tmp_path, observed_at=pa.array([NOW], pa.timestamp("us", "UTC")), sensor=["north-h2s"], value=[2.0])
    first = text(tmp_path, "time,sensor,value\n2026-05-01T07:00:00Z,north-h2s,1\n2026-05-01T09:00:00Z,north-h2s,3\n")
    assert [row.value for row in read(later, first)[0]] == [1, 2, 3]


def test_what_is_written_is_read_again(tmp_path: Path) -> None:
    """Bit by bit, also where the device sends another unit than the one that is kept."""
    path = tmp_path / "written.parquet"
    rows = [
        Reading(SERIES["north-h2s"], NOW_NS + 1, 1.5, Quality.GOOD, DeviceStatus.OVER_RANGE),
        Reading(SERIES["north-co"], NOW_NS + 2, 66.0),
        Reading(SERIES["south-tank"], NOW_NS + 3, float("nan"), Quality.MISSING, DeviceStatus.FAULT),
    ]
    again = [Reading(SERIES["north-rain"], NOW_NS + 4, 2.5)]
    assert write_parquet(path, [ReadingBatch.of(rows), ReadingBatch.of([]), ReadingBatch.of(again)]) == 4
    readings, rejects = read(path)
    assert rejects == []
    assert list(map(repr, readings)) == list(map(repr, rows + again))


@pytest.mark.parametrize(
    ("flags", "values", "complaints"),
    [
        pytest.param(None, [57.7, 57.7], [], id="taken out: a recording of somebody else's"),
        pytest.param(pa.array(["a", "b"]), [57.7, 57.7], [], id="another type: the same"),
        pytest.param(pa.array([2, 7], pa.uint8()), [66.0], ["bad_value*1"], id="no flag"),
        pytest.param(pa.array([2, None], pa.uint8()), [66.0], ["bad_value*1"], id="none"),
    ],
)
def test_a_recording_of_ours_that_was_tampered_with(
    tmp_path: Path, flags: Any, values: list[float], complaints: list[str]
) -> None:
    path = tmp_path / "ours.parquet"
    write_parquet(path, [ReadingBatch.of([Reading(SERIES["north-co"], NOW_NS + at, 66.0) for at in (1, 2)])])
    table = pq.read_table(path)
    place = table.schema.get_field_index("quality")
    table = table.drop(["quality"]) if flags is None else table.set_column(place, "quality", flags)
    pq.write_table(table, path)
    readings, rejects = read(path)
    assert [row.value for row in readings] == pytest.approx(values, rel=1e-3)
    assert rejects == complaints


def test_a_recording_tells_its_rows_and_span(tmp_path: Path) -> None:
    path = tmp_path / "written.parquet"
    write_parquet(path, [ReadingBatch.of([Reading(SERIES["north-h2s"], NOW_NS + step, 1.0)]) for step in range(5)])
    with Recording(RecordingOptions(files=(path,)), FIELD) as recording:
        assert recording.rows == 5
        assert recording.span_ns() == (NOW_NS, NOW_NS + 4)
    lines = text(tmp_path, f"time,sensor,value\n{AT},north-h2s,1\n")
    with Recording(RecordingOptions(files=(path, lines)), FIELD) as recording:
        assert recording.rows is None
        assert recording.span_ns() == (NOW_NS, NOW_NS + 4)
        assert sum(len(batch) for batch in recording.batches()) == 6
        assert {batch.received_at_ns for batch in recording.batches()} == {None}
