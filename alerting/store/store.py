"""The store: everything that was found, concluded, said and delivered, and the outbox that sending starts from."""

from __future__ import annotations

from datetime import datetime

from alerting.store.findings import FindingQueries, add_assessments, add_findings
from alerting.store.ledger import LedgerQueries, add_entries
from alerting.store.outbox import OutboxQueries, add_deliveries
from alerting.store.progress import ProgressQueries
from alerting.store.record import Record
from alerting.store.warnings import WarningQueries, add_warnings


class Store(FindingQueries, WarningQueries, OutboxQueries, LedgerQueries, ProgressQueries):
    """`Store("sqlite:////var/lib/forewarn/store.db")`. Any thread may call any method; each is one transaction.

    The methods stand by subject in the files of this folder. Each raises StoreError when the database fails.
    """

    def save(self, record: Record, at: datetime) -> None:
        """Write all of `record` durably, or nothing of it; `at` is now, when its warnings count as issued.

        What is there already, by id, stays as it is: to save the same again after a crash changes nothing, and
        neither resets a delivery nor moves `issued_at` in the ledger.
        """
        if not record:
            return
        with self.write() as connection:
            add_findings(connection, record.findings)
            add_assessments(connection, record.assessments)
            add_warnings(connection, record.warnings)
            add_entries(connection, record.warnings, at)
            add_deliveries(connection, record.deliveries, record.warnings)
