"""Simulated devices against an HTTP receiver that refuses, breaks off, is too small, restarts: nothing is lost."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
import uvicorn

from device_adapters.simulator.options import HttpTarget, SimulateOptions
from device_adapters.simulator.simulate import simulate
from pipeline.clock import SystemClock
from pipeline.errors import RecordingError
from pipeline.model.inventory import Inventory
from pipeline.telemetry import Event, Telemetry
from tests.adapter_rig import until
from tests.servers import free_port
from tests.system.simulator_field import INVENTORY, ROWS, complete, first_arrivals, write_recording

pytestmark = pytest.mark.system

Send = Callable[[dict[str, Any]], Awaitable[None]]


class Receiver:
    """An ASGI application that answers as told, then 202; it keeps what it answered 2xx or 422 to."""

    def __init__(self, *answers: int, readings_max: int = 10_000) -> None:
        self.kept: list[tuple[str, float]] = []
        self.tokens: set[str] = set()
        self._answers: Iterator[int] = iter(answers)
        self._readings_max = readings_max

    async def __call__(
        self, scope: dict[str, Any], receive: Callable[[], Awaitable[dict[str, Any]]], send: Send
    ) -> None:
        body, more = b"", True
        while more:
            message = await receive()
            body, more = body + message.get("body", b""), message.get("more_body", False)
        self.tokens |= {value.decode() for name, value in scope["headers"] if name == b"authorization"}
        readings = json.loads(body)["readings"]
        status = next(self._answers, 202) if len(readings) <= self._readings_max else 413
        if status in {202, 422}:
            self.kept += [(reading["sensor"], reading["value"]) for reading in readings]
        await send({"type": "http.response.start", "status": status, "headers": [(b"retry-after", b"0")]})
        await send({"type": "http.response.body", "body": b"no" if status != 202 else b""})


@asynccontextmanager
async def serving(app: Any, port: int) -> Any:
    server = uvicorn.Server(uvicorn.Config(app, port=port, log_level="critical", lifespan="off", ws="none"))
    task = asyncio.create_task(server.serve())
    await until(lambda: server.started)
    try:
        yield
    finally:
        server.should_exit = True
        await task


async def break_off(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Take the request and hang up without an answer."""
    await reader.read(100)
    writer.close()


async def failed_again(telemetry: Telemetry) -> None:
    """Until what is tried from now on has failed twice: the first may have been under way."""
    before = telemetry.total("simulator.http", Event.FAILED)
    await until(lambda: telemetry.total("simulator.http", Event.FAILED) >= before + 2)


def options(tmp_path: Path, port: int, **more: Any) -> SimulateOptions:
    target = {"url": f"http://127.0.0.1:{port}/v1/readings", "token": "token-of-a-test", **more.pop("http", {})}
    return SimulateOptions(
        story=write_recording(tmp_path / "r.parquet"),
        http=HttpTarget.model_validate(target),
        **{"speed": 1e4, "for_s": ROWS, "timeout_s": 60.0, **more},
    )


def test_everything_arrives_once_where_nothing_goes_wrong(tmp_path: Path) -> None:
    receiver, telemetry, port = Receiver(), Telemetry(), free_port()

    async def scene() -> None:
        async with serving(receiver, port):
            await simulate(options(tmp_path, port), INVENTORY, SystemClock(), telemetry)

    asyncio.run(scene())
    assert first_arrivals(receiver.kept) == complete("s1-a", "s1-b", "s2-a", "s2-b")
    assert len(receiver.kept) == 4 * ROWS == telemetry.total("simulator.http", Event.SENT)
    assert receiver.tokens == {"Bearer token-of-a-test"}


def test_everything_arrives_though_the_receiver_is_away_breaks_off_and_is_busy(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    receiver, telemetry, port = Receiver(503, readings_max=50), Telemetry(), free_port()

    async def scene() -> None:
        field = asyncio.create_task(simulate(options(tmp_path, port), INVENTORY, SystemClock(), telemetry))
        await failed_again(telemetry)
        async with await asyncio.start_server(break_off, "127.0.0.1", port):
            await failed_again(telemetry)
        async with serving(receiver, port):
            await field

    asyncio.run(scene())
    assert first_arrivals(receiver.kept) == complete("s1-a", "s1-b", "s2-a", "s2-b")
    assert telemetry.total("simulator.http", Event.FAILED) >= 3
    ours = [record.getMessage() for record in caplog.records if record.name.startswith("device_adapters")]
    assert len(ours) == 2  # told once when it went, once when it was back
    assert "not acknowledged" in ours[0]
    assert "taken again" in ours[1]
    assert "token-of-a-test" not in caplog.text


@pytest.mark.parametrize("status", [401, 403, 404, 429, 500, 502, 503])
def test_what_may_get_better_is_sent_again(status: int, tmp_path: Path) -> None:
    receiver, telemetry, port = Receiver(status), Telemetry(), free_port()

    async def scene() -> None:
        async with serving(receiver, port):
            await simulate(options(tmp_path, port), INVENTORY, SystemClock(), telemetry)

    asyncio.run(scene())
    assert len(receiver.kept) == 4 * ROWS
    assert telemetry.total("simulator.http", Event.FAILED) == 1


def test_everything_arrives_though_the_receiver_restarts(tmp_path: Path) -> None:
    before, after, port = Receiver(202, *[503] * 1000), Receiver(), free_port()
    telemetry = Telemetry()

    async def scene() -> None:
        async with serving(before, port):
            field = asyncio.create_task(
                simulate(options(tmp_path, port, speed=100.0), INVENTORY, SystemClock(), telemetry)
            )
            await until(lambda: telemetry.total("simulator.http", Event.SENT) > 0)
        await failed_again(telemetry)
        async with serving(after, port):
            await field

    asyncio.run(scene())
    assert before.kept
    assert after.kept
    assert first_arrivals(before.kept + after.kept) == complete("s1-a", "s1-b", "s2-a", "s2-b")


@pytest.mark.parametrize("status", [400, 415, 422])
def test_what_is_refused_for_good_is_counted_and_not_repeated(status: int, tmp_path: Path) -> None:
    receiver, telemetry, port = Receiver(*[status] * 1000), Telemetry(), free_port()

    async def scene() -> None:
        async with serving(receiver, port):
            await simulate(options(tmp_path, port), INVENTORY, SystemClock(), telemetry)

    asyncio.run(scene())
    assert telemetry.counts() == {
        ("simulator.http", Event.DROPPED, "refused"): 4 * ROWS,
        ("simulator.http", Event.RECEIVED, ""): 4 * ROWS,
    }
    assert len(receiver.kept) == (4 * ROWS if status == 422 else 0)


def test_messages_hold_no_more_than_told(tmp_path: Path) -> None:
    receiver, port = Receiver(503, readings_max=7), free_port()

    async def scene() -> None:
        async with serving(receiver, port):
            await simulate(options(tmp_path, port, http={"readings_max": 7}), INVENTORY, SystemClock(), telemetry)

    telemetry = Telemetry()
    asyncio.run(scene())
    assert first_arrivals(receiver.kept) == complete("s1-a", "s1-b", "s2-a", "s2-b")
    assert telemetry.total("simulator.http", Event.FAILED) == 1


def test_readings_come_when_they_are_due(tmp_path: Path) -> None:
    receiver, port = Receiver(), free_port()

    async def scene() -> float:
        async with serving(receiver, port):
            clock = SystemClock()
            begun_s = clock.monotonic_s()
            await simulate(options(tmp_path, port, speed=100.0), INVENTORY, clock)
            return clock.monotonic_s() - begun_s

    assert asyncio.run(scene()) >= ROWS / 100.0 - 0.05


def test_without_an_end_it_goes_on_until_cancelled(tmp_path: Path) -> None:
    receiver, port = Receiver(), free_port()

    async def scene() -> None:
        async with serving(receiver, port):
            field = asyncio.create_task(simulate(options(tmp_path, port, for_s=None), INVENTORY, SystemClock()))
            await until(lambda: len(receiver.kept) >= 4 * ROWS + 100)  # beyond the recording's end
            field.cancel()
            with pytest.raises(asyncio.CancelledError):
                await field

    asyncio.run(asyncio.wait_for(scene(), 120))
    assert {value for _, value in receiver.kept} == set(map(float, range(1, ROWS + 1)))


def test_a_sensor_that_nobody_knows_stops_the_start(tmp_path: Path) -> None:
    without = Inventory(INVENTORY.areas, INVENTORY.sites, INVENTORY.sensors[1:])
    with pytest.raises(RecordingError, match="inventory does not list: s1-a"):
        asyncio.run(simulate(options(tmp_path, free_port()), without, SystemClock()))
