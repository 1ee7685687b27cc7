"""The study of made-up slopes: when `ground_inverse_velocity` says they fail, a day before, and what calm years bring.

The law and its range of exponents are those of Fukuzono (1985) and Voight (1988).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from detectors.base import Detector
from detectors.subsidence.ground_inverse_velocity import GroundInverseVelocity
from detectors.subsidence.ground_tangent import GroundTangent
from detectors.subsidence.ground_velocity import GroundVelocity
from pipeline.clock import Clock
from pipeline.evaluation.alone import alone, played
from pipeline.evaluation.made_slopes import DAY_S, KINDS, PER_DAY, Track, creeping, failing
from pipeline.evaluation.study import Bound, Study, StudyTable
from pipeline.model.finding import Finding, FindingState
from pipeline.model.hazard import SensorKind
from pipeline.model.instant import NS_PER_S
from pipeline.model.level import Level
from pipeline.model.quantity import Quantity

FIRST: Final = 1_000_000
"""Numbers from here on were used for nothing else: not for choosing the detector's options, not in its tests."""
SLOPES: Final = 200
YEARS: Final = 24
MONTHS_A_YEAR: Final = 12
CLOSE_H: Final = 6.0
START_S: Final = 1_767_225_600
"""2026-01-01."""
JUDGED: Final = "with gaps and steps"
ALL: Final[tuple[Detector, ...]] = (GroundVelocity(), GroundTangent(), GroundInverseVelocity())
_POINT: Final = alone(SensorKind.SUBSIDENCE, Quantity.DISPLACEMENT, DAY_S / PER_DAY, -1e4, 1e5)
ABOUT: Final = f"""Made up after Voight's law: exponent 1.5 to 2.2, a runaway of 4 to 30 days from a creep of 0.5 to
5 mm/d, noise 0.7 mm, a reading every 30 min; {SLOPES} slopes of each kind, numbered beyond all that options were chosen
on. Told is what stands a day before the failure; `expected_at` is the early edge of the interval, so it is meant to be
early. The second table has {YEARS} points for a year each that creep with season and daily heat and do not fail, each
with four steps of 5 to 50 mm."""


def study(_recordings: Path, _clock: Clock | None) -> Study:
    """Make them, play them, and count."""
    failures = {kind.name: [failing(FIRST + number, kind) for number in range(SLOPES)] for kind in KINDS}
    years = [creeping(FIRST + number) for number in range(YEARS)]
    told = {name: _figures(tracks) for name, tracks in failures.items()}
    orange = {detector.kind: _episodes(detector, years, Level.ORANGE) for detector in ALL}
    columns = ("slopes", "told", "within 6 h", "later than the failure", "at most by [h]", "p5 / p50 / p95 [h]", "held")
    calm = tuple((name, str(count), f"{count / _months():.3f}") for name, count in orange.items())
    return Study(
        name="runaway",
        title="Made-up slopes, a day before they fail",
        about=ABOUT,
        source="pipeline/evaluation/made_slopes.py",
        licence="Apache-2.0 (this project)",
        readings=sum(len(track.at_s) for tracks in [*failures.values(), years] for track in tracks),
        tables=(
            StudyTable("Early edge of the failure told, against the failure", columns, tuple(map(_row, told.items()))),
            StudyTable(f"{_months()} sensor-months of creep", ("what", "orange", "per sensor-month"), calm),
        ),
        bounds=(
            Bound(JUDGED, GroundInverseVelocity.kind, "within 6 h, a day before", told[JUDGED].close, goal=0.9),
            Bound(
                JUDGED, GroundInverseVelocity.kind, "later than the failure", told[JUDGED].later, goal=0, rising=False
            ),
            Bound(
                "creep",
                "all three",
                "orange per sensor-month",
                sum(orange.values()) / _months(),
                goal=0.05,
                rising=False,
            ),
        ),
    )


@dataclass(frozen=True, slots=True)
class Figures:
    """What was told of some slopes.

    Attributes:
        told: of how many.
        close, later, held: shares of those whose early edge is within 6 h, is later than the failure; of the intervals
            that hold it.
        worst_h: the latest edge, after the failure.
        spread_h: the 5th, 50th, 95th hundredth of the early edges, after the failure.
    """

    told: int
    close: float
    later: float
    held: float
    worst_h: float
    spread_h: tuple[float, ...]


def _figures(tracks: Sequence[Track]) -> Figures:
    told = [one for track in tracks if (one := error_h(track)) is not None]
    early, late = np.array(told, np.float64).reshape(-1, 2).T
    return Figures(
        told=len(told),
        close=round(float(np.mean(np.abs(early) <= CLOSE_H)), 3),
        later=round(float(np.mean(early > 0.0)), 3),
        held=float(np.mean((early <= 0.0) & (late >= 0.0))),
        worst_h=max(float(early.max()), 0.0),
        spread_h=tuple(np.percentile(early, (5, 50, 95)).tolist()),
    )


def _row(entry: tuple[str, Figures]) -> tuple[str, ...]:
    name, one = entry
    spread = " / ".join(f"{each:+.1f}" for each in one.spread_h)
    told, held = f"{one.told} of {SLOPES}", f"{one.held:.2f}"
    return name, told, f"{one.close:.2f}", f"{one.later:.3f}", f"{one.worst_h:.1f}", spread, held


def _months() -> int:
    return YEARS * MONTHS_A_YEAR


def error_h(track: Track) -> tuple[float, float] | None:
    """How much later than the failure both edges of what stands at the end are [h]; None: no time is told."""
    found = _played(GroundInverseVelocity(), track)
    if not found or found[-1].state is FindingState.CLOSED:
        return None
    edges = (found[-1].expected_at, found[-1].expected_latest_at)
    early, late = ((at.timestamp() - START_S - track.fails_s) / 3600 if at else np.nan for at in edges)
    return None if np.isnan(early) else (early, late)


def _episodes(detector: Detector, tracks: Sequence[Track], level: Level) -> int:
    """How many came to `level`."""
    return sum(len({one.id for one in _played(detector, track) if one.level >= level}) for track in tracks)


def _played(detector: Detector, track: Track) -> list[Finding]:
    return played(detector, _POINT, ((START_S + track.at_s) * NS_PER_S).astype(np.int64), track.value_mm)
