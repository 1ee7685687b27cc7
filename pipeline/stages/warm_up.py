"""Compile before the first reading comes, not while it waits."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Final

from pipeline.config.plan import Plan
from pipeline.model.batch import ReadingBatch
from pipeline.model.entry import Tick
from pipeline.model.instant import to_ns
from pipeline.model.inventory import Inventory
from pipeline.model.reading import Reading
from pipeline.stages.core import Core
from pipeline.stages.record import Recent

_SOME_DAY: Final = datetime(2000, 1, 1, tzinfo=UTC)


def warm_up(plan: Plan) -> None:
    """Have every kernel of the stages of `plan` made ready, by a small core that is thrown away.

    The first start on a machine compiles for tens of seconds; later ones load what was compiled within two.
    """
    sample = _sample(plan)
    core = Core(replace(plan, inventory=sample))
    readings = (Reading(sensor.series, to_ns(_SOME_DAY), sensor.range_low) for sensor in sample.sensors)
    Recent(sample).take(core.process(ReadingBatch.of(readings)).columns)
    core.process(Tick(_SOME_DAY))


def _sample(plan: Plan) -> Inventory:
    """The sensors of one subject of each detector."""
    whole = plan.inventory
    firsts = [subject for detector in plan.detectors for subject in detector.subjects(whole)[:1]]
    names = {series.sensor for subject in firsts for series in subject.series}
    return replace(whole, sensors=tuple(one for one in whole.sensors if one.id in names))
