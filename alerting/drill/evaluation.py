"""What a drill showed: who knew when, how many were reached, where the minutes went, and how that was last time."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from statistics import median

from pydantic import BaseModel, ConfigDict

from alerting.coverage.reckon import Coverage
from alerting.lead_time import Basis, LeadTime
from pipeline.model.hazard import Hazard
from pipeline.model.instant import Instant
from pipeline.model.level import LevelField


class Mode(StrEnum):
    """TABLETOP: nothing is queued and nothing leaves. LIVE: reports leave by the channels named for drills."""

    TABLETOP = "tabletop"
    LIVE = "live"


class Leg(StrEnum):
    """The way of a warning, from the first sign to a person who answers; each leg ends with what it is called after."""

    DETECTED = "detected"
    DECIDED = "decided"
    ISSUED = "issued"
    ACCEPTED = "accepted"
    CONFIRMED = "confirmed"
    ANSWERED = "answered"


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Span(_Frozen):
    """How long one leg took [s]."""

    leg: Leg
    seconds: float


class Answer(_Frozen):
    """One who was told or called.

    Attributes:
        who: a person, or channel/target.
        state: of the message to them.
        told_at: when it was sent, answered_at: when they answered; None: not.
    """

    who: str
    state: str
    told_at: Instant | None
    answered_at: Instant | None


class Reached(_Frozen):
    """Coverage in short: parts of the population, when half and 95 % were reached, and who was not."""

    population: int
    unknown_population: int
    expected: float
    confirmed: float
    half_at: Instant | None
    most_at: Instant | None
    not_reached: tuple[str, ...]


class ChainResult(_Frozen):
    """One warning of the drill."""

    chain: str
    hazard: Hazard
    area: str
    place: str
    peak_level: LevelField
    issued_at: Instant | None
    onset_at: Instant | None
    lead_time_s: float | None
    spans: tuple[Span, ...]
    answers: tuple[Answer, ...]
    reached: Reached | None


class Missed(_Frozen):
    """Something that happened and was not warned of."""

    hazard: Hazard
    area: str
    place: str
    onset_at: Instant


class Change(_Frozen):
    """A figure against the last drill of the same scenario; seconds, or a part of 1."""

    name: str
    before: float | None
    now: float | None


class Evaluation(_Frozen):
    """A whole drill."""

    id: str
    scenario: str
    mode: Mode
    begun_at: Instant
    ended_at: Instant
    readings: int
    chains: tuple[ChainResult, ...]
    missed: tuple[Missed, ...]
    previous: str = ""
    changes: tuple[Change, ...] = ()

    @property
    def spans(self) -> tuple[Span, ...]:
        """The median of each leg over all warnings, the slowest first: where minutes were lost."""
        legs = {leg: [one.seconds for chain in self.chains for one in chain.spans if one.leg is leg] for leg in Leg}
        found = [Span(leg=leg, seconds=median(seconds)) for leg, seconds in legs.items() if seconds]
        return tuple(sorted(found, key=lambda one: -one.seconds))

    @property
    def figures(self) -> dict[str, float]:
        """What is held against the last drill."""
        leads = [one.lead_time_s for one in self.chains if one.lead_time_s is not None] + [0.0] * len(self.missed)
        told = [answer for chain in self.chains for answer in chain.answers]
        parts = [chain.reached.expected for chain in self.chains if chain.reached and chain.reached.population]
        found = {f"{one.leg} s": one.seconds for one in self.spans}
        found |= {"lead time s": median(leads)} if leads else {}
        found |= {"expected to be reached": median(parts)} if parts else {}
        answered = sum(1 for one in told if one.answered_at)
        return found | ({"answered": answered / len(told)} if told else {})

    def against(self, last: Evaluation | None) -> Evaluation:
        """The same with what changed since the last drill."""
        if last is None:
            return self
        before, now = last.figures, self.figures
        names = [*now, *(name for name in before if name not in now)]
        changes = tuple(Change(name=name, before=before.get(name), now=now.get(name)) for name in names)
        return self.model_copy(update={"previous": last.id, "changes": changes})


def spans_of(row: LeadTime, confirmed_at: datetime | None, answered_at: datetime | None) -> tuple[Span, ...]:
    """The legs of one warning; one that was not reached, or whose beginning nobody knows, is left out."""
    way = {
        Leg.DETECTED: row.detected_at,
        Leg.DECIDED: row.decided_at,
        Leg.ISSUED: row.issued_at,
        Leg.ACCEPTED: row.accepted_at,
        Leg.CONFIRMED: confirmed_at,
        Leg.ANSWERED: answered_at,
    }
    spans, last = [], row.precursor_at
    for leg, at in way.items():
        if at is not None and last is not None:
            spans.append(Span(leg=leg, seconds=max((at - last).total_seconds(), 0.0)))
        last = at or last
    return tuple(spans)


def reached_of(found: Coverage) -> Reached:
    """Coverage in short."""
    half, most = found.reached_at
    return Reached(
        population=found.population,
        unknown_population=found.unknown_population,
        expected=found.expected.likely,
        confirmed=found.confirmed.likely,
        half_at=half,
        most_at=most,
        not_reached=tuple(one.code for one in found.not_reached),
    )


def missed_of(rows: Sequence[LeadTime], names: dict[str, str]) -> tuple[Missed, ...]:
    """The events without a warning among the accounts of a drill."""
    return tuple(
        Missed(hazard=row.hazard, area=row.area, place=names.get(row.area, row.area), onset_at=row.onset_at)
        for row in rows
        if row.basis is Basis.MISSED and row.onset_at is not None
    )
