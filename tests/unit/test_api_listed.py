"""Warnings in force in the form of Alertmanager's v2 interface."""

from __future__ import annotations

import pytest

from alerting.stages.silence import Silence
from alerting.store.store import Store
from pipeline.model.level import Level
from tests.alerting_rig import LI
from tests.api_rig import Api
from tests.reports import NOON, later, warning


@pytest.fixture
def api(store: Store) -> Api:
    return Api(store)


def test_what_is_told_hidden_and_waiting_is_told_apart(api: Api) -> None:
    silence = Silence(id="s", by="li", reason="welding", begins_at=NOON, ends_at=later(600), max_level=Level.BLUE)
    api.rig.desk.silence(silence, LI)
    api.rig.tell(warning(), warning("b", level=Level.BLUE), warning("c", level=Level.RED))
    found = {one["labels"]["level"]: one["status"] for one in api.ask("viewer", "GET", "/alerts")}
    assert {level: status["state"] for level, status in found.items()} == {
        "orange": "active", "blue": "suppressed", "red": "unprocessed",
    }  # fmt: skip
    assert found["blue"]["silencedBy"] == ["s"]
    for name, left in (
        ("active", {"blue", "red"}),
        ("silenced", {"orange", "red"}),
        ("unprocessed", {"orange", "blue"}),
    ):
        shown = api.ask("viewer", "GET", f"/alerts?{name}=false")
        assert {one["labels"]["level"] for one in shown} == left


def test_every_matcher_must_fit(api: Api) -> None:
    api.rig.tell(warning(), warning("b", level=Level.BLUE))
    assert len(api.ask("viewer", "GET", '/alerts?filter=level="blue"')) == 1
    assert api.ask("viewer", "GET", '/alerts?filter=level="blue"&filter=level!="blue"') == []
    assert len(api.ask("viewer", "GET", '/alerts?filter=alertname=~"f.re"')) == 2
    assert len(api.ask("viewer", "GET", '/alerts?filter=absent=""')) == 2
    assert api.ask("viewer", "GET", '/alerts?filter=alertname=~"f"') == []  # the whole value must fit


@pytest.mark.parametrize("text", ["level", 'level=~"("', 'level=~"(a+)+"', "x=" + "y" * 300])
def test_what_is_no_matcher_is_refused(api: Api, text: str) -> None:
    assert "filter: " in api.ask("viewer", "GET", "/alerts", 409, params={"filter": text})["error"]


def test_where_alertmanager_has_it(api: Api) -> None:
    api.rig.tell(warning())
    headers = {"authorization": f"Bearer {api.secrets['viewer']}"}
    (one,) = api.client.get("/api/v2/alerts", headers=headers).json()
    assert (one["labels"]["severity"], one["endsAt"]) == ("error", "2026-05-01T13:00:00Z")
    assert api.client.get("/api/v2/alerts").status_code == 401
