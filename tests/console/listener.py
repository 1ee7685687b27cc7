"""Reads an event stream from the application itself, without a socket."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass
from typing import Any, Self

from starlette.types import ASGIApp, Message, Scope


@dataclass(frozen=True)
class Heard:
    """One server-sent event."""

    event: str
    number: str
    data: Any


class Listener:
    """One page, as the server sees it: `async with Listener(app) as page: await page.next("patch")`."""

    def __init__(self, app: ASGIApp, last_event_id: str = "") -> None:
        self._app = app
        self._headers = [(b"host", b"127.0.0.1"), (b"last-event-id", last_event_id.encode())]
        self._events: asyncio.Queue[Heard] = asyncio.Queue()
        self._gone = asyncio.Event()

    async def __aenter__(self) -> Self:
        scope: Scope = {
            "type": "http",
            "asgi": {"version": "3.0", "spec_version": "2.3"},
            "http_version": "1.1",
            "method": "GET",
            "scheme": "http",
            "path": "/api/events",
            "raw_path": b"/api/events",
            "root_path": "",
            "query_string": b"",
            "headers": self._headers,
        }
        self._serving = asyncio.ensure_future(self._app(scope, self._receive, self._send))
        return self

    async def __aexit__(self, *_: object) -> None:
        self._gone.set()
        await self._serving

    async def next(self, event: str) -> Heard:
        """The next event of that name; others on the way are passed over."""
        async with asyncio.timeout(60):
            while (heard := await self._events.get()).event != event:
                pass
        return heard

    async def ended(self) -> None:
        """Wait until the server ends the stream."""
        async with asyncio.timeout(60):
            await self._serving

    async def _receive(self) -> Message:
        await self._gone.wait()
        return {"type": "http.disconnect"}

    async def _send(self, message: Message) -> None:
        for block in message.get("body", b"").decode().split("\n\n"):
            if block:
                fields = dict(line.split(": ", 1) for line in block.split("\n"))
                self._events.put_nowait(Heard(fields["event"], fields.get("id", ""), json.loads(fields["data"])))
