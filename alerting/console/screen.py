"""A page for public screens: the warnings in force, large, kept true by server-sent events.

It shows what the public feed lists and nothing else, so what is not released, is over, or is an exercise never stands
on a screen. A screen that hears nothing for a while says so itself.

Events: `warnings` (all of them, when they changed), `pulse` (every few seconds).
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import suppress
from typing import Final

import msgspec
from lxml import etree
from starlette.requests import Request
from starlette.responses import FileResponse, Response, StreamingResponse
from starlette.routing import Route

from alerting.cap_parse import CapError, CapInfo, parse
from alerting.console.hub import frame
from alerting.console.source import ConsoleSource
from alerting.console.static_files import STATIC
from alerting.feed import NAMESPACE

LOOK_EVERY_S: Final = 0.5
LOOKS_A_PULSE: Final = 6
_ENTRY: Final = f"{{{NAMESPACE}}}entry"
_LINK: Final = f"{{{NAMESPACE}}}link"


class Words(msgspec.Struct, frozen=True):
    """What is shown in one language."""

    language: str
    headline: str
    instruction: str


class Shown(msgspec.Struct, frozen=True):
    """One warning; `level` is a word of the four colours, instants are RFC 3339."""

    id: str
    level: str
    sent_at: str
    expires_at: str
    areas: tuple[str, ...]
    words: tuple[Words, ...]


class Screen:
    """Two answers: the page, and its stream."""

    def __init__(self, source: ConsoleSource) -> None:
        self._source = source
        self._closed = asyncio.Event()

    def close(self) -> None:
        """End every stream: the process is about to stop, and screens come back by themselves."""
        self._closed.set()

    def routes(self) -> list[Route]:
        """`/screen`, and `/screen/events?area=330106` for screens of one place."""
        return [Route("/screen", self.page), Route("/screen/events", self.events)]

    async def page(self, _: Request) -> Response:
        """The page itself."""
        return FileResponse(STATIC / "screen.html")

    async def events(self, request: Request) -> Response:
        """The stream of one screen."""
        stream = self.stream(request.query_params.get("area", "").rstrip("0"))
        return StreamingResponse(stream, media_type="text/event-stream")

    async def stream(self, area: str = "") -> AsyncGenerator[bytes, None]:
        """Until the screen goes away. `area`: leading digits of the division that it stands in."""
        told: list[Shown] | None = None
        while not self._closed.is_set():
            found = [one for one in await self.shown() if concerns(one, area)]
            if found != told:
                told = found
                yield frame("warnings", msgspec.json.encode(found))
            yield frame("pulse", b"{}")
            version = self._source.version
            for _ in range(LOOKS_A_PULSE):  # what expires is found by the next pulse, what is new by the next look
                with suppress(TimeoutError):
                    async with asyncio.timeout(LOOK_EVERY_S):
                        await self._closed.wait()
                if self._closed.is_set() or self._source.version != version:
                    break

    async def shown(self) -> list[Shown]:
        """What the public feed lists, newest first."""
        feed = etree.fromstring(await self._source.feed())
        links = [str(link.get("href")) for entry in feed.findall(_ENTRY) for link in entry.findall(_LINK)]
        found = [await self._one(link.rpartition("/")[2].removesuffix(".xml")) for link in links]
        return [one for one in found if one is not None]

    async def _one(self, report: str) -> Shown | None:
        document = await self._source.cap(report)
        try:
            alert = parse(document or b"")
        except CapError:
            return None
        infos = [one for one in alert.infos if one.urgency != "Past"] or alert.infos  # where it goes on
        return Shown(
            id=report,
            level=_level(infos[0]),
            sent_at=alert.sent_at.isoformat(),
            expires_at=infos[0].expires_at.isoformat() if infos[0].expires_at else "",
            areas=tuple(code for area in infos[0].areas for _, code in area.geocodes),
            words=tuple(Words(info.language, info.headline, info.instruction) for info in infos),
        )


def concerns(one: Shown, area: str) -> bool:
    """Whether a warning is of the division with these leading digits, of one within it, or of one that holds it."""
    return not area or any(code.startswith(area) or area.startswith(code.rstrip("0")) for code in one.areas)


def _level(info: CapInfo) -> str:
    return next((value for name, value in info.parameters if name == "forewarn:level"), "red")
