"""The feed of forecasts over real HTTP: fetched again only when it is another, pushed with a token, away and back."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest
from pydantic import ValidationError

from device_adapters.rain_feed import RainFeed
from device_adapters.rain_feed_options import RainFeedOptions
from pipeline.errors import BackPressureError, ConfigError, JournalError
from tests.adapter_rig import AT, FIELD, MemorySink, context, counted, running, until

TOKEN = "s3cret"
PUSHED = {"port": 0, "token_sha256": sha256(TOKEN.encode()).hexdigest()}


def document(median_mm: float, at: str = AT) -> bytes:
    point = {"site": "north", "horizon_min": 60, "median_mm": median_mm}
    return json.dumps({"issued_at": at, "points": [point]}).encode()


class Service:
    """A weather service; `etag` is what it marks its document with, if anything."""

    def __init__(self) -> None:
        self.body, self.status, self.etag = document(1.5), 200, ""
        self.asked: list[dict[str, str]] = []
        service = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                service.asked.append(dict(self.headers))
                known = service.etag and self.headers.get("If-None-Match") == service.etag
                self.send_response(304 if known else service.status)
                if service.etag:
                    self.send_header("ETag", service.etag)
                body = b"" if known else service.body
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/rain"


@contextmanager
def serving() -> Iterator[Service]:
    service = Service()
    thread = threading.Thread(target=service.server.serve_forever)
    thread.start()
    try:
        yield service
    finally:
        service.server.shutdown()
        service.server.server_close()
        thread.join()


def feed(sink: MemorySink, **options: Any) -> RainFeed:
    return RainFeed(
        "feed", RainFeedOptions.model_validate({"group": "service", "poll_s": 0.02} | options), context(sink)
    )


def values(sink: MemorySink) -> list[float]:
    return [one.value for one in sink.readings]


@pytest.mark.parametrize("etag", ["", '"one"'])
def test_the_same_document_is_taken_in_once(etag: str) -> None:
    async def story() -> None:
        sink = MemorySink()
        with serving() as service:
            service.etag = etag
            async with running(feed(sink, url=service.url)):
                await until(lambda: len(service.asked) > 3)
                assert len(sink.batches) == 1
                service.etag, service.body = etag.replace("one", "two"), document(2.5, "2026-05-01T07:55:00Z")
                await until(lambda: len(sink.batches) == 2)
            assert values(sink) == [1.5, 2.5]
            assert ("If-None-Match" in service.asked[2]) is bool(etag)

    asyncio.run(story())


def test_a_service_that_is_away_is_told_once_and_asked_again(caplog: pytest.LogCaptureFixture) -> None:
    async def story() -> None:
        sink = MemorySink()
        with serving() as service, caplog.at_level("INFO"):
            service.status = 503
            one = feed(sink, url=service.url)
            async with running(one):
                await until(lambda: len(service.asked) > 2)
                service.status = 200
                await until(lambda: sink.readings)
        told = [record.message for record in caplog.records if record.name.endswith("rain_feed")]
        assert told == [
            f"feed: no forecast from {service.url}: answered 503 Service Unavailable; trying again",
            "feed: forecasts come again",
        ]
        assert counted(one.context)["failed:unreachable"] > 1

    asyncio.run(story())


@pytest.mark.parametrize(
    ("body", "counter"),
    [(b"<html>", "dropped:malformed"), (document(1.5) + b" " * 300, "dropped:too_large")],
)
def test_what_cannot_be_read_goes_to_the_dead_letters(body: bytes, counter: str) -> None:
    async def story() -> None:
        sink = MemorySink()
        with serving() as service:
            service.body = body
            one = feed(sink, url=service.url, max_bytes=300)
            async with running(one):
                await until(lambda: sink.rejects)
            assert counted(one.context)[counter] >= 1
            assert not sink.readings

    asyncio.run(story())


def test_the_token_is_sent_and_one_that_is_missing_ends_the_start(tmp_path: Path) -> None:
    async def story() -> None:
        sink = MemorySink()
        (tmp_path / "token").write_text("secret\n")
        with serving() as service:
            async with running(feed(sink, url=service.url, token_file=tmp_path / "token")):
                await until(lambda: sink.readings)
            assert service.asked[0]["Authorization"] == "Bearer secret"
            with pytest.raises(ConfigError, match=r"token_env: NO_SUCH_TOKEN is not set"):
                await feed(sink, url=service.url, token_env="NO_SUCH_TOKEN").run()
            with pytest.raises(ConfigError, match="cannot be read"):
                await feed(sink, url=service.url, token_file=tmp_path / "none").run()

    asyncio.run(story())


@pytest.mark.parametrize(
    ("content", "token", "refusal", "status", "accepted"),
    [
        (document(1.5), TOKEN, None, 202, 1),
        (document(1.5), "another", None, 401, 0),
        (b"{", TOKEN, None, 422, 0),
        (document(1.5), TOKEN, BackPressureError("full", 3.0), 503, 0),
        (document(1.5), TOKEN, JournalError("disk"), 503, 0),
        (b"x" * 2000, TOKEN, None, 413, 0),
    ],
)
def test_what_is_pushed_is_answered_by_what_became_of_it(
    content: bytes, token: str, refusal: Any, status: int, accepted: int
) -> None:
    async def story() -> None:
        sink = MemorySink()
        sink.refusal = refusal
        one = feed(sink, **PUSHED, max_bytes=1000)
        async with running(one), httpx.AsyncClient(trust_env=False) as client:
            await one.listening.wait()
            where = f"http://127.0.0.1:{one.port}/v1/rain-forecasts"
            answer = await client.post(where, content=content, headers={"Authorization": f"Bearer {token}"})
        assert (answer.status_code, answer.json()["accepted"]) == (status, accepted)
        assert len(sink.readings) == accepted
        assert ("Retry-After" in answer.headers) is (status == 503)
        assert TOKEN not in answer.text

    asyncio.run(story())


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({}, "needs url, to fetch forecasts, or port"),
        ({"url": "ftp://x"}, "url"),
        ({"port": 0}, "port and token_sha256 go together"),
        ({"url": "http://x", "token_env": "A", "token_file": "b"}, "give one of them"),
        ({"url": "http://x", "group": "radar"}, "'radar' is what Forewarn makes itself"),
    ],
)
def test_options_that_cannot_be_meant(options: dict[str, Any], words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        RainFeedOptions.model_validate({"group": "service"} | options)


def test_a_feed_for_nobody_is_refused() -> None:
    assert any(one.group == "service" for one in FIELD.sensors)
    with pytest.raises(ConfigError, match="no sensor of kind rain and group 'other'"):
        feed(MemorySink(), url="http://x", group="other")
