"""Tune: one option of one detector over a range of values, on the part of a suite that thresholds may be chosen on."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from pydantic import ValidationError

from detectors.base import Detector
from pipeline.config.plan import Plan
from pipeline.errors import ConfigError
from pipeline.evaluation.evaluate import evaluate
from pipeline.evaluation.score import Score
from pipeline.evaluation.suite import Part, Suite
from pipeline.model.level import Level

FACTORS: Final = (0.25, 0.35, 0.5, 0.7, 0.85, 1.0, 1.2, 1.4, 2.0, 2.8, 4.0)
"""Times the default: what is tried where no values are given."""


@dataclass(frozen=True, slots=True)
class Point:
    """One value: what it costs and gives on the calibration part, and on the others."""

    value: float
    chosen_on: Score
    reported: tuple[tuple[str, Score], ...]


@dataclass(frozen=True, slots=True)
class Tuned:
    """The curve, in order of value; `best` is None where no value keeps within the budget."""

    kind: str
    level: Level
    option: str
    part: str
    budget: float
    points: tuple[Point, ...]
    best: Point | None


def tune(
    suite: Suite, detector: Detector, option: str, values: Iterable[float], budget: float, level: Level = Level.BLUE
) -> Tuned:
    """Try each value, and choose the best that costs no more than the budget.

    Best is what finds most events, then what finds them soonest, by lead where onsets are known, else by delay; then
    what costs least.

    Args:
        budget: false episodes per sensor-month on the calibration part.
        level: episodes count from this level on.

    Raises:
        ConfigError: the suite has no calibration part, the detector hears nothing in it, or no value is one that the
            option may have.
    """
    chosen_on = suite.told.calibration
    if chosen_on is None:
        raise ConfigError(suite.name, "has no part with calibration = true, so nothing may be chosen on it")
    alone = replace(suite, told=suite.told.model_copy(update={"baseline": None, "aims": (), "levels": (level,)}))
    tried = [_point(alone, one, option, chosen_on) for one in _variants(detector, option, values)]
    return Tuned(detector.kind, level, option, chosen_on.name, budget, tuple(tried), best_of(tried, budget))


def best_of(points: Sequence[Point], budget: float) -> Point | None:
    """The best point within the budget."""
    within = [one for one in points if one.chosen_on.false_per_sensor_month <= budget]
    return max(within, key=_merit, default=None)


def _merit(point: Point) -> tuple[float, float, float]:
    one = point.chosen_on
    sooner_s = one.leads_s[1] if one.leads_s else -one.delays_s[1] if one.delays_s else 0.0
    return one.pod or 0.0, sooner_s, -one.false_per_sensor_month


def _variants(detector: Detector, option: str, values: Iterable[float]) -> list[tuple[float, Detector]]:
    """The detector with each value that the option may have."""
    found: list[tuple[float, Detector]] = []
    refused = ""
    for value in sorted(set(values)):
        try:
            options = type(detector.options).model_validate({**detector.options.model_dump(), option: value})
        except ValidationError as error:
            refused = str(error.errors()[0]["msg"])
            continue
        found.append((value, type(detector)(options)))
    if not found:
        raise ConfigError(f"{detector.kind}.{option}", f"takes none of the values: {refused or 'there are none'}")
    return found


def _point(suite: Suite, variant: tuple[float, Detector], option: str, chosen_on: Part) -> Point:
    value, detector = variant
    found = evaluate(suite, lambda inventory: Plan(inventory, [detector]))
    scores = {part.part.name: row.score for part in found.parts for row in part.rows if row.name == detector.kind}
    if not scores:
        raise ConfigError(f"{detector.kind}.{option}", f"the detector hears nothing in suite {suite.name}")
    return Point(value, scores.pop(chosen_on.name), tuple(scores.items()))
