"""State of named subjects as bytes: what a restart takes up again.

Arrays are packed with LZ4: rings and records are mostly alike, so a fourth or less is left to be written, which takes
less time than the writing of the rest would.
"""

from __future__ import annotations

from ast import literal_eval
from collections.abc import Sequence
from typing import Any, Final

import msgspec
import numpy as np
import pyarrow as pa
from numpy.lib.format import descr_to_dtype

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


def load(data: bytes, version: int, names: Sequence[str], arrays: Arrays, since: int | None = None) -> None:
    """Write what `save` saved into the rows of `arrays` that bear the same names; other rows stay as they are.

    A field that the records have gained since stays as it is, one that they have lost is forgotten. A snapshot of
    another version, or of fields that changed their type or size, is not taken: its subjects start afresh.

    Args:
        since: the oldest version whose records mean the same; None: this one.
    """
    saved = msgspec.msgpack.decode(data, type=_Snapshot)
    layouts = _layouts(saved.layout)
    if not (since or version) <= saved.version <= version or len(layouts) != len(arrays):
        return
    if not all(_fits(kind, a.dtype) and shape == a.shape[1:] for (kind, shape), a in zip(layouts, arrays, strict=True)):
        return
    where = {name: row for row, name in enumerate(saved.names)}
    rows = [(row, where[name]) for row, name in enumerate(names) if name in where]
    into, out_of = [row for row, _ in rows], [row for _, row in rows]
    for array, raw, (kind, shape) in zip(arrays, saved.arrays, layouts, strict=True):
        known = _unpacked(raw, (len(saved.names), *shape), kind)[out_of]
        if kind == array.dtype:
            array[into] = known
        else:
            taken = array[into]
            _carry(known, taken)
            array[into] = taken


def _fits(old: np.dtype[Any], new: np.dtype[Any]) -> bool:
    """Whether the fields that both have are of one type."""
    if old.subdtype or new.subdtype:
        (of, size), (like, wanted) = old.subdtype or (old, ()), new.subdtype or (new, ())
        return size == wanted and _fits(of, like)
    if old.names is None or new.names is None:
        return old == new
    return all(_fits(old[name], new[name]) for name in set(old.names) & set(new.names))


def _carry(old: np.ndarray[Any, Any], new: np.ndarray[Any, Any]) -> None:
    """Write the fields that both have, and theirs."""
    for name in set(old.dtype.names or ()) & set(new.dtype.names or ()):
        if old[name].dtype == new[name].dtype:
            new[name] = old[name]
        else:
            _carry(old[name], new[name])


def _packed(array: np.ndarray[Any, Any]) -> bytes:
    packed: bytes = pa.compress(array.view(np.uint8).ravel(), _CODEC, asbytes=True)
    return packed


def _unpacked(packed: bytes, shape: tuple[int, ...], kind: np.dtype[Any]) -> np.ndarray[Any, Any]:
    empty = np.empty(shape, kind)
    raw = pa.decompress(packed, empty.nbytes, _CODEC)
    return np.frombuffer(raw, kind).reshape(shape)


def _layout(arrays: Arrays) -> str:
    return ";".join(f"{array.dtype.descr}{array.shape[1:]}" for array in arrays)


def _layouts(told: str) -> list[tuple[np.dtype[Any], tuple[int, ...]]]:
    """What `_layout` wrote, as types and shapes."""
    cut = [(one, one.rindex("](") + 1) for one in told.split(";")]
    return [(_type(literal_eval(one[:end])), literal_eval(one[end:])) for one, end in cut]


def _type(fields: list[tuple[Any, ...]]) -> np.dtype[Any]:
    """Of an array without fields, numpy tells one that has no name."""
    return descr_to_dtype(fields[0][1] if len(fields) == 1 and not fields[0][0] else fields)
