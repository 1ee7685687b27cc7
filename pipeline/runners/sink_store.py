"""What the store holds, as points: findings, assessments, reports, deliveries and lead times.

All of it is written once after the start, then whatever is new or has changed. A point has its place by what it says,
so writing it again changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, func, or_, select

from alerting.lead_time import LeadTime, reckon
from alerting.store import schema
from alerting.store.forecasts import forecasts
from alerting.store.store import Store
from alerting.store.warnings import SHOWN
from pipeline.connectors.influx.results import (
    assessment_line,
    delivery_line,
    finding_line,
    lead_time_line,
    rain_ahead_line,
    warning_line,
)
from pipeline.model.assessment import Assessment
from pipeline.model.delivery import DeliveryState
from pipeline.model.finding import Finding
from pipeline.model.forecast import RainAhead
from pipeline.model.instant import NS_PER_S
from pipeline.model.warning import HazardWarning

LOOK_BACK: Final = timedelta(hours=6)
"""How much earlier than the newest row another may be dated that is stored after it."""
_BACK_NS: Final = round(LOOK_BACK.total_seconds()) * NS_PER_S
DELIVERIES_MAX: Final = 10_000


class _Newer:
    """Rows of one table that were not seen before, by the instant of each and what tells it apart."""

    def __init__(self, at_ns: ColumnElement[int], *also: ColumnElement[bool]) -> None:
        self._at_ns = at_ns
        self._also = also
        self._seen: dict[tuple[Any, ...], int] = {}
        self._newest_ns = 0
        self._delivered = (self._seen, 0)

    def delivered(self) -> None:
        """What was read is where it belongs."""
        self._delivered = (self._seen, self._newest_ns)

    def put_back(self) -> None:
        """What was read since then counts as not seen."""
        self._seen, self._newest_ns = self._delivered

    def of(self, store: Store, columns: Select[Any], *key: str) -> list[Any]:
        """In order of time; `columns` selects what is wanted, and `key` names what tells a row apart."""
        since = or_(self._at_ns >= self._newest_ns - _BACK_NS, *self._also)
        query = columns.add_columns(self._at_ns.label("at")).where(since).order_by(self._at_ns)
        with store.read() as connection:
            rows = connection.execute(query).all()
        new = []
        seen = dict(self._seen)
        for row in rows:
            identity = tuple(getattr(row, name) for name in key)
            if identity not in seen:
                seen[identity] = row.at
                self._newest_ns = max(self._newest_ns, row.at)
                new.append(row)
        oldest_ns = self._newest_ns - _BACK_NS
        self._seen = {identity: at_ns for identity, at_ns in seen.items() if at_ns >= oldest_ns}
        return new


class StoreFeed:
    """One store's; one caller at a time. What was read and not `delivered` is read again the next time.

    Raises (every method):
        StoreError: the store does not answer.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._findings = _Newer(schema.findings.c.at_ns)
        self._assessments = _Newer(schema.assessments.c.at_ns)
        self._warnings = _Newer(schema.warnings.c.sent_at_ns)
        self._forecasts = _Newer(forecasts.c.issued_at_ns)
        deliveries = schema.deliveries.c
        self._deliveries = _Newer(
            func.coalesce(deliveries.finished_at_ns, deliveries.queued_at_ns),
            deliveries.state == DeliveryState.QUEUED,
        )
        self._tables = (self._findings, self._assessments, self._warnings, self._forecasts, self._deliveries)
        self._accounts: dict[tuple[str, str, str], LeadTime] = {}
        self._accounts_read: dict[tuple[str, str, str], LeadTime] = {}

    def delivered(self) -> None:
        """All that was read last is in InfluxDB or the spool: do not read it again."""
        for table in self._tables:
            table.delivered()
        self._accounts |= self._accounts_read
        self._accounts_read = {}

    def _put_back(self) -> None:
        for table in self._tables:
            table.put_back()
        self._accounts_read = {}

    def lines(self) -> Iterator[bytes]:
        """What is new since what was delivered."""
        self._put_back()
        findings, assessments, warnings = schema.findings.c, schema.assessments.c, schema.warnings.c
        chosen = select(findings.id, findings.revision, findings.document)
        for row in self._findings.of(self._store, chosen, "id", "revision"):
            yield finding_line(Finding.model_validate_json(row.document))
        for row in self._assessments.of(self._store, select(assessments.id, assessments.document), "id"):
            yield assessment_line(Assessment.model_validate_json(row.document))
        for row in self._warnings.of(self._store, select(warnings.id, warnings.document).where(SHOWN), "id"):
            yield warning_line(HazardWarning.model_validate_json(row.document))
        for row in self._forecasts.of(
            self._store, select(forecasts.c.id, forecasts.c.state, forecasts.c.document), "id", "state"
        ):
            yield rain_ahead_line(RainAhead.model_validate_json(row.document))
        yield from self._delivery_lines()
        yield from self._lead_time_lines()

    def account_lines(self) -> Iterator[bytes]:
        """Of that, deliveries and lead times alone: what no topic holds."""
        self._put_back()
        yield from self._delivery_lines()
        yield from self._lead_time_lines()

    def _delivery_lines(self) -> Iterator[bytes]:
        table = schema.deliveries.c
        chosen = select(table.id, table.warning, table.state, table.attempts)
        changed = self._deliveries.of(self._store, chosen, "id", "state", "attempts")
        for report_id in dict.fromkeys(row.warning for row in changed):
            report = self._store.warning(report_id)
            if report is not None:
                for delivery in self._store.deliveries(DELIVERIES_MAX, warning=report_id):
                    yield delivery_line(delivery, report)

    def _lead_time_lines(self) -> Iterator[bytes]:
        for account in reckon(self._store.ledger(), self._store.onsets()):
            key = (account.chain, account.area, account.hazard if account.chain else str(account.onset_at))
            if self._accounts.get(key) != account:
                self._accounts_read[key] = account
                line = lead_time_line(account)
                if line is not None:
                    yield line
