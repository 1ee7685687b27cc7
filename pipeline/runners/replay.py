"""Replay: a recording through the core, without a journal and as fast as it goes."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime

from pipeline.config.plan import Plan
from pipeline.model.assessment import Assessment
from pipeline.model.batch import ReadingBatch
from pipeline.model.entry import Tick
from pipeline.model.finding import Finding
from pipeline.model.forecast import RainAhead
from pipeline.model.instant import from_ns
from pipeline.model.warning import HazardWarning
from pipeline.stages.core import Core, Outcome
from pipeline.stages.ticks import with_ticks

Observe = Callable[[int, datetime], None]


@dataclass
class Replayed:
    """What a recording came to.

    Attributes:
        readings: taken in; `dropped` by reason; the instants are event time.
    """

    readings: int = 0
    dropped: dict[str, int] = field(default_factory=dict)
    unknown: set[str] = field(default_factory=set)
    first_at: datetime | None = None
    last_at: datetime | None = None
    findings: list[Finding] = field(default_factory=list)
    assessments: list[Assessment] = field(default_factory=list)
    warnings: list[HazardWarning] = field(default_factory=list)
    forecasts: list[RainAhead] = field(default_factory=list)

    def add(self, outcome: Outcome) -> None:
        """Count in what one entry came to."""
        self.findings += outcome.made.findings
        self.assessments += outcome.made.assessments
        self.warnings += outcome.made.warnings
        self.forecasts += outcome.made.forecasts
        self.unknown.update(str(series) for series in outcome.unknown)
        for reason, number in outcome.dropped.items():
            self.dropped[reason] = self.dropped.get(reason, 0) + number

    def span(self, batch: ReadingBatch) -> None:
        """Count in the readings of one batch."""
        first_at = from_ns(int(batch.observed_at_ns.min()))
        last_at = from_ns(int(batch.observed_at_ns.max()))
        self.readings += len(batch)
        self.first_at = min(self.first_at or first_at, first_at)
        self.last_at = max(self.last_at or last_at, last_at)


def replay(
    plan: Plan,
    batches: Iterable[ReadingBatch],
    tick_s: float = 60.0,
    observe: Observe = lambda _readings, _at: None,
) -> Replayed:
    """Play `batches`, in order of event time, through a fresh core.

    Args:
        tick_s: event time between ticks.
        observe: told, entry by entry, of the readings taken in and the event time reached.
    """
    core, replayed = Core(plan), Replayed()
    for entry in with_ticks(batches, tick_s):
        if not isinstance(entry, Tick):
            replayed.span(entry)
        outcome = core.process(entry)
        replayed.add(outcome)
        if replayed.last_at:
            observe(replayed.readings, replayed.last_at)
    return replayed
