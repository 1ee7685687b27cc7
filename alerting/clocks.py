"""Statutory clocks: by when a superior must have been told of a hazard, by telephone and in writing.

Pure: what was done when comes from the ledger, from deliveries by channels that count, and from what people entered.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field

from alerting.hazards import is_public
from alerting.ledger import Entry
from pipeline.model.hazard import Hazard
from pipeline.model.level import Level, LevelField
from pipeline.model.warning import WarningStatus


class ClockRule(BaseModel):
    """One `[[alerting.clocks]]` section.

    Attributes:
        name: what people call it.
        limit_s: how long after the decision it may take.
        hazards: which; empty for all of the public's.
        min_level: it runs from the first report of a chain that reaches this.
        channels: a delivery that one of these accepted meets it; what is done by hand, people enter.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(min_length=1)
    limit_s: float = Field(gt=0, allow_inf_nan=False)
    hazards: tuple[Hazard, ...] = ()
    min_level: LevelField = Level.BLUE
    channels: tuple[str, ...] = ()


RULES = (ClockRule(name="telephone", limit_s=1200.0), ClockRule(name="writing", limit_s=2400.0))
"""By telephone within 20 minutes, in writing within 40: what a configuration that says nothing gets."""


class ClockState(StrEnum):
    """RUNNING: there is time left. MET: in time. LATE: done, but too late. OVERDUE: not done, and too late already."""

    RUNNING = "running"
    MET = "met"
    LATE = "late"
    OVERDUE = "overdue"


@dataclass(frozen=True, slots=True)
class Mark:
    """That a person did what a clock asks for, in their own words of who they are."""

    chain: str
    clock: str
    at: datetime
    who: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """One clock of one warning.

    Attributes:
        how: the channel, or who entered it; "" while it is not met.
    """

    chain: str
    hazard: Hazard
    area: str
    name: str
    began_at: datetime
    due_at: datetime
    met_at: datetime | None
    how: str
    state: ClockState


def reckon_clocks(
    entries: Iterable[Entry], marks: Iterable[Mark], rules: Sequence[ClockRule], now: datetime
) -> list[Clock]:
    """Every clock of every actual warning to the public, by when it began, chain and name."""
    by_chain: dict[str, list[Entry]] = {}
    for entry in entries:
        if entry.status is WarningStatus.ACTUAL and is_public(entry.hazard):
            by_chain.setdefault(entry.chain, []).append(entry)
    known = {(mark.chain, mark.clock): mark for mark in marks}
    found = (_clock(reports, rule, known, now) for reports in by_chain.values() for rule in rules)
    return sorted((one for one in found if one), key=lambda one: (one.began_at, one.chain, one.due_at, one.name))


def _clock(
    reports: Sequence[Entry], rule: ClockRule, marks: Mapping[tuple[str, str], Mark], now: datetime
) -> Clock | None:
    in_order = sorted(reports, key=lambda entry: entry.number)
    first = next((entry for entry in in_order if entry.level >= rule.min_level), None)
    if first is None or (rule.hazards and first.hazard not in rule.hazards):
        return None
    done = [
        (reached.accepted_at, f"channel {reached.channel}")
        for entry in in_order
        if entry.number >= first.number
        for reached in entry.channels
        if reached.accepted_at and reached.channel in rule.channels
    ]
    mark = marks.get((first.chain, rule.name))
    met_at, how = min([*done, *([(mark.at, mark.who)] if mark else [])], default=(None, ""))
    due_at = first.decided_at + timedelta(seconds=rule.limit_s)
    return Clock(
        chain=first.chain,
        hazard=first.hazard,
        area=first.area,
        name=rule.name,
        began_at=first.decided_at,
        due_at=due_at,
        met_at=met_at,
        how=how,
        state=_state(met_at, due_at, now),
    )


def _state(met_at: datetime | None, due_at: datetime, now: datetime) -> ClockState:
    if met_at is not None:
        return ClockState.MET if met_at <= due_at else ClockState.LATE
    return ClockState.RUNNING if now <= due_at else ClockState.OVERDUE
