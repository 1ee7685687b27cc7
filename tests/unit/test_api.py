from __future__ import annotations

import json
import re
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from alerting.api.app import BODY_MAX, ENDPOINTS, PREFIX
from alerting.api.tries import WRONG_MAX
from alerting.store.store import Store
from tests.api_rig import RED, Api
from tests.reports import later, warning


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
