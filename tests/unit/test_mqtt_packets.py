"""Packets of MQTT 5, read back by another implementation (paho), and whatever may come from a broker."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from alerting.channels.mqtt_packets import (
    PacketError,
    connect,
    packets,
    publish,
    read_connack,
    read_puback,
)

TOPICS = st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="#+"), min_size=1, max_size=60)


def body(packet: bytes) -> tuple[int, bytes]:
    ((kind, found),) = packets(bytearray(packet))
    return kind, found


@given(TOPICS, st.binary(max_size=40_000), st.integers(1, 0xFFFF), st.integers(1, 2**32 - 1), st.integers(0, 1))
def test_a_publication_says_what_it_was_given(
    topic: str, payload: bytes, packet_id: int, expiry_s: int, retain: int
) -> None:
    packet = publish(topic, payload, packet_id, expiry_s, retain=bool(retain))
    assert packet[0] == 0x32 | retain
    _, found = body(packet)
    size = int.from_bytes(found[:2])
    assert found[2 : 2 + size].decode() == topic
    rest = found[2 + size :]
    properties = Properties(PacketTypes.PUBLISH)  # type: ignore[no-untyped-call]  # paho leaves it untyped
    _, length = properties.unpack(rest[2:])  # type: ignore[no-untyped-call]  # the same
    assert int.from_bytes(rest[:2]) == packet_id
    assert properties.json()["MessageExpiryInterval"] == expiry_s  # type: ignore[no-untyped-call]  # the same
    assert rest[2 + length :] == payload


@pytest.mark.parametrize(
    ("name", "password", "flags", "rest"),
    [
        (None, None, 0x02, b"\0\x02id"),
        ("n", None, 0x82, b"\0\x02id\0\x01n"),
        ("n", "pw", 0xC2, b"\0\x02id\0\x01n\0\x02pw"),
    ],
)
def test_a_connection_is_asked_for(name: str | None, password: str | None, flags: int, rest: bytes) -> None:
    said = b"\0\x04MQTT\x05" + bytes([flags]) + b"\0\x3c\0" + rest
    assert connect("id", name, password, 60) == bytes([0x10, len(said)]) + said


@given(st.lists(st.tuples(TOPICS, st.binary(max_size=300)), max_size=5), st.integers(1, 40))
def test_packets_come_whole_however_they_are_cut(messages: list[tuple[str, bytes]], cut: int) -> None:
    sent = [publish(topic, payload, 7, 60, retain=False) for topic, payload in messages]
    stream, waiting, found = b"".join(sent), bytearray(), []
    for at in range(0, len(stream), cut):
        waiting += stream[at : at + cut]
        found += list(packets(waiting))
    assert found == [body(one) for one in sent]
    assert not waiting


def test_what_the_broker_takes_stands_among_its_other_properties() -> None:
    properties = Properties(PacketTypes.CONNACK)  # type: ignore[no-untyped-call]  # paho leaves it untyped
    properties.ReceiveMaximum = 20
    properties.AssignedClientIdentifier = "somebody"
    properties.UserProperty = [("a", "b"), ("c", "")]
    properties.MaximumPacketSize = 1000
    properties.RetainAvailable = 1
    found = read_connack(b"\0\0" + properties.pack())  # type: ignore[no-untyped-call]  # the same
    assert (found.reason, found.receive_max) == (0, 20)
    assert read_connack(b"\0\x87\0").reason == 0x87
    assert read_connack(b"\0\0\0").receive_max == 65_535


def test_an_acknowledgement_without_a_reason_is_good() -> None:
    assert (read_puback(b"\x01\x02"), read_puback(b"\x01\x02\x87")) == ((258, 0), (258, 0x87))


@given(st.binary(max_size=60))
def test_any_bytes_are_packets_or_an_error(data: bytes) -> None:
    try:
        for _, found in packets(bytearray(data)):
            read_connack(found)
            read_puback(found)
    except PacketError:
        pass


@pytest.mark.parametrize("data", [b"\x40\xff\xff\xff\xff\x01", b"\x40\x80\x80\x80\x80\x80"])
def test_a_length_that_cannot_be_is_an_error(data: bytes) -> None:
    with pytest.raises(PacketError, match="more than four bytes"):
        list(packets(bytearray(data)))


def test_a_topic_too_long_to_say_is_an_error() -> None:
    with pytest.raises(PacketError, match="65535"):
        publish("t" * 70_000, b"", 1, 1, retain=False)
