"""What is held of one hazard in one area, and what its open findings come to."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator
from datetime import datetime
from typing import Final, NamedTuple

from pydantic import BaseModel

from pipeline.config.assessment import AssessmentPolicy, Rule
from pipeline.config.chains import Chain
from pipeline.model.finding import Finding, FindingState
from pipeline.model.hazard import Hazard
from pipeline.model.instant import Instant
from pipeline.model.level import Level, LevelField
from pipeline.stages.fusion import probability

CITED_MAX: Final = 10_000
"""Findings that an assessment names, the gravest first: it has to fit into a message."""


class Standing(BaseModel):
    """The state of one hazard in one area between entries.

    Attributes:
        open: latest revision of each open finding, by id.
        level: the level last told.
        lower_at: when the level is due to be lowered unless evidence returns; None while it holds.
        number: how many assessments were made since it began.
        told, told_onset_at: the findings last cited and the onset last expected.
        passes_at: that onset, if it was still ahead when it was told.
        waiting: the latest finding that is to be told of with the next tick; empty where none is.
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
    passes_at: Instant | None = None
    waiting: str = ""

    def take(self, finding: Finding) -> None:
        """Hold its latest revision; what has closed is let go."""
        if finding.state is FindingState.CLOSED:
            self.open.pop(finding.id, None)
        else:
            self.open[finding.id] = finding

    def due_at(self, at: datetime) -> datetime | None:
        """When, before `at`, there was to be a new word without new evidence: a level lowered, or an onset passed.

        An onset that passed is nothing new unless evidence expects a later one.
        """
        if self.lower_at is not None:
            return self.lower_at if self.lower_at < at else None
        passed = self.passes_at
        if passed is None or passed >= at:
            return None
        return passed if any(one.expected_at and one.expected_at > passed for one in self._told()) else None

    def _told(self) -> Iterator[Finding]:
        """The findings that the last word cited, as they are now."""
        return (self.open[one] for one in self.told if one in self.open)

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


class Expectation(NamedTuple):
    """When a hazard is expected to set in; all None where nobody expects an instant."""

    onset_at: datetime | None = None
    earliest_at: datetime | None = None
    latest_at: datetime | None = None


def weigh(
    standing: Standing, policy: AssessmentPolicy, at: datetime, causes: Container[tuple[Hazard, Level]] = ()
) -> Weight:
    """Level by vote and chain, confidence by fusion, expected onset from those who support the level.

    Args:
        at: the instant it is weighed at.
        causes: the hazards that stand where this one is assessed, with each level up to that of their own evidence.
    """
    level = standing.voted(policy)
    support = sorted(
        (one for one in standing.open.values() if one.level >= level),
        key=lambda one: (-one.level, one.onset_at, one.id),
    )
    chain = _chain(standing.hazard, level, policy, causes)
    return Weight(
        min(Level(level + 1), chain.most_level) if chain else level,
        probability(support, policy),
        tuple(one.id for one in support[:CITED_MAX]),
        *expectation(support, at),
        chain.cause if chain else None,
    )


def expectation(findings: Iterable[Finding], at: datetime) -> Expectation:
    """The first instant still ahead, with the interval of all whose own interval is not over.

    An instant that has passed says little of what is to come: it counts only where nobody expects a later one, and
    then the last one does.
    """
    dated = [(one, one.expected_at, one.expected_latest_at or one.expected_at) for one in findings if one.expected_at]
    live = [row for row in dated if max(row[1], row[2]) > at] or dated
    if not live:
        return Expectation()
    ahead = [expected for _, expected, _ in dated if expected > at]
    return Expectation(
        min(ahead) if ahead else max(expected for _, expected, _ in dated),
        min(one.expected_earliest_at or expected for one, expected, _ in live),
        max(latest for _, _, latest in live),
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
