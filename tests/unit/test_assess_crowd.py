"""Very many findings of one hazard in one area: what raises no level is told with the next tick, of all in one."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pipeline.config.plan import Plan
from pipeline.model.batch import ReadingBatch
from pipeline.model.entry import Tick
from pipeline.model.instant import NS_PER_S, from_ns
from pipeline.model.level import Level
from pipeline.model.reading import Reading
from pipeline.runners.replay import replay
from pipeline.stages.assess import CROWD
from pipeline.stages.core import Core
from pipeline.stages.standing import CITED_MAX
from tests.bench.workload import START_NS
from tests.district import inventory
from tests.unit.test_assess import Stage, at, closed, fault, finding
from tests.unit.test_core_calls import calls
from tests.unit.test_replay import cut, plan, written

MANY = 256


def crowd(stage: Stage) -> None:
    """Very many sensors say orange."""
    stage.play(*((0, finding(f"s{number}")) for number in range(MANY)))


def test_each_is_told_of_until_they_are_a_crowd_and_then_all_with_the_tick() -> None:
    stage = Stage()
    alone = stage.play(*((0, fault(f"s{number}")) for number in range(MANY)))
    assert len(alone) == CROWD
    (together,) = stage.settle(at(1))
    assert (len(together.findings), together.trigger) == (MANY, f"sensor_health-s{MANY - 1}-gross_range")
    assert list(stage.settle(at(2))) == []


def test_those_that_end_are_told_of_with_the_tick_too() -> None:
    stage = Stage()
    crowd(stage)
    list(stage.settle(at(1)))
    assert stage.play(*((2, closed(f"s{number}")) for number in range(CROWD))) == []
    (fewer,) = stage.settle(at(3))
    assert (fewer.level, len(fewer.findings)) == (Level.ORANGE, MANY - CROWD)
    ended = stage.play(*((4, closed(f"s{number}")) for number in range(MANY)), until=60)
    assert ended[-1].level is Level.NONE


def test_what_is_graver_waits_for_nothing() -> None:
    stage = Stage()
    crowd(stage)
    assert gravest(stage, Level.RED) == [Level.RED]
    assert gravest(stage, Level.ORANGE) == []


def gravest(stage: Stage, level: Level) -> list[Level]:
    return [one.level for one in stage.play((1, finding(f"new-{level}", level)))]


def test_what_waits_is_kept_over_a_restart() -> None:
    before, after = Stage(), Stage()
    crowd(before)
    after.restore(before.snapshot())
    assert list(after.settle(at(1))) == list(before.settle(at(1)))


def test_an_assessment_names_no_more_than_fit_into_a_message() -> None:
    stage = Stage()
    stage.play(*((0, finding(f"s{number}")) for number in range(CITED_MAX + 1)))
    (told,) = stage.settle(at(1))
    assert len(told.findings) == CITED_MAX


def test_the_cut_into_batches_does_not_matter_to_crowds(monkeypatch: pytest.MonkeyPatch) -> None:
    before = written(replay(plan(), cut(100_000)))
    monkeypatch.setattr("pipeline.stages.assess.CROWD", 1)
    whole = written(replay(plan(), cut(100_000)))
    assert whole != before, "there are crowds of one"
    assert written(replay(plan(), cut(100))) == whole


def silenced(sensors: int) -> tuple[Core, ReadingBatch, Tick]:
    """As many gas sensors of one site that were heard once, readings of all of them, and a tick when all are silent."""
    field = inventory()
    (one, *_) = (sensor for sensor in field.sensors if sensor.quantity.value == "gas_lel")
    many = tuple(one.model_copy(update={"id": f"s{number}"}) for number in range(sensors))
    core = Core(Plan(replace(field, sensors=many), plan().detectors))
    core.take([heard(core, START_NS)])
    late_ns = START_NS + 86_400 * NS_PER_S
    return core, heard(core, late_ns), Tick(from_ns(late_ns))


def heard(core: Core, at_ns: int) -> ReadingBatch:
    return ReadingBatch.of([Reading(one.series, at_ns, 1.0) for one in core.plan.inventory.sensors])


def test_a_site_that_falls_silent_and_speaks_again_costs_as_much_for_each_sensor() -> None:
    (few, again, tick), (many, again_many, _) = silenced(300), silenced(600)
    silenced(60)[0].process(tick)  # kernels are there
    assert calls(lambda: many.process(tick)) < 2.2 * calls(lambda: few.process(tick))
    assert calls(lambda: many.take([again_many])) < 2.2 * calls(lambda: few.take([again]))
