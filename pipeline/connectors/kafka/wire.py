"""Entries of the log on the wire: MessagePack arrays, else a batch.

A tick has two parts (version 1, ns UTC), or three with what people ordered (version 2, ns UTC, orders as JSON).
"""

from __future__ import annotations

from typing import Annotated, Final

import msgspec
from pydantic import ValidationError

from pipeline.model.batch import BatchError, ReadingBatch
from pipeline.model.entry import Entry, Tick
from pipeline.model.instant import from_ns, to_ns
from pipeline.model.order import Order

TICK_VERSION: Final = 1
ORDERS_VERSION: Final = 2
_TICKS: Final = (0x92, 0x93)
"""First byte of a MessagePack array of two, of three."""
_Instant = Annotated[int, msgspec.Meta(ge=0, le=2**63 - 1)]


class _Tick(msgspec.Struct, array_like=True, forbid_unknown_fields=True):
    version: int
    at_ns: _Instant


class _Ordered(msgspec.Struct, array_like=True, forbid_unknown_fields=True):
    version: int
    at_ns: _Instant
    orders: list[str]


_DECODE_TICK: Final = msgspec.msgpack.Decoder(_Tick).decode
_DECODE_ORDERED: Final = msgspec.msgpack.Decoder(_Ordered).decode


def encode(entry: Entry) -> bytes:
    """The value of a message on `readings`."""
    if isinstance(entry, Tick):
        orders = [one.model_dump_json() for one in entry.orders]
        tick = _Ordered(ORDERS_VERSION, to_ns(entry.at), orders) if orders else _Tick(TICK_VERSION, to_ns(entry.at))
        return msgspec.msgpack.encode(tick)
    return entry.encode()


def decode(value: bytes | None) -> Entry:
    """What `encode` wrote.

    Raises:
        BatchError: neither a batch nor a tick, or one of another version.
    """
    if not value:
        raise BatchError("an empty message is no reading batch")
    return _tick(value) if value[0] in _TICKS else ReadingBatch.decode(value)


def _tick(value: bytes) -> Tick:
    wanted = TICK_VERSION if value[0] == _TICKS[0] else ORDERS_VERSION
    try:
        tick = _DECODE_TICK(value) if wanted == TICK_VERSION else _DECODE_ORDERED(value)
        orders = tuple(Order.model_validate_json(one) for one in tick.orders) if isinstance(tick, _Ordered) else ()
    except (msgspec.MsgspecError, ValidationError) as error:
        raise BatchError(f"not a tick: {error}") from error
    if tick.version != wanted:
        raise BatchError(f"a tick of version {tick.version}, this program reads {wanted}")
    return Tick(from_ns(tick.at_ns), orders)
