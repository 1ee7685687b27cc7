"""Devices push readings over HTTP: `POST /v1/readings`, JSON, line protocol or our own batches, gzip if they like.

202  every reading is durable: {"accepted": 100}
401  no token, or one that no device has            413  body over a bound
415  another Content-Type than those               408  body too slow
422  {"accepted": 98, "rejected": [{"position": 3, "reason": "bad_value", "detail": "..."}, ...]};
     the good ones are durable: repeat only the bad ones, repaired
429  more readings than agreed; come again after Retry-After seconds
503  cannot be made durable now, nothing was kept; come again after Retry-After seconds
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Mapping, Sequence
from hashlib import sha256
from hmac import compare_digest
from http import HTTPStatus
from typing import Any, ClassVar, Final

import msgspec
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from device_adapters.base import Adapter, AdapterContext, Decoded, Reject, RejectReason
from device_adapters.codecs.batches import MEDIA_TYPE as BATCH
from device_adapters.codecs.batches import Batches
from device_adapters.codecs.json_readings import JsonReadings
from device_adapters.codecs.line_protocol import LineProtocol
from device_adapters.codecs.measurements import Measurements
from device_adapters.codecs.times import EpochUnit
from device_adapters.http_options import DeviceOptions, HttpOptions
from device_adapters.intake import Intake, retry_after_s, table_of
from device_adapters.rate import TokenBucket
from device_adapters.transport.http import HttpServer, RefusedError, open_socket, read_body
from pipeline.errors import BackPressureError, JournalError

JSON: Final = "application/json"
LINES: Final = "text/plain"
BUSY_RETRY_AFTER_S: Final = 5.0


class _Device:
    """What is known of one device while it is served."""

    def __init__(self, options: DeviceOptions, listener: HttpOptions, table: Measurements) -> None:
        allowed = table.only(options.sensors)
        self.options = options
        self.bucket = TokenBucket(options.readings_per_s, options.burst_readings)
        self.json = JsonReadings(listener.json_form, allowed)
        self.lines = LineProtocol(listener.lines, allowed)
        self.batches = Batches(allowed)


class HttpPush(Adapter):
    """The adapter. Once `listening` is set, `port` is where."""

    kind: ClassVar[str] = "http"
    options_type: ClassVar[type[HttpOptions]] = HttpOptions

    def __init__(self, name: str, options: HttpOptions, context: AdapterContext) -> None:
        super().__init__(name, options, context)
        self._options = options
        self._intake = Intake(name, context)
        table = table_of(context.inventory)
        devices = [_Device(device, options, table) for device in options.devices.values()]
        self._devices = {device.options.token_sha256: device for device in devices}
        self._requests = 0
        routes = [Route("/v1/readings", self._post, methods=["POST"]), Route("/healthz", _healthz)]
        self._server = HttpServer(Starlette(routes=routes))
        self.listening = asyncio.Event()
        self.port = options.port

    async def run(self) -> None:
        """Serve until cancelled."""
        with open_socket(self.name, self._options.host, self._options.port) as sock:
            self.port = int(sock.getsockname()[1])
            self.listening.set()
            await self._server.run_until_cancelled(sock)

    async def _post(self, request: Request) -> Response:
        self._requests += 1
        try:
            device = self._device_of(request)
            return _answer(*await self._taken(device, await self._decoded(device, request)))
        except RefusedError as refusal:
            self._intake.drop(refusal.reason)
            return _answer_words(refusal.status, str(refusal), refusal.headers)
        except (BackPressureError, JournalError) as error:
            return _answer_words(HTTPStatus.SERVICE_UNAVAILABLE, str(error), _retry_after(retry_after_s(error)))
        finally:
            self._requests -= 1

    def _device_of(self, request: Request) -> _Device:
        """The sender, if it may send just now."""
        device = self._authenticated(request.headers.get("authorization", ""))
        if self._server.should_exit or self._requests > self._options.max_requests:
            why = "stopping" if self._server.should_exit else "busy"
            headers = _retry_after(BUSY_RETRY_AFTER_S)
            raise RefusedError(HTTPStatus.SERVICE_UNAVAILABLE, why, f"{why}; come again", headers)
        wait_s = device.bucket.wait_s(self.context.clock.monotonic_s())
        if wait_s > 0:
            detail = f"more than {device.options.readings_per_s:g} readings/s; come again in {wait_s:.1f} s"
            raise RefusedError(HTTPStatus.TOO_MANY_REQUESTS, "rate", detail, _retry_after(wait_s))
        return device

    def _authenticated(self, header: str) -> _Device:
        """Tokens are found by their hash, so that the time it takes tells nothing of the tokens there are."""
        scheme, _, token = header.partition(" ")
        digest = sha256(token.strip().encode()).hexdigest()
        device = self._devices.get(digest)
        if scheme.lower() == "bearer" and device and compare_digest(device.options.token_sha256, digest):
            return device
        detail = "send the device's token as `Authorization: Bearer TOKEN`"
        raise RefusedError(
            HTTPStatus.UNAUTHORIZED, "unauthorized", detail, {"WWW-Authenticate": 'Bearer realm="forewarn"'}
        )

    async def _decoded(self, device: _Device, request: Request) -> Decoded:
        media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if media_type not in (JSON, LINES, BATCH):
            raise RefusedError(
                HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "media_type", f"Content-Type must be {JSON}, {LINES} or {BATCH}"
            )
        options = self._options
        body = await read_body(request, options.max_body_bytes, options.max_inflated_bytes, options.body_timeout_s)
        received_at_ns = self.context.clock.now_ns()
        if media_type == JSON:
            return device.json.decode(body, received_at_ns)
        if media_type == BATCH:
            return device.batches.decode(body, received_at_ns)
        return device.lines.decode(body, received_at_ns, _precision(request))

    async def _taken(self, device: _Device, decoded: Decoded) -> tuple[int, Sequence[Reject]]:
        kept = await self._intake.take(decoded)
        device.bucket.take(kept + len(decoded.rejects), self.context.clock.monotonic_s())
        return kept, decoded.rejects


async def _healthz(_request: Request) -> Response:
    return PlainTextResponse("ok\n")


def _precision(request: Request) -> EpochUnit | None:
    """What `?precision=` says of the timestamps of lines, as InfluxDB's clients send it."""
    text = request.query_params.get("precision")
    try:
        return None if text is None else EpochUnit(text)
    except ValueError:
        detail = f"precision {text!r:.20} is none of {', '.join(EpochUnit)}"
        raise RefusedError(HTTPStatus.UNPROCESSABLE_ENTITY, RejectReason.MALFORMED, detail) from None


def _answer(accepted: int, rejects: Sequence[Reject]) -> Response:
    if not rejects:
        return _response(HTTPStatus.ACCEPTED, {"accepted": accepted})
    rejected = [{"position": one.position, "reason": one.reason.value, "detail": one.detail} for one in rejects]
    return _response(HTTPStatus.UNPROCESSABLE_ENTITY, {"accepted": accepted, "rejected": rejected})


def _answer_words(status: HTTPStatus, words: str, headers: Mapping[str, str]) -> Response:
    return _response(status, {"accepted": 0, "error": words}, headers)


def _response(status: HTTPStatus, body: Mapping[str, Any], headers: Mapping[str, str] | None = None) -> Response:
    return Response(msgspec.json.encode(body), status, headers, JSON)


def _retry_after(seconds: float) -> Mapping[str, str]:
    return {"Retry-After": str(max(1, math.ceil(seconds)))}
