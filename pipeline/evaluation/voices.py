"""Voices: everything in a core that can say "danger" - each detector, the assessment, the warnings - as timelines."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from pipeline.config.plan import Plan
from pipeline.evaluation.episodes import Timeline, Who, of_assessments, of_findings, of_warnings
from pipeline.model.hazard import Hazard
from pipeline.model.quantity import Quantity
from pipeline.model.reading import Series
from pipeline.runners.replay import Replayed

ASSESSMENT = "assessment"
WARNINGS = "warnings"
_WIND = (Quantity.WIND_SPEED, Quantity.WIND_DIRECTION)


@dataclass(frozen=True, slots=True)
class Voice:
    """Who speaks, which series it listens to, and what it said.

    Attributes:
        series: those whose time its false episodes are counted against: gauges of wind bear witness to none.
        held_s: for how long its evidence has been quiet already when it lowers a level: its own hold-off.
        cost_ns: per reading it listens to.
    """

    name: str
    series: frozenset[Series]
    timelines: Mapping[Who, Timeline]
    held_s: float = 0.0
    cost_ns: float | None = None


def voices(plan: Plan, hazard: Hazard | None, replayed: Replayed, cost_ns: Mapping[str, float]) -> Iterator[Voice]:
    """Each detector of the hazard that has something to listen to, then what they came to together."""
    heard: set[Series] = set()
    held_s: list[float] = []
    for detector in plan.detectors:
        subjects = detector.subjects(plan.inventory)
        if not subjects or not meant(detector.hazard, hazard):
            continue
        series = frozenset(one for subject in subjects for one in subject.series if one.quantity not in _WIND)
        heard |= series
        held_s.append(min(subject.options.lower_after_s for subject in subjects))
        told = of_findings(one for one in replayed.findings if one.detector == detector.kind)
        yield Voice(detector.kind, series, told, held_s[-1], cost_ns.get(detector.kind))
    assessed = of_assessments(one for one in replayed.assessments if meant(one.hazard, hazard))
    together_s = min(held_s, default=0.0) + (plan.assessment.rule(hazard).lower_after_s if hazard else 0.0)
    yield Voice(ASSESSMENT, frozenset(heard), assessed, together_s)
    warned = of_warnings(one for one in replayed.warnings if meant(one.hazard, hazard))
    yield Voice(WARNINGS, frozenset(heard), warned, together_s)


def meant(hazard: Hazard, wanted: Hazard | None) -> bool:
    """Whether it is the hazard looked for; without one, any that the public is warned of."""
    return hazard is wanted if wanted else hazard is not Hazard.SENSOR_FAULT
