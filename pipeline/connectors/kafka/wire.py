"""Entries of the log on the wire: MessagePack arrays, one of two parts for a tick (version, ns UTC), else a batch."""

from __future__ import annotations

from typing import Annotated, Final

import msgspec

from pipeline.model.batch import BatchError, ReadingBatch
from pipeline.model.entry import Entry, Tick
from pipeline.model.instant import from_ns, to_ns

TICK_VERSION: Final = 1
_TWO_PARTS: Final = 0x92
"""First byte of a MessagePack array of two."""


class _Tick(msgspec.Struct, array_like=True, forbid_unknown_fields=True):
    version: int
    at_ns: Annotated[int, msgspec.Meta(ge=0, le=2**63 - 1)]


_DECODE_TICK: Final = msgspec.msgpack.Decoder(_Tick).decode


def encode(entry: Entry) -> bytes:
    """The value of a message on `readings`."""
    if isinstance(entry, Tick):
        return msgspec.msgpack.encode(_Tick(TICK_VERSION, to_ns(entry.at)))
    return entry.encode()


def decode(value: bytes | None) -> Entry:
    """What `encode` wrote.

    Raises:
        BatchError: neither a batch nor a tick, or one of another version.
    """
    if not value:
        raise BatchError("an empty message is no reading batch")
    return _tick(value) if value[0] == _TWO_PARTS else ReadingBatch.decode(value)


def _tick(value: bytes) -> Tick:
    try:
        tick = _DECODE_TICK(value)
    except msgspec.MsgspecError as error:
        raise BatchError(f"not a tick: {error}") from error
    if tick.version != TICK_VERSION:
        raise BatchError(f"a tick of version {tick.version}, this program reads {TICK_VERSION}")
    return Tick(from_ns(tick.at_ns))
