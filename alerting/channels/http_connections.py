"""Connections that are kept open from one POST to the next: what a library does per request costs more than sending."""

from __future__ import annotations

import asyncio
import ssl
from base64 import b64encode
from collections.abc import Mapping
from functools import cached_property
from typing import Any, Final

import httpx

from alerting.channels.http_response import BadAnswerError, Response, parse

IDLE_S: Final = 15.0
"""After so long without use a connection is closed; servers commonly do so after 15 to 75 s."""

Origin = tuple[str, str, int]
"""Scheme, host, port."""


class Lost(ConnectionError):  # noqa: N818  # what happened to a connection; its reader decides whether it is an error
    """A connection that had served before was closed before any of the answer came: it had been idle too long."""


class Address:
    """Where to POST to, taken apart once.

    Raises:
        httpx.InvalidURL, httpx.UnsupportedProtocol: no http or https address.
    """

    def __init__(self, url: str) -> None:
        found = httpx.URL(url)
        if found.scheme not in {"http", "https"} or not found.host:
            raise httpx.UnsupportedProtocol("neither http nor https")
        self.origin: Origin = (found.scheme, found.raw_host.decode(), found.port or (443 if _tls(found) else 80))
        lines = [f"POST {found.raw_path.decode()} HTTP/1.1", f"Host: {found.netloc.decode()}", "Accept: */*"]
        if found.userinfo:
            lines.append(f"Authorization: Basic {b64encode(f'{found.username}:{found.password}'.encode()).decode()}")
        self.head = "\r\n".join(lines) + "\r\n"

    def request(self, content: bytes, headers: Mapping[str, str]) -> bytes:
        """The whole request.

        Raises:
            ValueError: a header of several lines.
        """
        said = "".join([f"{name}: {value}\r\n" for name, value in headers.items()])
        if said.count("\r") != len(headers) or said.count("\n") != len(headers):
            raise ValueError("a header must be one line")
        return f"{self.head}{said}Content-Length: {len(content)}\r\n\r\n".encode() + content


def _tls(url: httpx.URL) -> bool:
    return url.scheme == "https"


class Connections:
    """Open connections by origin. Between `open` and `close` they are kept; otherwise each serves once."""

    def __init__(self) -> None:
        self._idle: dict[Origin, list[_Connection]] = {}
        self._keeping = False
        self._sweep: asyncio.TimerHandle | None = None

    def open(self) -> None:
        """Keep what is opened from now on, in this event loop."""
        self._keeping = True

    def close(self) -> None:
        """Close all of them, and keep none any more."""
        self._keeping = False
        if self._sweep:
            self._sweep.cancel()
            self._sweep = None
        for idle in self._idle.values():
            for one in idle:
                one.close()
        self._idle.clear()

    async def post(self, to: Address, content: bytes, headers: Mapping[str, str]) -> Response:
        """POST once; the time limit is the caller's.

        Raises:
            OSError: it cannot be reached, or broke off. BadAnswerError: what came is no answer.
        """
        request = to.request(content, headers)
        idle = self._idle.get(to.origin)
        if idle:
            try:
                return await self._exchange(idle.pop(), to.origin, request)
            except Lost:
                pass  # a server may close what was idle; the request goes again under the same Idempotency-Key
        return await self._exchange(await self._connect(to.origin), to.origin, request)

    async def _connect(self, origin: Origin) -> _Connection:
        scheme, host, port = origin
        loop = asyncio.get_running_loop()
        trust = self._trust if scheme == "https" else None
        _, connection = await loop.create_connection(_Connection, host, port, ssl=trust)
        return connection

    async def _exchange(self, connection: _Connection, origin: Origin, request: bytes) -> Response:
        try:
            answer = await connection.exchange(request)
        except BaseException:
            connection.close()
            raise
        if answer.reusable and self._keeping:
            self._idle.setdefault(origin, []).append(connection)
            if self._sweep is None:
                self._sweep = asyncio.get_running_loop().call_later(IDLE_S, self._close_idle)
        else:
            connection.close()
        return answer

    def _close_idle(self) -> None:
        """What was not used since the last sweep goes; the others are looked at again."""
        for origin, idle in list(self._idle.items()):
            for one in [one for one in idle if not one.used]:
                one.close()
            self._idle[origin] = [one for one in idle if one.used]
            for one in self._idle[origin]:
                one.used = False
            if not self._idle[origin]:
                del self._idle[origin]
        again = asyncio.get_running_loop().call_later(IDLE_S, self._close_idle) if self._idle else None
        self._sweep = again

    @cached_property
    def _trust(self) -> ssl.SSLContext:
        return ssl.create_default_context()


class _Connection(asyncio.Protocol):
    """One request at a time."""

    def __init__(self) -> None:
        self.used = False
        self._served = False
        self._closed = False
        self._come = b""
        self._answer: asyncio.Future[Response] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Of asyncio."""
        self._transport: Any = transport

    async def exchange(self, request: bytes) -> Response:
        if self._closed:
            raise Lost("closed while idle")
        self.used = True
        self._come = b""
        self._answer = asyncio.get_running_loop().create_future()
        self._transport.write(request)
        try:
            return await self._answer
        finally:
            self._answer = None
            self._served = True

    def data_received(self, data: bytes) -> None:
        """Of asyncio."""
        self._come = self._come + data if self._come else data
        self._look(ended=False)

    def connection_lost(self, exc: Exception | None) -> None:
        """Of asyncio."""
        self._closed = True
        waiting = self._answer
        if waiting is None or waiting.done():
            return
        if not self._come and self._served:
            waiting.set_exception(Lost("closed while idle"))
        elif exc is not None:
            waiting.set_exception(exc)
        else:
            self._look(ended=True)

    def _look(self, *, ended: bool) -> None:
        waiting = self._answer
        if waiting is None or waiting.done():  # nobody asked: what comes now belongs to no request
            self.close()
            return
        try:
            found = parse(self._come, ended=ended)
        except BadAnswerError as error:
            waiting.set_exception(error)
            return
        if found is not None:
            waiting.set_result(found)

    def close(self) -> None:
        self._closed = True
        self._transport.abort()
