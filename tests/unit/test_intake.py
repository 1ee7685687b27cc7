from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from alerting.amend import Amending
from alerting.cancel import Cancels
from alerting.intake.alert import Alert
from alerting.intake.intake import Intake
from alerting.intake.options import IntakeOptions
from alerting.lifecycle import LifecyclePolicy
from alerting.store.store import Store
from pipeline.model.hazard import Hazard
from pipeline.model.level import Level
from pipeline.model.warning import Report
from tests.alerting_rig import Rig, desk_rig
from tests.district import inventory
from tests.reports import later

TOWN, VILLAGE = "990101001000", "990101001001"
OPTIONS = IntakeOptions(area=TOWN, hazards={"GasHigh": Hazard.GAS_LEAK})
ROUTES = [
    {"name": "public", "to": ["siren/village"]},
    {"name": "repair", "audience": "maintenance", "to": ["sms/duty-room"]},
]


def alert(name: str = "GasHigh", severity: str = "critical", **more: Any) -> dict[str, Any]:
    labels = {"alertname": name, "severity": severity, "instance": "plant-7"} | more.pop("labels", {})
    return {"labels": labels, "annotations": {"summary": "Gas at plant 7"}} | more


class Site(Rig):
    def __init__(self, store: Store, options: IntakeOptions = OPTIONS, **sections: Any) -> None:
        super().__init__(store, **{"routes": ROUTES} | sections)
        self.desk.intake = Intake(store, self.outlet, inventory(), LifecyclePolicy(), options)
        cancels = Cancels(inventory(), LifecyclePolicy())
        self.desk.amending = Amending(store, self.outlet, cancels, self.desk.intake)

    def hear(self, *alerts: dict[str, Any]) -> list[str]:
        assert self.desk.intake
        heard = [Alert.model_validate(one) for one in alerts]
        return [one.why for one in self.desk.intake.take(heard, "person:prometheus", self.now)]

    @property
    def told(self) -> list[tuple[Report, Level]]:
        return [(one.report, one.level) for one in reversed(self.store.recent_warnings(99))]


def test_an_alert_becomes_a_report_that_passes_the_outlet(store: Store) -> None:
    site = Site(store)
    assert site.hear(alert()) == []
    (report,) = store.recent_warnings(9)
    assert (report.hazard, report.area, report.level) == (Hazard.GAS_LEAK, TOWN, Level.RED)
    assert "Gas at plant 7" in report.texts[1].description
    assert "plant-7" in report.texts[1].description
    assert site.queued() == ["siren/village"]
    assert [one.detector for one in store.findings(9)] == ["alertmanager"]
    assert len(store.assessments(9)) == 1


def test_what_needs_release_waits_for_it_as_well(store: Store) -> None:
    site = Site(store, rules=[{"name": "red", "mode": "approval", "min_level": "red"}])
    site.hear(alert())
    assert site.queued() == []
    assert len(store.pending()) == 1


def test_a_repeat_changes_nothing_and_keeps_it_alive(store: Store) -> None:
    site = Site(store)
    for _ in range(4):
        site.hear(alert())
        site.after(200)
    assert site.told == [(Report.FIRST, Level.RED)]
    assert [one.state for one in store.findings(9)] == ["opened"]
    site.after(101)
    assert site.told == [(Report.FIRST, Level.RED), (Report.FINAL, Level.NONE)], "it came no more"
    assert store.firing() == ()


def test_what_is_resolved_ends(store: Store) -> None:
    site = Site(store)
    site.hear(alert(status="firing"))
    site.clock.advance(60)
    site.hear(alert(status="resolved", endsAt=later(50).isoformat()))
    assert site.told[-1] == (Report.FINAL, Level.NONE)
    assert [one.state for one in store.finding(store.findings(1)[0].id)] == ["opened", "closed"]


def test_an_alert_that_says_when_it_ends_lasts_until_then(store: Store) -> None:
    site = Site(store)
    site.hear(alert(endsAt=later(900).isoformat()))
    site.after(899)
    assert len(store.firing()) == 1
    site.after(1)
    assert store.firing() == ()


def test_the_gravest_of_a_place_counts(store: Store) -> None:
    site = Site(store)
    site.hear(alert(severity="warning"))
    site.clock.advance(1)
    site.hear(alert(labels={"instance": "plant-8"}))
    site.clock.advance(1)
    site.hear(alert(labels={"instance": "plant-8"}, status="resolved"))
    assert [level for _, level in site.told] == [Level.YELLOW, Level.RED, Level.YELLOW]


def test_what_says_no_hazard_is_for_those_who_repair(store: Store) -> None:
    site = Site(store)
    site.hear(alert("DiskFull", "warning"))
    assert site.queued() == ["sms/duty-room"]


def test_labels_say_hazard_area_and_level_themselves(store: Store) -> None:
    site = Site(store)
    site.hear(alert("X", labels={"hazard": "fire", "area": VILLAGE, "level": "orange"}))
    (report,) = store.recent_warnings(9)
    assert (report.hazard, report.area, report.level) == (Hazard.FIRE, VILLAGE, Level.ORANGE)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"labels": {"hazard": "flood"}}, "label hazard: must be one of"),
        ({"labels": {"area": "1"}}, "label area: '1' is not in the inventory"),
        ({"severity": "odd"}, "add it to"),
        ({"labels": {"level": "pink"}}, "level 'pink'"),
        ({"labels": {"alertname": ""}}, "no label alertname"),
    ],
)
def test_what_cannot_be_understood_is_refused_and_noted_beside_what_can(
    store: Store, changes: dict[str, Any], words: str
) -> None:
    site = Site(store)
    (why,) = site.hear(alert(**changes), alert())
    assert words in why
    assert site.queued() == ["siren/village"]
    assert [(one.action, one.detail) for one in store.audit()] == [("intake.refuse", why)]


def test_without_an_area_it_is_refused(store: Store) -> None:
    (why,) = Site(store, IntakeOptions()).hear(alert())
    assert "names no area" in why


def test_an_alert_of_no_level_says_nothing(store: Store) -> None:
    site = Site(store)
    site.hear(alert(severity="none"))
    assert site.told == []


def test_what_fires_survives_a_restart(tmp_path: Path) -> None:
    with desk_rig(tmp_path) as rig:
        Site(rig.store).hear(alert())
    with desk_rig(tmp_path) as rig:
        site = Site(rig.store)
        site.hear(alert())
        assert len(site.told) == 1
        site.clock.advance(1)
        site.hear(alert(status="resolved"))
        assert [report for report, _ in site.told] == [Report.FIRST, Report.FINAL]


def test_reports_are_renewed_before_they_run_out(store: Store) -> None:
    site = Site(store)
    site.hear(alert(endsAt=later(80_000).isoformat()))
    for _ in range(60):
        site.after(60)
    assert [one.report for one in store.chain(store.recent_warnings(1)[0].chain)] == [Report.FIRST, Report.FOLLOW_UP]
    assert store.recent_warnings(1)[0].expires_at > later(3600)
