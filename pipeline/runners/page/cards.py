"""Chains of reports as cards."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from alerting.console.views import (
    ChannelCount,
    DeliveryView,
    LeadView,
    ReportView,
    TextView,
    WarningDetail,
    WarningView,
)
from alerting.hazards import is_public
from alerting.ledger import Entry
from alerting.store.store import Store
from pipeline.model.delivery import Delivery
from pipeline.model.inventory import Inventory
from pipeline.model.warning import HazardWarning, Report
from pipeline.runners.page.covered import Covered
from pipeline.runners.page.evidence import Criteria, finding_view, latest
from pipeline.runners.page.names import area_name, area_path, holding

SHOWN_FINDINGS = 3
DELIVERIES_A_REPORT = 1_000


class Cards:
    """Puts chains together from the store; every method reads the store anew."""

    def __init__(self, store: Store, inventory: Inventory, criteria: Criteria, covered: Covered) -> None:
        self._covered = covered
        self._store = store
        self._inventory = inventory
        self._criteria = criteria

    def card(self, chain: str) -> WarningDetail | None:
        """One chain with all of its evidence and deliveries; None where there is no such chain."""
        reports = self._store.chain(chain)
        if not reports:
            return None
        last = reports[-1]
        cited = reports[-2].findings if last.report is Report.FINAL and len(reports) > 1 else last.findings
        findings = tuple(finding_view(one, self._inventory, self._criteria) for one in latest(self._store, cited))
        sent = [(one, self._store.deliveries(DELIVERIES_A_REPORT, warning=one.id)) for one in reports]
        rows = tuple(delivery_view(row, report, self._inventory) for report, rows in reversed(sent) for row in rows)
        entries = self._store.ledger(chain)
        view = WarningView(
            chain=chain,
            hazard=last.hazard,
            status=last.status,
            maintenance=not is_public(last.hazard),
            area=last.area,
            area_path=area_path(self._inventory, holding(self._inventory, last.areas)),
            population=self._population(last.areas),
            level=last.level,
            peak_level=last.peak_level,
            confidence=last.confidence,
            lead=lead_view(last, entries),
            reports=report_views(reports, entries),
            findings=findings[:SHOWN_FINDINGS],
            findings_total=len(findings),
            deliveries=counts(row for _, rows in sent for row in rows),
            ended_at=last.sent_at if last.report is Report.FINAL else None,
            areas=tuple(area_name(self._inventory, one) for one in last.areas) if len(last.areas) > 1 else (),
            coverage=self._covered.view(chain, last.areas) if is_public(last.hazard) else None,
        )
        return WarningDetail(view, findings, rows)

    def _population(self, codes: Sequence[str]) -> int | None:
        """Of all areas; None where one of them does not tell it."""
        known = [self._inventory.area_by_code.get(code) for code in codes]
        counted = [area.population for area in known if area and area.population is not None]
        return sum(counted) if len(counted) == len(codes) else None


def report_views(reports: Iterable[HazardWarning], entries: Sequence[Entry]) -> tuple[ReportView, ...]:
    """The reports of a chain, each with the instant it stood in the outbox."""
    issued = {entry.warning: entry.issued_at for entry in entries}
    return tuple(
        ReportView(
            id=one.id,
            number=one.number,
            report=one.report,
            level=one.level,
            decided_at=one.sent_at,
            issued_at=issued.get(one.id),
            expires_at=one.expires_at,
            expected_onset_at=one.expected_onset_at,
            texts=tuple(TextView(**text.model_dump()) for text in one.texts),
        )
        for one in reports
    )


def lead_view(last: HazardWarning, entries: Sequence[Entry]) -> LeadView:
    """What happened on the way from the first evidence to the first delivery."""
    accepted = [reached.accepted_at for entry in entries for reached in entry.channels if reached.accepted_at]
    return LeadView(
        first_evidence_at=last.first_evidence_at,
        decided_at=entries[0].decided_at if entries else None,
        issued_at=entries[0].issued_at if entries else None,
        first_delivery_at=min(accepted, default=None),
        expected_onset_at=last.expected_onset_at,
        expected_onset_earliest_at=last.expected_onset_earliest_at,
        expected_onset_latest_at=last.expected_onset_latest_at,
    )


def delivery_view(delivery: Delivery, report: HazardWarning, inventory: Inventory) -> DeliveryView:
    """One message to one target."""
    return DeliveryView(
        id=delivery.id,
        chain=report.chain,
        report=report.number,
        hazard=report.hazard,
        level=report.level,
        area=area_name(inventory, holding(inventory, report.areas)),
        channel=delivery.channel,
        target=delivery.target,
        state=delivery.state,
        attempts=delivery.attempts,
        at=delivery.finished_at or delivery.queued_at,
        next_attempt_at=delivery.next_attempt_at,
        reason=delivery.reason,
    )


def counts(deliveries: Iterable[Delivery]) -> tuple[ChannelCount, ...]:
    """How many deliveries of each channel stand in each state."""
    found = Counter((one.channel, one.state) for one in deliveries)
    return tuple(ChannelCount(channel, state, number) for (channel, state), number in sorted(found.items()))
