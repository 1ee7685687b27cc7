"""Serving the page inside another process: the address, a port that is taken, the end."""

from __future__ import annotations

import asyncio
import socket

import httpx
import pytest

from alerting.console.app import create_app
from alerting.console.options import ConsoleOptions
from alerting.console.server import serve
from pipeline.errors import AddressError
from tests.console.served import served
from tests.console.source import MemorySource

pytestmark = pytest.mark.system


def test_answers_at_the_address_it_tells_until_it_is_stopped() -> None:
    with served(MemorySource()) as address:
        assert httpx.get(f"{address}healthz", timeout=60).json() == {"status": "ok", "version": 1}
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"{address}healthz")


def test_stops_at_once_though_a_page_is_open() -> None:
    with (
        served(MemorySource()) as address,
        httpx.Client(timeout=60) as client,
        client.stream("GET", f"{address}api/events") as page,
    ):
        lines = page.iter_lines()
        assert next(lines).startswith("id: ")


def test_a_port_that_is_taken_is_named_with_the_remedy() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        options = ConsoleOptions(port=taken.getsockname()[1])
        expected = rf"\[console\]: cannot listen on 127\.0\.0\.1 port {options.port}: .*; choose another host or port"
        with pytest.raises(AddressError, match=expected):
            asyncio.run(serve(create_app(MemorySource()), options, print))
