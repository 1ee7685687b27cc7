"""The MQTT adapter with a real broker."""

from __future__ import annotations

import asyncio
import json
import logging
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import aiomqtt
import pytest

from device_adapters.mqtt_options import MqttOptions
from device_adapters.mqtt_push import MqttPush
from pipeline.errors import BackPressureError
from tests.adapter_rig import AT, MemorySink, context, counted, running, until
from tests.servers import GivenBroker, Mosquitto, MqttBroker, broker_in, free_port, killable

pytestmark = pytest.mark.system

ROOT = Path(__file__).resolve().parents[2]
PLACES = [{"sensor": "{topic[2]}", "value": "v", "at": "t"}]
MESSAGE = json.dumps({"v": 1.5, "t": AT})


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[MqttBroker]:
    found = broker_in(tmp_path)
    yield found
    found.stop()


@pytest.fixture
def mortal_broker(broker: MqttBroker, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mosquitto]:
    with killable(broker, lambda: Mosquitto(tmp_path_factory.mktemp("mqtt")).start()) as one:
        yield one


@pytest.fixture(params=["5", "3.1.1"])
def protocol(request: pytest.FixtureRequest) -> str:
    return str(request.param)


class Rig:
    """An adapter under a topic of the test's own."""

    def __init__(self, broker: MqttBroker, name: str, sink: MemorySink | None = None, **more: Any) -> None:
        self.sink = sink or MemorySink()
        self.context = context(self.sink)
        self.name = name
        settings = {"host": broker.host, "port": broker.port, "client_id": f"test-{name}", "reconnect_max_s": 0.5}
        settings |= {"topics": [f"{name}/up/+"], "json": {"places": PLACES}} | more
        self.adapter = MqttPush("field", MqttOptions.model_validate(settings), self.context)

    def counted(self) -> dict[str, int]:
        return counted(self.context)


async def publish(broker: MqttBroker, topic: str, *payloads: str | bytes, **more: Any) -> None:
    async with aiomqtt.Client(broker.host, broker.port, timeout=60) as client:
        for payload in payloads:
            await client.publish(topic, payload, **({"qos": 1} | more))


async def subscribed(rig: Rig, broker: MqttBroker) -> None:
    """Make the session, so that the broker keeps for it what is published from now on; nothing is left in it."""
    topic = f"{rig.name}/up/north-h2s"
    async with running(rig.adapter), asyncio.timeout(60):
        while not rig.sink.readings:
            await publish(broker, topic, json.dumps({"v": 1, "t": AT}))
            await asyncio.sleep(0.1)
        await publish(broker, topic, json.dumps({"v": 0, "t": AT}))
        await until(lambda: [reading.value for reading in rig.sink.readings] == [0])


def test_messages_become_readings(broker: MqttBroker, protocol: str) -> None:
    rig = Rig(broker, f"plain{protocol}", protocol=protocol, topics=["plain5/up/+", "plain3.1.1/up/+", "other/#"])

    async def story() -> None:
        await subscribed(rig, broker)
        async with running(rig.adapter):
            await publish(broker, f"{rig.name}/up/north-rain", json.dumps({"v": 12, "t": AT}))
            await publish(broker, "other/x/south-tank", json.dumps({"v": 3, "t": AT}), b"\xff\x00 rubbish")
            await until(lambda: len(rig.sink.readings) == 3 and rig.sink.rejects)

    asyncio.run(story())
    values = {reading.series.sensor: reading.value for reading in rig.sink.readings}
    assert values == {"north-h2s": 0, "north-rain": pytest.approx(1.2), "south-tank": 3}
    counts = rig.counted()
    assert counts["dropped:malformed"] == 1
    assert counts["received"] == counts["sent"] + counts["dropped:malformed"]


@contextmanager
def subscriber(broker: MqttBroker, protocol: str, database: Path, *, crash: bool) -> Iterator[subprocess.Popen[bytes]]:
    arguments = [broker.host, str(broker.port), protocol, str(database), str(int(crash))]
    process = subprocess.Popen([sys.executable, "-m", "tests.system.mqtt_subscriber", *arguments], cwd=ROOT)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def submitted(database: Path, value: float) -> int:
    """How often a value was handed to the sink."""
    if not database.exists():
        return 0
    with closing(sqlite3.connect(database, timeout=10)) as connection:
        try:
            query = "SELECT COUNT(*) FROM submitted WHERE value = ?"
            return int(connection.execute(query, (value,)).fetchone()[0])
        except sqlite3.OperationalError:  # it has only just begun
            return 0


def test_killed_between_durable_and_acknowledged_it_comes_again_and_counts_once(
    broker: MqttBroker, protocol: str, tmp_path: Path
) -> None:
    database = tmp_path / f"kept-{time.time_ns()}.db"  # noqa: TID251  # a session of its own on a shared broker
    with subscriber(broker, protocol, database, crash=False):  # makes the session
        while not submitted(database, 0):
            asyncio.run(publish(broker, "killed/north-rain", json.dumps({"v": 0, "t": AT})))
    asyncio.run(publish(broker, "killed/north-h2s", MESSAGE))
    with subscriber(broker, protocol, database, crash=True) as doomed:
        assert doomed.wait(120) == -signal.SIGKILL
    times = submitted(database, 1.5)
    with subscriber(broker, protocol, database, crash=False):
        asyncio.run(until(lambda: submitted(database, 1.5) > times))
    with closing(sqlite3.connect(database)) as connection:
        kept = connection.execute("SELECT value, COUNT(*) FROM readings WHERE value = 1.5").fetchall()
    assert kept == [(1.5, 1)]


def test_back_pressure_holds_back_the_acknowledgement(broker: MqttBroker, protocol: str) -> None:
    held = Rig(broker, f"held{protocol}", protocol=protocol)
    again = Rig(broker, f"held{protocol}", protocol=protocol)

    async def story() -> None:
        await subscribed(held, broker)
        held.sink.refusal = BackPressureError("full", 0.05)
        async with running(held.adapter):
            await publish(broker, f"{held.name}/up/north-rain", MESSAGE)
            await until(lambda: held.sink.refused > 2)
        async with running(again.adapter):
            await until(lambda: again.sink.readings)

    asyncio.run(story())
    assert [reading.series.sensor for reading in again.sink.readings] == ["north-rain"]
    assert again.counted() == {"received": 1, "sent": 1}


def test_once_the_pressure_is_gone_it_goes_on(broker: MqttBroker, caplog: pytest.LogCaptureFixture) -> None:
    rig = Rig(broker, "goeson")

    async def story() -> None:
        await subscribed(rig, broker)
        rig.sink.refusal = BackPressureError("full", 0.05)
        async with running(rig.adapter):
            await publish(broker, f"{rig.name}/up/north-rain", MESSAGE)
            await until(lambda: rig.sink.refused > 2)
            rig.sink.refusal = None
            await until(lambda: len(rig.sink.readings) == 2)

    with caplog.at_level(logging.INFO):
        asyncio.run(story())
    told = [record.message for record in caplog.records if record.name == "device_adapters.intake"]
    assert told == ["field: held up: full; try again in 0.05 s", "field: goes on"]
    assert "failed" not in "".join(rig.counted())


def test_what_was_acknowledged_does_not_come_again(broker: MqttBroker, protocol: str) -> None:
    first, second = (Rig(broker, f"once{protocol}", protocol=protocol) for _ in range(2))

    async def story() -> None:
        await subscribed(first, broker)
        async with running(first.adapter):
            await publish(broker, f"{first.name}/up/north-rain", MESSAGE)
            await until(lambda: len(first.sink.readings) == 2)  # acknowledged in the same step
        async with running(second.adapter):
            await publish(broker, f"{first.name}/up/south-tank", MESSAGE)
            await until(lambda: second.sink.readings)

    asyncio.run(story())
    assert [reading.series.sensor for reading in second.sink.readings] == ["south-tank"]


def test_broker_gone_and_back(mortal_broker: Mosquitto, caplog: pytest.LogCaptureFixture) -> None:
    rig = Rig(mortal_broker, "restart")

    async def story() -> None:
        await subscribed(rig, mortal_broker)
        async with running(rig.adapter):
            await asyncio.to_thread(mortal_broker.stop)
            await until(lambda: "out of reach" in caplog.text)
            await asyncio.to_thread(mortal_broker.start)
            await publish(mortal_broker, f"{rig.name}/up/north-rain", MESSAGE)
            await until(lambda: len(rig.sink.readings) == 2)

    with caplog.at_level(logging.INFO):
        asyncio.run(story())
    told = [record.message for record in caplog.records if record.name == "device_adapters.mqtt_push"]
    where = f"field: broker 127.0.0.1:{mortal_broker.port}"
    assert [text.split(":", 3)[:3] for text in told] == [
        [*f"{where} is out of reach".split(":")],
        [*f"{where} is back".split(":")],
    ]


def test_a_broker_that_is_not_there_is_told_of_once(caplog: pytest.LogCaptureFixture) -> None:
    nowhere = GivenBroker(f"mqtt://127.0.0.1:{free_port()}")
    rig = Rig(nowhere, "nobody", reconnect_max_s=0.01)

    async def story() -> None:
        async with running(rig.adapter):
            await until(lambda: "out of reach" in caplog.text)
            await asyncio.sleep(0.3)  # for more tries, which are not told of

    asyncio.run(story())
    assert len([record for record in caplog.records if "out of reach" in record.message]) == 1


def test_retained_messages_are_old_and_counted(broker: MqttBroker, protocol: str) -> None:
    rig = Rig(broker, f"retained{protocol}", protocol=protocol)

    async def story() -> None:
        await publish(broker, f"{rig.name}/up/north-rain", MESSAGE, retain=True)
        await subscribed(rig, broker)
        await publish(broker, f"{rig.name}/up/north-rain", b"", retain=True)

    asyncio.run(story())
    assert {reading.series.sensor for reading in rig.sink.readings} == {"north-h2s"}
    assert rig.counted()["dropped:retained"] >= 1


def test_a_message_too_long_is_a_reject(broker: MqttBroker) -> None:
    rig = Rig(broker, "long", max_payload_bytes=100)

    async def story() -> None:
        await subscribed(rig, broker)
        async with running(rig.adapter):
            await publish(broker, "long/up/north-rain", b" " * 101)
            await until(lambda: rig.sink.rejects)

    asyncio.run(story())
    ((source, reject),) = rig.sink.rejects
    assert (source, reject.reason) == ("field", "too_large")
    assert "101 bytes under long/up/north-rain, at most 100 are read" in reject.detail


def test_qos_0_beyond_what_can_wait_is_counted(broker: MqttBroker) -> None:
    rig = Rig(broker, "flood", unacknowledged_max=5)

    async def story() -> None:
        await subscribed(rig, broker)
        rig.sink.refusal = BackPressureError("full", 0.05)
        async with running(rig.adapter):
            await publish(broker, "flood/up/north-rain", MESSAGE)
            await until(lambda: rig.sink.refused)
            await publish(broker, "flood/up/north-rain", *[MESSAGE] * 50, qos=0)
            await until(lambda: rig.counted().get("dropped:overflow", 0) > 0)
            rig.sink.refusal = None
            await until(lambda: len(rig.sink.readings) == 2)

    asyncio.run(story())
    counts = rig.counted()
    assert counts["received"] == sum(number for name, number in counts.items() if name != "received")
