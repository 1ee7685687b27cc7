"""The lead-time ledger: for each report, what was known and done when. The store keeps the rows.

`alerting.lead_time` reckons from them how much warning people had.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from pipeline.model.delivery import DeliveryState
from pipeline.model.hazard import Hazard
from pipeline.model.level import Level
from pipeline.model.warning import HazardWarning, Report, WarningStatus

MILESTONES: dict[DeliveryState, tuple[str, ...]] = {
    DeliveryState.ACCEPTED: ("accepted_at",),
    DeliveryState.DELIVERED: ("accepted_at", "delivered_at"),
    DeliveryState.PLAYED: ("accepted_at", "delivered_at"),
    DeliveryState.READ: ("accepted_at", "delivered_at"),
    DeliveryState.ACKNOWLEDGED: ("accepted_at", "delivered_at", "acknowledged_at"),
}
"""Which fields of Reached a state is evidence for; the first evidence counts."""


@dataclass(frozen=True, slots=True)
class Reached:
    """When one channel first got a report accepted, delivered, acknowledged by any target; None: not yet."""

    channel: str
    accepted_at: datetime | None = None
    delivered_at: datetime | None = None
    acknowledged_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """One report of one chain.

    Attributes:
        precursor_at: when the earliest cited evidence began.
        detected_at: event time of the first cited finding, None where no finding is in the store.
        decided_at: the report's `sent_at`; issued_at: when it was in the store, ready to be sent.
    """

    warning: str
    chain: str
    number: int
    report: Report
    status: WarningStatus
    hazard: Hazard
    area: str
    level: Level
    precursor_at: datetime
    detected_at: datetime | None
    decided_at: datetime
    issued_at: datetime
    expires_at: datetime
    expected_onset_at: datetime | None
    channels: tuple[Reached, ...] = ()


@dataclass(frozen=True, slots=True)
class Onset:
    """That a hazard was seen to set in, entered by a person or taken from a recording's truth."""

    hazard: Hazard
    area: str
    at: datetime


def entry(warning: HazardWarning, issued_at: datetime, detected_at: datetime | None) -> Entry:
    """The row that opens the account of a report."""
    return Entry(
        warning=warning.id,
        chain=warning.chain,
        number=warning.number,
        report=warning.report,
        status=warning.status,
        hazard=warning.hazard,
        area=warning.area,
        level=warning.level,
        precursor_at=warning.first_evidence_at,
        detected_at=detected_at,
        decided_at=warning.sent_at,
        issued_at=issued_at,
        expires_at=warning.expires_at,
        expected_onset_at=warning.expected_onset_at,
    )
