"""Rarity: how seldom a value at this hour, and a course like this one, came before; for any quantity.

Two things are learned of each sensor: what is usual at this hour (`season`), and which courses of the last readings
there were (`course`). Each gives a p-value from the ranks of the past (`rank`); rarity is the mean of their negative
decimal logarithms. It is lowered as the memory grows, by three quarters of its logarithm, for in more readings rarer
ones come by chance. Having spoken, it keeps silent for a tenth of the readings it has seen, except of something rarer:
that share, and the whole configuration, are frozen (docs/detectors/learned.md tells how they were chosen).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, ClassVar, Final, Self

import numpy as np
from pydantic import Field

from detectors.base import Criterion, Detector, DetectorOptions, Subject
from detectors.kernel import kernel
from detectors.learned.course import RING, follow, novelty
from detectors.learned.rank import BOTH, MEMORY, UPPER, p_value, remember
from detectors.learned.season import DAY_BINS, WEEK_BINS, surprise
from detectors.watched import named
from pipeline.model.hazard import Hazard
from pipeline.model.inventory import Inventory
from pipeline.model.level import Level
from pipeline.model.site import Sensor

BLUE: Final = int(Level.BLUE)
HOUR, COURSE = range(2)
"""Places of the criteria."""
CHANCE: Final = 0.75
AMONG: Final = 1000.0
"""Rarity is of one in a thousand readings remembered; more of them lower it, fewer raise it."""
REST_SHARE: Final = 0.1
REST_LEAST: Final = 30
REST_MOST: Final = 400
RARER: Final = 0.1
"""For how many readings it keeps silent having spoken, and how much rarer something must be to be told meanwhile."""

STATE: Final = np.dtype(
    [
        ("turn", "i8"),
        ("day", "f8", (DAY_BINS,)),
        ("day_seen", "i4", (DAY_BINS,)),
        ("week", "f8", (WEEK_BINS,)),
        ("week_seen", "i4", (WEEK_BINS,)),
        ("hour_ranked", "f8", (MEMORY,)),
        ("hour_ring", "f8", (MEMORY,)),
        ("hour_turn", "i8"),
        ("hour_count", "i4"),
        ("course_count", "i4"),
        ("course_ranked", "f8", (MEMORY,)),
        ("course_ring", "f8", (MEMORY,)),
        ("course_turn", "i8"),
        ("values", "f8", (2 * RING,)),
        ("apart", "f8", (MEMORY + 1,)),
        ("rarities", "f8", (REST_MOST,)),
    ],
    align=True,
)
PARAMS: Final = np.dtype([("rarity", "f8"), ("warm_up", "i8"), ("low", "f8"), ("high", "f8")], align=True)


class RarityOptions(DetectorOptions):
    """Whom it watches and what it tells. It watches nobody until `sensors` says whom: it costs memory."""

    sensors: tuple[str, ...] = Field(default=(), description="sensors to watch, by id; * and ? are wild")
    rarity: float = Field(default=1.88, gt=0, description="from which rarity on it is told: decades of probability")
    warm_up: int = Field(default=288, ge=1, description="readings before it says anything")
    lower_after_s: float = Field(default=3600.0, ge=0, description="hold-off: how long quiet must last to lower one")


@kernel
def step(state: Any, params: Any, channel: int, at_ns: int, value: float, level: int, evidence: Any) -> None:  # noqa: ARG001  # one sensor, one channel; the hold-off is the episode's
    """Judge the reading by what came before it, then learn it."""
    value = min(max(value, params.low), params.high)
    hour = _of_hour(state, at_ns, value)
    course = _of_course(state, value)
    remembered = min(state.turn + 1, MEMORY)
    rarity = 0.5 * (hour + course) - CHANCE * math.log10(remembered / AMONG)
    told = _is_news(state, rarity) and state.turn >= params.warm_up
    state.rarities[state.turn % REST_MOST] = rarity
    state.turn += 1
    evidence.value = max(rarity, 0.0)
    evidence.threshold = params.rarity
    evidence.score = max(rarity, 0.0) if told else 0.0
    evidence.criterion = HOUR if hour >= course else COURSE
    if told and rarity >= params.rarity:
        evidence.level = BLUE


@kernel
def _of_hour(state: Any, at_ns: int, value: float) -> float:
    """Decades by which the value is seldom at this hour."""
    left = surprise(at_ns, value, state.day, state.day_seen, state.week, state.week_seen)
    if left != left:  # noqa: PLR0124  # NaN
        return 0.0
    seldom = -math.log10(p_value(left, state.hour_ranked, state.hour_count, BOTH, 0.0))
    state.hour_count = remember(left, state.hour_ranked, state.hour_ring, state.hour_count, state.hour_turn)
    state.hour_turn += 1
    return seldom


@kernel
def _of_course(state: Any, value: float) -> float:
    """Decades by which the course of the last readings is new."""
    follow(value, state.turn, state.values, state.apart)
    new = novelty(state.turn, state.apart)
    if new != new:  # noqa: PLR0124  # NaN
        return 0.0
    seldom = -math.log10(p_value(new, state.course_ranked, state.course_count, UPPER, 0.0))
    state.course_count = remember(new, state.course_ranked, state.course_ring, state.course_count, state.course_turn)
    state.course_turn += 1
    return seldom


@kernel
def _is_news(state: Any, rarity: float) -> bool:
    """Whether nothing as rare came within the time of rest."""
    rest = min(max(int(REST_SHARE * state.turn), REST_LEAST), REST_MOST)
    for back in range(1, min(rest, state.turn) + 1):
        if rarity <= state.rarities[(state.turn - back) % REST_MOST] + RARER:
            return False
    return True


class LearnedRarity(Detector):
    """One subject a sensor that is named. It speaks to those who look after sensors, never to the public."""

    kind: ClassVar[str] = "learned_rarity"
    version: ClassVar[int] = 1
    hazard: ClassVar[Hazard] = Hazard.SENSOR_FAULT
    options_type = RarityOptions
    state = STATE
    params = PARAMS
    step = staticmethod(step)
    criteria = (
        Criterion(
            key="unusual_hour",
            standard="Forewarn, docs/detectors/learned.md",
            unit="",
            en="a value that is unusual at this hour",
            zh="该时刻的数值罕见",
            figure_en="rarity (decades)",
            figure_zh="罕见度(数量级)",
        ),
        Criterion(
            key="unusual_course",
            standard="Forewarn, docs/detectors/learned.md",
            unit="",
            en="a course of values that was not seen before",
            zh="数值变化过程前所未见",
            figure_en="rarity (decades)",
            figure_zh="罕见度(数量级)",
        ),
    )

    @classmethod
    def on_trial(cls) -> Self:
        """Watching everybody from the first hour on."""
        return cls(RarityOptions(sensors=("*",), warm_up=30))

    def subjects(self, inventory: Inventory) -> Sequence[Subject]:
        """Every sensor whose id fits one of `sensors`."""
        return [
            Subject(sensor.id, sensor.site, (sensor.series,), _params(sensor, options), options)
            for sensor, options in named(self, inventory)
        ]


def _params(sensor: Sensor, options: RarityOptions) -> dict[str, float]:
    """Values beyond twice the span, which no quality test lets pass, are taken for its end: sums must stay sums."""
    span = sensor.range_high - sensor.range_low
    return {
        "rarity": options.rarity,
        "warm_up": options.warm_up,
        "low": sensor.range_low - span,
        "high": sensor.range_high + span,
    }
