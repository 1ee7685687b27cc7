"""Episodes: what is counted, in place of rows.

An episode of one subject opens when its level is reached and nothing of it was open within the hold-off before;
whatever follows within the hold-off belongs to it. The count is causal: later readings never change when one opened.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from pipeline.model.assessment import Assessment
from pipeline.model.finding import Finding, FindingState
from pipeline.model.instant import to_ns
from pipeline.model.level import Level
from pipeline.model.warning import HazardWarning, Report

Timeline = Sequence[tuple[int, Level]]
"""(ns, level from then on), in order of time."""


@dataclass(frozen=True, slots=True)
class Who:
    """Whose level it is: a sensor, a group, an area or a chain of warnings, and the area that answers for it."""

    subject: str
    area: str


@dataclass(frozen=True, slots=True, order=True)
class Episode:
    """One alarm of one subject; `closed_ns` is None while it stands at the end of the recording."""

    opened_ns: int
    subject: str
    area: str
    closed_ns: int | None


def episodes(timelines: Mapping[Who, Timeline], level: Level, hold_off_ns: int) -> list[Episode]:
    """All episodes at `level` or above, in order of opening."""
    return sorted(
        Episode(opened_ns, who.subject, who.area, closed_ns)
        for who, timeline in timelines.items()
        for opened_ns, closed_ns in _held(_spans(timeline, level), hold_off_ns)
    )


def of_findings(findings: Iterable[Finding]) -> dict[Who, Timeline]:
    """One detector's findings; several open episodes of one subject count as the worst of them."""
    told: dict[Who, dict[str, Level]] = defaultdict(dict)
    lines: dict[Who, list[tuple[int, Level]]] = defaultdict(list)
    for one in sorted(findings, key=lambda one: one.order):
        who = Who(one.subject, one.area)
        told[who][one.id] = Level.NONE if one.state is FindingState.CLOSED else one.level
        lines[who].append((to_ns(one.at), max(told[who].values())))
    return dict(lines)


def of_assessments(assessments: Iterable[Assessment]) -> dict[Who, Timeline]:
    """What the evidence of each area came to."""
    return _gathered((Who(one.area, one.area), to_ns(one.at), one.level) for one in assessments)


def of_warnings(warnings: Iterable[HazardWarning]) -> dict[Who, Timeline]:
    """What the public of each area was told, chain by chain, for people hear each; a final report ends it."""
    return _gathered(
        (Who(one.chain, one.area), to_ns(one.sent_at), Level.NONE if one.report is Report.FINAL else one.level)
        for one in warnings
    )


def _gathered(told: Iterable[tuple[Who, int, Level]]) -> dict[Who, Timeline]:
    lines: dict[Who, list[tuple[int, Level]]] = defaultdict(list)
    for who, at_ns, level in told:
        lines[who].append((at_ns, level))
    return dict(lines)


def _spans(timeline: Timeline, level: Level) -> Iterator[tuple[int, int | None]]:
    """From when to when the level was reached."""
    opened_ns: int | None = None
    for at_ns, reached in timeline:
        if reached >= level and opened_ns is None:
            opened_ns = at_ns
        elif reached < level and opened_ns is not None:
            yield opened_ns, at_ns
            opened_ns = None
    if opened_ns is not None:
        yield opened_ns, None


def _held(spans: Iterable[tuple[int, int | None]], hold_off_ns: int) -> Iterator[tuple[int, int | None]]:
    """Spans with what follows within the hold-off joined on."""
    held: tuple[int, int | None] | None = None
    for opened_ns, closed_ns in spans:
        if held is None:
            held = (opened_ns, closed_ns)
        elif held[1] is not None and opened_ns - held[1] > hold_off_ns:
            yield held
            held = (opened_ns, closed_ns)
        else:
            held = (held[0], closed_ns)
    if held is not None:
        yield held
