"""Forecasts of rain from outside: fetched from a weather service, or pushed to `POST /v1/rain-forecasts`.

202  every value that is ours is durable: {"accepted": 4}      401  no token, or another
422  some, or all, could not be read: {"accepted": 2, "rejected": [...]}; the good ones are durable
413, 408, 415  as for readings                              503  not now; come again after Retry-After seconds
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import math
import os
from collections.abc import Mapping
from hashlib import sha256
from hmac import compare_digest
from http import HTTPStatus
from typing import Any, ClassVar

import httpx
import msgspec
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from device_adapters.base import Adapter, AdapterContext, Decoded, Reject, RejectReason
from device_adapters.codecs.rain_documents import RainDocuments, RainPlace
from device_adapters.intake import Intake, retry_after_s, table_of
from device_adapters.rain_feed_options import RainFeedOptions
from device_adapters.transport.http import HttpServer, RefusedError, open_socket, read_body
from device_adapters.transport.poll import FetchError, Poller, Source, TooLongError
from pipeline.errors import BackPressureError, ConfigError, JournalError
from pipeline.forecast.parts import PARTS
from pipeline.model.hazard import SensorKind
from pipeline.model.inventory import Inventory
from pipeline.telemetry import Event

_log = logging.getLogger(__name__)


class RainFeed(Adapter):
    """The adapter. Once `listening` is set, `port` is where."""

    kind: ClassVar[str] = "rain_feed"
    options_type: ClassVar[type[RainFeedOptions]] = RainFeedOptions

    def __init__(self, name: str, options: RainFeedOptions, context: AdapterContext) -> None:
        super().__init__(name, options, context)
        self._options = options
        self._intake = Intake(name, context)
        places = _places(context.inventory, options.group)
        if not places:
            raise ConfigError(
                f"adapters.{name}", f"no sensor of kind rain and group {options.group!r} stands for a forecast"
            )
        self._codec = RainDocuments(places, options.reach_km, options.times, table_of(context.inventory))
        self._server = HttpServer(Starlette(routes=[Route("/v1/rain-forecasts", self._post, methods=["POST"])]))
        self._is_away = False
        self.listening = asyncio.Event()
        self.port = options.port or 0

    async def run(self) -> None:
        """Fetch and be pushed until cancelled.

        Raises:
            ConfigError: the token cannot be had.
            AddressError: the port cannot be had.
        """
        options, token = self._options, self._token()
        with contextlib.ExitStack() as opened:
            sock = None
            if options.port is not None:
                sock = opened.enter_context(open_socket(self.name, options.host, options.port))
                self.port = int(sock.getsockname()[1])
                self.listening.set()
            async with asyncio.TaskGroup() as tasks:
                if options.url is not None:
                    source = Source(options.url, token, options.max_bytes, options.timeout_s)
                    tasks.create_task(self._fetch(Poller(source)))
                if sock is not None:
                    tasks.create_task(self._server.run_until_cancelled(sock))

    async def _fetch(self, poller: Poller) -> None:
        async with httpx.AsyncClient(trust_env=False, follow_redirects=False) as client:
            while True:
                await self._fetch_once(poller, client)
                await asyncio.sleep(self._options.poll_s)

    async def _fetch_once(self, poller: Poller, client: httpx.AsyncClient) -> None:
        try:
            body = await poller.fetch(client)
        except TooLongError as error:
            await self._intake.take_patiently(Decoded(None, [Reject(None, RejectReason.TOO_LARGE, str(error))]))
            return
        except FetchError as error:
            self._intake.count(Event.RECEIVED, 1)
            self._intake.count(Event.FAILED, 1, "unreachable")
            if not self._is_away:
                _log.warning("%s: no forecast from %s: %s; trying again", self.name, self._options.url, error)
            self._is_away = True
            return
        if self._is_away:
            _log.info("%s: forecasts come again", self.name)
        self._is_away = False
        if body is not None:
            await self._intake.take_patiently(await self._decoded(body))

    async def _post(self, request: Request) -> Response:
        options = self._options
        try:
            self._authenticate(request)
            body = await read_body(request, options.max_bytes, options.max_bytes, options.timeout_s)
            decoded = await self._decoded(body)
            kept = await self._intake.take(decoded)
        except RefusedError as refusal:
            self._intake.drop(refusal.reason)
            return _response(refusal.status, {"accepted": 0, "error": str(refusal)}, refusal.headers)
        except (BackPressureError, JournalError) as error:
            wait = {"Retry-After": str(max(1, math.ceil(retry_after_s(error))))}
            return _response(HTTPStatus.SERVICE_UNAVAILABLE, {"accepted": 0, "error": str(error)}, wait)
        if not decoded.rejects:
            return _response(HTTPStatus.ACCEPTED, {"accepted": kept})
        rejected = [{"position": one.position, "reason": one.reason, "detail": one.detail} for one in decoded.rejects]
        return _response(HTTPStatus.UNPROCESSABLE_ENTITY, {"accepted": kept, "rejected": rejected})

    def _authenticate(self, request: Request) -> None:
        _, _, token = request.headers.get("authorization", "").partition(" ")
        if not compare_digest(sha256(token.strip().encode()).hexdigest(), self._options.token_sha256 or ""):
            detail = "send the token as `Authorization: Bearer TOKEN`"
            raise RefusedError(HTTPStatus.UNAUTHORIZED, "unauthorized", detail)

    async def _decoded(self, body: bytes) -> Decoded:
        return await asyncio.to_thread(self._codec.decode, body, self.context.clock.now_ns())

    def _token(self) -> str | None:
        options = self._options
        try:
            if options.token_file:
                return options.token_file.read_text("utf-8").splitlines()[0].strip()
            return os.environ[options.token_env] if options.token_env else None
        except (OSError, ValueError, IndexError):
            message = f"token_file {options.token_file} cannot be read, or is empty"
            raise ConfigError(f"adapters.{self.name}", message) from None
        except KeyError:
            message = f"token_env: {options.token_env} is not set in the environment"
            raise ConfigError(f"adapters.{self.name}", message) from None


def _places(inventory: Inventory, group: str) -> list[RainPlace]:
    sensors: dict[str, dict[tuple[int, int], str]] = {}
    where: dict[str, tuple[float, float] | None] = {}
    for one in inventory.sensors:
        if one.kind is SensorKind.RAIN and one.group == group and one.quantity in PARTS:
            site = inventory.site_by_id[one.site]
            sensors.setdefault(one.site, {})[PARTS[one.quantity]] = one.id
            held = (site.longitude_deg, site.latitude_deg), (one.longitude_deg, one.latitude_deg)
            for longitude, latitude in held:
                if longitude is not None and latitude is not None:
                    where[one.site] = longitude, latitude
    return [RainPlace(site, where.get(site), parts) for site, parts in sensors.items()]


def _response(status: HTTPStatus, body: Mapping[str, Any], headers: Mapping[str, str] | None = None) -> Response:
    return Response(msgspec.json.encode(body), status, headers, "application/json")
