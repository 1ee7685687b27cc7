"""Connections that are kept open from one POST to the next: what a library does per request costs more than sending."""

from __future__ import annotations

import asyncio
import ssl
from base64 import b64encode
from collections.abc import Mapping
from functools import cache
from typing import Any, Final

import httpx

from alerting.channels.http_response import BadAnswerError, Response, parse

IDLE_S: Final = 15.0
"""After so long without use a connection is closed; servers commonly do so after 15 to 75 s."""

Origin = tuple[str, str, int]
"""Scheme, host, port."""


class LostError(ConnectionError):
    """A connection that had served before was closed before any of the answer came: it had been idle too long.

    Attributes:
        sent: whether the request may have reached the other side.
    """

    def __init__(self, *, sent: bool) -> None:
        super().__init__("closed while idle")
        self.sent = sent


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
        self.trust = trust() if _tls(found) else None  # made here, for it takes its time: not that of a try

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


@cache
def trust() -> ssl.SSLContext:
    """The authorities of this machine."""
    return ssl.create_default_context()


class Connections:
    """Open connections by origin. Between `open` and `close` they are kept; otherwise each serves once.

    Args:
        may_repeat: whether the receiver can tell a repeat, so that what was perhaps sent may go again at once.
    """

    def __init__(self, *, may_repeat: bool) -> None:
        self._may_repeat = may_repeat
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
        while idle:
            try:
                return await self._exchange(idle.pop(), to, request)
            except LostError as lost:  # a server may close what was idle
                if not lost.sent:
                    continue
                if not self._may_repeat:
                    raise
                break
        loop = asyncio.get_running_loop()
        _, host, port = to.origin
        _, connection = await loop.create_connection(_Connection, host, port, ssl=to.trust)
        return await self._exchange(connection, to, request)

    async def _exchange(self, connection: _Connection, to: Address, request: bytes) -> Response:
        try:
            answer = await connection.ask(request)
        except BaseException:
            connection.close()
            raise
        if answer.reusable and self._keeping:
            self._idle.setdefault(to.origin, []).append(connection)
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

    def ask(self, request: bytes) -> asyncio.Future[Response]:
        """Send it; the answer comes.

        Raises:
            LostError: closed by now, so nothing was sent.
        """
        if self._closed:
            raise LostError(sent=False)
        self.used = True
        self._come = b""
        answer = self._answer = asyncio.get_running_loop().create_future()
        self._transport.write(request)
        return answer

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
            waiting.set_exception(LostError(sent=True))
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
            self._answer, self._served = None, True
            waiting.set_result(found)

    def close(self) -> None:
        self._closed = True
        self._transport.abort()
