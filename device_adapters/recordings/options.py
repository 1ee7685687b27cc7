"""How files of readings are to be read."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Final, Self

import pyarrow as pa
import pyarrow.compute as pc
from pydantic import BeforeValidator, Field, model_validator

from device_adapters.codecs.base import Options
from device_adapters.codecs.loose import StatusWords
from device_adapters.codecs.times import EpochUnit, TimeOptions
from device_adapters.recordings.s3 import S3Access, Where
from pipeline.model.instant import Instant

ISO: Final = "iso"
MISSING_WORDS: Final = ("", "NaN", "nan", "NA", "N/A", "null", "NULL")


class Layout(StrEnum):
    """How a CSV file is laid out; Parquet files are long."""

    LONG = "long"
    WIDE = "wide"


class WideColumn(Options):
    """A column of a wide file.

    Attributes:
        sensor: whose readings it holds.
        unit: theirs, where it is not the one that the inventory declares.
    """

    sensor: str
    unit: str | None = None


def _column_of(value: Any) -> Any:
    return {"sensor": value} if isinstance(value, str) else value


class RecordingOptions(Options):
    """One recording in one or more files, `.parquet`, `.csv` or `.csv.gz`.

    Attributes:
        files: which; several are merged by time. A folder stands for the Parquet files in it, of the recorder for
            example; so does `s3://BUCKET/PREFIX`.
        s3: how the buckets among them are reached.
        from_at, until_at: only readings from the one instant on, and before the other.
        layout: of CSV: long is a row a reading (time, sensor, value and maybe quantity, unit, status); wide is a row an
            instant and a column a sensor.
        time_column, sensor_column, value_column: what they are called; quantity, unit and status are called that.
        time_format: `iso` for RFC 3339; `s`, `ms`, `us`, `ns` for numbers; or as of strptime (%Y/%m/%d %H:%M).
        zone: IANA name of the zone of times without one.
        epoch_at: the instant that numbers count from; 1970 where it is left out.
        unit: of every value, where it is not the one that the inventory declares.
        missing: texts that say that the device has no value; an empty cell of a wide file is no reading at all.
        columns: of a wide file: column -> sensor, or {sensor, unit}. Without it and `columns_file` every column is
            called after its sensor; with it the columns it does not list are left alone.
        columns_file: the same as CSV: column, sensor and maybe unit.
        delimiter, encoding, skip_rows: of CSV; `skip_rows` lines stand before the one with the names.
        status_codes: what other words or numbers of the status column mean.
    """

    files: Annotated[tuple[Where, ...], Field(min_length=1)]
    s3: S3Access = S3Access()
    from_at: Instant | None = None
    until_at: Instant | None = None
    layout: Layout = Layout.LONG
    time_column: str | None = None
    sensor_column: str = "sensor"
    value_column: str = "value"
    time_format: str = ISO
    zone: str | None = None
    epoch_at: Instant | None = None
    unit: str | None = None
    missing: tuple[str, ...] = MISSING_WORDS
    columns: dict[str, Annotated[WideColumn, BeforeValidator(_column_of)]] = Field(default_factory=dict)
    columns_file: Path | None = None
    delimiter: str = Field(default=",", min_length=1, max_length=1)
    encoding: str = "utf-8"
    skip_rows: int = Field(default=0, ge=0)
    status_codes: StatusWords = Field(default_factory=dict)

    @property
    def epoch_unit(self) -> EpochUnit | None:
        """What numbers count; None where times are texts."""
        return EpochUnit(self.time_format) if self.time_format in set(EpochUnit) else None

    @model_validator(mode="after")
    def _without_contradictions(self) -> Self:
        TimeOptions(zone=self.zone)
        if self.from_at and self.until_at and self.from_at >= self.until_at:
            raise ValueError("from_at must be before until_at")
        if self.columns and self.columns_file:
            raise ValueError("give columns or columns_file, not both")
        if (self.columns or self.columns_file) and self.layout is not Layout.WIDE:
            raise ValueError('columns are those of a wide file; set layout = "wide" or leave them out')
        if self.epoch_at and self.epoch_unit is None:
            raise ValueError("epoch_at is what numbers count from; set time_format to s, ms, us or ns, or leave it out")
        if self.epoch_unit is None and self.time_format != ISO:
            _check_strptime(self.time_format)
        return self


def _check_strptime(pattern: str) -> None:
    try:
        pc.strptime(pa.array(["0"]), format=pattern, unit="s", error_is_null=True)
    except (pa.ArrowInvalid, UnicodeEncodeError) as error:
        raise ValueError(f"time_format {pattern!r}: {error}") from error
    if "%" not in pattern:
        raise ValueError(f"time_format {pattern!r} is none of iso, {', '.join(EpochUnit)} or a strptime format")
