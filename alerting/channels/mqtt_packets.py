"""Packets of MQTT 5 that one who only publishes needs (OASIS MQTT Version 5.0, section 3), as bytes; no connection."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

CONNACK: Final = 0x20
PUBACK: Final = 0x40
PINGRESP: Final = 0xD0
DISCONNECTED: Final = 0xE0
PINGREQ: Final = b"\xc0\x00"
DISCONNECT: Final = b"\xe0\x00"
REFUSED_FROM: Final = 0x80
"""Reason codes from here on are refusals (2.4)."""
PACKET_MAX: Final = 268_435_455
"""Bytes that a remaining length can say (1.5.5)."""
_PUBLISH_AT_LEAST_ONCE: Final = 0x32
_RETAIN: Final = 0x01
_CLEAN_START, _WITH_PASSWORD, _WITH_NAME = 0x02, 0x40, 0x80
_EXPIRY: Final = 0x02
_RECEIVE_MAX: Final = 0x21
_U8, _U16, _U32, _BYTES, _PAIR = "u8", "u16", "u32", "bytes", "pair"
_CONNACK_PROPERTIES: Final = {
    0x11: _U32, 0x12: _BYTES, 0x13: _U16, 0x15: _BYTES, 0x16: _BYTES, 0x1A: _BYTES, 0x1C: _BYTES, 0x1F: _BYTES,
    0x21: _U16, 0x22: _U16, 0x24: _U8, 0x25: _U8, 0x26: _PAIR, 0x27: _U32, 0x28: _U8, 0x29: _U8, 0x2A: _U8,
}  # fmt: skip
"""Identifier -> its type (2.2.2.2), of those that 3.2.2.3 names."""
_SIZES: Final = {_U8: 1, _U16: 2, _U32: 4}


class PacketError(ValueError):
    """What came is no packet of MQTT 5."""


@dataclass(frozen=True, slots=True)
class Connack:
    """The broker's answer to a connection: `reason` 0 is yes; it takes `receive_max` messages unacknowledged."""

    reason: int
    receive_max: int


def connect(client_id: str, username: str | None, password: str | None, keepalive_s: int) -> bytes:
    """A session that ends with its connection."""
    flags = _CLEAN_START | (_WITH_NAME if username is not None else 0) | (_WITH_PASSWORD if password is not None else 0)
    parts = [one for one in (client_id, username, password) if one is not None]
    head = _text("MQTT") + struct.pack("!BBH", 5, flags, keepalive_s) + b"\x00"
    return _packet(0x10, head + b"".join(_text(one) for one in parts))


def publish(topic: str, payload: bytes, packet_id: int, expiry_s: int, *, retain: bool) -> bytes:
    """At least once; the broker forgets it after `expiry_s`."""
    head = _text(topic) + struct.pack("!HBBI", packet_id, 5, _EXPIRY, expiry_s)
    return _packet(_PUBLISH_AT_LEAST_ONCE | (_RETAIN if retain else 0), head + payload)


def packets(data: bytearray) -> Iterator[tuple[int, bytes]]:
    """Type and body of each whole packet, which is taken out of `data`; the rest waits there.

    Raises:
        PacketError: it never will be one.
    """
    at = 0
    try:
        while (found := _length(data, at + 1)) is not None and found[1] + found[0] <= len(data):
            length, start = found
            yield data[at] & 0xF0, bytes(data[start : start + length])
            at = start + length
    finally:
        del data[:at]


def read_connack(body: bytes) -> Connack:
    """Raises PacketError where it is none."""
    try:
        reason, receive_max = body[1], 65_535
        size, at = _length(body, 2) or (0, 2)
        end = at + size
        while at < end:
            kind = _CONNACK_PROPERTIES[body[at]]
            if body[at] == _RECEIVE_MAX:
                receive_max = int.from_bytes(body[at + 1 : at + 3])
            at += 1 + _size(kind, body, at + 1)
    except (IndexError, KeyError) as error:
        raise PacketError("its CONNACK cannot be read") from error
    return Connack(reason, receive_max)


def read_puback(body: bytes) -> tuple[int, int]:
    """Packet id and reason code (3.4); raises PacketError where it is none."""
    if len(body) < 2:  # noqa: PLR2004  # the packet id; without a reason, all is well
        raise PacketError("its PUBACK cannot be read")
    return body[0] << 8 | body[1], body[2] if len(body) > 2 else 0  # noqa: PLR2004


def _packet(kind: int, rest: bytes) -> bytes:
    length, said = len(rest), bytearray((kind,))
    if length > PACKET_MAX:
        raise PacketError(f"{length} bytes are more than a packet holds")
    while length > 0x7F:  # noqa: PLR2004  # seven bits a byte
        said.append(length & 0x7F | 0x80)
        length >>= 7
    said.append(length)
    return bytes(said) + rest


def _text(text: str) -> bytes:
    data = text.encode()
    if len(data) > 0xFFFF:  # noqa: PLR2004  # what two bytes can say
        raise PacketError("a text is longer than 65535 bytes")
    return struct.pack("!H", len(data)) + data


def _length(data: bytes | bytearray, at: int) -> tuple[int, int] | None:
    """A variable byte integer and where it ends; None while it is not all there."""
    value = 0
    for place in range(4):
        if at + place >= len(data):
            return None
        value |= (data[at + place] & 0x7F) << 7 * place
        if data[at + place] < 0x80:  # noqa: PLR2004  # the last of its bytes
            return value, at + place + 1
    raise PacketError("a length has more than four bytes")


def _size(kind: str, body: bytes, at: int) -> int:
    if kind in _SIZES:
        return _SIZES[kind]
    size = 2 + int.from_bytes(body[at : at + 2])
    return size if kind == _BYTES else size + 2 + int.from_bytes(body[at + size : at + size + 2])
