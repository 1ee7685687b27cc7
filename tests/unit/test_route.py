from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from alerting.stages.route import RouteOptions, complaints, route
from pipeline.model.audience import Audience
from pipeline.model.delivery import DeliveryState, delivery_id
from pipeline.model.hazard import Hazard
from pipeline.model.level import Level
from pipeline.model.warning import HazardWarning, Report, WarningStatus
from tests.reports import NOON, VILLAGE, warning

TARGETS = {"duty": ["chat", "sms"], "drop": ["province"]}


def way(**options: Any) -> RouteOptions:
    return RouteOptions.model_validate({"name": "r", "to": ["duty/chat"]} | options)


def reached(report: HazardWarning, *routes: RouteOptions) -> list[str]:
    made = [one for audience in Audience for one in route(report, routes, TARGETS, audience)]
    return [f"{one.channel}/{one.target}" for one in made]


FIRE = warning()
CITY_WIDE = warning(area="330100000000")
FAULT = warning(hazard=Hazard.SENSOR_FAULT)
FALLEN = warning(number=3, report=Report.FOLLOW_UP, level=Level.BLUE, peak_level=Level.RED)
FINAL = warning(number=4, report=Report.FINAL, level=Level.NONE, peak_level=Level.RED)
EXERCISE = warning(status=WarningStatus.EXERCISE)
TEST = warning(status=WarningStatus.TEST)


@pytest.mark.parametrize(
    ("case", "options", "report", "carried"),
    [
        ("no condition takes all", {}, FIRE, True),
        ("its hazard is listed", {"hazards": ["fire", "gas_leak"]}, FIRE, True),
        ("its hazard is not", {"hazards": ["gas_leak"]}, FIRE, False),
        ("level at the bound", {"min_level": "orange"}, FIRE, True),
        ("level below the bound", {"min_level": "red"}, FIRE, False),
        ("follow-up that fell below the bound", {"min_level": "red"}, FALLEN, True),
        ("final report", {"min_level": "red"}, FINAL, True),
        ("prefix of the area", {"areas": ["3301"]}, FIRE, True),
        ("the area itself", {"areas": [VILLAGE]}, FIRE, True),
        ("whole code of the district above", {"areas": ["330106000000"]}, FIRE, True),
        ("another district", {"areas": ["330105"]}, FIRE, False),
        ("another district by whole code", {"areas": ["330105000000"]}, FIRE, False),
        ("one of several areas", {"areas": ["44", "330106"]}, FIRE, True),
        ("a warning for the city concerns its village", {"areas": [VILLAGE]}, CITY_WIDE, True),
        ("a warning for another city does not", {"areas": ["330200000000"]}, CITY_WIDE, False),
        ("faults never to the public", {}, FAULT, False),
        ("faults to maintenance", {"audience": "maintenance"}, FAULT, True),
        ("hazards not to maintenance", {"audience": "maintenance"}, FIRE, False),
        ("an exercise needs a word", {}, EXERCISE, False),
        ("an exercise with it", {"exercise": True}, EXERCISE, True),
        ("a test needs a word", {}, TEST, False),
        ("a test with it", {"exercise": True}, TEST, True),
        ("the word does not keep real ones out", {"exercise": True}, FIRE, True),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_route_carries(case: str, options: dict[str, Any], report: HazardWarning, carried: bool) -> None:  # noqa: FBT001
    assert (reached(report, way(**options)) == ["duty/chat"]) is carried, case


def test_one_delivery_a_target_however_many_routes_lead_there() -> None:
    routes = (way(to=["duty/sms", "duty/chat"]), way(to=["duty/*", "drop/province"]), way(to=["duty/chat"]))
    assert reached(FIRE, *routes) == ["drop/province", "duty/chat", "duty/sms"]


def test_a_delivery_is_queued_when_its_report_was_sent_and_named_after_it() -> None:
    (one,) = route(FIRE, [way()], TARGETS, Audience.PUBLIC)
    assert (one.id, one.warning) == (delivery_id(FIRE.id, "duty", "chat"), FIRE.id)
    assert (one.state, one.attempts, one.queued_at, one.next_attempt_at) == (DeliveryState.QUEUED, 0, NOON, NOON)


def test_the_order_of_routes_and_targets_does_not_matter() -> None:
    one, other = way(to=["duty/*"]), way(to=["drop/*"])
    turned = {channel: list(reversed(TARGETS[channel])) for channel in reversed(TARGETS)}
    public = Audience.PUBLIC
    assert route(FIRE, [one, other], TARGETS, public) == route(FIRE, [other, one], turned, public)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"to": []}, "at least 1 item"),
        ({"to": ["chat"]}, "should match pattern"),
        ({"areas": ["0330"]}, "should match pattern"),
        ({"min_level": "purple"}, "none of none, blue"),
        ({"colour": "red"}, "Extra inputs"),
        ({"hazards": ["sensor_fault"]}, "only sensor_fault goes to maintenance, and only there"),
        ({"hazards": ["fire"], "audience": "maintenance"}, "fire never goes to audience 'maintenance'"),
    ],
)
def test_options_that_cannot_be_are_refused_in_words(options: dict[str, Any], words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        way(**options)


def test_addresses_that_lead_nowhere_are_named_with_what_there_is() -> None:
    found = complaints([way(name="night", to=["duty/fax", "duty/chat", "radio/*"])], TARGETS)
    assert found == [
        "route 'night': no 'duty/fax'; known: drop/province, duty/chat, duty/sms",
        "route 'night': no 'radio/*'; known: drop/province, duty/chat, duty/sms",
    ]
