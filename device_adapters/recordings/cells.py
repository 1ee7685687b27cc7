"""Arrow columns as the arrays that `Rows` holds. No Python per row."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from device_adapters.codecs.times import INT64_MAX, UNREADABLE, texts_ns
from device_adapters.recordings.options import ISO, RecordingOptions
from device_adapters.recordings.rows import Coded
from pipeline.model.instant import to_ns

_NUMBER: Final = r"^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$"
_NS: Final = pa.timestamp("ns", "UTC")


class CellError(ValueError):
    """A column of a type that cannot be what it should be."""


def plain(column: Any) -> Any:
    """A table's column in one piece, no longer dictionary-encoded."""
    array = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    return array.dictionary_decode() if pa.types.is_dictionary(array.type) else array


class WordsCache:
    """Row groups of one file mostly have one dictionary: then they get one and the same list of words."""

    def __init__(self) -> None:
        self._dictionary: Any = None
        self._words: list[str | None] = []

    def of(self, dictionary: Any) -> list[str | None]:
        """The words of an Arrow dictionary, and None behind them for rows that are null."""
        if self._dictionary is None or not dictionary.equals(self._dictionary):
            self._dictionary = dictionary
            self._words = [*(None if word is None else str(word) for word in dictionary.to_pylist()), None]
        return self._words


def coded(column: Any, cache: WordsCache | None = None) -> Coded:
    """A column of words (or small numbers, written as words). Where it is null, the word is None."""
    array = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    if not pa.types.is_dictionary(array.type):
        array = array.dictionary_encode()
    words = (cache or WordsCache()).of(array.dictionary)
    indices = pc.fill_null(array.indices, len(words) - 1) if array.null_count else array.indices
    return Coded(np.asarray(indices, np.int32), words)


def numbers(column: Any, missing: tuple[str, ...]) -> NDArray[np.float64]:
    """f8[n]: NaN where null, NaN or one of `missing`; infinite where it is no number.

    Raises:
        CellError: neither numbers nor texts.
    """
    array = plain(column)
    if pa.types.is_string(array.type) or pa.types.is_large_string(array.type):
        return _numbers_of_texts(array, missing)
    if not (pa.types.is_integer(array.type) or pa.types.is_floating(array.type) or pa.types.is_decimal(array.type)):
        raise CellError(f"values are {array.type}, want numbers")
    array = array.cast(pa.float64(), safe=False)
    return np.asarray(pc.fill_null(array, np.nan) if array.null_count else array, np.float64)


def _numbers_of_texts(texts: Any, missing: tuple[str, ...]) -> NDArray[np.float64]:
    texts = pc.utf8_trim_whitespace(texts)
    absent = pc.is_in(texts, value_set=pa.array(["", *missing]))
    good = pc.and_(pc.match_substring_regex(texts, _NUMBER), pc.invert(absent))
    values = pc.if_else(good, texts, None).cast(pa.float64())
    values = pc.if_else(pc.or_(absent, pc.is_null(texts)), np.nan, pc.fill_null(values, np.inf))
    return np.asarray(values, np.float64)


def blank(column: Any) -> NDArray[np.bool_]:
    """bool[n]: whether nothing but white space stands there."""
    return np.asarray(pc.fill_null(pc.equal(pc.utf8_trim_whitespace(plain(column)), ""), fill_value=True), np.bool_)


def instants_ns(column: Any, options: RecordingOptions) -> NDArray[np.int64]:
    """i8[n] nanoseconds UTC, UNREADABLE where a time cannot be read.

    Raises:
        CellError: instants without a zone while none is declared, or a type that is no time.
    """
    array = plain(column)
    kind = array.type
    if pa.types.is_timestamp(kind):
        return _of_timestamps(array, options.zone)
    if options.epoch_unit is not None:
        return _of_numbers(numbers(array, ()) if not pa.types.is_integer(kind) else array, options)
    if not (pa.types.is_string(kind) or pa.types.is_large_string(kind)):
        raise CellError(f"times are {kind}; say by time_format what such numbers count: s, ms, us or ns")
    texts = pc.utf8_trim_whitespace(array.cast(pa.string()))
    if options.time_format == ISO:
        return texts_ns(texts, options.zone)
    naive = pc.strptime(texts, format=options.time_format, unit="s", error_is_null=True)
    return _of_timestamps(naive.cast(pa.timestamp("ns"), safe=False), options.zone)


def _of_timestamps(array: Any, zone: str | None) -> NDArray[np.int64]:
    if array.type.tz is None:
        if zone is None:
            raise CellError("times have no zone; declare it: zone = 'Asia/Shanghai', or 'UTC'")
        array = pc.assume_timezone(array, zone, ambiguous="earliest", nonexistent="earliest")
    try:
        array = array.cast(_NS)
    except pa.ArrowInvalid as error:
        raise CellError(f"times beyond the years 1678 to 2262: {error}") from error
    if array.null_count:
        return np.asarray(pc.fill_null(array.cast(pa.int64()), UNREADABLE), np.int64)
    return np.asarray(array.view(pa.int64()), np.int64)


def _of_numbers(array: Any, options: RecordingOptions) -> NDArray[np.int64]:
    """Whole numbers exactly; fractions to the microsecond that a double holds."""
    scale_ns = 1 if options.epoch_unit is None else options.epoch_unit.ns
    epoch_ns = to_ns(options.epoch_at) if options.epoch_at else 0
    if isinstance(array, np.ndarray):
        count_us = np.round(array * (scale_ns / 1000))
        good = np.abs(count_us) < INT64_MAX // 2000
        since_ns = np.where(good, count_us, 0).astype(np.int64) * 1000
    else:
        good = ~np.asarray(array.is_null())
        count = np.asarray(pc.fill_null(array, 0).cast(pa.int64(), safe=False), np.int64)
        good &= np.abs(count) < INT64_MAX // (2 * scale_ns)
        since_ns = np.where(good, count, 0) * scale_ns
    return np.where(good, since_ns + epoch_ns, UNREADABLE)
