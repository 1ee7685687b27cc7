"""The page behind the link in a call: one person, one matter, a button or two. No sign-in: the link is the key.

Opening it changes nothing, for chats and mail programs open links by themselves; only the button does.
"""

from __future__ import annotations

import asyncio
from html import escape
from typing import Final
from urllib.parse import parse_qs

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from alerting.api.app import body_of
from alerting.api.tries import Tries
from alerting.desk import Desk
from alerting.people.actor import Actor
from alerting.stages.escalate import Call, CallState, Summons
from pipeline.errors import DutyError, UnknownError
from pipeline.model.release import ReleaseState
from pipeline.model.release import Request as Asked
from pipeline.model.warning import HazardWarning

PATH: Final = "/a/{token}"
_STYLE: Final = (
    "body{font:18px/1.5 system-ui,sans-serif;max-width:34em;margin:2em auto;padding:0 1em;color:#1b1f24}"
    "button{font:inherit;padding:.6em 1.4em;margin:.4em .6em .4em 0;border:1px solid #1b1f24;border-radius:.4em;"
    "background:#fff}button.yes{background:#0b5cad;color:#fff;border-color:#0b5cad}p{white-space:pre-line}"
)
_BUTTONS: Final = {
    "acknowledge": ("我已知悉，由我处置", "I have seen it and take it on", "yes"),
    "approve": ("批准发布", "Approve the release", "yes"),
    "refuse": ("不予发布", "Refuse it", "no"),
}
_DONE: Final = {
    "acknowledge": ("已记录您的确认。", "Your acknowledgement is recorded."),
    "approve": ("已记录您的批准。", "Your approval is recorded."),
    "refuse": ("已记录：不予发布。", "Recorded: not released."),
}
_OVER: Final = ("此事已处理完毕，无需再答复。", "This is settled; no answer is needed any more.")
_UNKNOWN: Final = ("链接无效。", "This link is not valid.")


def link_routes(desk: Desk) -> list[Route]:
    """The page, and what its buttons do."""
    links = _Links(desk)
    return [Route(PATH, links.show, methods=["GET"]), Route(PATH, links.act, methods=["POST"])]


class _Links:
    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._tries = Tries(desk.clock)

    async def show(self, request: Request) -> Response:
        """What it is about, and the buttons that may still be pressed."""
        return await self._answer(request, "")

    async def act(self, request: Request) -> Response:
        """Press a button."""
        form = parse_qs((await body_of(request)).decode("utf-8", "replace"))
        return await self._answer(request, form.get("do", [""])[0])

    async def _answer(self, request: Request, do: str) -> Response:
        host = request.client.host if request.client else ""
        if self._tries.too_many(host):
            return _page(_UNKNOWN, 429)
        try:
            return await asyncio.to_thread(self._done, request.path_params["token"], do)
        except UnknownError:
            self._tries.failed(host)
            return _page(_UNKNOWN, 404)
        except DutyError as error:
            return _page((str(error), str(error)), 409)

    def _done(self, token: str, do: str) -> Response:
        summons, call, report, asked = self._about(token)
        may = _may(call, asked)
        if do in may:
            self._press(do, token, summons, asked)
            return _page(_DONE[do], 200, report)
        return _page(("", "") if may else _OVER, 200, report, may)

    def _about(self, token: str) -> tuple[Summons, Call, HazardWarning, Asked | None]:
        store = self._desk.store
        summons = self._desk.calling.called_by(token)
        call = store.call(summons.call) if summons else None
        report = store.warning(call.warning) if call else None
        if summons is None or call is None or report is None:
            raise UnknownError("no such link")
        return summons, call, report, store.request(call.warning, call.audience)

    def _press(self, do: str, token: str, summons: Summons, asked: Asked | None) -> None:
        desk, now = self._desk, self._desk.clock.now()
        if do != "acknowledge" and asked is not None:
            person = desk.duty.person(summons.person)
            actor = Actor(summons.person, frozenset(person.roles if person else ()))
            if do == "approve":
                desk.outlet.approve(asked.warning, asked.audience, actor, now)
            else:
                desk.outlet.refuse(asked.warning, asked.audience, actor, "by link", now)
            desk.wake()
        desk.calling.answer(token, now, "link")


def _may(call: Call, asked: Asked | None) -> list[str]:
    if call.state is not CallState.OPEN:
        return []
    if call.on.asks:
        return ["approve", "refuse"] if asked and asked.state is ReleaseState.PENDING else []
    return ["acknowledge"]


def _page(
    said: tuple[str, str], status: int, report: HazardWarning | None = None, may: list[str] | None = None
) -> Response:
    """UTF-8 HTML, both languages, nothing from elsewhere."""
    told = "".join(
        f'<h1 lang="{text.language}">{escape(text.headline)}</h1><p>{escape(text.description)}</p>'
        for text in (report.texts if report else ())
    )
    words = "".join(f"<p><strong>{escape(line)}</strong></p>" for line in said if line)
    buttons = "".join(
        f'<button name="do" value="{do}" class="{_BUTTONS[do][2]}">{_BUTTONS[do][0]}<br>{_BUTTONS[do][1]}</button>'
        for do in may or ()
    )
    form = f'<form method="post">{buttons}</form>' if buttons else ""
    head = f'<meta charset="utf-8"><meta name="viewport" content="width=device-width"><style>{_STYLE}</style>'
    body = f"<body>{told}{words}{form}</body>"
    html = f'<!doctype html><html lang="zh-CN"><head>{head}<title>值班 · Duty</title></head>{body}</html>'
    return Response(html, status, media_type="text/html; charset=utf-8")
