from __future__ import annotations

import re

import pytest

from alerting.api.tries import WRONG_MAX
from alerting.intake.intake import Intake
from alerting.intake.options import IntakeOptions
from alerting.lifecycle import LifecyclePolicy
from alerting.store.store import Store
from pipeline.model.role import Role
from tests.api_rig import RED, Api
from tests.district import inventory
from tests.reports import warning


@pytest.fixture
def api(store: Store) -> Api:
    return Api(store)


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
