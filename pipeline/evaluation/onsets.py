"""The times told, against the times that came: how far an expected onset is off, and whether its interval holds it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

import numpy as np

from pipeline.evaluation.event import Event
from pipeline.evaluation.suite import Part
from pipeline.evaluation.voices import WARNINGS, meant
from pipeline.model.area import overlap
from pipeline.model.hazard import Hazard
from pipeline.model.instant import NS_PER_S, to_ns
from pipeline.runners.replay import Replayed


@dataclass(frozen=True, slots=True)
class Told:
    """One statement that named a time, before the event set in. Ends of the interval are None where it had none."""

    event: str
    expected_ns: int
    earliest_ns: int | None
    latest_ns: int | None
    onset_ns: int

    @property
    def is_within(self) -> bool | None:
        """Whether the interval holds the onset."""
        if self.earliest_ns is None or self.latest_ns is None:
            return None
        return self.earliest_ns <= self.onset_ns <= self.latest_ns


@dataclass(frozen=True, slots=True)
class OnsetFigures:
    """What one voice reached.

    Attributes:
        told: statements that named a time, of so many events.
        error_s: median and p90 of how far they were off.
        late_s: the median of by how much later than the onset: early ones are negative.
        within: share of the intervals told that held the onset.
    """

    name: str
    told: int
    events: int
    error_s: tuple[float, float]
    late_s: float
    within: float | None


def onset_figures(name: str, statements: Sequence[Told]) -> OnsetFigures | None:
    """None where no time was told."""
    if not statements:
        return None
    late_s = np.array([(one.expected_ns - one.onset_ns) / NS_PER_S for one in statements])
    median_s, p90_s = np.quantile(np.abs(late_s), (0.5, 0.9))
    held = [one.is_within for one in statements if one.is_within is not None]
    return OnsetFigures(
        name=name,
        told=len(statements),
        events=len({one.event for one in statements}),
        error_s=(float(median_s), float(p90_s)),
        late_s=float(np.median(late_s)),
        within=sum(held) / len(held) if held else None,
    )


class Statement(Protocol):
    """What a finding, an assessment and a report share."""

    @property
    def area(self) -> str:
        """Code of the division."""
        ...


def told_of(
    statements: Iterable[tuple[Statement, datetime, tuple[datetime | None, datetime | None, datetime | None]]],
    events: Sequence[Event],
    part: Part,
) -> list[Told]:
    """Those that named a time before an event set in: at its place, from when it can be seen; each of the next event.

    Args:
        statements: what was said, when, and the time expected with the ends of its interval.
    """
    begin_ns, end_ns = to_ns(part.begin), to_ns(part.end)
    dated = sorted((one for one in events if one.onset_ns is not None), key=lambda one: one.onset_ns or 0)
    found = []
    for one, at, (expected_at, earliest_at, latest_at) in statements:
        at_ns = to_ns(at)
        if expected_at is None or not begin_ns <= at_ns < end_ns:
            continue
        for event in dated:
            is_here = not event.area or overlap(event.area, one.area)
            if is_here and event.onset_ns is not None and event.earliest_ns <= at_ns < event.onset_ns:
                earliest_ns, latest_ns = (None if end is None else to_ns(end) for end in (earliest_at, latest_at))
                found.append(Told(event.name, to_ns(expected_at), earliest_ns, latest_ns, event.onset_ns))
                break
    return found


def onsets_of(
    replayed: Replayed, events: Sequence[Event], part: Part, hazard: Hazard | None
) -> tuple[OnsetFigures, ...]:
    """A row a detector of the hazard that named times, by name, then the warnings."""
    findings = [one for one in replayed.findings if meant(one.hazard, hazard)]
    rows = []
    for name in sorted({one.detector for one in findings}):
        said = (
            (one, one.at, (one.expected_at, one.expected_earliest_at, one.expected_latest_at))
            for one in findings
            if one.detector == name
        )
        rows.append(onset_figures(name, told_of(said, events, part)))
    warned = (
        (one, one.sent_at, (one.expected_onset_at, one.expected_onset_earliest_at, one.expected_onset_latest_at))
        for one in replayed.warnings
        if meant(one.hazard, hazard)
    )
    rows.append(onset_figures(WARNINGS, told_of(warned, events, part)))
    return tuple(one for one in rows if one is not None)
