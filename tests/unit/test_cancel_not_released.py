"""A Cancel that waits for somebody's yes and does not get it: nobody is left unwarned, nor warned of what is over."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final

import pytest

from alerting.lifecycle import Lifecycle, LifecyclePolicy
from alerting.people.actor import Actor
from alerting.store.store import Store
from pipeline.model.assessment import Assessment
from pipeline.model.hazard import Hazard
from pipeline.model.level import Level
from pipeline.model.order import OrderKind
from pipeline.model.release import ReleaseState
from tests.alerting_rig import LI, WANG, Rig
from tests.merge_rig import ASK, town, towns
from tests.reports import NOON
from tests.unit.test_cancel import OFFICER
from tests.unit.test_intake import Site, alert

MERGED: Final[Any] = {"routing": {"merge": {"hazards": ["rainstorm"]}}}


class Field(Rig):
    """With somebody who keeps the chains of storms over towns, and takes the orders of people."""

    def __init__(self, store: Store, **sections: Any) -> None:
        super().__init__(store, inventory=towns(3), rules=[ASK], **sections)
        self.keeper = Lifecycle(towns(3), LifecyclePolicy())

    def storm(self, *towns_: int, level: Level = Level.ORANGE) -> None:
        for place in towns_:
            report = self.keeper.take(self.assessed(place, level), {})
            if report:
                self.tell(report)
        self.clock.advance(60)

    def assessed(self, place: int, level: Level) -> Assessment:
        return Assessment(
            id=f"{place}-{self.now.isoformat()}", hazard=Hazard.RAINSTORM, area=town(place), level=level,
            previous_level=Level.NONE, confidence=0.9, at=self.now, first_evidence_at=NOON, findings=(), trigger="",
        )  # fmt: skip

    def chain(self, place: int) -> str:
        return next(one.chain for one in self.keeper.in_force() if one.area == town(place))

    def cancel(self, place: int, actor: Actor = OFFICER) -> None:
        self.desk.amend(self.chain(place), Level.NONE, "a test gas", actor)

    def obey(self) -> None:
        for order in self.store.open_orders():
            report = self.keeper.obey(order, self.now)
            if report:
                self.tell(report)
            self.store.orders_taken([order.id], self.now)
        for report in self.keeper.tick(self.now):
            self.tell(report)

    def refuse(self) -> None:
        for one in self.store.pending():
            self.outlet.refuse(one.warning, one.audience, WANG, "the gas is real", self.now)

    def warned(self) -> dict[str, Level]:
        """Area -> level that is in force there."""
        return {area: one.level for one in self.store.warnings_in_force(self.now) for area in one.areas}


def test_of_a_merged_warning_only_what_was_refused_goes_on(store: Store) -> None:
    field = Field(store, **MERGED)
    field.storm(1, 2)
    field.cancel(1, LI)
    field.obey()
    field.cancel(2)
    field.refuse()
    field.obey()
    assert field.warned() == {town(2): Level.ORANGE}


def test_an_end_that_nobody_ordered_brings_nothing_back_that_was_cancelled(store: Store) -> None:
    field = Field(store, **MERGED)
    field.storm(1, 2)
    field.cancel(1, LI)
    field.obey()
    field.storm(2, level=Level.NONE)
    field.refuse()
    assert field.store.open_orders() == ()


def test_what_went_on_in_an_area_ends_there_like_any_other(store: Store) -> None:
    field = Field(store, **MERGED)
    field.storm(1, 2)
    field.cancel(1)
    field.obey()
    field.refuse()
    field.obey()
    assert field.warned() == {town(1): Level.ORANGE, town(2): Level.ORANGE}
    field.storm(1, level=Level.NONE)
    for one in field.store.pending():
        field.outlet.approve(one.warning, one.audience, WANG, field.now)
    assert field.warned() == {town(2): Level.ORANGE}


@pytest.mark.parametrize("sections", [{}, MERGED], ids=["each by itself", "merged"])
def test_new_danger_overtakes_a_cancel_that_waits(store: Store, sections: dict[str, Any]) -> None:
    field = Field(store, **sections)
    field.storm(1, 2)
    field.cancel(1)
    field.obey()
    (waits,) = field.store.pending()
    field.storm(1, level=Level.RED)
    assert field.store.pending() == ()
    (request,) = (one for one in field.store.requests(waits.chain) if one.warning == waits.warning)
    assert (request.state, request.reason) == (
        ReleaseState.OVERTAKEN,
        "overtaken by a new warning of the same danger there",
    )
    assert field.warned()[town(1)] is Level.RED
    field.storm(1, level=Level.NONE)
    for one in field.store.pending():
        field.outlet.approve(one.warning, one.audience, WANG, field.now)
    assert field.warned() == {town(2): Level.ORANGE}


def test_a_graver_danger_that_the_officer_did_not_know_of_is_warned_of_anew(store: Store) -> None:
    field = Field(store)
    field.storm(1, level=Level.YELLOW)
    red = field.keeper.take(field.assessed(1, Level.RED), {})
    field.cancel(1, LI)
    assert red
    field.tell(red)
    field.obey()
    assert field.warned() == {town(1): Level.RED}


def test_a_level_that_people_ordered_goes_on_too(store: Store) -> None:
    field = Field(store)
    field.storm(1, level=Level.YELLOW)
    field.desk.amend(field.chain(1), Level.RED, "the dam cracks", LI)
    field.obey()
    field.cancel(1)
    field.obey()
    field.refuse()
    field.obey()
    assert field.warned() == {town(1): Level.RED}


def test_nobody_decides_and_people_are_warned_again_before_long(store: Store) -> None:
    field = Field(store)
    field.storm(1)
    (first,) = field.keeper.in_force()
    field.clock.advance((first.expires_at - field.now).total_seconds() - 60)
    field.cancel(1)
    for _minute in range(5):
        field.after(60)
        field.obey()
    assert field.warned() == {town(1): Level.ORANGE}


def test_a_refusal_by_a_clock_that_is_behind_comes_after_the_order(store: Store) -> None:
    field = Field(store)
    field.storm(1)
    field.cancel(1)
    (waits,) = field.store.pending()
    field.outlet.refuse(waits.warning, waits.audience, WANG, "no", field.now - timedelta(seconds=5))
    assert [one.kind for one in field.store.open_orders()] == [OrderKind.WITHDRAW, OrderKind.RESUME]


def test_alerts_of_other_programs_go_on_as_well(store: Store) -> None:
    site = Site(store, rules=[ASK])
    site.hear(alert())
    (told,) = site.store.warnings_in_force(site.now)
    site.desk.amend(told.chain, Level.NONE, "a test", OFFICER)
    (waits,) = store.pending()
    site.outlet.refuse(waits.warning, waits.audience, WANG, "it is real", site.now)
    (again,) = site.store.warnings_in_force(site.now)
    assert (again.level, again.number) == (told.level, 1)
    assert store.open_orders() == ()
