from contextlib import suppress
from math import nan

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.model.batch import COLUMNS, BatchError, ReadingBatch
from pipeline.model.quality import DeviceStatus, Quality
from pipeline.model.quantity import Quantity
from pipeline.model.reading import Reading, Series

SERIES = st.builds(Series, st.text(min_size=1, max_size=8), st.sampled_from(Quantity))
READINGS = st.builds(
    Reading,
    SERIES,
    st.integers(-(2**63), 2**63 - 1),
    st.floats(allow_nan=False),
    st.sampled_from(Quality),
    st.sampled_from(DeviceStatus),
)
G1 = Series("g1", Quantity.GAS_LEL)
ONE = ReadingBatch.of([Reading(G1, 1, 2.5)], received_at_ns=7)


@given(st.lists(READINGS, max_size=20), st.none() | st.integers(-(2**63), 2**63 - 1))
def test_a_batch_survives_the_wire(readings: list[Reading], received_at_ns: int | None) -> None:
    batch = ReadingBatch.of(readings, received_at_ns)
    again = ReadingBatch.decode(batch.encode())
    assert list(again.readings()) == readings
    assert again.received_at_ns == received_at_ns
    assert again == batch


@given(st.binary(max_size=200))
def test_any_bytes_are_a_batch_or_a_batch_error(data: bytes) -> None:
    with suppress(BatchError):
        assert ReadingBatch.decode(data).encode()


def test_a_missing_value_stays_nan() -> None:
    batch = ReadingBatch.of([Reading(G1, 1, nan, Quality.MISSING)])
    assert np.isnan(ReadingBatch.decode(batch.encode()).value[0])


def test_taking_rows_keeps_the_list_of_series() -> None:
    batch = ReadingBatch.of([Reading(G1, at, float(at)) for at in range(4)], received_at_ns=9)
    part = batch.take(slice(1, 3))
    assert [reading.observed_at_ns for reading in part.readings()] == [1, 2]
    assert (part.series, part.received_at_ns) == (batch.series, 9)


def wire(**changes: object) -> bytes:
    version, series, received, columns = msgspec.msgpack.decode(ONE.encode())
    parts = {"version": version, "series": series, "received": received, "columns": columns} | changes
    return msgspec.msgpack.encode(list(parts.values()))


@pytest.mark.parametrize(
    ("data", "words"),
    [
        pytest.param(wire(version=2), "schema version 2, this program reads 1", id="another version"),
        pytest.param(wire(series=[("g1", "colour")]), "'colour' is not a valid Quantity", id="unknown quantity"),
        pytest.param(wire(series=[]), "outside the list of 0 series", id="index without its series"),
        pytest.param(wire(series=[("g1", "rain"), ("g1", "rain")]), "stands twice", id="series twice"),
        pytest.param(wire(received=2**63), "<= 9223372036854775807", id="received later than instants can say"),
        pytest.param(wire(columns=[b""] * 4), "shorter", id="a column is missing"),
        pytest.param(
            wire(columns=[b"\0" * 4, b"\0" * 8, b"\0" * 8, b"\7", b"\0"]),
            r"quality \[7\] is none of",
            id="no such flag",
        ),
        pytest.param(
            wire(columns=[b"\0" * 4, b"\0" * 16, b"\0" * 8, b"\1", b"\0"]), "observed_at_ns", id="lengths differ"
        ),
        pytest.param(wire(columns=[b"\0" * 3, b"", b"", b"", b""]), "not a reading batch", id="half a number"),
    ],
)
def test_bytes_that_do_not_fit_are_refused_by_part(data: bytes, words: str) -> None:
    with pytest.raises(BatchError, match=words):
        ReadingBatch.decode(data)


def test_columns_are_little_endian_and_narrow() -> None:
    assert sum(dtype.itemsize for dtype in COLUMNS.values()) == 22
    assert ONE.encode().find(np.array([2.5], "<f8").tobytes()) > 0
