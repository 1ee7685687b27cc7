"""The shell of a process: health, metrics, structured logs, an end in good order."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from pipeline.config.service import ServiceOptions
from pipeline.errors import AddressError
from pipeline.runners.logs import JsonLines, log_as_json
from pipeline.runners.service import FINE, Gauge, Service
from pipeline.telemetry import Event, Telemetry


@pytest.fixture(autouse=True)
def root_handlers() -> Iterator[None]:
    handlers = logging.getLogger().handlers
    formatters = [one.formatter for one in handlers]
    yield
    for handler, formatter in zip(handlers, formatters, strict=True):
        handler.setFormatter(formatter)


def asked(service: Service, path: str) -> httpx.Response:
    """What it answers while it works."""
    answers = []

    async def work() -> None:
        async with httpx.AsyncClient(timeout=60) as client:
            answers.append(await client.get(service.address + path))

    asyncio.run(service.serve(work))
    return answers[0]


def a_service(telemetry: Telemetry | None = None, **options: Any) -> Service:
    return Service("worker", ServiceOptions(worker_port=0, **options), telemetry or Telemetry())


@pytest.mark.parametrize(
    ("check", "code", "status"), [(lambda: FINE, 200, "ok"), (lambda: "the broker is away", 503, "failing")]
)
def test_health_is_what_the_checks_say(check: Callable[[], str], code: int, status: str) -> None:
    service = a_service()
    service.checks |= {"kafka": check, "disk": lambda: FINE}
    answer = asked(service, "/health")
    assert answer.status_code == code
    assert answer.json() == {"service": "worker", "status": status, "checks": {"kafka": check(), "disk": FINE}}


def test_metrics_are_the_counters_the_gauges_and_the_process() -> None:
    telemetry = Telemetry()
    telemetry.count("core", Event.DROPPED, 3, 'a "reason"')
    service = a_service(telemetry)
    service.gauges += [
        Gauge("spool_bytes", "What waits.", lambda: 7.0),
        Gauge("position", "Offsets.", lambda: {"1": 20, "0": 10}, "partition"),
    ]
    answer = asked(service, "/metrics")
    assert answer.headers["content-type"].startswith("text/plain; version=")
    lines = answer.text.splitlines()
    assert 'forewarn_events_total{component="core",event="dropped",reason="a \\"reason\\""} 3.0' in lines
    assert "forewarn_spool_bytes 7.0" in lines
    assert 'forewarn_position{partition="0"} 10.0' in lines
    assert any(line.startswith("forewarn_process_resident_memory_bytes ") for line in lines)


def test_it_ends_with_its_work_and_lets_go_of_the_address() -> None:
    service = a_service()

    async def broken() -> None:
        raise AddressError("the work ended")

    with pytest.raises(AddressError, match="the work ended"):
        asyncio.run(service.serve(broken))
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"{service.address}/health")


def test_an_address_that_is_taken_is_told_before_any_work() -> None:
    first = a_service()
    begun = []

    async def work() -> None:
        second = Service("worker", ServiceOptions(), Telemetry(), port=int(first.address.rpartition(":")[2]))
        with pytest.raises(AddressError, match=r"the worker cannot listen on 127\.0\.0\.1 port \d+: .*--port"):
            await second.serve(must_not_begin)

    async def must_not_begin() -> None:
        begun.append(True)

    asyncio.run(first.serve(work))
    assert not begun


def test_a_log_line_is_one_json_object() -> None:
    try:
        raise ValueError("broken")  # noqa: TRY301  # a traceback is wanted
    except ValueError as error:
        information = (ValueError, error, error.__traceback__)
    record = logging.LogRecord("a.b", logging.ERROR, "", 0, "two\nlines of %s", ("words",), information)
    record.created = 1_780_300_800.123
    line = JsonLines("gateway").format(record)
    assert "\n" not in line
    told = json.loads(line)
    assert told.pop("error").endswith("ValueError: broken")
    assert told == {
        "at": "2026-06-01T08:00:00.123000Z",
        "level": "error",
        "service": "gateway",
        "logger": "a.b",
        "message": "two\nlines of words",
    }


@pytest.mark.parametrize(("log", "is_json"), [("json", True), ("text", False)])
def test_the_log_has_the_form_that_was_asked_for(log: str, is_json: bool) -> None:  # noqa: FBT001  # a column
    handler = logging.StreamHandler()
    logging.getLogger().addHandler(handler)
    try:
        asked(a_service(log=log), "/health")
        assert isinstance(handler.formatter, JsonLines) is is_json
        log_as_json("worker")
        assert isinstance(handler.formatter, JsonLines)
    finally:
        logging.getLogger().removeHandler(handler)
