"""What every process of a cluster has around its work: health, metrics, structured logs, a stop in good order.

GET /health    200 {"service": "worker", "status": "ok", "checks": {"kafka": "ok"}}; 503 with "failing" and the words
               of each check that fails
GET /metrics   the counters of the telemetry and the gauges of the service, for Prometheus
"""

from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import Callable, Coroutine, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final

import msgspec
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, ProcessCollector, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.registry import Collector
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from device_adapters.transport.http import HttpServer
from pipeline.config.service import ServiceOptions
from pipeline.errors import AddressError
from pipeline.runners.logs import log_as_json
from pipeline.telemetry import Telemetry

FINE: Final = "ok"

log = logging.getLogger(__name__)

Check = Callable[[], str]
"""`ok`, or in words what is wrong; asked on the event loop, so it only looks at what is known."""


@dataclass(frozen=True, slots=True)
class Gauge:
    """A number that goes up and down.

    Attributes:
        name: without `forewarn_`, with its unit: `spool_bytes`.
        read: the number now; by the values of `label`, where there is one.
    """

    name: str
    words: str
    read: Callable[[], float | Mapping[str, float]]
    label: str = ""


class Service:
    """One process's shell. Give it checks and gauges, then `serve` its work.

    Attributes:
        checks: by name, what has to hold.
        registry: where more metrics of prometheus-client may be registered.
        address: where it answers, `http://127.0.0.1:9471`; empty before it does.
    """

    def __init__(self, name: str, options: ServiceOptions, telemetry: Telemetry, port: int | None = None) -> None:
        """`port` takes the place of the configured one."""
        self.name = name
        self.telemetry = telemetry
        self.checks: dict[str, Check] = {}
        self.gauges: list[Gauge] = []
        self.address = ""
        self.registry = CollectorRegistry()
        self.registry.register(_Counted(self))
        ProcessCollector(namespace="forewarn", registry=self.registry)
        self._options = options
        self._port: int = getattr(options, f"{name}_port") if port is None else port
        self._app = Starlette(routes=[Route("/health", self._health), Route("/metrics", self._metrics)])

    async def serve(self, work: Callable[[], Coroutine[None, None, None]]) -> None:
        """Do the work, answering until it ends or is cancelled; then it has ended in good order.

        Raises:
            AddressError: the address cannot be had; nothing of the work was begun.
        """
        if self._options.log == "json":
            log_as_json(self.name)
        with self._listen() as listener:
            answering = asyncio.create_task(HttpServer(self._app).run_until_cancelled(listener))
            self.address = _address(self._options.host, listener)
            log.info("health and metrics at %s", self.address)
            try:
                await work()
            finally:
                answering.cancel()
                with suppress(asyncio.CancelledError):
                    await answering

    async def _health(self, _request: Request) -> Response:
        checks = {name: check() for name, check in self.checks.items()}
        good = all(words == FINE for words in checks.values())
        status = HTTPStatus.OK if good else HTTPStatus.SERVICE_UNAVAILABLE
        body = {"service": self.name, "status": FINE if good else "failing", "checks": checks}
        return Response(msgspec.json.encode(body), status, media_type="application/json")

    async def _metrics(self, _request: Request) -> Response:
        return Response(generate_latest(self.registry), headers={"Content-Type": CONTENT_TYPE_LATEST})

    def _listen(self) -> socket.socket:
        host, port = self._options.host, self._port
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        try:
            return socket.create_server((host, port), family=family)
        except OSError as error:
            why = str(error.strerror).partition(" (")[0]
            raise AddressError(
                f"[service]: the {self.name} cannot listen on {host} port {port}: {why}; choose another "
                f"{self.name}_port, or start it with --port (0 takes a free one)"
            ) from error


class _Counted(Collector):
    """The telemetry's counters and the service's gauges, read when Prometheus asks."""

    def __init__(self, service: Service) -> None:
        self._service = service

    def collect(self) -> Iterator[CounterMetricFamily | GaugeMetricFamily]:
        """Every figure as it is now."""
        words = "Readings, messages and deliveries by component, event and reason."
        events = CounterMetricFamily("forewarn_events", words, labels=("component", "event", "reason"))
        for (component, event, reason), number in self._service.telemetry.counts().items():
            events.add_metric((component, event.value, reason), number)
        yield events
        for gauge in self._service.gauges:
            yield _family(gauge)


def _family(gauge: Gauge) -> GaugeMetricFamily:
    family = GaugeMetricFamily(f"forewarn_{gauge.name}", gauge.words, labels=[gauge.label] if gauge.label else [])
    found = gauge.read()
    if isinstance(found, Mapping):
        for value, number in sorted(found.items()):
            family.add_metric([value], number)
    else:
        family.add_metric([], found)
    return family


def _address(host: str, listener: socket.socket) -> str:
    port = listener.getsockname()[1]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
