"""Lead times, reckoned from the ledger.

The lead time of a chain is the onset minus the instant its first report was issued (in the store, ready to be sent). It
runs to the observed onset, and to the expected one while none was observed; an onset without a chain is a missed event
with a lead time of 0. POD = hits / events, FAR = false alarms / chains that ended (Wilks, Statistical Methods in the
Atmospheric Sciences, on 2x2 contingency tables); a warning issued after the onset is no hit.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import groupby
from statistics import median, quantiles
from typing import Final

from alerting.ledger import Entry, Onset
from pipeline.model.area import area_level
from pipeline.model.hazard import Hazard
from pipeline.model.level import Level
from pipeline.model.warning import Report, WarningStatus

LATE_MAX: Final = timedelta(hours=1)
"""Evidence that begins later than this after an onset is of something else, and the event was missed."""


class Basis(StrEnum):
    """What a lead time is reckoned to."""

    OBSERVED = "observed"
    EXPECTED = "expected"
    MISSED = "missed"
    NONE = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class LeadTime:
    """The account of one chain, or of one missed event (`chain` is empty, the onset its only instant).

    Attributes:
        peak_level: the highest of its reports; NONE for a missed event.
        detected_at, decided_at, issued_at: of the first report; accepted_at, delivered_at, acknowledged_at: the first
            by any channel, of any report.
        ended_at: when the final report was issued; None while the chain is open.
        onset_at: the first one observed, or the latest expectation.
        lead_time_s: negative when the first report came after the onset; None while no onset is known.
    """

    hazard: Hazard
    area: str
    chain: str = ""
    status: WarningStatus = WarningStatus.ACTUAL
    peak_level: Level = Level.NONE
    precursor_at: datetime | None = None
    detected_at: datetime | None = None
    decided_at: datetime | None = None
    issued_at: datetime | None = None
    accepted_at: datetime | None = None
    delivered_at: datetime | None = None
    acknowledged_at: datetime | None = None
    ended_at: datetime | None = None
    onset_at: datetime | None
    basis: Basis
    lead_time_s: float | None


@dataclass(frozen=True, slots=True)
class HazardSummary:
    """One hazard.

    Attributes:
        chains: warnings issued; events: onsets observed, several within one chain counted once; missed: events
            without a chain.
        basis: what `median_s` and `p10_s` run to: OBSERVED (missed events among them), or EXPECTED before any was.
        p10_s: nine of ten lead times are at least this long.
        pod, far: None until an event was observed: before that nothing tells a false alarm from one nobody checked.
    """

    hazard: Hazard
    chains: int
    events: int
    missed: int
    basis: Basis
    median_s: float | None
    p10_s: float | None
    pod: float | None
    far: float | None


def reckon(entries: Iterable[Entry], onsets: Iterable[Onset]) -> list[LeadTime]:
    """The account of every chain, and of every onset without one; in order of issue or onset.

    An onset belongs to a chain of its hazard, in an area that holds its own or lies within it, whose evidence began
    before, or at most LATE_MAX after (a leak is seen only once it has set in), and whose final report (or last expiry)
    came after; of several, to the one issued first.
    """
    chains = list(_chains(entries))
    observed: dict[str, list[Onset]] = {}
    for onset in sorted(onsets, key=lambda onset: (onset.at, onset.hazard, onset.area)):
        owner = next((reports[0].chain for reports in chains if _covers(reports, onset)), "")
        observed.setdefault(owner, []).append(onset)
    rows = [_account(reports, observed.get(reports[0].chain, ())) for reports in chains]
    return sorted([*rows, *map(_missed, observed.get("", ()))], key=_order)


def summarise(lead_times: Iterable[LeadTime], status: WarningStatus = WarningStatus.ACTUAL) -> list[HazardSummary]:
    """One line a hazard, of warnings of this status and of what was missed, in the order of `Hazard`."""
    rows = [row for row in lead_times if row.status is status or row.basis is Basis.MISSED]
    groups = ((hazard, [row for row in rows if row.hazard is hazard]) for hazard in Hazard)
    return [_summary(hazard, group) for hazard, group in groups if group]


def _chains(entries: Iterable[Entry]) -> Iterator[tuple[Entry, ...]]:
    """The reports of each chain in order, chains in order of issue."""
    by_chain = groupby(sorted(entries, key=lambda e: (e.chain, e.number)), key=lambda e: e.chain)
    chains = [tuple(reports) for _, reports in by_chain]
    yield from sorted(chains, key=lambda reports: (reports[0].issued_at, reports[0].chain))


def _covers(reports: Sequence[Entry], onset: Onset) -> bool:
    first, last = reports[0], reports[-1]
    until = last.issued_at if last.report is Report.FINAL else last.expires_at
    in_time = first.precursor_at - LATE_MAX <= onset.at <= until
    return first.hazard is onset.hazard and concerns(first.area, onset.area) and in_time


def concerns(one: str, other: str) -> bool:
    """Whether two area codes are of the same area, or of one within the other."""
    one, other = one[: area_level(one)], other[: area_level(other)]
    return one.startswith(other) or other.startswith(one)


def _account(reports: Sequence[Entry], observed: Sequence[Onset]) -> LeadTime:
    first, last = reports[0], reports[-1]
    expected = [report.expected_onset_at for report in reports if report.expected_onset_at is not None]
    onset_at = observed[0].at if observed else expected[-1] if expected else None
    reached = [channel for report in reports for channel in report.channels]
    return LeadTime(
        chain=first.chain,
        hazard=first.hazard,
        area=first.area,
        status=first.status,
        peak_level=max(report.level for report in reports),
        precursor_at=first.precursor_at,
        detected_at=first.detected_at,
        decided_at=first.decided_at,
        issued_at=first.issued_at,
        accepted_at=_earliest(channel.accepted_at for channel in reached),
        delivered_at=_earliest(channel.delivered_at for channel in reached),
        acknowledged_at=_earliest(channel.acknowledged_at for channel in reached),
        ended_at=last.issued_at if last.report is Report.FINAL else None,
        onset_at=onset_at,
        basis=Basis.OBSERVED if observed else Basis.EXPECTED if expected else Basis.NONE,
        lead_time_s=(onset_at - first.issued_at).total_seconds() if onset_at else None,
    )


def _missed(onset: Onset) -> LeadTime:
    return LeadTime(hazard=onset.hazard, area=onset.area, onset_at=onset.at, basis=Basis.MISSED, lead_time_s=0.0)


def _earliest(instants: Iterable[datetime | None]) -> datetime | None:
    return min((at for at in instants if at is not None), default=None)


def _order(row: LeadTime) -> tuple[float, str, str]:
    at = row.issued_at or row.onset_at
    return (at.timestamp() if at else 0.0, row.chain, row.area)


def _summary(hazard: Hazard, rows: Sequence[LeadTime]) -> HazardSummary:
    events = [row for row in rows if row.basis in {Basis.OBSERVED, Basis.MISSED}]
    counted = events or [row for row in rows if row.basis is Basis.EXPECTED]
    leads_s = [row.lead_time_s for row in counted if row.lead_time_s is not None]
    ended = [row for row in rows if row.ended_at is not None]
    hits = sum(1 for row in events if row.basis is Basis.OBSERVED and (row.lead_time_s or 0.0) >= 0)
    false_alarms = sum(1 for row in ended if row.basis is not Basis.OBSERVED)
    return HazardSummary(
        hazard=hazard,
        chains=sum(1 for row in rows if row.chain),
        events=len(events),
        missed=sum(1 for row in events if row.basis is Basis.MISSED),
        basis=Basis.OBSERVED if events else Basis.EXPECTED if leads_s else Basis.NONE,
        median_s=median(leads_s) if leads_s else None,
        p10_s=_lowest_tenth_s(leads_s),
        pod=hits / len(events) if events else None,
        far=false_alarms / len(ended) if events and ended else None,
    )


def _lowest_tenth_s(leads_s: Sequence[float]) -> float | None:
    """The 10th percentile, interpolated between the ordered values."""
    if len(leads_s) < 2:  # noqa: PLR2004  # statistics.quantiles wants two
        return leads_s[0] if leads_s else None
    return quantiles(leads_s, n=10, method="inclusive")[0]
