"""Findings, assessments, warnings, deliveries, lead times and counters as points. Pure.

What tells two points of one series apart is their instant. Where several statements may be made of one instant, their
number is added to it in nanoseconds, or where they have none, a hash of their id that stays below a millisecond: the
same statement always has the same place, so that writing it again changes nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Final
from zlib import crc32

from alerting.lead_time import LeadTime
from pipeline.connectors.influx.points import Field, point
from pipeline.model.assessment import Assessment
from pipeline.model.delivery import Delivery
from pipeline.model.finding import Finding
from pipeline.model.forecast import RainAhead
from pipeline.model.instant import to_ns
from pipeline.model.warning import HazardWarning
from pipeline.telemetry import Event

NS_PER_MS: Final = 1_000_000


def finding_line(one: Finding) -> bytes:
    """Measurement `finding`: one revision."""
    tags = {
        "area": one.area,
        "criterion": one.criterion,
        "detector": one.detector,
        "hazard": one.hazard,
        "level": one.level.word,
        "site": one.site,
        "state": one.state,
        "subject": one.subject,
    }
    fields: dict[str, Field] = {
        "id": one.id,
        "revision": one.revision,
        "level_number": int(one.level),
        "peak_level_number": int(one.peak_level),
        "value": float(one.value),
        "threshold": float(one.threshold),
        "score": float(one.score),
        "since_onset_s": _between_s(one.onset_at, one.at),
        "expected_in_s": _between_s(one.at, one.expected_at),
    }
    return point("finding", tags, fields, to_ns(one.at) + one.revision)


def assessment_line(one: Assessment) -> bytes:
    """Measurement `assessment`: one change of mind."""
    tags = {"area": one.area, "hazard": one.hazard, "level": one.level.word, "previous_level": one.previous_level.word}
    fields: dict[str, Field] = {
        "id": one.id,
        "level_number": int(one.level),
        "confidence": float(one.confidence),
        "findings": len(one.findings),
        "since_evidence_s": _between_s(one.first_evidence_at, one.at),
        "expected_in_s": _between_s(one.at, one.expected_onset_at),
    }
    return point("assessment", tags, fields, to_ns(one.at) + crc32(one.id.encode()) % NS_PER_MS)


def warning_line(one: HazardWarning) -> bytes:
    """Measurement `warning`: one report."""
    tags = {
        "area": one.area,
        "hazard": one.hazard,
        "level": one.level.word,
        "report": one.report,
        "status": one.status,
    }
    headlines = {f"headline_{text.language[:2]}": text.headline for text in one.texts}
    fields = {
        "id": one.id,
        "chain": one.chain,
        "number": one.number,
        "level_number": int(one.level),
        "peak_level_number": int(one.peak_level),
        "confidence": float(one.confidence),
        "since_evidence_s": _between_s(one.first_evidence_at, one.sent_at),
        "expected_in_s": _between_s(one.sent_at, one.expected_onset_at),
        "expires_in_s": _between_s(one.sent_at, one.expires_at),
        **headlines,
    }
    return point("warning", tags, fields, to_ns(one.sent_at) + one.number)


def rain_ahead_line(one: RainAhead) -> bytes:
    """Measurement `rain_ahead`: one forecast, at its issue; written again with its verdict."""
    tags = {"area": one.area, "horizon_min": str(one.horizon_min), "site": one.site, "source": one.source}
    fields: dict[str, Field] = {
        "median_mm": one.median_mm,
        "high_mm": one.high_mm,
        "in_force": int(one.in_force),
        "state": one.state.value,
        "fell_mm": one.fell_mm,
    }
    for place, amount in enumerate(one.amounts, 1):
        fields[f"probability_{place}"] = amount.probability
        fields[f"reached_{place}"] = None if one.fell_mm is None else int(amount.reached_at is not None)
    return point("rain_ahead", tags, fields, to_ns(one.issued_at))


def delivery_line(one: Delivery, report: HazardWarning) -> bytes:
    """Measurement `delivery`: one message, as far as it has come; written again when its state changes."""
    tags = {"area": report.area, "channel": one.channel, "hazard": report.hazard, "target": one.target}
    fields = {
        "id": one.id,
        "state": one.state.value,
        "attempts": one.attempts,
        "level_number": int(report.level),
        "took_s": _between_s(one.queued_at, one.finished_at),
        "reason": one.reason or None,
    }
    return point("delivery", tags, fields, to_ns(one.queued_at) + report.number)


def lead_time_line(one: LeadTime) -> bytes | None:
    """Measurement `lead_time`: one chain or missed event, at its issue or onset; written again when more is known."""
    at = one.issued_at or one.onset_at
    if at is None:
        return None
    tags = {"area": one.area, "hazard": one.hazard, "status": one.status}
    fields = {
        "chain": one.chain or None,
        "basis": one.basis.value,
        "peak_level_number": int(one.peak_level),
        "lead_time_s": one.lead_time_s,
        "detect_s": _between_s(one.precursor_at, one.detected_at),
        "decide_s": _between_s(one.detected_at, one.decided_at),
        "issue_s": _between_s(one.decided_at, one.issued_at),
        "accept_s": _between_s(one.issued_at, one.accepted_at),
        "deliver_s": _between_s(one.issued_at, one.delivered_at),
        "acknowledge_s": _between_s(one.issued_at, one.acknowledged_at),
    }
    return point("lead_time", tags, fields, to_ns(at))


def counter_lines(counts: Mapping[tuple[str, Event, str], int], process: str, at_ns: int) -> list[bytes]:
    """Measurement `counter`: the process's own counters, which begin at 0 with it."""
    return [
        point("counter", {"component": who, "event": what, "reason": why, "process": process}, {"total": n}, at_ns)
        for (who, what, why), n in counts.items()
    ]


def lag_line(topic: str, partition: int, messages: int, at_ns: int) -> bytes:
    """Measurement `lag`: messages of a partition that the sink has not taken in yet."""
    return point("lag", {"topic": topic, "partition": str(partition)}, {"messages": messages}, at_ns)


def _between_s(begin: datetime | None, end: datetime | None) -> float | None:
    return None if begin is None or end is None else (end - begin).total_seconds()
