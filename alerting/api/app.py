"""Serves the interface: who asks, may they, is it well formed; then the row acts, in a thread.

A token stands in the Authorization header and nowhere else, so no other page can make a browser send it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from importlib.metadata import version
from typing import Final

import msgspec
from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from alerting.api import aftermath, alerts, control, drills, duty, listed, verified, warnings
from alerting.api.endpoint import Ask, Endpoint
from alerting.api.openapi import openapi
from alerting.api.tries import Tries
from alerting.desk import Desk
from alerting.people.actor import Actor
from pipeline.errors import DutyError, ForbiddenError, StoreError, UnknownError
from pipeline.model.level import Level

PREFIX: Final = "/api/v1"
BODY_MAX: Final = 1_000_000
CALLS_SHOWN: Final = 100
ENDPOINTS: Final = (
    *control.ENDPOINTS,
    *warnings.ENDPOINTS,
    *duty.ENDPOINTS,
    *aftermath.ENDPOINTS,
    *verified.ENDPOINTS,
    *drills.ENDPOINTS,
    *alerts.ENDPOINTS,
    *listed.ENDPOINTS,
)
Answering = Callable[[Request], Awaitable[Response]]


class Refused(Exception):  # noqa: N818  # an answer, no defect
    """Answered with a status and a reason."""

    def __init__(self, status: int, why: str) -> None:
        super().__init__(why)
        self.status = status


def routes(desk: Desk) -> list[Route]:
    """Every endpoint, the document that describes them, and for everybody how much waits."""
    tries = Tries(desk.clock)
    document = msgspec.json.encode(openapi(ENDPOINTS, version("forewarn")))

    async def described(_: Request) -> Response:
        return Response(document, media_type="application/json")

    async def summary(_: Request) -> Response:
        return Response(msgspec.json.encode(await asyncio.to_thread(_summary, desk)), media_type="application/json")

    served = [Route(PREFIX + one.path, _served(one, desk, tries), methods=[one.method]) for one in ENDPOINTS]
    open_to_all = [Route(f"{PREFIX}/openapi.json", described), Route(f"{PREFIX}/summary", summary)]
    return [*open_to_all, *served, *_as_alertmanager(desk, tries)]


def _as_alertmanager(desk: Desk, tries: Tries) -> list[Route]:
    """Where others post alerts to an Alertmanager, and list them."""
    both = (alerts.POSTED, listed.LISTED)
    return [Route(alerts.V2, _served(one, desk, tries), methods=[one.method]) for one in both]


def _summary(desk: Desk) -> dict[str, object]:
    """Numbers that the page shows to everybody: how much waits for people, and whether there are any."""
    waiting = desk.store.pending()
    return {
        "desk": bool(desk.duty.people),
        "waiting": len(waiting),
        "red": sum(one.level is Level.RED for one in waiting),
        "calls": len(desk.store.calls(CALLS_SHOWN, open_only=True)),
        "late": sorted(desk.overlook.late) if desk.overlook else [],
    }


def _served(one: Endpoint, desk: Desk, tries: Tries) -> Answering:
    async def answer(request: Request) -> Response:
        try:
            return await _answer(one, desk, tries, request)
        except Refused as error:
            return refusal(error.status, str(error))
        except DutyError as error:
            return refusal(status_of(error), str(error))
        except StoreError as error:
            return refusal(503, str(error))

    return answer


async def _answer(one: Endpoint, desk: Desk, tries: Tries, request: Request) -> Response:
    actor = await known(desk, tries, request)
    one.require(actor)
    raw = await body_of(request)
    query = request.query_params
    repeated = {name: query.getlist(name) for name in query}
    ask = Ask(desk, actor, request.path_params, dict(query), _body(one, raw), raw, repeated)
    strange = sorted(set(ask.query) - set(one.query))
    if strange:
        raise Refused(400, f"unknown in the query: {', '.join(strange)}; known: {', '.join(one.query) or 'none'}")
    guessing = one.path == "/answers"
    if guessing:
        _within(tries, actor.name)
    try:
        made = await asyncio.to_thread(one.act, ask)
    except DutyError:
        if guessing:
            tries.failed(actor.name)
        raise
    if one.raw and one.method == "GET":
        return Response(made, media_type=one.raw)
    return Response(one.encoded(made), media_type="application/json")


async def known(desk: Desk, tries: Tries, request: Request) -> Actor:
    """Who asks.

    Raises:
        Refused: no valid token, or too many wrong ones from this address.
    """
    host = request.client.host if request.client else ""
    _within(tries, host)
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    actor = await asyncio.to_thread(desk.actor, token.strip()) if scheme.lower() == "bearer" else None
    if actor is None:
        if token:
            tries.failed(host)
        raise Refused(401, "no valid token; send Authorization: Bearer TOKEN, made by `forewarn token make PERSON`")
    return actor


async def body_of(request: Request) -> bytes:
    """The whole body.

    Raises:
        Refused: longer than 1 MB.
    """
    parts, size = [], 0
    async for part in request.stream():
        size += len(part)
        if size > BODY_MAX:
            raise Refused(413, f"the body is longer than {BODY_MAX} bytes")
        parts.append(part)
    return b"".join(parts)


def refusal(status: int, why: str) -> Response:
    """An error as JSON."""
    headers = {"www-authenticate": "Bearer"} if status == 401 else {}  # noqa: PLR2004  # HTTP's own number
    body = msgspec.json.encode({"error": why})
    return Response(body, status, headers=headers, media_type="application/json")


def status_of(error: DutyError) -> int:
    """HTTP's number for why it is not done."""
    return 403 if isinstance(error, ForbiddenError) else 404 if isinstance(error, UnknownError) else 409


def _within(tries: Tries, who: str) -> None:
    if tries.too_many(who):
        raise Refused(429, "too many wrong tokens or codes; wait a minute")


def _body(one: Endpoint, raw: bytes) -> object:
    if one.body is None:
        return None
    try:
        return one.body.model_validate_json(raw)
    except ValidationError as error:
        item = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(map(str, item["loc"])) or "body"
        raise Refused(400, f"{place}: {item['msg']}") from error
