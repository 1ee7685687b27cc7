"""Publishes to an MQTT 5 broker many messages at a time, and tells of each what the broker said of it.

A general client spends a third of a millisecond a message on locks, futures and a write each; here a batch is one write
and one future, within what the broker takes unacknowledged.
"""

from __future__ import annotations

import asyncio
import ssl
from collections import deque
from collections.abc import Sequence
from typing import Any, Final, NamedTuple

from alerting.channels.mqtt_packets import (
    CONNACK,
    DISCONNECT,
    DISCONNECTED,
    PINGREQ,
    PUBACK,
    REFUSED_FROM,
    PacketError,
    connect,
    packets,
    publish,
    read_connack,
    read_puback,
)

KEEPALIVE_S: Final = 60
IN_FLIGHT_MAX: Final = 2000
PIECE: Final = 65_536
"""Bytes in one write."""
UNHEARD, BROKEN_OFF = -1, -2
"""In place of a reason code: the broker did not say in time; the connection broke off before it could."""


class BrokerError(ConnectionError):
    """The broker cannot be reached, does not let us in, or broke off."""


class Publication(NamedTuple):
    """One message; the broker forgets it after `expiry_s`."""

    topic: str
    payload: bytes
    expiry_s: int
    retain: bool


class _Batch:
    """Publications that were handed over together: `codes`, one each, and a future for the last of them."""

    __slots__ = ("codes", "done", "missing")

    def __init__(self, size: int) -> None:
        self.codes = [UNHEARD] * size
        self.missing = size
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def answer(self, place: int, code: int) -> None:
        self.codes[place] = code
        self.missing -= 1
        if not self.missing and not self.done.done():
            self.done.set_result(None)


class Publisher(asyncio.Protocol):
    """One connection. `lost` once it cannot be used any more; `heard` grows with all that comes."""

    def __init__(self) -> None:
        self.lost = False
        self._come = bytearray()
        self._connack: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        self._room = 0
        self._next_id = 0
        self._waiting: deque[tuple[_Batch, int, Publication]] = deque()
        self._under_way: dict[int, tuple[_Batch, int]] = {}
        self.heard = 0
        self._heard_before = 0
        self._full = False
        self._ping: asyncio.TimerHandle | None = None

    async def enter(self, client_id: str, login: tuple[str | None, str | None]) -> None:
        """Begin a session; the time limit is the caller's.

        Raises:
            BrokerError: the broker refuses.
        """
        self._transport.write(connect(client_id, *login, KEEPALIVE_S))
        reason = await self._connack
        if reason >= REFUSED_FROM:
            raise BrokerError(f"does not let us in: {reason:#x}")
        self._ping = asyncio.get_running_loop().call_later(KEEPALIVE_S / 2, self._keep_alive)

    async def publish(self, messages: Sequence[Publication], timeout_s: float) -> list[int]:
        """Reason codes, one each, when the last was heard, time is over or the connection has broken off.

        What is not written by then is not sent any more.
        """
        if self.lost or not messages:
            return [BROKEN_OFF] * len(messages)
        batch = _Batch(len(messages))
        self._waiting.extend([(batch, place, one) for place, one in enumerate(messages)])
        self._write()
        try:
            await asyncio.wait((batch.done,), timeout=timeout_s)
        finally:
            batch.done.cancel()
        return batch.codes

    def leave(self) -> None:
        """End the session in order."""
        if not self.lost:
            self._transport.write(DISCONNECT)
            self._transport.close()
            self._end()

    def abort(self) -> None:
        """Break off."""
        self._transport.abort()
        self._end()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Of asyncio."""
        self._transport: Any = transport

    def connection_lost(self, exc: Exception | None) -> None:
        """Of asyncio."""
        del exc
        self._end()

    def data_received(self, data: bytes) -> None:
        """Of asyncio."""
        self.heard += 1
        self._come += data
        try:
            for kind, body in packets(self._come):
                self._take(kind, body)
        except PacketError:
            self.abort()
            return
        if self._waiting:
            self._write()

    def _take(self, kind: int, body: bytes) -> None:
        if kind == PUBACK:
            packet_id, code = read_puback(body)
            found = self._under_way.pop(packet_id, None)
            if found:
                self._room += 1
                found[0].answer(found[1], code)
        elif kind == CONNACK and not self._connack.done():
            connack = read_connack(body)
            self._room = min(connack.receive_max, IN_FLIGHT_MAX)
            self._connack.set_result(connack.reason)
        elif kind == DISCONNECTED:
            self.abort()

    def pause_writing(self) -> None:
        """Of asyncio: more is written than goes out."""
        self._full = True

    def resume_writing(self) -> None:
        """Of asyncio."""
        self._full = False
        self._write()

    def _write(self) -> None:
        """As much of what waits as the broker takes now, in large pieces."""
        parts, size = [], 0
        while self._waiting and self._room and not self._full and not self.lost:
            batch, place, one = self._waiting.popleft()
            if batch.done.done():  # nobody waits for it any more
                continue
            packet_id = self._free_id()
            self._under_way[packet_id] = (batch, place)
            self._room -= 1
            parts.append(publish(one.topic, one.payload, packet_id, one.expiry_s, retain=one.retain))
            size += len(parts[-1])
            if size > PIECE:
                self._transport.write(b"".join(parts))
                parts, size = [], 0
        if parts:
            self._transport.write(b"".join(parts))

    def _free_id(self) -> int:
        while True:
            self._next_id = self._next_id % 0xFFFF + 1
            if self._next_id not in self._under_way:
                return self._next_id

    def _keep_alive(self) -> None:
        """The broker is asked whether it is there; one that said nothing for half of the time is not."""
        if self.heard == self._heard_before:
            self.abort()
            return
        self._heard_before = self.heard
        self._transport.write(PINGREQ)
        self._ping = asyncio.get_running_loop().call_later(KEEPALIVE_S / 2, self._keep_alive)

    def _end(self) -> None:
        self.lost = True
        if self._ping:
            self._ping.cancel()
        if not self._connack.done():
            self._connack.set_exception(BrokerError("broke off before it let us in"))
        for batch, _ in self._under_way.values():
            _give_up(batch)
        for batch, _, _ in self._waiting:
            _give_up(batch)
        self._under_way.clear()
        self._waiting.clear()


def _give_up(batch: _Batch) -> None:
    if not batch.done.done():
        batch.codes = [BROKEN_OFF if code == UNHEARD else code for code in batch.codes]
        batch.done.set_result(None)


async def connected(
    address: tuple[str, int], tls: ssl.SSLContext | None, client_id: str, login: tuple[str | None, str | None]
) -> Publisher:
    """A session on a connection of its own; `login`: name and password, where the broker asks for them.

    Raises:
        BrokerError: the broker cannot be reached, or refuses.
    """
    try:
        _, one = await asyncio.get_running_loop().create_connection(Publisher, *address, ssl=tls)
    except OSError as error:
        raise BrokerError(f"cannot be reached: {error.strerror or type(error).__name__}") from error
    try:
        await one.enter(client_id, login)
    except BaseException:
        one.abort()
        raise
    return one
