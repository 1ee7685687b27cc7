"""A drill whose process ended: its warnings are ended once, and what became of it is said; one drill at a time."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from alerting.drill.breaking import Breaking
from alerting.drill.evaluation import Mode
from alerting.drill.start import Begun, BegunState
from alerting.lifecycle import LifecyclePolicy
from alerting.store.record import Record
from alerting.store.store import Store
from pipeline.errors import DutyError
from pipeline.model.level import Level
from pipeline.model.warning import HazardWarning, Report, WarningStatus
from pipeline.runners.drill_held import HeldDrill
from tests.alerting_rig import Rig
from tests.dispatch_rig import until
from tests.merge_rig import storm, towns
from tests.reports import NOON, later

ROUTES: Any = [
    {"name": "drills", "to": ["siren/village"], "exercise": True},
    {"name": "public", "to": ["siren/town"]},
]


def exercise(number: int = 1, report: int = 1, at_s: float = 0.0, level: Level = Level.ORANGE) -> HazardWarning:
    return storm(number, report, at_s, level, status=WarningStatus.EXERCISE)


@pytest.fixture
def rig(store: Store) -> Rig:
    return Rig(store, routes=ROUTES, inventory=towns(3))


def breaking(rig: Rig) -> Breaking:
    return Breaking(rig.store, towns(3), LifecyclePolicy(), rig.outlet)


def begun(scenario: str = "storm", mode: Mode = Mode.LIVE) -> Begun:
    return Begun.new(scenario, mode, "li", NOON)


def tell(rig: Rig, held: HeldDrill, *reports: HazardWarning) -> None:
    def offer(connection: Any, report: HazardWarning, at: Any) -> None:
        held.note(connection, report, at)
        if held.mode is Mode.LIVE:
            rig.outlet.offer(connection, report, at)

    rig.store.save(Record(warnings=reports), rig.now, offer)


def dies(rig: Rig, mode: Mode, *reports: HazardWarning) -> Begun:
    """A drill that tells of these and is heard of no more."""
    one = begun(mode=mode)
    rig.store.hold_drill(one)
    tell(rig, HeldDrill(rig.store, one), *reports)
    rig.store.keep_drill(one.id, 0.0)
    return one


def test_what_it_left_in_force_is_cancelled_as_an_exercise(rig: Rig) -> None:
    rig.tell(storm(3))  # in earnest
    dies(rig, Mode.LIVE, exercise(1), exercise(2), exercise(2, 2, 10, Level.NONE))
    assert breaking(rig).look(later(60))
    assert [one.area for one in rig.store.warnings_in_force(later(61))] == [storm(3).area]
    first, final = rig.store.chain(storm(1).chain)
    assert (final.report, final.status, final.number) == (Report.FINAL, WarningStatus.EXERCISE, 2)
    assert final.references == ((first.id, first.sent_at),)
    assert "The drill broke off." in final.texts[1].description
    assert rig.queued(final) == ["siren/village"]
    assert len(rig.store.chain(storm(2).chain)) == 2
    (shown,) = rig.store.drill_runs(9)
    assert (shown.state, shown.words) == (
        BegunState.BROKEN,
        "its process ended before the drill did; its warnings were ended",
    )
    assert [(one.action, one.subject, one.detail) for one in rig.store.audit(9) if one.action.startswith("drill")] == [
        ("drill.broken_off", "storm", "live, started by li; 1 warnings ended")
    ]


def test_it_is_ended_once(rig: Rig) -> None:
    dies(rig, Mode.LIVE, exercise(1))
    assert breaking(rig).look(later(60))
    assert not breaking(rig).look(later(61))
    assert len(rig.store.chain(storm(1).chain)) == 2


@pytest.mark.parametrize("hazards", [pytest.param([], id="each by itself"), pytest.param(["rainstorm"], id="merged")])
def test_no_release_rule_holds_back_the_end_of_what_it_left(store: Store, hazards: list[str]) -> None:
    ends: Any = {"name": "ends", "applies_to": "all_clear", "mode": "approval"}
    rig = Rig(store, routes=ROUTES, inventory=towns(3), rules=[ends], routing={"merge": {"hazards": hazards}})
    dies(rig, Mode.LIVE, exercise(1), exercise(2, 1, 5))
    assert breaking(rig).look(later(60))
    assert rig.store.pending() == ()
    assert not rig.store.warnings_in_force(later(61))
    told = [rig.store.warning(one.warning) for one in rig.rows()]
    assert told
    chains = {one.chain for one in told if one}
    assert {one.chain for one in told if one and one.report is Report.FINAL} == chains, "who was told hears of the end"


@pytest.mark.parametrize("hazards", [pytest.param([], id="each by itself"), pytest.param(["rainstorm"], id="merged")])
def test_its_own_all_clears_that_waited_are_let_out_with_the_reason(store: Store, hazards: list[str]) -> None:
    rules: Any = [{"name": "ends", "applies_to": "all_clear", "mode": "approval"}]
    rig = Rig(store, routes=ROUTES, inventory=towns(3), rules=rules, routing={"merge": {"hazards": hazards}})
    ends = [exercise(1, 2, 10, Level.NONE), exercise(2, 2, 11, Level.NONE)]
    dies(rig, Mode.LIVE, exercise(1), exercise(2, 1, 5), *ends)
    rig.tell(storm(3), storm(3, 2, 20, Level.NONE))  # in earnest: people decide
    waited = {one.warning for one in rig.store.pending()}
    assert breaking(rig).look(later(60))
    (waits,) = rig.store.pending()
    assert rig.store.reports([waits.warning])[waits.warning].status is WarningStatus.ACTUAL
    closed = {one.subject: one.detail for one in rig.store.audit() if one.action == "release.released"}
    assert set(closed) < waited
    assert closed
    assert all("for public: released, automatic; 演练中断。The drill broke off." in one for one in closed.values())
    told = [one for one in map(rig.store.warning, {row.warning for row in rig.rows()}) if one]
    drilled = {one.chain for one in told if one.status is WarningStatus.EXERCISE}
    assert drilled
    assert {one.chain for one in told if one.report is Report.FINAL} == drilled


def test_a_decision_on_a_report_of_it_is_asked_no_more(store: Store) -> None:
    rules: Any = [{"name": "all", "mode": "approval"}]
    rig = Rig(store, routes=ROUTES, inventory=towns(3), rules=rules)
    dies(rig, Mode.LIVE, exercise(1))
    assert len(rig.store.pending()) == 1
    assert breaking(rig).look(later(60))
    assert rig.store.pending() == ()
    assert rig.rows() == (), "who was not told of the danger hears of no end"


def test_of_a_tabletop_drill_nothing_leaves(rig: Rig) -> None:
    dies(rig, Mode.TABLETOP, exercise(1))
    assert breaking(rig).look(later(60))
    assert not rig.store.warnings_in_force(later(61))
    assert rig.rows() == ()


def test_what_has_expired_is_left_alone(rig: Rig) -> None:
    dies(rig, Mode.LIVE, exercise(1))
    breaking(rig).look(exercise(1).expires_at)
    assert len(rig.store.chain(storm(1).chain)) == 1
    assert rig.store.drill_runs(9)[0].state is BegunState.BROKEN


def test_one_that_lives_is_left_alone_and_no_other_begins(rig: Rig) -> None:
    with HeldDrill(rig.store, begun()) as held:
        tell(rig, held, exercise(1))
        assert not breaking(rig).look(later(60))
        with pytest.raises(DutyError, match=r"drill 'storm', started by li at .* is still running; one at a time"):
            rig.store.hold_drill(begun("flood"))
    assert rig.store.drill_runs(9)[0].state is BegunState.ENDED
    rig.store.hold_drill(begun("flood"))


def test_one_that_was_taken_for_dead_tells_nothing_more(rig: Rig) -> None:
    one = dies(rig, Mode.LIVE, exercise(1))
    breaking(rig).look(later(60))
    with pytest.raises(DutyError, match="taken for broken off"):
        tell(rig, HeldDrill(rig.store, one), exercise(2))
    assert not rig.store.chain(storm(2).chain)
    with pytest.raises(DutyError, match="taken for broken off"):
        rig.store.hold_drill(one)


def test_one_that_wakes_up_does_not_get_its_place_back(rig: Rig) -> None:
    slept, other = dies(rig, Mode.LIVE, exercise(1)), begun("flood", Mode.TABLETOP)
    rig.store.hold_drill(other)
    rig.store.keep_drill(slept.id)
    assert rig.store.lapsed_drills() == (slept.id,)
    with pytest.raises(DutyError, match="taken for broken off"):
        tell(rig, HeldDrill(rig.store, slept), exercise(2))
    tell(rig, HeldDrill(rig.store, other), exercise(3))
    assert [len(rig.store.chain(storm(number).chain)) for number in (1, 2, 3)] == [1, 0, 1]


def test_one_whose_lease_has_ended_tells_nothing_though_nobody_looked(rig: Rig) -> None:
    one = dies(rig, Mode.LIVE, exercise(1))
    with pytest.raises(DutyError, match="taken for broken off"):
        tell(rig, HeldDrill(rig.store, one), exercise(2))
    assert not rig.store.chain(storm(2).chain)


def test_a_lease_ends_by_the_clock_of_the_database_alone(rig: Rig) -> None:
    one = begun()
    rig.store.hold_drill(one)
    tell(rig, HeldDrill(rig.store, one), exercise(1))
    rig.store.keep_drill(one.id, 0.1)
    asyncio.run(until(lambda: breaking(rig).look(later(60))))
    assert not rig.store.warnings_in_force(later(61))
    rig.store.hold_drill(begun("flood"))


def fails(rig: Rig) -> None:
    with HeldDrill(rig.store, begun()) as held:
        tell(rig, held, exercise(1))
        raise KeyboardInterrupt


def test_one_that_fails_gives_its_place_up_at_once(rig: Rig) -> None:
    with pytest.raises(KeyboardInterrupt):
        fails(rig)
    assert breaking(rig).look(later(60))
    assert not rig.store.warnings_in_force(later(61))


def test_one_that_told_of_nothing_was_refused(rig: Rig) -> None:
    with pytest.raises(DutyError), HeldDrill(rig.store, begun()):
        raise DutyError("no recording")
    (shown,) = rig.store.drill_runs(9)
    assert (shown.state, shown.words) == (BegunState.REFUSED, "no recording")
    assert not breaking(rig).look(later(60))
