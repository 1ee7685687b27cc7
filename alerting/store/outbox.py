"""The outbox: deliveries as they are put in, counted and looked at. `claims` and `outcomes` work on them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, case, func, select

from alerting.area_codes import of_field, to_field
from alerting.projection import Waiting
from alerting.store.database import Database, insert_new
from alerting.store.schema import IS_TRY, attempts, deliveries, ledger, warnings
from pipeline.model.audience import Audience
from pipeline.model.delivery import Delivery, DeliveryState
from pipeline.model.instant import from_ns, to_ns
from pipeline.model.warning import HazardWarning

QUEUED: Final = deliveries.c.state == DeliveryState.QUEUED
COLUMNS: Final = (
    deliveries.c.id,
    deliveries.c.warning,
    deliveries.c.audience,
    deliveries.c.channel,
    deliveries.c.target,
    deliveries.c.state,
    deliveries.c.attempts,
    deliveries.c.queued_at_ns,
    deliveries.c.next_attempt_at_ns,
    deliveries.c.finished_at_ns,
    deliveries.c.reason,
    deliveries.c.note,
    deliveries.c.lifted,
    deliveries.c.is_over,
)
"""What a Delivery is made of, in the order that `delivery_of` wants."""


class OutboxQueries(Database):
    """Deliveries in any state."""

    def deliveries(
        self,
        limit: int,
        *,
        warning: str | None = None,
        channel: str | None = None,
        state: DeliveryState | None = None,
    ) -> tuple[Delivery, ...]:
        """The latest deliveries, newest first, then by channel and target."""
        wanted = {deliveries.c.warning: warning, deliveries.c.channel: channel, deliveries.c.state: state}
        query = select(*COLUMNS).where(*(column == value for column, value in wanted.items() if value is not None))
        order = (deliveries.c.queued_at_ns.desc(), deliveries.c.warning, deliveries.c.channel, deliveries.c.target)
        with self.read() as connection:
            return tuple(delivery_of(row) for row in connection.execute(query.order_by(*order).limit(limit)))

    def delivery_counts(self) -> dict[tuple[str, DeliveryState], int]:
        """(channel, state) -> number of deliveries."""
        columns = (deliveries.c.channel, deliveries.c.state)
        query = select(*columns, func.count()).group_by(*columns).order_by(*columns)
        with self.read() as connection:
            return {(channel, DeliveryState(state)): number for channel, state, number in connection.execute(query)}

    def attempts(self, delivery_id: str) -> tuple[tuple[datetime, DeliveryState, str, str], ...]:
        """(at, state, reason, detail) of each try of a delivery, in order."""
        query = select(attempts).join(deliveries, IS_TRY).where(deliveries.c.id == delivery_id)
        with self.read() as connection:
            rows = connection.execute(query.order_by(attempts.c.number)).all()
        return tuple((from_ns(row.at_ns), DeliveryState(row.state), row.reason, row.detail) for row in rows)

    def waiting(self, now: datetime) -> dict[str, Waiting]:
        """What is due in each channel in which something is."""
        expires = func.min(ledger.c.expires_at_ns)
        onset = func.min(case((ledger.c.expected_onset_at_ns > to_ns(now), ledger.c.expected_onset_at_ns)))
        is_due = (QUEUED, deliveries.c.next_attempt_at_ns <= to_ns(now), ledger.c.warning == deliveries.c.warning)
        query = select(deliveries.c.channel, func.count(), expires, onset).where(*is_due)
        with self.read() as connection:
            rows = connection.execute(query.group_by(deliveries.c.channel)).all()
        return {
            channel: Waiting(number, from_ns(min(one for one in (expires_ns, onset_ns) if one is not None)))
            for channel, number, expires_ns, onset_ns in rows
        }

    def queued_channels(self) -> tuple[str, ...]:
        """Channels that something is queued for, configured or not."""
        query = select(deliveries.c.channel).where(QUEUED).distinct().order_by(deliveries.c.channel)
        with self.read() as connection:
            return tuple(connection.scalars(query))


def add_deliveries(connection: Connection, rows: Sequence[Delivery], reports: Sequence[HazardWarning]) -> None:
    """Insert those that are not there yet; a delivery that is keeps its state.

    Raises:
        KeyError: a delivery of a warning that is neither in `reports` nor in the store.
    """
    known = {report.id: report for report in reports}
    for missing in {row.warning for row in rows} - known.keys():
        document = connection.scalar(select(warnings.c.document).where(warnings.c.id == missing))
        if document is None:
            raise KeyError(missing)
        known[missing] = HazardWarning.model_validate_json(document)
    insert_new(connection, deliveries, [_row(row, known[row.warning]) for row in rows])


def _row(delivery: Delivery, warning: HazardWarning) -> dict[str, str | int | None]:
    return {
        "id": delivery.id,
        "warning": delivery.warning,
        "audience": delivery.audience,
        "chain": warning.chain,
        "number": warning.number,
        "level": int(warning.level),
        "channel": delivery.channel,
        "target": delivery.target,
        "state": delivery.state,
        "attempts": delivery.attempts,
        "queued_at_ns": to_ns(delivery.queued_at),
        "next_attempt_at_ns": None if delivery.next_attempt_at is None else to_ns(delivery.next_attempt_at),
        "finished_at_ns": None if delivery.finished_at is None else to_ns(delivery.finished_at),
        "reason": delivery.reason,
        "note": delivery.note,
        "lifted": to_field(delivery.lifted),
        "is_over": int(delivery.is_over),
    }


def delivery_of(row: Sequence[Any]) -> Delivery:
    """A row of COLUMNS as what it stands for; not checked again, for it was when it was written."""
    one, warning, audience, channel, target, state, attempts_so_far, queued_ns, next_ns, finished_ns, *words = row
    reason, note, lifted, is_over = words
    return Delivery.model_construct(
        id=one,
        warning=warning,
        audience=Audience(audience),
        channel=channel,
        target=target,
        state=DeliveryState(state),
        attempts=attempts_so_far,
        queued_at=from_ns(queued_ns),
        next_attempt_at=None if next_ns is None else from_ns(next_ns),
        finished_at=None if finished_ns is None else from_ns(finished_ns),
        reason=reason,
        note=note,
        lifted=of_field(lifted),
        is_over=bool(is_over),
    )
