"""What is held of one hazard in one area, and what its open findings come to."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from math import prod
from typing import NamedTuple

from pydantic import BaseModel

from pipeline.config.assessment import AssessmentPolicy, Rule
from pipeline.model.finding import Finding
from pipeline.model.hazard import Hazard
from pipeline.model.instant import Instant
from pipeline.model.level import Level, LevelField


class Standing(BaseModel):
    """The state of one hazard in one area between entries.

    Attributes:
        open: latest revision of each open finding, by id.
        level: the level last told.
        lower_at: when the level is due to be lowered unless evidence returns; None while it holds.
        number: how many assessments were made since it began.
    """

    hazard: Hazard
    area: str
    open: dict[str, Finding] = {}
    level: LevelField = Level.NONE
    first_evidence_at: Instant
    lower_at: Instant | None = None
    number: int = 0
    told: tuple[str, ...] = ()
    told_onset_at: Instant | None = None


class Weight(NamedTuple):
    """What open findings come to."""

    level: Level
    confidence: float
    findings: tuple[str, ...]
    onset_at: datetime | None
    earliest_at: datetime | None
    latest_at: datetime | None


def weigh(standing: Standing, policy: AssessmentPolicy) -> Weight:
    """Level by vote, confidence by noisy-or, expected onset from those who support the level."""
    level = voted(standing.open.values(), policy.rule(standing.hazard))
    support = sorted(
        (one for one in standing.open.values() if one.level >= level),
        key=lambda one: (-one.level, one.onset_at, one.id),
    )
    trust: dict[str, float] = {}
    for one in support:
        trust[one.subject] = max(trust.get(one.subject, 0.0), policy.reliability_of(one.detector))
    expected = sorted(one.expected_at for one in support if one.expected_at)
    first, last = (expected[0], expected[-1]) if expected else (None, None)
    confidence = round(1.0 - prod(1.0 - share for share in trust.values()), 4)
    return Weight(level, confidence, tuple(one.id for one in support), first, first, last)


def voted(findings: Iterable[Finding], rule: Rule) -> Level:
    """The highest level that enough distinct subjects support."""
    best: dict[str, Level] = {}
    for one in findings:
        best[one.subject] = max(best.get(one.subject, Level.NONE), one.level)
    for level in sorted(Level, reverse=True):
        wanted = rule.votes if level >= rule.votes_from else 1
        if sum(1 for other in best.values() if other >= level) >= wanted:
            return level
    return Level.NONE
