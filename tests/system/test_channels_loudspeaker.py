"""Loudspeaker terminals over a real broker: what they are given, and what their receipts come to."""

from __future__ import annotations

import asyncio
import base64
import io
import json
import wave
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from aiomqtt import Client, ProtocolVersion
from pydantic import ValidationError

from alerting.base import FailureReason, Outcome, Receipt
from alerting.channels.loudspeaker import Loudspeaker, LoudspeakerOptions
from alerting.channels.mqtt_link import shared
from alerting.store.store import Store
from pipeline.clock import SystemClock
from pipeline.model.delivery import DeliveryState
from pipeline.model.hazard import Hazard
from pipeline.model.warning import HazardWarning, WarningText
from tests.dispatch_rig import dispatching, queue, states, until
from tests.receivers import closed_port
from tests.reports import message, warning
from tests.servers import Mosquitto, MqttBroker, broker_in, killable

pytestmark = pytest.mark.system

PLAY, RECEIPT = "forewarn/loudspeakers/LS-1/play/fire", "forewarn/loudspeakers/LS-1/receipt"
TEXT = WarningText(language="zh-CN", event="火灾", headline="火灾橙色预警", description="。", instruction="请撤离。")


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[MqttBroker]:
    one = broker_in(tmp_path)
    yield one
    one.stop()


def channel(port: int, **changes: Any) -> Loudspeaker:
    options = {"host": "127.0.0.1", "port": port, "client_id": "speakers", "timeout_s": 60}
    targets = {"gate": "LS-1", "school": "LS-2"}
    return Loudspeaker("villages", LoudspeakerOptions.model_validate(options | {"targets": targets} | changes))


def valid(valid_s: float = 600, **changes: Any) -> HazardWarning:
    expires_at = SystemClock().now() + timedelta(seconds=valid_s)
    return warning(expires_at=expires_at, texts=(TEXT,), **changes)


async def send(one: Loudspeaker, *targets: str, report: HazardWarning | None = None) -> list[Outcome]:
    try:
        return [await one.send(message(report or valid()), target) for target in targets]
    finally:
        await one._link.close()


@asynccontextmanager
async def terminal(port: int, topic: str = PLAY) -> AsyncIterator[Client]:
    async with Client("127.0.0.1", port, protocol=ProtocolVersion.V5, timeout=60) as client:
        await client.subscribe(topic, qos=1)
        yield client


async def heard(client: Client, within_s: float = 60) -> dict[str, Any]:
    async with asyncio.timeout(within_s):
        told = await anext(aiter(client.messages))
    document: dict[str, Any] = json.loads(bytes(told.payload))
    return document


def test_a_terminal_that_was_away_plays_it_when_it_is_back(broker: MqttBroker) -> None:
    async def run() -> None:
        (outcome,) = await send(channel(broker.port), "gate")
        assert outcome.state is DeliveryState.ACCEPTED
        async with terminal(broker.port) as client:
            told = await heard(client)
        assert (told["title"], told["level"], told["colour"], told["repeat"]) == ("Fire, orange", 3, "橙色", 3)
        assert told["delivery"] == message(valid()).delivery_id

    asyncio.run(run())


def test_nothing_is_played_after_its_expiry_and_two_hazards_do_not_mix(broker: MqttBroker) -> None:
    async def run() -> None:
        one = channel(broker.port)
        await send(one, "gate", report=valid(1))
        await send(one, "gate", report=valid(chain="rain", hazard=Hazard.RAINSTORM))
        await asyncio.sleep(2.1)
        async with terminal(broker.port, "forewarn/loudspeakers/LS-1/play/#") as client:
            assert (await heard(client))["hazard"] == "rainstorm"
            with pytest.raises(TimeoutError):
                await heard(client, 0.3)

    asyncio.run(run())


CODES = {"received": ["0"], "playing": ["1", "11"], "played": ["2"], "failed": ["3"]}
RECEIPTS = [
    (["received"], {}, DeliveryState.DELIVERED, ""),
    (["received", "playing", "played"], {}, DeliveryState.PLAYED, ""),
    (["received", "failed"], {}, DeliveryState.FAILED, "not received: failed"),
    (["nonsense"], {}, DeliveryState.ACCEPTED, ""),
    ([0, "11", 2], {"codes": CODES}, DeliveryState.PLAYED, ""),
    ([3], {"codes": CODES}, DeliveryState.FAILED, "not received: failed (3)"),
]


@pytest.mark.parametrize(("said", "options", "state", "reason"), RECEIPTS)
def test_a_receipt_decides(
    broker: MqttBroker, tmp_path: Path, said: list[Any], options: dict[str, Any], state: DeliveryState, reason: str
) -> None:
    store = Store(f"sqlite:///{tmp_path / 'store.db'}")
    queue(store, valid(), to="gate", channel="villages")

    async def run() -> None:
        async with terminal(broker.port) as client, dispatching(store, channel(broker.port, **options)):
            delivery = (await heard(client))["delivery"]
            await until(lambda: DeliveryState.ACCEPTED in states(store))
            for code in said:
                await client.publish(RECEIPT, json.dumps({"delivery": delivery, "state": code}), qos=1)
            if state is not DeliveryState.ACCEPTED:
                await until(lambda: set(states(store)) == {state})

    asyncio.run(run())
    (row,) = store.deliveries(9)
    assert (row.state, row.reason) == (state, reason)
    store.close()


def test_a_receipt_of_the_time_we_were_away_is_not_lost(broker: MqttBroker, tmp_path: Path) -> None:
    store = Store(f"sqlite:///{tmp_path / 'store.db'}")
    queue(store, valid(), to="gate", channel="villages")

    async def run() -> None:
        async with terminal(broker.port) as client:
            async with dispatching(store, channel(broker.port)):
                delivery = (await heard(client))["delivery"]
                await until(lambda: DeliveryState.ACCEPTED in states(store))
            await client.publish(RECEIPT, json.dumps({"delivery": delivery, "state": "played"}), qos=1)
            async with dispatching(store, channel(broker.port)):
                await until(lambda: set(states(store)) == {DeliveryState.PLAYED})

    asyncio.run(run())
    store.close()


def test_what_terminals_say_is_not_believed_for_others() -> None:
    one = channel(1883, receipt_delivery="msg.id")
    known = b'{"msg": {"id": "d1"}, "state": "played"}'
    assert one.receipt(RECEIPT, known) == Receipt("d1", DeliveryState.PLAYED, "played", "gate")
    assert one.receipt(RECEIPT.replace("LS-1", "LS-2"), known) == Receipt(
        "d1", DeliveryState.PLAYED, "played", "school"
    )
    assert one.receipt(RECEIPT.replace("LS-1", "LS-9"), known) is None
    assert one.receipt(RECEIPT + "/x", known) is None
    for strange in (b"", b"[]", b'{"msg": 1, "state": "played"}', b'{"msg": {"id": null}, "state": "played"}', b"\xff"):
        assert one.receipt(RECEIPT, strange) is None


def test_a_broker_that_is_away_and_comes_back(broker: MqttBroker, tmp_path: Path) -> None:
    async def run(mortal: Mosquitto) -> None:
        one = channel(mortal.port)
        assert (await one.send(message(valid()), "gate")).state is DeliveryState.ACCEPTED
        mortal.stop()
        outcome = await one.send(message(valid()), "gate")
        assert outcome.reason in {FailureReason.UNREACHABLE, FailureReason.TIMEOUT}
        mortal.start()
        assert (await one.send(message(valid()), "gate")).state is DeliveryState.ACCEPTED
        await one._link.close()

    with killable(broker, lambda: Mosquitto(tmp_path).start()) as mortal:
        asyncio.run(run(mortal))
    assert asyncio.run(send(channel(closed_port()), "gate"))[0].reason is FailureReason.UNREACHABLE
    assert asyncio.run(send(channel(1), "fax"))[0].reason is FailureReason.MISCONFIGURED


def test_many_at_once_have_an_outcome_each_in_their_order(broker: MqttBroker) -> None:
    async def run() -> list[DeliveryState]:
        one = channel(broker.port)
        names = ["gate", "fax", "school"] * 50
        try:
            return [each.state for each in await one.send_batch([(message(valid()), name) for name in names])]
        finally:
            await one.close()

    assert asyncio.run(run()) == [DeliveryState.ACCEPTED, DeliveryState.FAILED, DeliveryState.ACCEPTED] * 50


def test_a_topic_keeps_to_one_of_several_connections() -> None:
    topics = [f"speakers/{number % 30}" for number in range(60)]
    shares = shared(topics, 4)
    assert sorted(place for places in shares.values() for place in places) == list(range(60))
    assert len(shares) == 4
    assert all(place + 30 in places for places in shares.values() for place in places if place < 30)
    assert shared(topics, 1) == {0: list(range(60))}


def test_a_topic_that_is_not_ours_is_a_failure(tmp_path: Path) -> None:
    (tmp_path / "acl").write_text("topic readwrite other/#\n")
    broker = Mosquitto(tmp_path)
    config = tmp_path / "mosquitto.conf"
    config.write_text(config.read_text() + f"acl_file {tmp_path / 'acl'}\n")
    broker.start()
    try:
        (outcome,) = asyncio.run(send(channel(broker.port), "gate"))
    finally:
        broker.stop()
    assert outcome.reason is FailureReason.MISCONFIGURED
    assert "refuses topic 'forewarn/loudspeakers/LS-1/play/fire': 0x87" in outcome.detail


def test_the_vendors_keys_and_sound(broker: MqttBroker) -> None:
    async def run() -> dict[str, Any]:
        keys = {"id": "delivery", "wav": "audio", "xml": "cap"}
        await send(channel(broker.port, message=keys), "gate")
        async with terminal(broker.port) as client:
            return await heard(client)

    told = asyncio.run(run())
    assert set(told) == {"id", "wav", "xml", "repeat"}
    assert told["xml"].startswith("<alert>")
    with wave.open(io.BytesIO(base64.b64decode(told["wav"]))) as sound:
        assert (sound.getnchannels(), sound.getsampwidth(), sound.getframerate()) == (1, 2, 22050)
        assert 1 < sound.getnframes() / 22050 < 20


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"message": {"x": "colour of the sky"}}, "no such field colour of the sky"),
        ({"codes": {"played": ["1"], "failed": ["1"]}}, "a code stands for two things"),
        ({"targets": {"a": "LS-1", "b": "LS-1"}}, "two names for one terminal"),
        ({"play_topic": "speakers/play"}, "play_topic"),
        ({"targets": {"a": "LS/1"}}, "targets"),
    ],
)
def test_options_that_make_no_sense(wrong: dict[str, Any], says: str) -> None:
    with pytest.raises(ValidationError, match=says):
        channel(1883, **wrong)
