"""The situation: warnings in force, those that ended lately, deliveries, the ledger."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from alerting.console.views import (
    Attribution,
    ChannelCount,
    DeliveriesView,
    LedgerRow,
    Name,
    Notice,
    ProcessView,
    Situation,
)
from alerting.lead_time import Basis, LeadTime, reckon
from alerting.store.store import Store
from pipeline.config.config import Config
from pipeline.model.audience import Audience
from pipeline.model.warning import HazardWarning, Report
from pipeline.runners.page.cards import Cards, delivery_view
from pipeline.runners.page.covered import Covered
from pipeline.runners.page.names import area_name

ENDED_SHOWN = 20
RECENT_REPORTS = 500
LATEST_DELIVERIES = 60
LEDGER_ROWS = 200


class Situations:
    """Puts the situation together from the store."""

    def __init__(self, store: Store, config: Config, cards: Cards, covered: Covered, version: str) -> None:
        self._covered = covered
        self._store = store
        self._config = config
        self._cards = cards
        self._process = process_view(config, version)

    def at(self, now: datetime) -> Situation:
        """Everything but what moves every second."""
        recent = self._store.recent_warnings(RECENT_REPORTS)
        ended = [report.chain for report in recent if report.report is Report.FINAL][:ENDED_SHOWN]
        in_force = [report.chain for report in self._store.warnings_in_force(now)]
        details = {chain: self._cards.card(chain) for chain in (*in_force, *ended)}
        return Situation(
            process=self._process,
            warnings=tuple(card.warning for chain in in_force if (card := details[chain])),
            ended=tuple(card.warning for chain in ended if (card := details[chain])),
            deliveries=self._deliveries({report.id: report for report in recent}),
            ledger=self._ledger(),
        )

    def _deliveries(self, reports: dict[str, HazardWarning]) -> DeliveriesView:
        counted = sorted(self._store.delivery_counts().items())
        latest = self._store.deliveries(LATEST_DELIVERIES)
        return DeliveriesView(
            tuple(ChannelCount(channel, state, number) for (channel, state), number in counted),
            tuple(
                delivery_view(one, reports[one.warning], self._config.inventory)
                for one in latest
                if one.warning in reports
            ),
        )

    def _ledger(self) -> tuple[LedgerRow, ...]:
        approved = self._store.first_released(Audience.PUBLIC)
        accounts = reckon(self._store.ledger(), self._store.onsets())
        return tuple(self._row(account, approved) for account in reversed(accounts[-LEDGER_ROWS:]))

    def _row(self, account: LeadTime, approved: Mapping[str, datetime]) -> LedgerRow:
        observed = account.basis in {Basis.OBSERVED, Basis.MISSED}
        evidence_at = account.precursor_at or account.onset_at
        if evidence_at is None:
            raise ValueError(f"chain {account.chain}: neither evidence nor onset")
        half_at, most_at = self._covered.marks(account)
        return LedgerRow(
            id=account.chain or f"missed-{account.hazard}-{account.area}-{evidence_at.isoformat()}",
            hazard=account.hazard,
            area=area_name(self._config.inventory, account.area),
            level=account.peak_level,
            channel="",
            evidence_at=evidence_at,
            detected_at=account.detected_at,
            decided_at=account.decided_at,
            approved_at=approved.get(account.chain) if account.chain else None,
            issued_at=account.issued_at,
            first_delivery_at=account.accepted_at,
            p50_at=half_at,
            p95_at=most_at,
            acknowledged_at=account.acknowledged_at,
            onset_expected_at=None if observed else account.onset_at,
            onset_observed_at=account.onset_at if observed else None,
            lead_s=account.lead_time_s,
            missed=account.basis is Basis.MISSED,
        )


def process_view(config: Config, version: str) -> ProcessView:
    """Who speaks, and what must be said of the data shown."""
    options, warnings = config.process, config.warnings
    banner = Notice(options.banner_zh, options.banner_en)
    return ProcessView(
        title=Name(warnings.sender_name_zh, warnings.sender_name_en),
        version=version,
        time_zone=options.time_zone,
        notices=(banner,) if options.banner_zh or options.banner_en else (),
        attributions=tuple(Attribution(one.title, one.licence, one.text, one.url) for one in options.attributions),
    )
