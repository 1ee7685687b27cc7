"""The HTTP interface in this process, each answer held against its document."""

from __future__ import annotations

import asyncio
import re
from functools import partialmethod
from typing import Any

import httpx
from jsonschema import Draft202012Validator
from starlette.applications import Starlette

from alerting.api.app import ENDPOINTS, PREFIX, routes
from alerting.api.links import link_routes
from alerting.api.openapi import openapi
from alerting.store.store import Store
from pipeline.model.level import Level
from tests.alerting_rig import Rig
from tests.reports import NOON, warning

RED = warning(level=Level.RED)
STEPS = [{"who": ["role:approver"], "wait_s": 60}]
DUTY: dict[str, Any] = {
    "address": "http://testserver",
    "rosters": [{"name": "gas", "people": ["li", "wang"], "begins_at": NOON}],
    "chains": [
        {"name": "ask", "on": "release", "steps": STEPS},
        {"name": "ack", "max_level": "orange", "steps": STEPS},
    ],
}
DOCUMENT = openapi(ENDPOINTS, "1")


class Client:
    """Requests to an application in this process."""

    def __init__(self, app: Starlette) -> None:
        self._app = app

    def request(self, method: str, path: str, **sent: Any) -> httpx.Response:
        return asyncio.run(self._request(method, path, **sent))

    async def _request(self, method: str, path: str, **sent: Any) -> httpx.Response:
        transport = httpx.ASGITransport(self._app)
        async with httpx.AsyncClient(transport=transport, base_url="http://testserver") as client:
            return await client.request(method, path, **sent)

    get = partialmethod(request, "GET")
    post = partialmethod(request, "POST")


class Api:
    """Speaks to the interface as one person, and holds every answer against the document."""

    def __init__(self, store: Store) -> None:
        self.rig = Rig(store, rules=[{"name": "red", "mode": "approval", "min_level": "red"}], duty=DUTY)
        self.client = Client(Starlette(routes=[*routes(self.rig.desk), *link_routes(self.rig.desk)]))
        names = [one.name for one in self.rig.duty.people]
        self.secrets = {name: self.rig.desk.make_token(name, "test")[1] for name in names}

    def ask(self, who: str, method: str, path: str, status: int = 200, **sent: Any) -> Any:
        headers = {"authorization": f"Bearer {self.secrets.get(who, who)}"}
        answer = self.client.request(method, PREFIX + path, headers=headers, **sent)
        assert answer.status_code == status, answer.text
        if not answer.headers["content-type"].startswith("application/json"):
            return answer.content
        conforms(method, path.partition("?")[0], status, answer.json())
        return answer.json()


def conforms(method: str, path: str, status: int, found: Any) -> None:
    template = next(one.path for one in ENDPOINTS if one.method == method and re.fullmatch(_pattern(one.path), path))
    operation = DOCUMENT["paths"][template][method.lower()]
    answers = operation["responses"]
    schema = answers[str(status)]["content"]["application/json"]["schema"]
    Draft202012Validator({**schema, "components": DOCUMENT["components"]}).validate(found)


def _pattern(path: str) -> str:
    return re.sub(r"\{\w+\}", "[^/]+", path)
