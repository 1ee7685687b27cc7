"""State of named subjects as bytes: what a restart takes up again.

Arrays are packed with LZ4: rings and records are mostly alike, so a fourth or less is left to be written, which takes
less time than the writing of the rest would.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import msgspec
import numpy as np
import pyarrow as pa

Arrays = Sequence[np.ndarray[Any, Any]]
"""Arrays of records whose first axis is the subjects."""
_CODEC: Final = "lz4"


class _Snapshot(msgspec.Struct):
    version: int
    layout: str
    names: list[str]
    arrays: list[bytes]


def save(version: int, names: Sequence[str], arrays: Arrays) -> bytes:
    """The rows of `arrays` by name, so that they survive a change of the inventory."""
    return msgspec.msgpack.encode(_Snapshot(version, _layout(arrays), list(names), [_packed(a) for a in arrays]))


def load(data: bytes, version: int, names: Sequence[str], arrays: Arrays) -> None:
    """Write what `save` saved into the rows of `arrays` that bear the same names; other rows stay as they are.

    A snapshot of another version or record layout is not taken: its subjects start afresh.
    """
    saved = msgspec.msgpack.decode(data, type=_Snapshot)
    if (saved.version, saved.layout) != (version, _layout(arrays)):
        return
    where = {name: row for row, name in enumerate(saved.names)}
    rows = [(row, where[name]) for row, name in enumerate(names) if name in where]
    into, out_of = [row for row, _ in rows], [row for _, row in rows]
    for array, raw in zip(arrays, saved.arrays, strict=True):
        array[into] = _unpacked(raw, len(saved.names), array)[out_of]


def _packed(array: np.ndarray[Any, Any]) -> bytes:
    packed: bytes = pa.compress(array.view(np.uint8).ravel(), _CODEC, asbytes=True)
    return packed


def _unpacked(packed: bytes, rows: int, like: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """An array of `rows` rows, otherwise like the one given."""
    empty = np.empty((rows, *like.shape[1:]), like.dtype)
    raw = pa.decompress(packed, empty.nbytes, _CODEC)
    return np.frombuffer(raw, like.dtype).reshape(empty.shape)


def _layout(arrays: Arrays) -> str:
    return ";".join(f"{array.dtype.descr}{array.shape[1:]}" for array in arrays)
