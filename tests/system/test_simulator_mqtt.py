"""Simulated devices against MQTT brokers that are away, restart or fall over: nothing is lost."""

from __future__ import annotations

import asyncio
import json
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from getpass import getuser
from pathlib import Path

import aiomqtt
import pytest

from device_adapters.simulator.broker import run_broker
from device_adapters.simulator.options import MqttTarget, SimulateOptions
from device_adapters.simulator.simulate import simulate
from pipeline.clock import SystemClock
from pipeline.errors import ForewarnError
from pipeline.telemetry import Event, Telemetry
from tests.adapter_rig import until
from tests.servers import free_port
from tests.system.simulator_field import INVENTORY, ROWS, complete, first_arrivals, listening, write_recording

pytestmark = pytest.mark.system

ALL = ("s1-a", "s1-b", "s2-a", "s2-b")


@asynccontextmanager
async def mosquitto(folder: Path, port: int) -> AsyncIterator[None]:
    """A real broker that keeps sessions over a restart; nobody could say afterwards where a lost one was lost."""
    program = shutil.which("mosquitto") or "/usr/sbin/mosquitto"
    file = folder / "mosquitto.conf"
    file.write_text(
        f"listener {port} 127.0.0.1\nallow_anonymous true\npersistence true\npersistence_location {folder}/\n"
        f"max_queued_messages 0\nuser {getuser()}\n"  # as another user it could not write into `folder`
    )
    quiet = asyncio.subprocess.DEVNULL
    process = await asyncio.create_subprocess_exec(program, "-c", file, stdout=quiet, stderr=quiet)
    try:
        await listening(port)
        yield
    finally:
        process.terminate()
        await process.wait()


@asynccontextmanager
async def built_in(port: int) -> AsyncIterator[None]:
    task = asyncio.create_task(run_broker("127.0.0.1", port))
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


class Listener:
    """Subscribed to everything, in a session the broker keeps for it."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.heard: list[tuple[str, float]] = []
        self.topics: set[str] = set()
        self.subscribed = asyncio.Event()

    async def run(self) -> None:
        while True:
            try:
                async with aiomqtt.Client("127.0.0.1", self.port, identifier="listener", clean_session=False) as client:
                    await client.subscribe("forewarn/#", qos=1)
                    self.subscribed.set()
                    async for message in client.messages:
                        self._hear(str(message.topic), message.payload)
            except aiomqtt.MqttError:
                await asyncio.sleep(0.05)

    def _hear(self, topic: str, payload: object) -> None:
        assert isinstance(payload, bytes)
        self.topics.add(topic)
        self.heard.append((topic.rpartition("/")[2], json.loads(payload)["value"]))


def options(tmp_path: Path, port: int, speed: float = 1e4) -> SimulateOptions:
    return SimulateOptions(
        story=write_recording(tmp_path / "r.parquet"),
        mqtt=MqttTarget(port=port),
        speed=speed,
        for_s=ROWS,
        timeout_s=1.0,
    )


async def heard_all(listener: Listener) -> None:
    await until(lambda: first_arrivals(listener.heard) == complete(*ALL))


def test_everything_arrives_through_the_built_in_broker(tmp_path: Path) -> None:
    port, telemetry = free_port(), Telemetry()

    async def scene() -> Listener:
        listener = Listener(port)
        async with built_in(port):
            ear = asyncio.create_task(listener.run())
            await listener.subscribed.wait()
            await simulate(options(tmp_path, port), INVENTORY, SystemClock(), telemetry)
            await heard_all(listener)
            ear.cancel()
            await asyncio.gather(ear, return_exceptions=True)
        return listener

    listener = asyncio.run(asyncio.wait_for(scene(), 120))
    assert listener.topics == {f"forewarn/{name.partition('-')[0]}/{name}" for name in ALL}
    assert telemetry.total("simulator.mqtt", Event.SENT) == 4 * ROWS


def test_everything_arrives_though_the_broker_is_away_and_restarts(tmp_path: Path) -> None:
    port, telemetry = free_port(), Telemetry()

    async def scene() -> Listener:
        listener = Listener(port)
        async with mosquitto(tmp_path, port):
            ear = asyncio.create_task(listener.run())
            await listener.subscribed.wait()
        field = asyncio.create_task(simulate(options(tmp_path, port, 60.0), INVENTORY, SystemClock(), telemetry))
        await until(lambda: telemetry.total("simulator.mqtt", Event.FAILED) >= 2)  # nobody there
        async with mosquitto(tmp_path, port):
            await until(lambda: len(listener.heard) >= 50)
        failed = telemetry.total("simulator.mqtt", Event.FAILED)  # gone in the middle
        await until(lambda: field.done() or telemetry.total("simulator.mqtt", Event.FAILED) > failed)
        async with mosquitto(tmp_path, port):
            await field
            await heard_all(listener)
            ear.cancel()
            await asyncio.gather(ear, return_exceptions=True)
        return listener

    listener = asyncio.run(asyncio.wait_for(scene(), 240))
    assert first_arrivals(listener.heard) == complete(*ALL)
    assert telemetry.total("simulator.mqtt", Event.FAILED) >= 2


def test_sites_take_turns_between_http_and_mqtt(tmp_path: Path) -> None:
    port, telemetry = free_port(), Telemetry()

    async def scene() -> Listener:
        listener = Listener(port)
        both = options(tmp_path, port).model_dump() | {"http": {"url": f"http://127.0.0.1:{free_port()}/"}}
        async with built_in(port):
            ear = asyncio.create_task(listener.run())
            await listener.subscribed.wait()
            field = asyncio.create_task(
                simulate(SimulateOptions.model_validate(both), INVENTORY, SystemClock(), telemetry)
            )
            await until(lambda: len(listener.heard) >= 2 * ROWS)
            for task in (field, ear):
                task.cancel()
            await asyncio.gather(field, ear, return_exceptions=True)
        return listener

    listener = asyncio.run(asyncio.wait_for(scene(), 120))
    assert first_arrivals(listener.heard) == complete("s2-a", "s2-b")  # s1 waits for its HTTP receiver
    assert telemetry.total("simulator.http", Event.SENT) == 0


def test_built_in_broker_stays_on_this_machine() -> None:
    with pytest.raises(ForewarnError, match=r"0\.0\.0\.0.*keep it on 127\.0\.0\.1"):
        asyncio.run(run_broker("0.0.0.0", free_port()))  # noqa: S104  # the address that must be refused


def test_built_in_broker_says_that_its_port_is_taken() -> None:
    async def scene() -> None:
        async with await asyncio.start_server(lambda *_: None, "127.0.0.1", 0) as taken:
            await run_broker("127.0.0.1", taken.sockets[0].getsockname()[1])

    with pytest.raises(ForewarnError, match=r"cannot start.*give another port"):
        asyncio.run(scene())
