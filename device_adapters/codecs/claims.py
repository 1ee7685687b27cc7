"""What messages claim, as columns, before the inventory is asked."""

from __future__ import annotations

import json
from dataclasses import dataclass, field

import msgspec

from device_adapters.codecs.base import EXCERPT_MAX, Reject, RejectReason


@dataclass(slots=True)
class Claims:
    """One entry a reading in every list, nothing of it checked against the inventory yet.

    Attributes:
        positions: place in the message. items: what stood there, for the excerpt of a reject.
        quantities, units: as stated, None where the message does not say.
        values: as sent, NaN where the device sent none. at: text, number or None. statuses: `DeviceStatus`.
        rejects: what could not even be claimed.
    """

    positions: list[int] = field(default_factory=list)
    items: list[object] = field(default_factory=list)
    sensors: list[str] = field(default_factory=list)
    quantities: list[str | None] = field(default_factory=list)
    units: list[str | None] = field(default_factory=list)
    values: list[float] = field(default_factory=list)
    at: list[object] = field(default_factory=list)
    statuses: list[int] = field(default_factory=list)
    rejects: list[Reject] = field(default_factory=list)

    def add(
        self,
        position: int,
        item: object,
        sensor: str,
        quantity: str | None,
        unit: str | None,
        value: float,
        at: object,
        status: int,
    ) -> None:
        """Keep one claim."""
        self.positions.append(position)
        self.items.append(item)
        self.sensors.append(sensor)
        self.quantities.append(quantity)
        self.units.append(unit)
        self.values.append(value)
        self.at.append(at)
        self.statuses.append(status)

    def refuse(self, position: int | None, reason: RejectReason, detail: str, item: object) -> None:
        """Keep what is no claim."""
        self.rejects.append(Reject(position, reason, detail, excerpt(item)))


def excerpt(item: object) -> bytes:
    """The first bytes of what was sent; decoded JSON is written as JSON again."""
    if isinstance(item, bytes):
        return item[:EXCERPT_MAX]
    plain = msgspec.to_builtins(item) if isinstance(item, msgspec.Struct) else item
    return json.dumps(plain, ensure_ascii=True, default=repr).encode()[:EXCERPT_MAX]
