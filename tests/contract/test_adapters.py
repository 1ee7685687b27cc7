"""The check-list of every registered adapter, over real sockets and files. A new kind needs a row in BENCHES."""

from __future__ import annotations

import asyncio
import atexit
import json
import tomllib
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from functools import cache, partial
from hashlib import sha256
from pathlib import Path
from tempfile import mkdtemp
from typing import Any, Final, get_args

import aiomqtt
import httpx
import numpy as np
import pytest
from pydantic import BaseModel, ValidationError

from device_adapters.base import Adapter
from pipeline.errors import BackPressureError
from pipeline.registry import Group, kinds, load
from tests.adapter_rig import AT, NOW, MemorySink, context, counted, running
from tests.kafka_foreign import make_topic, put
from tests.kafka_server import Broker, fresh_prefix, kafka_in
from tests.radar_rig import odim_bytes
from tests.servers import broker_in, free_port

SAMPLES: Final = Path(__file__).parents[2] / "deploy" / "samples" / "adapters"
TOKEN: Final = "token"
GOOD: Final = f'{{"sensor": "north-h2s", "value": 1.5, "at": "{AT}"}}'.encode()
RUBBISH: Final = (
    b"",
    b"\0",
    b"\xff\xfe\xfd",
    b"{",
    b"[[[[",
    b'{"readings":[{}, 3, null]}',
    b"time,sensor\n,,,\n",
    GOOD[:-9],
)


@dataclass
class Bench:
    """Options of an adapter that can be reached, and how a device sends it bytes (a recording has them beforehand)."""

    options: dict[str, Any]
    send: Callable[[bytes], Any]
    sends_before: bool = False


@contextmanager
def http_bench(_: Path) -> Iterator[Bench]:
    port = free_port()

    async def send(payload: bytes) -> None:
        headers = {"Authorization": f"Bearer {TOKEN}", "Content-Type": "application/json"}
        async with httpx.AsyncClient(trust_env=False, transport=httpx.AsyncHTTPTransport(retries=5)) as client:
            answer = await client.post(f"http://127.0.0.1:{port}/v1/readings", content=payload, headers=headers)
            assert answer.status_code in (202, 422, 503)

    device = {"token_sha256": sha256(TOKEN.encode()).hexdigest(), "sensors": ["*"]}
    yield Bench({"port": port, "devices": {"d": device}}, send)


@contextmanager
def mqtt_bench(folder: Path) -> Iterator[Bench]:
    broker = broker_in(folder)

    async def send(payload: bytes) -> None:
        async with aiomqtt.Client(broker.host, broker.port) as client:
            await client.publish("contract/x", payload, qos=1)

    options = {"host": broker.host, "port": broker.port, "client_id": "contract", "topics": ["contract/#"]}
    yield Bench(options, send)
    broker.stop()


@cache
def kafka() -> Broker:
    """One broker for all tests here; it is gone with them."""
    broker = kafka_in(Path(mkdtemp(prefix="forewarn-kafka-")))
    atexit.register(broker.stop)
    return broker


@contextmanager
def kafka_bench(_: Path) -> Iterator[Bench]:
    servers, topic = kafka().servers, fresh_prefix() + "foreign"
    make_topic(servers, topic)

    async def send(payload: bytes) -> None:
        await asyncio.to_thread(put, servers, topic, [payload])

    yield Bench({"servers": servers, "topics": [topic], "group": topic}, send)


@contextmanager
def replay_bench(folder: Path) -> Iterator[Bench]:
    """A recording is there before it is played; its good reading is a line of CSV."""
    path = folder / "recording.csv"
    path.write_text("time,sensor,value\n")

    async def send(payload: bytes) -> None:
        line = f"{AT},north-h2s,1.5\n".encode() if payload == GOOD else payload + b"\n"
        await asyncio.to_thread(path.write_bytes, path.read_bytes() + line)

    yield Bench({"files": [path]}, send, sends_before=True)


@contextmanager
def radar_bench(folder: Path, *, before: bool = False) -> Iterator[Bench]:
    """Composites are put into a folder, each once; a good one brings 1.5 mm everywhere."""
    there: set[bytes] = set()

    def put_in(payload: bytes) -> None:
        data = odim_bytes(np.full((100, 80), 18.0), NOW) if payload == GOOD else payload
        if payload not in there:
            (folder / "coming").write_bytes(data)
            (folder / "coming").rename(folder / f"{len(there):04}.h5")
            there.add(payload)

    async def send(payload: bytes) -> None:
        await asyncio.to_thread(put_in, payload)

    yield Bench({"folder": folder} | ({} if before else {"poll_s": 0.05, "settle_s": 0}), send, sends_before=before)


@contextmanager
def rain_feed_bench(_: Path) -> Iterator[Bench]:
    """Forecasts are pushed; a good one says 1.5 mm."""
    port = free_port()
    said = {"issued_at": AT, "points": [{"site": "north", "horizon_min": 60, "median_mm": 1.5}]}

    async def send(payload: bytes) -> None:
        headers = {"Authorization": f"Bearer {TOKEN}"}
        content = json.dumps(said).encode() if payload == GOOD else payload
        async with httpx.AsyncClient(trust_env=False, transport=httpx.AsyncHTTPTransport(retries=5)) as client:
            answer = await client.post(f"http://127.0.0.1:{port}/v1/rain-forecasts", content=content, headers=headers)
            assert answer.status_code in (202, 422, 503)

    yield Bench({"group": "service", "port": port, "token_sha256": sha256(TOKEN.encode()).hexdigest()}, send)


BENCHES: Final[dict[str, Callable[[Path], AbstractContextManager[Bench]]]] = {
    "http": http_bench,
    "kafka": kafka_bench,
    "mqtt": mqtt_bench,
    "radar": radar_bench,
    "radar_replay": partial(radar_bench, before=True),
    "rain_feed": rain_feed_bench,
    "replay": replay_bench,
}
ARRIVED: Final = {
    **dict.fromkeys(("radar", "radar_replay"), ("west-radar", 1.5)),
    "rain_feed": ("north-rain-1h", 1.5),
}
"""What the good reading is where it is not ("north-h2s", 1.5)."""
SERVED: Final = {"kafka", "mqtt"}
"""Those that need a server."""
KINDS: Final = pytest.mark.parametrize(
    "kind", [pytest.param(kind, marks=pytest.mark.system if kind in SERVED else ()) for kind in sorted(BENCHES)]
)


def adapter_type(kind: str) -> type[Adapter]:
    found: type[Adapter] = load(Group.DEVICE_ADAPTERS, kind)
    return found


def sample(kind: str) -> dict[str, Any]:
    (section,) = tomllib.loads((SAMPLES / f"{kind}.toml").read_text())["adapters"].values()
    return dict(section)


def balanced(counts: dict[str, int]) -> bool:
    return counts.get("received", 0) == sum(number for name, number in counts.items() if name != "received")


def played(
    kind: str, folder: Path, payloads: tuple[bytes, ...], sink: MemorySink, want: Callable[[], Any]
) -> dict[str, int]:
    """Send `payloads` to a running adapter until `want()` holds; what it counted."""
    inside = context(sink)

    async def story(bench: Bench) -> None:
        adapter = adapter_type(kind)("field", adapter_type(kind).options_type.model_validate(bench.options), inside)
        if bench.sends_before:
            for payload in payloads:
                await bench.send(payload)
        async with running(adapter) as task, asyncio.timeout(60):
            while not (want() or task.done()):
                for payload in () if bench.sends_before else payloads:
                    await bench.send(payload)
                await asyncio.sleep(0.05)
            if task.done() and not task.cancelled():
                await task

    with BENCHES[kind](folder) as bench:
        asyncio.run(story(bench))
    return counted(inside)


def test_every_registered_kind_is_on_the_list() -> None:
    assert sorted(BENCHES) == kinds(Group.DEVICE_ADAPTERS)


@KINDS
def test_the_sample_is_valid_as_it_stands(kind: str) -> None:
    section = sample(kind)
    assert section.pop("kind") == kind
    adapter_type(kind).options_type.model_validate(section)


@KINDS
def test_the_sample_names_every_option(kind: str) -> None:
    text = (SAMPLES / f"{kind}.toml").read_text()
    fields = adapter_type(kind).options_type.model_fields
    assert [name for name, field in fields.items() if (field.alias or name) not in text] == []


@KINDS
def test_an_unknown_key_is_refused_by_name(kind: str) -> None:
    section = sample(kind) | {"colour": "red"}
    del section["kind"]
    with pytest.raises(ValidationError, match=r"colour\n.*Extra inputs are not permitted"):
        adapter_type(kind).options_type.model_validate(section)


@KINDS
def test_options_cannot_be_changed_and_neither_can_those_inside(kind: str) -> None:
    def models(annotation: Any) -> Iterator[type[BaseModel]]:
        if isinstance(annotation, type) and issubclass(annotation, BaseModel):
            yield annotation
            for field in annotation.model_fields.values():
                yield from models(field.annotation)
        for inner in get_args(annotation):
            yield from models(inner)

    for model in models(adapter_type(kind).options_type):
        assert model.model_config.get("frozen"), model
        assert model.model_config.get("extra") == "forbid", model


@KINDS
def test_making_one_touches_nothing_outside(kind: str, tmp_path: Path) -> None:
    section = sample(kind)
    del section["kind"]
    options = adapter_type(kind).options_type.model_validate(section)
    assert adapter_type(kind)("field", options, context()).name == "field"
    assert list(tmp_path.iterdir()) == []


@KINDS
def test_readings_arrive_once_they_are_durable(kind: str, tmp_path: Path) -> None:
    sink = MemorySink()
    counts = played(kind, tmp_path, (GOOD,), sink, lambda: sink.readings)
    wanted = ARRIVED.get(kind, ("north-h2s", 1.5))
    assert [(reading.series.sensor, reading.value) for reading in sink.readings] == [wanted]
    assert counts["sent"] == counts["received"]


@KINDS
def test_rubbish_is_counted_and_costs_only_itself(kind: str, tmp_path: Path) -> None:
    sink = MemorySink()
    payloads = tuple(one for one in RUBBISH if kind != "replay" or one.isascii())  # a file is of one encoding
    counts = played(kind, tmp_path, (*payloads, GOOD), sink, lambda: sink.readings)
    assert balanced(counts)
    assert {source for source, _ in sink.rejects} == {"field"}
    assert sum(reject.count for _, reject in sink.rejects) == sum(n for name, n in counts.items() if "dropped" in name)


@KINDS
def test_back_pressure_loses_nothing(kind: str, tmp_path: Path) -> None:
    sink = MemorySink()
    sink.refusal = BackPressureError("full", 0.01)

    def relieved() -> bool:
        if sink.refused > 1:
            sink.refusal = None
        return bool(sink.readings)

    counts = played(kind, tmp_path, (GOOD,), sink, relieved)
    assert len(sink.readings) == 1
    assert balanced(counts)
