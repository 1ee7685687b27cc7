"""Entries of the log on the wire: MessagePack, an array is a batch, an integer is a tick (ns UTC)."""

from __future__ import annotations

from typing import Final

import msgspec

from pipeline.model.batch import BatchError, ReadingBatch
from pipeline.model.entry import Entry, Tick
from pipeline.model.instant import from_ns, to_ns

_DECODE_TICK: Final = msgspec.msgpack.Decoder(int).decode
_ARRAY: Final = frozenset({*range(0x90, 0xA0), 0xDC, 0xDD})
"""First bytes of a MessagePack array."""


def encode(entry: Entry) -> bytes:
    """The value of a message on `readings`."""
    return msgspec.msgpack.encode(to_ns(entry.at)) if isinstance(entry, Tick) else entry.encode()


def decode(value: bytes | None) -> Entry:
    """What `encode` wrote.

    Raises:
        BatchError: neither a batch nor a tick.
    """
    if not value:
        raise BatchError("an empty message is no reading batch")
    if value[0] in _ARRAY:
        return ReadingBatch.decode(value)
    try:
        return Tick(from_ns(_DECODE_TICK(value)))
    except (msgspec.MsgspecError, OverflowError, ValueError) as error:
        raise BatchError(f"neither a reading batch nor a tick: {error}") from error
