"""How well the warnings of a month did: hits, misses, false alarms, near hits; lead times by hazard, area, channel.

Scores by the 2x2 contingency table (Wilks, Statistical Methods in the Atmospheric Sciences): POD = hits / events, FAR =
false alarms / warnings that ended, CSI = hits / (events + false alarms). A warning that came after the onset is no hit;
an event without a warning is a miss with a lead time of 0. A near hit is a miss that a warning of the hazard was close
to; it is told apart, and the scores are given without and with it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from statistics import median, quantiles
from typing import Final

from pydantic import BaseModel, ConfigDict, Field

from alerting.lead_time import Basis, LeadTime
from alerting.ledger import Entry
from pipeline.model.area import AreaLevel, ancestor
from pipeline.model.hazard import Hazard

BINS_MIN: Final = (0, 5, 15, 30, 60)
"""Bounds of the classes of lead time [min]: up to 0, above 0 to 5, ..., above 60."""


class Tolerance(BaseModel):
    """What counts as near.

    Attributes:
        level: a warning is near in space if it is of the same district (or what this names).
        seconds: near in time if it was in force within so long of the onset.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    level: AreaLevel = AreaLevel.DISTRICT
    seconds: float = Field(default=3600.0, ge=0)


class Verdict(StrEnum):
    """What became of a warning, or of an event."""

    HIT = "hit"
    LATE = "late"
    MISS = "miss"
    NEAR = "near hit"
    FALSE_ALARM = "false alarm"
    OPEN = "open"


@dataclass(frozen=True, slots=True)
class Judged:
    """One account with its verdict; `near` is the chain that a near hit was close to, or the onset's area."""

    row: LeadTime
    verdict: Verdict
    near: str = ""


@dataclass(frozen=True, slots=True)
class Scores:
    """Counts and scores; None where nothing can be divided by."""

    hits: int
    late: int
    misses: int
    near_hits: int
    false_alarms: int
    open: int
    pod: float | None
    far: float | None
    csi: float | None
    pod_near: float | None
    far_near: float | None
    csi_near: float | None


@dataclass(frozen=True, slots=True)
class Leads:
    """The distribution of lead times [s] of events, misses as 0; `classes` counts them by BINS_MIN."""

    name: str
    count: int
    p10_s: float | None
    median_s: float | None
    p90_s: float | None
    classes: tuple[int, ...]


def judge(rows: Sequence[LeadTime], entries: Iterable[Entry], tolerance: Tolerance) -> list[Judged]:
    """A verdict for each account. Near hits are matched in order of onset, each warning to one at most."""
    windows = _windows(entries)
    free = [row for row in rows if _is_false(row)]
    near: dict[int, LeadTime] = {}
    for number, row in enumerate(rows):
        if row.basis is Basis.MISSED:
            close = [one for one in free if _is_near(row, one, windows[one.chain], tolerance)]
            if close:
                near[number] = close[0]
                free.remove(close[0])
    taken = {one.chain: rows[number].area for number, one in near.items()}
    judged = [Judged(row, _verdict(row), taken.get(row.chain, "")) for row in rows]
    for number, one in near.items():
        judged[number] = Judged(rows[number], Verdict.NEAR, one.chain)
    return judged


def score(judged: Iterable[Judged]) -> Scores:
    """The contingency table."""
    rows = list(judged)
    count = {verdict: sum(1 for one in rows if one.verdict is verdict) for verdict in Verdict}
    hits, near = count[Verdict.HIT], count[Verdict.NEAR]
    events = hits + count[Verdict.LATE] + count[Verdict.MISS] + near
    false = count[Verdict.FALSE_ALARM]
    ended = sum(1 for one in rows if one.row.ended_at is not None)
    return Scores(
        hits=hits,
        late=count[Verdict.LATE],
        misses=count[Verdict.MISS],
        near_hits=near,
        false_alarms=false,
        open=count[Verdict.OPEN],
        pod=_ratio(hits, events),
        far=_ratio(false, ended),
        csi=_ratio(hits, events + false),
        pod_near=_ratio(hits + near, events),
        far_near=_ratio(false - near, ended),
        csi_near=_ratio(hits + near, events + false - near),
    )


def leads(name: str, seconds: Sequence[float]) -> Leads:
    """Their distribution; one value is its own percentile."""
    classes = [0] * (len(BINS_MIN) + 1)
    for one in seconds:
        classes[sum(1 for bound in BINS_MIN if one > bound * 60)] += 1
    cut = quantiles(seconds, n=10, method="inclusive") if len(seconds) > 1 else list(seconds) * 9
    p10, p90 = (cut[0], cut[-1]) if cut else (None, None)
    return Leads(name, len(seconds), p10, median(seconds) if seconds else None, p90, tuple(classes))


def by_hazard(judged: Sequence[Judged]) -> list[tuple[Hazard, Scores, Leads]]:
    """A line a hazard that occurred, in the order of `Hazard`."""
    groups = ((hazard, [one for one in judged if one.row.hazard is hazard]) for hazard in Hazard)
    return [(hazard, score(rows), leads(hazard, _events(rows))) for hazard, rows in groups if rows]


def by_area(judged: Sequence[Judged], level: AreaLevel) -> list[tuple[str, Scores, Leads]]:
    """A line a division of `level`."""
    codes = sorted({ancestor(one.row.area, level) for one in judged})
    groups = ((code, [one for one in judged if ancestor(one.row.area, level) == code]) for code in codes)
    return [(code, score(rows), leads(code, _events(rows))) for code, rows in groups]


def by_channel(judged: Sequence[Judged], entries: Iterable[Entry]) -> list[Leads]:
    """From when a channel first got a report of a warning accepted to the observed onset; misses count as 0."""
    onsets = {one.row.chain: one.row.onset_at for one in judged if one.row.basis is Basis.OBSERVED}
    missed = sum(1 for one in judged if one.row.basis is Basis.MISSED)
    first: dict[str, dict[str, datetime]] = {}
    for entry in entries:
        for reached in entry.channels:
            if entry.chain in onsets and reached.accepted_at is not None:
                known = first.setdefault(reached.channel, {})
                known[entry.chain] = min(known.get(entry.chain, reached.accepted_at), reached.accepted_at)
    found: dict[str, list[float]] = {name: [0.0] * missed for name in sorted(first)}
    for name, known in first.items():
        found[name] += [(onset - at).total_seconds() for chain, at in known.items() if (onset := onsets[chain])]
    return [leads(name, seconds) for name, seconds in found.items()]


def _events(judged: Iterable[Judged]) -> list[float]:
    return [
        one.row.lead_time_s
        for one in judged
        if one.row.basis in {Basis.OBSERVED, Basis.MISSED} and one.row.lead_time_s is not None
    ]


def _verdict(row: LeadTime) -> Verdict:
    if row.basis is Basis.MISSED:
        return Verdict.MISS
    if row.basis is Basis.OBSERVED:
        return Verdict.HIT if (row.lead_time_s or 0.0) >= 0 else Verdict.LATE
    return Verdict.OPEN if row.ended_at is None else Verdict.FALSE_ALARM


def _is_false(row: LeadTime) -> bool:
    return bool(row.chain) and _verdict(row) is Verdict.FALSE_ALARM


def _windows(entries: Iterable[Entry]) -> dict[str, tuple[datetime, datetime]]:
    """Chain -> from its first report to its last, or the last expiry where that is sooner."""
    found: dict[str, tuple[datetime, datetime]] = {}
    for one in entries:
        begin, end = found.get(one.chain, (one.issued_at, one.issued_at))
        found[one.chain] = (min(begin, one.issued_at), max(end, one.issued_at))
    return found


def _is_near(miss: LeadTime, row: LeadTime, window: tuple[datetime, datetime], tolerance: Tolerance) -> bool:
    slack = timedelta(seconds=tolerance.seconds)
    is_same_place = ancestor(miss.area, tolerance.level) == ancestor(row.area, tolerance.level)
    is_same_time = miss.onset_at is not None and window[0] - slack <= miss.onset_at <= window[1] + slack
    return row.hazard is miss.hazard and is_same_place and is_same_time


def _ratio(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def in_month(rows: Iterable[LeadTime], begin: datetime, end: datetime) -> list[LeadTime]:
    """The accounts whose first report, or whose onset where there was none, lies in [begin, end)."""
    dated: list[tuple[datetime | None, LeadTime]] = [(row.issued_at or row.onset_at, row) for row in rows]
    return [row for at, row in dated if at is not None and begin <= at < end]
