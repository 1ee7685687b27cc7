"""Amending, statutory clocks and projections over HTTP; what is merged, and what other programs brought about."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from alerting.base import Outcome
from alerting.overlook import Overlook
from alerting.stages.retry import Step
from alerting.store.outcomes import Settled
from alerting.store.record import Record
from alerting.store.store import Store
from pipeline.connectors.kafka.wire import decode, encode
from pipeline.model.audience import Audience
from pipeline.model.delivery import DeliveryState
from pipeline.model.entry import Tick
from pipeline.model.hazard import Hazard
from pipeline.model.level import Level
from pipeline.model.order import Order, OrderKind
from pipeline.model.warning import Report
from pipeline.telemetry import Telemetry
from tests.alerting_rig import LI, desk_rig
from tests.api_rig import Api
from tests.district import BEGIN
from tests.merge_rig import storm, towns
from tests.reports import NOON, VILLAGE, later, warning
from tests.unit.test_intake import Site, alert


@pytest.fixture
def api(store: Store) -> Api:
    return Api(store)


def test_a_warning_is_amended_over_http_in_the_name_of_who_asks(api: Api) -> None:
    api.rig.tell(warning())
    path = f"/warnings/{warning().chain}/amend"
    told: list[bool] = []
    api.rig.desk.ordered = lambda: told.append(True)
    (order,) = api.ask("li", "POST", path, json={"to": "red", "why": "the road is cut"})
    assert (order["kind"], order["level"], order["why"]) == ("level", "red", "the road is cut")
    api.rig.clock.advance(1)
    (withdrawn,) = api.ask("wang", "POST", path, json={"to": "none", "why": "a test"})
    assert withdrawn["kind"] == "withdraw"
    assert len(told) == 2
    assert [one.kind for one in api.rig.store.open_orders()] == [OrderKind.LEVEL, OrderKind.WITHDRAW]
    assert api.rig.store.audit(1)[0].who == "person:wang"
    api.ask("viewer", "POST", path, 403, json={"to": "red", "why": "x"})
    api.ask("li", "POST", path, 400, json={"to": "red"})
    assert "is in force" in api.ask("li", "POST", "/warnings/x/amend", 404, json={"to": "red", "why": "x"})["error"]


def test_clocks_are_seen_and_met_over_http(api: Api) -> None:
    api.rig.tell(warning())
    chain = warning().chain
    assert [(one["name"], one["state"]) for one in api.ask("viewer", "GET", "/clocks")] == [
        ("telephone", "running"), ("writing", "running"),
    ]  # fmt: skip
    assert api.ask("viewer", "GET", "/clocks?chain=x") == []
    assert api.ask("li", "POST", f"/clocks/{chain}/telephone/met")["state"] == "met"
    api.ask("li", "POST", f"/clocks/{chain}/telephone/met", 404)
    api.ask("viewer", "POST", f"/clocks/{chain}/writing/met", 403)


def test_projections_are_seen_over_http(store: Store) -> None:
    api = Api(store)
    api.rig.tell(warning())
    assert api.ask("viewer", "GET", "/projections") == []
    api.rig.desk.overlook = Overlook(store, ["siren"], api.rig.clock, Telemetry())
    asyncio.run(api.rig.desk.overlook.look(5.0))
    (found,) = api.ask("viewer", "GET", "/projections")
    assert (found["channel"], found["waiting"], found["finish_at"]) == ("siren", 1, None)


def test_every_area_of_a_merged_warning_that_goes_on_is_ordered(tmp_path: Path) -> None:
    routing = {"merge": {"hazards": ["rainstorm"]}}
    with desk_rig(tmp_path, routing=routing, inventory=towns(3)) as rig:
        rig.tell(storm(1), storm(2, at_s=1), storm(3, at_s=2), storm(2, 2, 60, Level.NONE))
        (joint,) = rig.store.warnings_in_force(later(61))
        orders = rig.desk.amend(joint.id, Level.NONE, "an exercise", LI)
        assert {one.chain for one in orders} == {storm(1).chain, storm(3).chain}


def test_what_other_programs_brought_about_obeys_at_once(store: Store) -> None:
    site = Site(store)
    site.hear(alert())
    (report,) = store.recent_warnings(9)
    site.desk.amend(report.chain, Level.ORANGE, "the valve is shut", LI)
    assert site.told == [(Report.FIRST, Level.RED), (Report.FOLLOW_UP, Level.ORANGE)]
    site.desk.amend(report.chain, Level.NONE, "a test", LI)
    assert site.told[-1] == (Report.FINAL, Level.NONE)
    assert store.open_orders() == ()
    assert [one.action for one in store.audit(2)] == ["warning.level", "warning.withdraw"]
    site.hear(alert(labels={"instance": "plant-8"}))
    assert len(site.told) == 3  # withdrawn: not warned of anew while it is no graver
    assert store.deliveries(9, state=DeliveryState.QUEUED)
    assert store.is_released(report.id, Audience.PUBLIC)


def test_the_ledger_is_seen_over_http(api: Api) -> None:
    api.rig.tell(warning())
    api.rig.store.observe_onset(Hazard.FIRE, VILLAGE, later(600), "test", NOON)
    (row,) = api.ask("viewer", "GET", "/ledger")
    assert (row["area"], row["peak_level"], row["basis"], row["lead_time_s"]) == (VILLAGE, "orange", "observed", 600.0)


def test_each_try_of_a_message_is_seen_over_http(api: Api) -> None:
    api.rig.tell(warning())
    (row,) = api.rig.rows()
    outcome = Outcome(DeliveryState.ACCEPTED, detail="HTTP 200")
    api.rig.store.settle([Settled(row.id, Step(DeliveryState.ACCEPTED), later(1), outcome)])
    (found,) = api.ask("viewer", "GET", f"/deliveries/{row.id}/tries")
    assert (found["at"], found["state"], found["detail"]) == ("2026-05-01T12:00:01Z", "accepted", "HTTP 200")
    assert api.ask("viewer", "GET", "/deliveries/x/tries") == []


def test_a_tick_carries_orders_over_the_wire() -> None:
    order = Order(id="1", chain="c", kind=OrderKind.LEVEL, why="w", level=Level.RED)
    assert decode(encode(Tick(BEGIN, (order, order)))) == Tick(BEGIN, (order, order))


def test_an_order_that_is_obeyed_waits_for_nobody(store: Store) -> None:
    store.save(Record(warnings=(warning(),)), NOON)
    order = Order(id="1", chain="c", kind=OrderKind.WITHDRAW, why="w")
    store.place(order, NOON, "person:li", taken_at=NOON)
    assert store.open_orders() == ()
