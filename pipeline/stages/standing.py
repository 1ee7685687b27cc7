"""What is held of one hazard in one area, and what its open findings come to."""

from __future__ import annotations

from collections.abc import Container, Iterable
from datetime import datetime
from typing import NamedTuple

from pydantic import BaseModel

from pipeline.config.assessment import AssessmentPolicy, Rule
from pipeline.config.chains import Chain
from pipeline.model.finding import Finding
from pipeline.model.hazard import Hazard
from pipeline.model.instant import Instant
from pipeline.model.level import Level, LevelField
from pipeline.stages.fusion import probability


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

    def voted(self, policy: AssessmentPolicy) -> Level:
        """What its own evidence comes to, whatever else stands."""
        return voted(self.open.values(), policy.rule(self.hazard))


class Weight(NamedTuple):
    """What open findings come to."""

    level: Level
    confidence: float
    findings: tuple[str, ...]
    onset_at: datetime | None
    earliest_at: datetime | None
    latest_at: datetime | None
    raised_by: Hazard | None = None


def weigh(standing: Standing, policy: AssessmentPolicy, causes: Container[tuple[Hazard, Level]] = ()) -> Weight:
    """Level by vote and chain, confidence by fusion, expected onset from those who support the level.

    Args:
        causes: the hazards that stand where this one is assessed, with each level up to that of their own evidence.
    """
    level = standing.voted(policy)
    support = sorted(
        (one for one in standing.open.values() if one.level >= level),
        key=lambda one: (-one.level, one.onset_at, one.id),
    )
    expected = sorted(one.expected_at for one in support if one.expected_at)
    earliest = (one.expected_earliest_at or one.expected_at for one in support)
    latest = (one.expected_latest_at or one.expected_at for one in support)
    chain = _chain(standing.hazard, level, policy, causes)
    return Weight(
        min(Level(level + 1), chain.most_level) if chain else level,
        probability(support, policy),
        tuple(one.id for one in support),
        expected[0] if expected else None,
        min((at for at in earliest if at), default=None),
        max((at for at in latest if at), default=None),
        chain.cause if chain else None,
    )


def _chain(
    hazard: Hazard, level: Level, policy: AssessmentPolicy, causes: Container[tuple[Hazard, Level]]
) -> Chain | None:
    """The first chain that raises this level."""
    return next(
        (
            one
            for one in policy.links
            if one.effect is hazard
            and one.effect_level <= level < one.most_level
            and (one.cause, one.cause_level) in causes
        ),
        None,
    )


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
