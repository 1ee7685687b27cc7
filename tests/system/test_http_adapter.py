"""The HTTP adapter with real clients over real sockets."""

from __future__ import annotations

import asyncio
import gzip
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from hashlib import sha256
from typing import Any

import httpx
import pytest

from device_adapters.http_options import HttpOptions
from device_adapters.http_push import HttpPush
from pipeline.errors import AddressError, BackPressureError, ForewarnError, JournalError
from tests.adapter_rig import AT, MemorySink, context, counted, running, until

pytestmark = pytest.mark.system

TOKEN = "north-secret"
HASH = sha256(TOKEN.encode()).hexdigest()
JSON = {"Authorization": f"Bearer {TOKEN}", "Content-Type": "application/json"}
LINES = {"Authorization": f"Bearer {TOKEN}", "Content-Type": "text/plain; charset=utf-8"}
READING = {"sensor": "north-h2s", "value": 1.5, "at": AT}


def options(**more: Any) -> HttpOptions:
    device = {"token_sha256": HASH, "sensors": ["north-*"]} | more.pop("device", {})
    return HttpOptions.model_validate({"port": 0, "devices": {"north": device}} | more)


class Rig:
    def __init__(self, **more: Any) -> None:
        self.sink = MemorySink()
        self.context = context(self.sink)
        self.adapter = HttpPush("push", options(**more), self.context)

    @asynccontextmanager
    async def client(self) -> AsyncIterator[httpx.AsyncClient]:
        async with running(self.adapter):
            await self.adapter.listening.wait()
            base = f"http://127.0.0.1:{self.adapter.port}"
            async with httpx.AsyncClient(base_url=base, trust_env=False, timeout=60) as client:
                yield client

    @property
    def under_way(self) -> int:
        """Requests whose answer is not decided yet."""
        return self.adapter._requests

    def balanced(self) -> dict[str, int]:
        """The counters, after a look at whether they account for everything received."""
        counts = counted(self.context)
        told = sum(number for name, number in counts.items() if not name.startswith("received"))
        assert counts.get("received", 0) == told
        return counts


def played(rig: Rig, story: Callable[[httpx.AsyncClient], Awaitable[Any]]) -> Any:
    async def play() -> Any:
        async with rig.client() as client:
            return await story(client)

    return asyncio.run(play())


def posted(rig: Rig, content: bytes | str, headers: dict[str, str], path: str = "/v1/readings") -> httpx.Response:
    answer: httpx.Response = played(rig, lambda client: client.post(path, content=content, headers=headers))
    return answer


GOOD = {
    "json": (json.dumps({"readings": [READING]}), JSON),
    "gzip": (gzip.compress(json.dumps([READING]).encode()), JSON | {"Content-Encoding": "gzip"}),
    "lines": ("gas_ppm,sensor=north-h2s value=1.5", LINES),
    "scheme in any case": (json.dumps([READING]), JSON | {"Authorization": f"bearer  {TOKEN}"}),
}


@pytest.mark.parametrize(("content", "headers"), GOOD.values(), ids=GOOD)
def test_202_once_it_is_durable(content: bytes | str, headers: dict[str, str]) -> None:
    rig = Rig()
    answer = posted(rig, content, headers)
    assert (answer.status_code, answer.json()) == (202, {"accepted": 1})
    assert [reading.value for reading in rig.sink.readings] == [1.5]
    assert rig.balanced() == {"received": 1, "sent": 1}


def test_precision_of_lines_is_taken_from_the_query() -> None:
    rig = Rig()
    line = "gas_ppm,sensor=north-h2s value=1.5 1777622400"
    assert posted(rig, line, LINES, "/v1/readings?precision=s").status_code == 202
    assert posted(Rig(), line, LINES, "/v1/readings?precision=h").status_code == 422


def test_422_names_the_bad_and_keeps_the_good() -> None:
    rig = Rig()
    south = {"sensor": "south-tank", "value": 1, "at": AT}
    answer = posted(rig, json.dumps([READING, READING | {"value": None}, south]), JSON)
    assert answer.status_code == 422
    assert answer.json()["accepted"] == 1
    assert [(one["position"], one["reason"]) for one in answer.json()["rejected"]] == [
        (1, "bad_value"),
        (2, "not_allowed"),
    ]
    assert "send a finite number" in answer.json()["rejected"][0]["detail"]
    assert len(rig.sink.readings) == 1
    assert [(source, reject.position) for source, reject in rig.sink.rejects] == [("push", 1), ("push", 2)]
    assert rig.balanced() == {"received": 3, "sent": 1, "dropped:bad_value": 1, "dropped:not_allowed": 1}


REFUSED = {
    "no token": (b"[]", {"Content-Type": "application/json"}, 401, "unauthorized"),
    "another token": (b"[]", JSON | {"Authorization": "Bearer guess"}, 401, "unauthorized"),
    "another scheme": (b"[]", JSON | {"Authorization": f"Basic {TOKEN}"}, 401, "unauthorized"),
    "the hash for a token": (
        b"[]",
        JSON | {"Authorization": f"Bearer {HASH}"},
        401,
        "unauthorized",
    ),
    "another media type": (b"[]", JSON | {"Content-Type": "application/xml"}, 415, "media_type"),
    "another encoding": (b"[]", JSON | {"Content-Encoding": "br"}, 415, "media_type"),
    "too long": (b" " * 1001, JSON, 413, "too_large"),
    "too long once decompressed": (gzip.compress(bytes(5000)), JSON | {"Content-Encoding": "gzip"}, 413, "too_large"),
    "no gzip": (b"[]", JSON | {"Content-Encoding": "gzip"}, 422, "malformed"),
}


@pytest.mark.parametrize(("content", "headers", "status", "reason"), REFUSED.values(), ids=REFUSED)
def test_refused(content: bytes, headers: dict[str, str], status: int, reason: str) -> None:
    rig = Rig(max_body_bytes=1000, max_inflated_bytes=4000)
    answer = posted(rig, content, headers)
    assert answer.status_code == status
    assert answer.json()["error"]
    assert TOKEN not in answer.text
    assert ("www-authenticate" in answer.headers) == (status == 401)
    assert rig.balanced() == {"received": 1, f"dropped:{reason}": 1}


def test_413_for_a_body_that_does_not_tell_its_length() -> None:
    async def endless() -> AsyncIterator[bytes]:
        for _ in range(100):
            yield b" " * 100

    rig = Rig(max_body_bytes=1000)
    answer = played(rig, lambda client: client.post("/v1/readings", content=endless(), headers=JSON))
    assert answer.status_code == 413


def test_408_for_a_body_that_drips() -> None:
    async def drip() -> AsyncIterator[bytes]:
        yield b"["
        await until(lambda: counted(rig.context).get("dropped:timeout"))
        yield b"]"

    rig = Rig(body_timeout_s=0.1)
    answer = played(rig, lambda client: client.post("/v1/readings", content=drip(), headers=JSON))
    assert answer.status_code == 408
    assert rig.balanced() == {"received": 1, "dropped:timeout": 1}


def test_429_until_the_debt_is_paid() -> None:
    rig = Rig(device={"readings_per_s": 1, "burst_readings": 2})
    body = json.dumps([READING] * 12)

    async def story(client: httpx.AsyncClient) -> list[httpx.Response]:
        return [await client.post("/v1/readings", content=body, headers=JSON) for _ in range(2)]

    first, second = played(rig, story)
    assert first.status_code == 202
    assert (second.status_code, second.headers["retry-after"]) == (429, "10")
    assert "more than 1 readings/s" in second.json()["error"]
    assert rig.balanced() == {"received": 13, "sent": 12, "dropped:rate": 1}


HELD_UP: dict[str, tuple[ForewarnError, str, str]] = {
    "back-pressure": (BackPressureError("the journal is full", 7.2), "8", "back_pressure"),
    "journal": (JournalError("disk full"), "5", "journal"),
}


@pytest.mark.parametrize(("error", "seconds", "reason"), HELD_UP.values(), ids=HELD_UP)
def test_503_when_it_cannot_be_made_durable(error: ForewarnError, seconds: str, reason: str) -> None:
    rig = Rig()
    rig.sink.refusal = error
    answer = posted(rig, json.dumps([READING]), JSON)
    assert (answer.status_code, answer.headers["retry-after"]) == (503, seconds)
    assert rig.sink.readings == []
    assert rig.balanced() == {"received": 1, f"failed:{reason}": 1}


def test_503_when_too_many_come_at_once() -> None:
    rig, rest = Rig(max_requests=1), asyncio.Event()

    async def drip() -> AsyncIterator[bytes]:
        yield b"["
        await rest.wait()
        yield b"]"

    async def story(client: httpx.AsyncClient) -> list[httpx.Response]:
        slow = asyncio.create_task(client.post("/v1/readings", content=drip(), headers=JSON))
        await until(lambda: rig.under_way == 1)
        refused = await client.post("/v1/readings", content="[]", headers=JSON)
        rest.set()
        return [refused, await slow]

    refused, taken = played(rig, story)
    assert (refused.status_code, refused.headers["retry-after"]) == (503, "5")
    assert taken.status_code == 202


def test_healthz() -> None:
    assert played(Rig(), lambda client: client.get("/healthz")).text == "ok\n"


def test_rubbish_on_the_socket_does_not_stop_it() -> None:
    rig = Rig()

    async def story(client: httpx.AsyncClient) -> httpx.Response:
        reader, writer = await asyncio.open_connection("127.0.0.1", rig.adapter.port)
        writer.write(b"\x16\x03\x01\x00\xff rubbish\r\n\r\n")
        await reader.read()
        writer.close()
        return await client.post("/v1/readings", content=json.dumps([READING]), headers=JSON)

    assert played(rig, story).status_code == 202


def test_a_request_under_way_is_finished_when_the_adapter_stops() -> None:
    rig, rest = Rig(), asyncio.Event()

    async def drip() -> AsyncIterator[bytes]:
        yield json.dumps([READING]).encode()[:5]
        await rest.wait()
        yield json.dumps([READING]).encode()[5:]

    async def play() -> httpx.Response:
        async with running(rig.adapter) as serving, httpx.AsyncClient(trust_env=False, timeout=60) as client:
            await rig.adapter.listening.wait()
            url = f"http://127.0.0.1:{rig.adapter.port}/v1/readings"
            under_way = asyncio.create_task(client.post(url, content=drip(), headers=JSON))
            await until(lambda: rig.under_way == 1)
            serving.cancel()
            await until(lambda: rig.adapter._server.should_exit)
            rest.set()
            await asyncio.wait([serving])
            assert len(rig.sink.readings) == 1
            return await under_way

    assert asyncio.run(play()).status_code == 202


def test_an_address_that_is_taken_is_told_in_words() -> None:
    async def play() -> None:
        rig = Rig()
        async with running(rig.adapter):
            await rig.adapter.listening.wait()
            await HttpPush("second", options(port=rig.adapter.port), context()).run()

    with pytest.raises(
        AddressError, match=r"\[adapters.second\]: cannot listen on 127.0.0.1 port \d+: .*; choose another"
    ):
        asyncio.run(play())
