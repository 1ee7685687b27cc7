"""Messages that nobody can read, among readings: each costs itself, and is kept with its place and its reason."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import msgspec
import pytest

from pipeline.connectors.kafka.message import LETTER_MAX_BYTES, Message
from pipeline.connectors.kafka.producer import Producer
from pipeline.connectors.kafka.topics import Topic
from pipeline.runners.embedded import EVENT_TICK_S
from pipeline.runners.replay import replay
from tests.chaos import chance, kills, note
from tests.district import batches
from tests.kafka_field import Field
from tests.kafka_results import assert_same, counts, finish
from tests.kafka_server import Broker

POISON: Final = kills(5)

pytestmark = [pytest.mark.system, pytest.mark.timeout(600)]


@pytest.mark.chaos
def test_poison_among_readings_costs_only_itself(broker: Broker, tmp_path: Path) -> None:
    field = Field(tmp_path, broker.servers)
    stream = list(batches(minutes=600))
    draw = chance()
    poisoned = [draw.randrange(len(stream)) for _ in range(POISON)]
    beyond = msgspec.msgpack.encode([*msgspec.msgpack.decode(stream[0].encode())[:2], 2**63, []])
    kinds = (b"", b"\x00", b"{}", b"\x92\x07\x00", stream[0].encode()[:-9], draw.randbytes(100), beyond)
    producer = Producer(field.options)
    sent: dict[str, bytes] = {}
    with field.gateway() as gateway:
        for number, batch in enumerate(stream):
            field.push(batch)
            for _ in range(poisoned.count(number)):
                value = draw.randbytes(999_900) if not sent else draw.choice(kinds)
                partition = draw.randrange(2)
                offset = producer.send(Message(Topic.READINGS, value, partition)).result(120)
                sent[f"readings/{partition}@{offset}"] = value
        gateway.stop()
    producer.close()
    finish(field)
    letters = list(field.messages(Topic.DEAD_LETTER))
    headers: list[Any] = [dict(letter.headers() or []) for letter in letters]
    kept = {one["source"].decode(): letter.value() or b"" for one, letter in zip(headers, letters, strict=True)}
    assert kept == {source: value[:LETTER_MAX_BYTES] for source, value in sent.items()}
    assert {int(one["bytes"]) for one in headers} == {len(value) for value in sent.values()}
    assert {one["reason"] for one in headers} == {b"not_a_batch"}
    assert_same(field, replay(field.config.plan(), stream, EVENT_TICK_S), letters=POISON)
    note("a message that nobody can read", POISON, **counts(field), dead_letters=POISON)
