from __future__ import annotations

from functools import partial

import pytest

from alerting.coverage.reach import ReachTable
from alerting.coverage.reckon import reckon
from alerting.store.store import Store
from pipeline.model.delivery import DeliveryState
from pipeline.model.instant import to_text
from pipeline.model.inventory import Inventory
from tests.api_rig import RED, Api
from tests.reports import NOON, VILLAGE, confirm, delivery, put


@pytest.fixture
def api(store: Store) -> Api:
    return Api(store)


def test_who_was_reached(api: Api) -> None:
    row = delivery(RED)
    put(api.rig.store, (RED,), (row,))
    confirm(api.rig.store, row.id, DeliveryState.PLAYED, NOON)
    nothing = Inventory((), (), ())
    api.rig.desk.coverage = partial(
        lambda chain: (
            reckon(RED.areas, api.rig.store.told(chain), nothing, ReachTable()) if chain == RED.chain else None
        )
    )
    found = api.ask("viewer", "GET", f"/warnings/{RED.chain}/coverage")
    assert (found["areas"], found["unknown"], found["confirmed"]["high"]) == ([VILLAGE], [VILLAGE], 1.0)
    api.ask("viewer", "GET", "/warnings/zz/coverage", 404)
    assert api.ask("viewer", "GET", "/drills") == []


def test_an_item_from_given_to_verified(api: Api) -> None:
    made = api.ask("wang", "POST", "/tasks", json={"title": "inspect", "assignee": "zhao", "escalation": ["li"]})
    path = f"/tasks/{made['id']}"
    assert [one["id"] for one in api.ask("viewer", "GET", "/tasks?whose=zhao")] == [made["id"]]
    assert api.ask("viewer", "GET", "/tasks?whose=li") == []
    assert "does not have it" in api.ask("li", "POST", f"{path}/answer", 409, json={"words": "x"})["error"]
    api.ask("zhao", "POST", f"{path}/answer", json={"words": "done"})
    assert "somebody else" in api.ask("zhao", "POST", f"{path}/verify", 409, json={})["error"]
    assert api.ask("wang", "POST", f"{path}/return", json={"words": "and the wall?"})["state"] == "open"
    assert api.ask("wang", "POST", f"{path}/reassign", json={"to": "li"})["assignee"] == "li"
    api.ask("li", "POST", f"{path}/answer", json={"words": "wall too"})
    assert api.ask("wang", "POST", f"{path}/verify", json={})["state"] == "verified"
    assert api.ask("viewer", "GET", "/tasks") == []
    assert len(api.ask("viewer", "GET", "/tasks?closed=true")) == 1
    second = api.ask("wang", "POST", "/tasks", json={"title": "another", "assignee": "li"})
    assert api.ask("wang", "POST", f"/tasks/{second['id']}/withdraw", json={"words": "twice"})["state"] == "withdrawn"


def test_what_cannot_be(api: Api) -> None:
    api.ask("viewer", "POST", "/tasks", 403, json={"title": "x", "assignee": "li"})
    api.ask("wang", "POST", "/tasks", 404, json={"title": "x", "assignee": "nobody"})
    api.ask("wang", "POST", "/tasks", 404, json={"title": "x", "assignee": "li", "chain": "zz"})
    api.ask("wang", "POST", "/tasks", 409, json={"title": "x", "assignee": "li", "escalation": ["li"]})
    api.ask("wang", "POST", "/tasks", 409, json={"title": "x", "assignee": "li", "due_at": to_text(NOON)})
    api.ask("wang", "POST", "/tasks/zz/verify", 409, json={})
