"""What a replay came to, in tables or as JSON."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from alerting.lead_time import HazardSummary, LeadTime, reckon, summarise
from alerting.ledger import Onset, entry
from device_adapters.codecs.base import Reject
from pipeline.cli.episode import Episode, episodes
from pipeline.cli.figures import figures
from pipeline.cli.lead_tables import show_chains, show_summary
from pipeline.cli.output import instant_text, level_text, table, told, write_json
from pipeline.config.plan import Plan
from pipeline.model.finding import Finding
from pipeline.model.hazard import Hazard
from pipeline.runners.replay import Replayed

ROWS_SHOWN = 20
FINDING_COLUMNS = ("onset", "level", "subject", "rule", "value", "threshold", "id")


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
        """One line a hazard. All chains have the status that the configuration gives warnings."""
        return summarise(self.lead_times, self.plan.warnings.status)


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
    """Tables for people; what matters most stands last, where a terminal ends."""
    _taken_in(shown)
    found = episodes(shown.replayed.findings)
    faults = [one for one in found if one.hazard is Hazard.SENSOR_FAULT]
    hazards = [one for one in found if one.hazard is not Hazard.SENSOR_FAULT]
    for name, some in (("Sensor faults", faults), ("Findings", hazards)):
        rows = [_finding(one, shown.plan) for one in _gravest(some)]
        table(_title(name, len(some)), FINDING_COLUMNS, rows, wraps=("rule", "subject"))
    reports = Counter(one.chain for one in shown.replayed.warnings)
    show_chains(shown.lead_times, reports, shown.plan.inventory)
    show_summary(shown.summary)


def _taken_in(shown: Shown) -> None:
    replayed = shown.replayed
    span = f", {instant_text(replayed.first_at)} to {instant_text(replayed.last_at)}" if replayed.first_at else ""
    told(f"{replayed.readings:,} readings{span}, in {shown.seconds:.1f} s")
    for reject in shown.rejects:
        told(f"rejected {reject.count:,}: {reject.detail}", "yellow")
    for reason, number in sorted(replayed.dropped.items()):
        told(f"dropped {number:,}: {reason}", "yellow")
    if replayed.unknown:
        told(f"not in the inventory: {', '.join(sorted(replayed.unknown))}", "yellow")


def _title(name: str, count: int) -> str:
    return f"{name} (the gravest {ROWS_SHOWN} of {count}; --json has all)" if count > ROWS_SHOWN else name


def _gravest(found: Sequence[Episode]) -> list[Finding]:
    """At most ROWS_SHOWN of them, in order of onset."""
    findings = [one.gravest for one in found]
    kept = sorted(findings, key=lambda one: (-one.level, one.onset_at, one.id))[:ROWS_SHOWN]
    return sorted(kept, key=lambda one: (one.onset_at, one.id))


def _finding(one: Finding, plan: Plan) -> tuple[str, ...]:
    rule = f"{one.detector} [dim]{one.criterion}[/]"
    numbers = figures(one, plan.criteria())
    return (instant_text(one.onset_at), level_text(one.level), one.subject, rule, *numbers, one.id)
