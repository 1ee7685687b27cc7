"""The store: everything that was found, concluded, said and delivered, and the outbox that sending starts from."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from alerting.store.findings import FindingQueries, add_assessments, add_findings
from alerting.store.ledger import LedgerQueries, add_entries
from alerting.store.outbox import OutboxQueries, add_deliveries
from alerting.store.progress import ProgressQueries
from alerting.store.warnings import WarningQueries, add_warnings
from pipeline.model.assessment import Assessment
from pipeline.model.delivery import Delivery
from pipeline.model.finding import Finding
from pipeline.model.warning import HazardWarning


@dataclass(frozen=True, slots=True)
class Record:
    """What one step of the pipeline brought about. Deliveries are of these warnings, or of stored ones."""

    findings: tuple[Finding, ...] = ()
    assessments: tuple[Assessment, ...] = ()
    warnings: tuple[HazardWarning, ...] = ()
    deliveries: tuple[Delivery, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.findings or self.assessments or self.warnings or self.deliveries)


class Store(FindingQueries, WarningQueries, OutboxQueries, LedgerQueries, ProgressQueries):
    """`Store("sqlite:////var/lib/forewarn/store.db")`. Any thread may call any method; each is one transaction.

    The methods stand by subject in the files of this folder. Each raises StoreError when the database fails.
    """

    def save(self, record: Record, at: datetime) -> None:
        """Write all of `record` durably, or nothing of it.

        What is there already, by id, stays as it is: to save the same again after a crash changes nothing, and
        neither resets a delivery nor moves `issued_at` in the ledger.

        `at` is now: the instant at which the warnings count as issued.
        """
        if not record:
            return
        with self.write() as connection:
            add_findings(connection, record.findings)
            add_assessments(connection, record.assessments)
            add_warnings(connection, record.warnings)
            add_entries(connection, record.warnings, at)
            add_deliveries(connection, record.deliveries, record.warnings)
