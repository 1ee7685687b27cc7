"""Many readings as columns: the only form on the hot path, and its MessagePack form on the wire."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Final, Self

import msgspec
import numpy as np
from numpy.typing import NDArray

from pipeline.model.quality import DeviceStatus, Quality, are_codes
from pipeline.model.quantity import Quantity
from pipeline.model.reading import Reading, Series

SCHEMA_VERSION: Final = 1
COLUMNS: Final[dict[str, np.dtype[Any]]] = {
    "index": np.dtype("<i4"),
    "observed_at_ns": np.dtype("<i8"),
    "value": np.dtype("<f8"),
    "quality": np.dtype("u1"),
    "status": np.dtype("u1"),
}
"""Name and dtype of each column, little-endian on every machine."""


class BatchError(ValueError):
    """Bytes or columns that are no ReadingBatch; the text names the part and the bound."""


_Instant = Annotated[int, msgspec.Meta(ge=-(2**63), le=2**63 - 1)]
"""What a column of instants can hold."""


class _Wire(msgspec.Struct, array_like=True, forbid_unknown_fields=True):
    version: int
    series: msgspec.Raw
    received_at_ns: _Instant | None
    columns: list[bytes]


class _Interned(dict[tuple[str, str], Series]):
    """The series read before: one dictionary look-up each, where making one costs a microsecond."""

    def __missing__(self, pair: tuple[str, str]) -> Series:
        if len(self) >= _SERIES_MAX:
            self.clear()
        series = self[pair] = Series(pair[0], Quantity(pair[1]))
        return series


class _Lists(dict[bytes, tuple[Series, ...]]):
    """The lists read before, by their bytes: a device that sends the same sensors each time is looked up once."""

    def __missing__(self, raw: bytes) -> tuple[Series, ...]:
        series = tuple(map(_SERIES.__getitem__, _DECODE_LIST(raw)))
        if len(set(series)) != len(series):
            raise BatchError("a series stands twice in the list of series")
        if len(self) >= _LISTS_MAX:
            self.clear()
        self[raw] = series
        return series


_SERIES_MAX: Final = 1 << 20
_LISTS_MAX: Final = 256
_SERIES: Final = _Interned()
_LISTS: Final = _Lists()

_ENCODE: Final = msgspec.msgpack.Encoder().encode
_DECODE: Final = msgspec.msgpack.Decoder(_Wire).decode
_DECODE_LIST: Final = msgspec.msgpack.Decoder(list[tuple[str, str]]).decode


@dataclass(frozen=True, slots=True, eq=False)
class ReadingBatch:
    """Readings in order of arrival, with their own list of series: readable without any other message.

    Attributes:
        series: what `index` points into; no series twice.
        index: i4[n], position in `series`.
        observed_at_ns: i8[n], the device's clock, nanoseconds UTC.
        value: f8[n], in the unit of the series' quantity; NaN where quality is MISSING.
        quality: u1[n], `Quality`.
        status: u1[n], `DeviceStatus`.
        received_at_ns: when the batch reached us, or None for a recording that does not tell.

    Raises:
        BatchError: columns that differ in length or dtype, an index outside the list.
    """

    series: tuple[Series, ...]
    index: NDArray[np.int32]
    observed_at_ns: NDArray[np.int64]
    value: NDArray[np.float64]
    quality: NDArray[np.uint8]
    status: NDArray[np.uint8]
    received_at_ns: int | None = None

    def __post_init__(self) -> None:
        for name, dtype in COLUMNS.items():
            column = getattr(self, name)
            if column.dtype != dtype or column.shape != self.index.shape or column.ndim != 1:
                raise BatchError(f"column {name} is {column.dtype}{column.shape}, want {dtype}{self.index.shape}")
        if len(self.index) and not 0 <= int(self.index.min()) <= int(self.index.max()) < len(self.series):
            raise BatchError(f"index column runs outside the list of {len(self.series)} series")

    def __len__(self) -> int:
        return len(self.index)

    def __eq__(self, other: object) -> bool:
        """Equal bytes on the wire; two NaN of one bit pattern are equal here."""
        return isinstance(other, ReadingBatch) and self.encode() == other.encode()

    __hash__ = None  # type: ignore[assignment]  # columns are mutable

    @classmethod
    def of(cls, readings: Iterable[Reading], received_at_ns: int | None = None) -> Self:
        """The columns of `readings`, order kept."""
        rows = list(readings)
        position: dict[Series, int] = {}
        index = [position.setdefault(row.series, len(position)) for row in rows]
        return cls(
            tuple(position),
            np.array(index, COLUMNS["index"]),
            np.array([row.observed_at_ns for row in rows], COLUMNS["observed_at_ns"]),
            np.array([row.value for row in rows], COLUMNS["value"]),
            np.array([row.quality for row in rows], COLUMNS["quality"]),
            np.array([row.status for row in rows], COLUMNS["status"]),
            received_at_ns,
        )

    def readings(self) -> Iterator[Reading]:
        """One object a reading: for messages, tests and slow twins, never on the hot path."""
        columns = (getattr(self, name).tolist() for name in COLUMNS)
        for index, at_ns, value, quality, status in zip(*columns, strict=True):
            yield Reading(self.series[index], at_ns, value, Quality(quality), DeviceStatus(status))

    def take(self, rows: NDArray[np.bool_] | slice) -> ReadingBatch:
        """The chosen rows, the list of series unchanged."""
        picked = {name: np.ascontiguousarray(getattr(self, name)[rows]) for name in COLUMNS}
        return ReadingBatch(self.series, **picked, received_at_ns=self.received_at_ns)

    def encode(self) -> bytes:
        """MessagePack: version, series, received_at_ns, then each column's raw little-endian bytes."""
        columns = [getattr(self, name).tobytes() for name in COLUMNS]
        series = msgspec.Raw(_ENCODE(self.series))
        return _ENCODE(_Wire(SCHEMA_VERSION, series, self.received_at_ns, columns))

    @classmethod
    def decode(cls, data: bytes | memoryview) -> Self:
        """The batch that `encode` wrote; columns are copies, writable like any other (a kernel compiles once for both).

        Raises:
            BatchError: not MessagePack of this shape, another schema version, columns that do not fit.
        """
        try:
            wire = _DECODE(data)
            if wire.version != SCHEMA_VERSION:
                raise BatchError(f"schema version {wire.version}, this program reads {SCHEMA_VERSION}")
            series = _LISTS[bytes(wire.series)]
            columns = _columns(wire.columns)
        except (msgspec.MsgspecError, ValueError) as error:
            raise BatchError(f"not a reading batch: {error}") from error
        _require_codes("quality", columns["quality"], Quality)
        _require_codes("status", columns["status"], DeviceStatus)
        return cls(series, **columns, received_at_ns=wire.received_at_ns)


def _columns(raw: Sequence[bytes]) -> dict[str, Any]:
    return {name: np.frombuffer(part, dtype).copy() for (name, dtype), part in zip(COLUMNS.items(), raw, strict=True)}


def _require_codes(name: str, column: NDArray[np.uint8], codes: type[Quality | DeviceStatus]) -> None:
    if not are_codes(column, codes).all():
        unknown = set(np.unique(column).tolist()) - set(codes)
        raise BatchError(f"not a reading batch: {name} {sorted(unknown)} is none of {sorted(codes)}")
