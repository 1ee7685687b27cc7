"""The store: everything that was found, concluded, said and delivered, and the outbox that sending starts from."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Final

from sqlalchemy import Connection

from alerting.people.actor import OURSELVES
from alerting.store.audit import AuditQueries, add_audit, has_entry
from alerting.store.calls import CallQueries
from alerting.store.claims import ClaimQueries
from alerting.store.clock_marks import ClockMarkQueries
from alerting.store.coverage import CoverageQueries
from alerting.store.drill_runs import DrillRunQueries
from alerting.store.drills import DrillQueries
from alerting.store.duty import DutyQueries
from alerting.store.findings import FindingQueries, add_assessments, add_findings
from alerting.store.forecasts import ForecastQueries, add_forecasts
from alerting.store.foreign import ForeignQueries
from alerting.store.hold import HoldQueries
from alerting.store.joints import JointQueries
from alerting.store.ledger import LedgerQueries, add_entries
from alerting.store.orders import OrderQueries
from alerting.store.outbox import OutboxQueries
from alerting.store.outcomes import OutcomeQueries
from alerting.store.progress import ProgressQueries
from alerting.store.receipts import ReceiptQueries
from alerting.store.record import Record
from alerting.store.release import ReleaseQueries
from alerting.store.silences import SilenceQueries
from alerting.store.tasks import TaskQueries
from alerting.store.turn import Turn, take_turn
from alerting.store.warnings import WarningQueries, add_warnings, after_the_end
from pipeline.model.warning import HazardWarning, Report

LATE: Final = "warning.after_cancel"
Offer = Callable[[Connection, HazardWarning, datetime], None]
"""What becomes of a report, in the transaction that stores it: the outlet."""


class Store(
    FindingQueries,
    WarningQueries,
    ReleaseQueries,
    CallQueries,
    DutyQueries,
    ForeignQueries,
    AuditQueries,
    HoldQueries,
    SilenceQueries,
    JointQueries,
    OutboxQueries,
    ClaimQueries,
    OutcomeQueries,
    OrderQueries,
    ClockMarkQueries,
    ReceiptQueries,
    CoverageQueries,
    DrillQueries,
    DrillRunQueries,
    TaskQueries,
    LedgerQueries,
    ForecastQueries,
    ProgressQueries,
):
    """`Store("sqlite:////var/lib/forewarn/store.db")`. Any thread may call any method; each is one transaction.

    The methods stand by subject in the files of this folder. Each raises StoreError when the database fails.
    """

    def save(self, record: Record, at: datetime, offer: Offer | None = None) -> None:
        """Write all of `record` durably, or nothing of it; `at` is now, when its warnings count as issued.

        What is there already, by id, stays as it is: to save the same again after a crash changes nothing, and
        neither resets a delivery nor moves `issued_at` in the ledger. A chain that ended takes no more reports.

        Args:
            offer: told of each of the warnings once they are written; its writes are part of the transaction.
        """
        if not record:
            return
        with self.write() as connection:
            write_record(connection, record, at, offer)


def write_record(connection: Connection, record: Record, at: datetime, offer: Offer | None) -> None:
    """What `Store.save` does, in a transaction of the caller's."""
    if record.warnings:
        take_turn(connection, Turn.OUTLET)  # before anything is written, and before it is seen which chains have ended
    add_findings(connection, record.findings)
    add_assessments(connection, record.assessments)
    add_forecasts(connection, record.forecasts)
    late = after_the_end(connection, record.warnings)
    for report in late:
        _note_late(connection, report, at)
    reports = [one for one in record.warnings if one not in late]
    add_warnings(connection, reports)
    add_entries(connection, reports, at)
    if offer is None:
        return
    for report in reports:
        offer(connection, report, at)


def _note_late(connection: Connection, report: HazardWarning, at: datetime) -> None:
    """What was found of a danger after people cancelled its warning, and is told to nobody; once."""
    if report.report is not Report.FINAL and not has_entry(connection, LATE, report.id):
        add_audit(connection, at, OURSELVES, LATE, report.id, f"{report.level.word}, told to nobody: it was cancelled")
