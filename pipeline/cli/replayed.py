"""What a replay came to, in tables or as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from rich.markup import escape

from alerting.lead_time import HazardSummary, LeadTime, reckon, summarise
from alerting.ledger import Onset, entry
from device_adapters.codecs.base import Reject
from pipeline.cli.output import instant_text, level_text, out, span_text, table, write_json
from pipeline.config.plan import Plan
from pipeline.model.finding import Finding
from pipeline.model.hazard import Hazard
from pipeline.model.warning import HazardWarning
from pipeline.runners.replay import Replayed

ROWS_SHOWN = 20


@dataclass(frozen=True)
class Shown:
    """A finished replay; `seconds` is how long it took."""

    replayed: Replayed
    plan: Plan
    onsets: Sequence[Onset]
    rejects: Sequence[Reject]
    seconds: float

    @cached_property
    def lead_times(self) -> list[LeadTime]:
        """Each chain's, as if every report had been issued when it was decided."""
        detected = {finding.id: finding.at for finding in reversed(self.replayed.findings)}
        entries = [
            entry(one, one.sent_at, min((detected[f] for f in one.findings if f in detected), default=None))
            for one in self.replayed.warnings
        ]
        return [row for row in reckon(entries, self.onsets) if row.hazard is not Hazard.SENSOR_FAULT]

    @cached_property
    def summary(self) -> list[HazardSummary]:
        """One line a hazard."""
        return summarise(self.lead_times)


def tell(shown: Shown) -> None:
    """Everything as one JSON document."""
    replayed = shown.replayed
    write_json(
        {
            "readings": replayed.readings,
            "first_at": replayed.first_at,
            "last_at": replayed.last_at,
            "seconds": shown.seconds,
            "dropped": replayed.dropped,
            "unknown_series": sorted(replayed.unknown),
            "rejected": [{"reason": one.reason, "count": one.count, "detail": one.detail} for one in shown.rejects],
            "findings": replayed.findings,
            "assessments": replayed.assessments,
            "warnings": replayed.warnings,
            "lead_times": shown.lead_times,
            "summary": shown.summary,
        }
    )


def show(shown: Shown) -> None:
    """Tables for people."""
    replayed = shown.replayed
    rate = replayed.readings / shown.seconds if shown.seconds else 0
    out.print(
        f"{replayed.readings:,} readings from {instant_text(replayed.first_at)} to {instant_text(replayed.last_at)} "
        f"in {shown.seconds:.1f} s ({rate:,.0f} a second)"
    )
    for reject in shown.rejects:
        out.print(f"[yellow]rejected[/] {reject.count}: {escape(reject.detail)}")
    for reason, number in sorted(replayed.dropped.items()):
        out.print(f"[yellow]dropped[/] {number}: {reason}")
    if replayed.unknown:
        out.print(f"[yellow]not in the inventory[/]: {escape(', '.join(sorted(replayed.unknown)))}")
    hazards, faults = _parted(replayed.findings)
    for name, some in (("Findings", hazards), ("Sensor faults", faults)):
        table(_title(name, len(some)), FINDING_COLUMNS, [_finding(one, shown.plan) for one in some[:ROWS_SHOWN]])
    public = [one for one in replayed.warnings if one.hazard is not Hazard.SENSOR_FAULT]
    table("Warnings", ("at", "report", "hazard", "area", "level", "expected onset"), [_warning(one) for one in public])
    table(
        "Lead times", ("hazard", "area", "issued", "onset", "basis", "lead"), [_lead(one) for one in shown.lead_times]
    )
    _summary(shown.summary)


FINDING_COLUMNS = ("onset", "hazard", "level", "subject", "criterion", "value", "threshold", "id")


def _title(name: str, count: int) -> str:
    return f"{name} (first {ROWS_SHOWN} of {count}; --json has all)" if count > ROWS_SHOWN else name


def _parted(findings: Sequence[Finding]) -> tuple[list[Finding], list[Finding]]:
    """The gravest revision of each episode, hazards and sensor faults apart, in order of onset."""
    gravest: dict[str, Finding] = {}
    for one in findings:
        if one.id not in gravest or one.level > gravest[one.id].level:
            gravest[one.id] = one
    ordered = sorted(gravest.values(), key=lambda one: (one.onset_at, one.id))
    hazards = [one for one in ordered if one.hazard is not Hazard.SENSOR_FAULT]
    return hazards, [one for one in ordered if one.hazard is Hazard.SENSOR_FAULT]


def _finding(one: Finding, plan: Plan) -> tuple[str, ...]:
    criterion = plan.criteria().get((one.detector, one.criterion))
    unit = criterion.unit if criterion else ""
    numbers = (f"{one.value:.4g} {unit}".strip(), f"{one.threshold:.4g} {unit}".strip())
    words = f"{one.detector}: {criterion.en if criterion else one.criterion}"
    return (instant_text(one.onset_at), one.hazard, level_text(one.level), one.subject, escape(words), *numbers, one.id)


def _warning(one: HazardWarning) -> tuple[str, ...]:
    at, expected = instant_text(one.sent_at), instant_text(one.expected_onset_at)
    return (at, f"{one.report} {one.number}", one.hazard, one.area, level_text(one.level), expected)


def _lead(one: LeadTime) -> tuple[str, ...]:
    lead = span_text(one.lead_time_s)
    return (one.hazard, one.area, instant_text(one.issued_at), instant_text(one.onset_at), one.basis, lead)


def _summary(rows: Sequence[HazardSummary]) -> None:
    columns = ("hazard", "warnings", "events", "missed", "POD", "FAR", "median lead", "p10 lead", "basis")
    table("Summary", columns, [_hazard(one) for one in rows])


def _hazard(one: HazardSummary) -> tuple[str, ...]:
    share: list[str] = ["" if value is None else f"{value:.2f}" for value in (one.pod, one.far)]
    counts: list[Any] = [str(one.chains), str(one.events), str(one.missed)]
    return (one.hazard, *counts, *share, span_text(one.median_s), span_text(one.p10_s), one.basis)
