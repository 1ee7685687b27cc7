"""Made-up slopes that creep to failure by Voight's law, and ground that does not fail, each from its number alone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

DAY_S: Final = 86_400.0
PER_DAY: Final = 48
"""A reading every half hour."""
NOISE_MM: Final = 0.7
HEAT_MM: Final = 0.7
BEFORE_D: Final = 1.0
"""The readings end so long before the failure."""

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Kind:
    """What a slope has besides the law.

    Attributes:
        gaps: up to two silences of up to half a day, and 2 % of the readings lost.
        steps: up to two of 5 to 50 mm, of the instrument.
        creep: 5 to 40 days at the velocity that the law begins with.
        heat: the ground breathes every day.
        fitful: each day by another amount, and twice a day as well.
    """

    name: str
    gaps: bool = False
    steps: bool = False
    creep: bool = False
    heat: bool = False
    fitful: bool = False


KINDS: Final = (
    Kind("the law and noise"),
    Kind("with gaps", gaps=True),
    Kind("with gaps and steps", gaps=True, steps=True),
    Kind("after steady creep, gaps and steps", gaps=True, steps=True, creep=True),
    Kind("and daily heat", gaps=True, steps=True, creep=True, heat=True),
    Kind("and heat that differs from day to day", gaps=True, steps=True, creep=True, heat=True, fitful=True),
)


@dataclass(frozen=True, slots=True)
class Track:
    """Readings of one point.

    Attributes:
        at_s: f8[n], since the first.
        value_mm: f8[n], displacement.
        fails_s: when it fails; infinite: never.
    """

    at_s: Floats
    value_mm: Floats
    fails_s: float


def failing(number: int, kind: Kind) -> Track:
    """Exponent 1.5 to 2.2, a runaway of 4 to 30 days from a creep of 0.5 to 5 mm/d; its last day is left out."""
    random = np.random.default_rng(number)
    alpha, lasts_d, creep_mm_d = random.uniform(1.5, 2.2), random.uniform(4, 30), random.uniform(0.5, 5)
    before_d = random.uniform(5, 40) if kind.creep else 0.0
    day = np.arange(0.0, before_d + lasts_d - BEFORE_D, 1 / PER_DAY)
    power = 1 - 1 / (alpha - 1)
    share = np.clip(day - before_d, 0.0, None) / lasts_d
    moved = creep_mm_d * (np.minimum(day, before_d) + lasts_d * (1 - (1 - share) ** power) / power)
    seen = moved + random.normal(0.0, NOISE_MM, len(day)) + _heat(random, day, kind)
    if kind.steps:
        seen = seen + _steps(random, day, int(random.integers(0, 3)))
    kept = _heard(random, day) if kind.gaps else np.ones(len(day), np.bool_)
    return Track(day[kept] * DAY_S, seen[kept], (before_d + lasts_d) * DAY_S)


def creeping(number: int) -> Track:
    """A year of ground that does not fail: creep, its season up to 60 mm, daily heat up to 1.5 mm, four steps."""
    random = np.random.default_rng(number)
    day = np.arange(0.0, 365.0, 1 / PER_DAY)
    season = random.uniform(0, 60) * np.sin(2 * np.pi * day / 365.0 + random.uniform(0, 2 * np.pi))
    heat = random.uniform(0, 1.5) * np.sin(2 * np.pi * day + random.uniform(0, 2 * np.pi))
    seen = random.uniform(0.2, 4) * day + season + heat + random.normal(0.0, NOISE_MM, len(day))
    return Track(day * DAY_S, seen + _steps(random, day, 4), np.inf)


def _heat(random: Generator, day: Floats, kind: Kind) -> Floats:
    if not kind.heat:
        return np.zeros(len(day))
    phase = random.uniform(0, 2 * np.pi)
    once, twice = np.sin(2 * np.pi * day + phase), np.sin(4 * np.pi * day + 2 * phase + 1)
    if not kind.fitful:
        return HEAT_MM * once
    amount = HEAT_MM * np.exp(random.normal(0.0, 0.5, int(day[-1]) + 1))[day.astype(int)]
    fitful: Floats = amount * (once + 0.3 * twice)
    return fitful


def _steps(random: Generator, day: Floats, count: int) -> Floats:
    size = random.choice([-1, 1], count) * random.uniform(5, 50, count)
    at_d = random.uniform(0, day[-1], count)
    moved: Floats = (size[:, None] * (day > at_d[:, None])).sum(axis=0)
    return moved


def _heard(random: Generator, day: Floats) -> NDArray[np.bool_]:
    kept = random.random(len(day)) > 0.02  # noqa: PLR2004  # as the kind says
    for begin_d, lasts_d in _silences(random, day[-1]):
        kept &= ~((day > begin_d) & (day < begin_d + lasts_d))
    return kept


def _silences(random: Generator, last_d: float) -> Iterator[tuple[float, float]]:
    for _ in range(random.integers(0, 3)):
        yield random.uniform(0, last_d), random.uniform(0, 0.5)
