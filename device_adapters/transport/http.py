"""HTTP as a carrier: bodies within their bounds, and a server that stops when its task is cancelled."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import zlib
from collections.abc import Iterator, Mapping
from http import HTTPStatus
from types import MappingProxyType
from typing import Final

import uvicorn
from starlette.requests import ClientDisconnect, Request
from starlette.types import ASGIApp

from pipeline.errors import AddressError

GZIP_WINDOW: Final = 31
"""zlib's window bits for a gzip stream."""
GRACE_S: Final = 5
"""How long requests under way may take when the server stops."""
KEEP_ALIVE_S: Final = 75
"""Longer than the minute that most devices report by, so that they need not connect anew each time."""


class RefusedError(Exception):
    """Ends a request that brings no readings: the status and headers to answer with, the reason to count, the words."""

    def __init__(
        self, status: HTTPStatus, reason: str, detail: str, headers: Mapping[str, str] = MappingProxyType({})
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.reason = reason
        self.headers = headers


async def read_body(request: Request, max_bytes: int, max_inflated_bytes: int, timeout_s: float) -> bytes:
    """The body, decompressed where it is gzip.

    Raises:
        RefusedError: 413 too long (also without a Content-Length, also once decompressed), 408 too slow, 415 another
            Content-Encoding, 422 no gzip, 400 a sender that went away.
    """
    encoding = request.headers.get("content-encoding", "identity").lower()
    if encoding not in ("identity", "gzip"):
        raise RefusedError(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "media_type", "Content-Encoding must be gzip or absent")
    try:
        async with asyncio.timeout(timeout_s):
            body = await _bounded(request, max_bytes)
    except TimeoutError:
        raise RefusedError(HTTPStatus.REQUEST_TIMEOUT, "timeout", f"body took over {timeout_s:g} s") from None
    except ClientDisconnect:
        raise RefusedError(HTTPStatus.BAD_REQUEST, "disconnected", "sender went away") from None
    return inflate(body, max_inflated_bytes) if encoding == "gzip" else body


async def _bounded(request: Request, max_bytes: int) -> bytes:
    too_long = RefusedError(
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "too_large", f"body exceeds {max_bytes} bytes; send less"
    )
    stated = request.headers.get("content-length", "")
    if stated.isdecimal() and int(stated) > max_bytes:
        raise too_long
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > max_bytes:
            raise too_long
    return bytes(body)


def inflate(data: bytes, max_bytes: int) -> bytes:
    """One gzip stream, decompressed; never more than `max_bytes` of it are held.

    Raises:
        RefusedError: 413 longer than that, 422 no whole gzip stream.
    """
    stream = zlib.decompressobj(GZIP_WINDOW)
    try:
        body = stream.decompress(data, max_bytes)
    except zlib.error as error:
        raise RefusedError(HTTPStatus.UNPROCESSABLE_ENTITY, "malformed", f"body is no gzip: {error}") from error
    if stream.eof and not stream.unused_data:
        return body
    if len(body) >= max_bytes:
        detail = f"body exceeds {max_bytes} bytes once decompressed; send less"
        raise RefusedError(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "too_large", detail)
    raise RefusedError(HTTPStatus.UNPROCESSABLE_ENTITY, "malformed", "body is not one whole gzip stream")


def open_socket(name: str, host: str, port: int) -> socket.socket:
    """A listening socket; port 0 takes a free one.

    Raises:
        AddressError: the address cannot be had.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        listener = socket.create_server((host, port), family=family, backlog=2048)
    except OSError as error:
        why = str(error.strerror).partition(" (")[0]
        raise AddressError(
            f"[adapters.{name}]: cannot listen on {host} port {port}: {why}; choose another host or port"
        ) from error
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # asyncio does not for a socket it is given
    return listener


class HttpServer(uvicorn.Server):
    """uvicorn inside a process of ours: the signals stay the process's."""

    def __init__(self, app: ASGIApp) -> None:
        config = uvicorn.Config(
            app,
            log_config=None,
            access_log=False,
            lifespan="off",
            ws="none",
            server_header=False,
            timeout_keep_alive=KEEP_ALIVE_S,
            timeout_graceful_shutdown=GRACE_S,
        )
        super().__init__(config)

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave them alone."""
        yield

    async def run_until_cancelled(self, sock: socket.socket) -> None:
        """Serve; once cancelled, let the requests under way finish for up to GRACE_S."""
        serving = asyncio.create_task(self.serve([sock]))
        try:
            await asyncio.shield(serving)
        finally:
            self.should_exit = True
            await serving
