"""The web application: routes over a ConsoleSource, read only, and beside them what the caller adds."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from secrets import token_hex
from typing import Any

import msgspec
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import FileResponse, Response, StreamingResponse
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from alerting.console.hub import Hub
from alerting.console.options import ConsoleOptions
from alerting.console.protect import Protect
from alerting.console.screen import Screen
from alerting.console.sensor_views import Catalogue, SensorStates
from alerting.console.source import ConsoleSource
from alerting.console.static_files import STATIC
from pipeline.telemetry import Telemetry


class Sensors(msgspec.Struct, frozen=True):
    """The catalogue with the state of every sensor."""

    catalogue: Catalogue
    states: SensorStates


class Pages:
    """The answers, one method a route. None from the source is a 404."""

    def __init__(self, source: ConsoleSource, hub: Hub) -> None:
        self._source = source
        self._hub = hub

    async def situation(self, _: Request) -> Response:
        """Everything the page begins with."""
        return _json(await self._hub.snapshot())

    async def sensors(self, _: Request) -> Response:
        """Areas, sites, sensors and their states."""
        return _json(Sensors(await self._source.sensors(), await self._source.sensor_states(0)))

    async def series(self, request: Request) -> Response:
        """The last readings of one sensor."""
        return _found(await self._source.series(request.path_params["id"]), "sensor")

    async def warning(self, request: Request) -> Response:
        """One chain with all its evidence and deliveries."""
        return _found(await self._source.warning(request.path_params["id"]), "warning")

    async def finding(self, request: Request) -> Response:
        """One finding with its readings."""
        return _found(await self._source.finding(request.path_params["id"]), "finding")

    async def cap(self, request: Request) -> Response:
        """The CAP document of one report."""
        document = await self._source.cap(request.path_params["id"])
        if document is None:
            raise HTTPException(404, "no such report")
        return Response(document, media_type="application/cap+xml")

    async def feed(self, _: Request) -> Response:
        """The public Atom feed."""
        return Response(await self._source.feed(), media_type="application/atom+xml")

    async def metrics(self, _: Request) -> Response:
        """Counters for Prometheus."""
        return Response(self._source.metrics_text(), media_type="text/plain; version=0.0.4")

    async def health(self, _: Request) -> Response:
        """Says that the process answers."""
        return _json({"status": "ok", "version": self._source.version})

    async def no_desk(self, _: Request) -> Response:
        """Says that nobody acts through this page, where the caller adds no duty desk."""
        return _json({"desk": False, "waiting": 0, "red": 0, "calls": 0})

    async def events(self, request: Request) -> Response:
        """The stream of changes; `Last-Event-ID` resumes it."""
        stream = self._hub.stream(request.headers.get("last-event-id", ""))
        return StreamingResponse(stream, media_type="text/event-stream")

    async def index(self, _: Request) -> Response:
        """The page itself."""
        return FileResponse(STATIC / "index.html")


def create_app(
    source: ConsoleSource,
    options: ConsoleOptions | None = None,
    telemetry: Telemetry | None = None,
    more: Sequence[Route] = (),
) -> Starlette:
    """The application; its lifespan runs the hub (`app.state.hub`) that looks for changes.

    Args:
        more: what else is served here, such as the interface through which people act.
    """
    hub = Hub(source, telemetry or Telemetry(), epoch=token_hex(4))
    pages = Pages(source, hub)

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        looking = asyncio.create_task(hub.run())
        yield
        looking.cancel()
        with suppress(asyncio.CancelledError):
            await looking

    protect = Middleware(Protect, answers_to=(options or ConsoleOptions()).answers_to)
    refused = {HTTPException: _refuse}
    screen = Screen(source)
    served = [*_routes(pages), *screen.routes(), *more, Route("/api/v1/summary", pages.no_desk)]
    app = Starlette(routes=served, middleware=[protect], exception_handlers=refused, lifespan=lifespan)
    app.state.hub, app.state.screen = hub, screen
    return app


def _routes(pages: Pages) -> list[Route | Mount]:
    return [
        Route("/", pages.index),
        Mount("/static", StaticFiles(directory=STATIC)),
        Route("/api/situation", pages.situation),
        Route("/api/sensors", pages.sensors),
        Route("/api/sensors/{id}/series", pages.series),
        Route("/api/warnings/{id}", pages.warning),
        Route("/api/findings/{id}", pages.finding),
        Route("/api/events", pages.events),
        Route("/cap/{id}.xml", pages.cap),
        Route("/feed.atom", pages.feed),
        Route("/metrics", pages.metrics),
        Route("/healthz", pages.health),
    ]


def _json(content: Any) -> Response:
    return Response(msgspec.json.encode(content), media_type="application/json")


def _found(content: msgspec.Struct | None, what: str) -> Response:
    if content is None:
        raise HTTPException(404, f"no such {what}")
    return _json(content)


async def _refuse(_: Request, error: Exception) -> Response:
    """Errors as JSON, whoever raised them."""
    refused = error if isinstance(error, HTTPException) else HTTPException(500)
    body = msgspec.json.encode({"error": refused.detail})
    return Response(body, refused.status_code, headers=refused.headers, media_type="application/json")
