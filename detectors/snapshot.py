"""State of named subjects as bytes: what a restart takes up again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
import numpy as np

Arrays = Sequence[np.ndarray[Any, Any]]
"""Arrays of records whose first axis is the subjects."""


class _Snapshot(msgspec.Struct):
    version: int
    layout: str
    names: list[str]
    arrays: list[bytes]


def save(version: int, names: Sequence[str], arrays: Arrays) -> bytes:
    """The rows of `arrays` by name, so that they survive a change of the inventory."""
    return msgspec.msgpack.encode(_Snapshot(version, _layout(arrays), list(names), [a.tobytes() for a in arrays]))


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
        array[into] = np.frombuffer(raw, array.dtype).reshape(-1, *array.shape[1:])[out_of]


def _layout(arrays: Arrays) -> str:
    return ";".join(f"{array.dtype.descr}{array.shape[1:]}" for array in arrays)
