from __future__ import annotations

import asyncio
import json
import re
from functools import partialmethod
from typing import Any

import httpx
import pytest
from jsonschema import Draft202012Validator
from starlette.applications import Starlette

from alerting.api.app import BODY_MAX, ENDPOINTS, PREFIX, routes
from alerting.api.links import link_routes
from alerting.api.openapi import openapi
from alerting.api.tries import WRONG_MAX
from alerting.intake.intake import Intake
from alerting.intake.options import IntakeOptions
from alerting.lifecycle import LifecyclePolicy
from alerting.store.store import Store
from pipeline.model.level import Level
from pipeline.model.role import Role
from tests.alerting_rig import Rig
from tests.district import inventory
from tests.reports import NOON, later, warning

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
        if answer.headers["content-type"].startswith("text/calendar"):
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


@pytest.fixture
def api(store: Store) -> Api:
    return Api(store)


def test_the_document_is_served_and_hangs_together(api: Api) -> None:
    document = api.client.get(f"{PREFIX}/openapi.json").json()
    assert document["openapi"] == "3.1.0"
    text = json.dumps(document)
    for name in re.findall(r'"\$ref": "#/components/schemas/(\w+)"', text):
        Draft202012Validator.check_schema(document["components"]["schemas"][name])
    operations = [one for path in document["paths"].values() for one in path.values()]
    assert len({one["operationId"] for one in operations}) == len(operations) == len(ENDPOINTS)
    for path, methods in document["paths"].items():
        for one in methods.values():
            named = {each["name"] for each in one["parameters"] if each["in"] == "path"}
            assert named == set(re.findall(r"\{(\w+)\}", path))


@pytest.mark.parametrize("one", ENDPOINTS, ids=lambda one: f"{one.method} {one.path}")
def test_nobody_gets_anywhere_without_a_token(api: Api, one: Any) -> None:
    path = re.sub(r"\{\w+\}", "x", one.path)
    for headers in ({}, {"authorization": "Bearer wrong"}, {"authorization": "Basic x"}):
        answer = api.client.request(one.method, PREFIX + path, headers=headers)
        assert answer.status_code == 401
        assert answer.headers["www-authenticate"] == "Bearer"
    assert api.rig.store.audit()[-1].action == "token.make"


@pytest.mark.parametrize(
    ("who", "method", "path", "body"),
    [
        ("viewer", "POST", "/silences", {"reason": "r"}),
        ("viewer", "POST", "/calls/x/answer", None),
        ("viewer", "POST", "/answers", {"text": "123456"}),
        ("viewer", "POST", f"/releases/{RED.id}/public/approve", None),
        ("zhao", "POST", f"/releases/{RED.id}/public/approve", None),
        ("li", "GET", "/tokens", None),
        ("li", "POST", "/tokens", {"person": "li"}),
        ("wang", "DELETE", "/tokens/x", None),
        ("li", "PUT", "/rosters/gas/calendar", None),
    ],
)
def test_who_has_not_the_role_may_not(api: Api, who: str, method: str, path: str, body: Any) -> None:
    api.rig.tell(RED)
    told = api.ask(who, method, path, 403, json=body)
    assert "may" in told["error"]
    assert [one.action for one in api.rig.store.audit()] == ["token.make"] * 4


def test_whoever_lost_all_roles_sees_nothing(api: Api) -> None:
    people = [one.model_copy(update={"roles": ()}) for one in api.rig.duty.people]
    api.rig.desk.duty = api.rig.duty.model_copy(update={"people": tuple(people)})
    api.ask("li", "GET", "/warnings", 403)
    api.rig.desk.duty = api.rig.duty.model_copy(update={"people": ()})
    api.ask("li", "GET", "/warnings", 401)


def test_a_report_is_released_by_who_may(api: Api) -> None:
    api.rig.tell(RED)
    (waiting,) = api.ask("viewer", "GET", "/releases")
    assert waiting["report"]["id"] == RED.id
    done = api.ask("li", "POST", f"/releases/{RED.id}/public/approve")
    assert (done["state"], done["approvals"]) == ("released", ["li"])
    assert "siren/village" in api.rig.queued()
    assert api.rig.woken == 1
    assert api.ask("viewer", "GET", f"/chains/{RED.chain}/releases")[0]["how"] == "approved"
    told = api.ask("wang", "POST", f"/releases/{RED.id}/public/refuse", 409, json={"reason": "late"})
    assert "is released already by li" in told["error"]
    api.ask("li", "POST", "/releases/x/public/approve", 404)
    api.ask("li", "POST", f"/releases/{RED.id}/everybody/approve", 404)


def test_a_report_is_refused_with_a_reason(api: Api) -> None:
    api.rig.tell(RED)
    api.ask("li", "POST", f"/releases/{RED.id}/public/refuse", 400, json={})
    api.ask("li", "POST", f"/releases/{RED.id}/public/object", 409, json={"reason": "r"})
    assert api.ask("li", "POST", f"/releases/{RED.id}/public/refuse", json={"reason": "r"})["state"] == "refused"


def test_a_silence_is_set_shown_and_ended(api: Api) -> None:
    made = api.ask("li", "POST", "/silences", json={"reason": "welding", "areas": ["3301"], "to": ["siren/*"]})
    assert (made["silence"]["max_level"], made["silence"]["by"]) == ("orange", "li")
    api.rig.tell(warning())
    (shown,) = api.ask("viewer", "GET", "/silences")
    assert ([one["warning"] for one in shown["hid"]], shown["red"]) == ([warning().id], 0)
    assert len(api.ask("viewer", "GET", "/held")) == 1
    api.rig.clock.advance(1)
    api.ask("li", "POST", f"/silences/{made['silence']['id']}/end")
    assert api.ask("viewer", "GET", "/silences") == []
    assert len(api.ask("viewer", "GET", "/silences?all=true")) == 1
    api.ask("li", "POST", "/silences/x/end", 404)
    told = api.ask("li", "POST", "/silences", 409, json={"reason": "r", "ends_at": later(9e6).isoformat()})
    assert "within seven days" in told["error"]


def test_a_call_is_shown_and_answered(api: Api) -> None:
    api.rig.tell(warning())
    api.rig.after(0)
    (shown,) = api.ask("viewer", "GET", "/calls?open=true")
    assert shown["silent"] == ["li", "wang"]
    answered = api.ask("li", "POST", f"/calls/{shown['call']['id']}/answer")
    assert (answered["call"]["answered_by"], answered["call"]["answered_how"]) == ("li", "console")
    assert api.ask("viewer", "GET", "/calls?open=true") == []
    assert api.ask("viewer", "GET", f"/calls/{shown['call']['id']}") == answered
    api.ask("viewer", "GET", "/calls/x", 404)


def test_what_a_gateway_hears_is_an_answer(api: Api) -> None:
    api.rig.tell(warning())
    api.rig.after(0)
    note = next(one.note for one in api.rig.rows() if one.target == "wang")
    code = re.findall(r"\d{6}", note)[0]
    api.ask("li", "POST", "/answers", 409, json={"text": code, "contact": "sms/li"})
    done = api.ask("li", "POST", "/answers", json={"text": f"ok {code}", "contact": "sms/wang"})
    assert done["call"]["answered_by"] == "wang"
    assert code not in json.dumps(api.ask("viewer", "GET", "/deliveries"))


def test_codes_cannot_be_tried_out(api: Api) -> None:
    for _ in range(WRONG_MAX):
        api.ask("li", "POST", "/answers", 409, json={"text": "000000"})
    answer = api.client.post(
        f"{PREFIX}/answers", json={"text": "1"}, headers={"authorization": f"Bearer {api.secrets['li']}"}
    )
    assert answer.status_code == 429
    api.rig.clock.advance(61)
    api.ask("li", "POST", "/answers", 409, json={"text": "000000"})


def test_tokens_cannot_be_tried_out(api: Api) -> None:
    statuses = [
        api.client.get(f"{PREFIX}/me", headers={"authorization": "Bearer guess"}).status_code
        for _ in range(WRONG_MAX + 1)
    ]
    assert statuses == [401] * WRONG_MAX + [429]


def test_a_roster_is_shown_handed_over_and_taken_from_a_calendar(api: Api) -> None:
    (shown,) = api.ask("viewer", "GET", "/rosters")
    assert shown["on_duty"] == ["li"]
    assert len(api.ask("viewer", "GET", "/rosters/gas/shifts?days=2")) == 2
    api.ask("viewer", "GET", "/rosters/gas/shifts?days=401", 409)
    text = api.ask("viewer", "GET", "/rosters/gas/calendar.ics?days=2")
    assert text.count(b"BEGIN:VEVENT") == 2
    taken = api.ask("zhao", "PUT", "/rosters/gas/calendar?source=x", content=text)
    assert [one["person"] for one in taken] == ["li", "wang"]
    made = api.ask("li", "POST", "/rosters/gas/hand-over", json={"person": "zhao", "ends_at": later(60).isoformat()})
    assert api.ask("viewer", "GET", "/rosters")[0]["on_duty"] == ["zhao"]
    api.ask("li", "DELETE", f"/overrides/{made['id']}")
    assert api.ask("viewer", "GET", "/rosters")[0]["on_duty"] == ["li"]


def test_tokens_are_made_listed_and_revoked(api: Api) -> None:
    made = api.ask("zhao", "POST", "/tokens", json={"person": "li"})
    assert api.ask(made["secret"], "GET", "/me") == {"name": "li", "roles": ["approver", "duty_officer"]}
    assert made["secret"] not in json.dumps(api.ask("zhao", "GET", "/tokens"))
    api.ask("zhao", "DELETE", f"/tokens/{made['token']['id']}")
    api.ask(made["secret"], "GET", "/me", 401)


def test_the_log_is_shown_and_verified(api: Api) -> None:
    log = api.ask("viewer", "GET", "/audit?limit=2")
    assert [one["number"] for one in log] == [3, 4]
    verified = api.ask("viewer", "GET", f"/audit/verify?head={log[0]['hash']}")
    assert (verified["entries"], verified["head"], verified["flaws"]) == (4, log[-1]["hash"], [])
    assert api.ask("viewer", "GET", f"/audit/verify?head={'0' * 64}")["flaws"]


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'{"reason": 1}', b'{"reason": "r", "more": 1}', b"\xff"])
def test_a_body_that_is_not_what_is_wanted_is_told(api: Api, body: bytes) -> None:
    api.ask("li", "POST", "/silences", 400, content=body)
    assert api.rig.store.silences() == ()


def test_what_is_unknown_in_the_query_is_told_and_what_is_too_long_is_not_read(api: Api) -> None:
    assert "known: limit, subject" in api.ask("li", "GET", "/audit?max=3", 400)["error"]
    headers = {"authorization": f"Bearer {api.secrets['li']}"}
    answer = api.client.post(f"{PREFIX}/silences", content=b"x" * (BODY_MAX + 1), headers=headers)
    assert answer.status_code == 413


def link(api: Api, target: str) -> str:
    note = next(one.note for one in api.rig.rows() if one.target == target and one.note)
    return str(re.findall(r"http://testserver(/a/\S+)", note)[0])


def test_to_open_a_link_changes_nothing_and_its_button_answers(api: Api) -> None:
    api.rig.tell(warning())
    api.rig.after(0)
    path = link(api, "li")
    shown = api.client.get(path)
    assert (shown.status_code, "我已知悉" in shown.text, "Fire" in shown.text) == (200, True, True)
    assert api.rig.store.calls()[0].state == "open"
    assert "approve" not in shown.text
    done = api.client.post(path, data={"do": "acknowledge"})
    assert "已记录" in done.text
    assert api.rig.store.calls()[0].answered_by == "li"
    assert "无需再答复" in api.client.get(path).text


def test_a_link_releases_in_the_name_of_who_was_called(api: Api) -> None:
    api.rig.tell(RED)
    api.rig.after(0)
    path = link(api, "wang")
    api.client.post(path, data={"do": "acknowledge"})
    assert api.rig.store.pending(), "no button of this page"
    api.client.post(path, data={"do": "approve"})
    assert "siren/village" in api.rig.queued()
    decided = api.rig.store.requests(RED.chain)[0]
    assert decided.approvals == ("wang",)


def test_a_link_refuses_and_a_wrong_one_does_nothing(api: Api) -> None:
    api.rig.tell(RED)
    api.rig.after(0)
    assert api.client.get("/a/wrong").status_code == 404
    api.client.post(link(api, "li"), data={"do": "refuse"})
    assert api.rig.store.requests(RED.chain)[0].state == "refused"
    statuses = [api.client.get("/a/wrong").status_code for _ in range(WRONG_MAX)]
    assert statuses[-1] == 429


FIRING = {"labels": {"alertname": "Gas", "hazard": "gas_leak", "area": "990101001000", "severity": "critical"}}
HOOK = {"version": "4", "status": "firing", "receiver": "x", "groupKey": "g", "alerts": [FIRING | {"status": "firing"}]}


@pytest.fixture
def taking(store: Store) -> Api:
    made = Api(store)
    made.rig.desk.intake = Intake(store, made.rig.outlet, inventory(), LifecyclePolicy(), IntakeOptions())
    return made


def test_alerts_are_taken_as_alertmanager_sends_them(taking: Api) -> None:
    assert taking.ask("zhao", "POST", "/alertmanager", json=HOOK) == {"taken": 1, "refused": []}
    assert taking.ask("zhao", "POST", "/alerts", json=[FIRING, {"labels": {}}])["taken"] == 1
    headers = {"authorization": f"Bearer {taking.secrets['zhao']}"}
    assert taking.client.post("/api/v2/alerts", json=[FIRING], headers=headers).status_code == 200
    assert taking.client.post("/api/v2/alerts", json=[FIRING]).status_code == 401
    assert len(taking.rig.store.pending()) == 1


def test_who_may_only_send_may_do_nothing_else(taking: Api) -> None:
    sender = taking.rig.duty.people[3].model_copy(update={"roles": (Role.SENDER,)})
    taking.rig.desk.duty = taking.rig.duty.model_copy(update={"people": (*taking.rig.duty.people[:3], sender)})
    assert taking.ask("viewer", "POST", "/alerts", json=[FIRING])["taken"] == 1
    taking.ask("viewer", "GET", "/warnings", 403)
    taking.ask("li", "POST", "/alerts", 403, json=[FIRING])


def test_alerts_of_which_none_can_be_taken_are_refused(taking: Api) -> None:
    assert "no label alertname" in taking.ask("zhao", "POST", "/alerts", 409, json=[{"labels": {}}])["error"]
    taking.ask("zhao", "POST", "/alertmanager", 400, json={"version": "3", "alerts": []})
