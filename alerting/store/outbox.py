"""The outbox: which deliveries are due, and what became of each try."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, Row, Select, func, insert, select, update

from alerting.base import Outcome
from alerting.ledger import MILESTONES
from alerting.stages.retry import Step
from alerting.store.database import Database, insert_new
from alerting.store.ledger import note_milestone
from alerting.store.schema import attempts, deliveries, warnings
from pipeline.model.delivery import Delivery, DeliveryState
from pipeline.model.instant import from_ns, to_ns
from pipeline.model.warning import HazardWarning

_QUEUED = deliveries.c.state == DeliveryState.QUEUED
_EVIDENCE: Final = tuple(MILESTONES)
"""States that a target or a provider vouched for, from weak to strong."""


class OutboxQueries(Database):
    """Deliveries, from queued to their final state."""

    def due(self, channel: str, now: datetime, limit: int, busy: Collection[str] = ()) -> tuple[Delivery, ...]:
        """At most one delivery for each target of `channel` that is not in `busy`, the most urgent first.

        Urgent is the higher level, then the longer wait. Reports of one chain keep their order: a later one waits
        while an earlier one to the same target is due.
        """
        now_ns = to_ns(now)
        with self.read() as connection:
            rows = connection.execute(_due(channel, now_ns, busy).limit(limit))
            return tuple(_delivery(row) for row in rows)

    def next_due_at(self, channel: str, after: datetime) -> datetime | None:
        """When something becomes due that is not due at `after`."""
        later = deliveries.c.next_attempt_at_ns
        query = select(func.min(later)).where(_QUEUED, deliveries.c.channel == channel, later > to_ns(after))
        with self.read() as connection:
            at_ns = connection.scalar(query)
        return None if at_ns is None else from_ns(at_ns)

    def settle(self, delivery_id: str, outcome: Outcome, step: Step, at: datetime) -> None:
        """Record one try that ended at `at`: its outcome, and what the retry stage made of it.

        Evidence stands even where the delivery was given up meanwhile; a failure changes queued deliveries only.
        When a report arrived, earlier ones of its chain still queued for the same target expire: they are out of date.
        """
        with self.write() as connection:
            row = connection.execute(select(deliveries).where(deliveries.c.id == delivery_id)).one()
            tries = row.attempts + 1
            connection.execute(
                insert(attempts).values(
                    delivery=delivery_id,
                    number=tries,
                    at_ns=to_ns(at),
                    state=outcome.state,
                    reason=outcome.reason,
                    detail=outcome.detail,
                )
            )
            connection.execute(update(deliveries).where(deliveries.c.id == delivery_id).values(attempts=tries))
            _advance(connection, row, step, at)

    def give_up(self, delivery_id: str, step: Step, at: datetime) -> None:
        """Record that a queued delivery is not tried at all."""
        with self.write() as connection:
            row = connection.execute(select(deliveries).where(deliveries.c.id == delivery_id)).one()
            _advance(connection, row, step, at)

    def confirm(self, delivery_id: str, state: DeliveryState, at: datetime) -> None:
        """Record evidence that came later, such as an acknowledgement; a weaker one than is known changes nothing."""
        with self.write() as connection:
            row = connection.execute(select(deliveries).where(deliveries.c.id == delivery_id)).one()
            _advance(connection, row, Step(state), at)

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
        query = select(deliveries).where(*(column == value for column, value in wanted.items() if value is not None))
        order = (deliveries.c.queued_at_ns.desc(), deliveries.c.warning, deliveries.c.channel, deliveries.c.target)
        with self.read() as connection:
            return tuple(_delivery(row) for row in connection.execute(query.order_by(*order).limit(limit)))

    def delivery_counts(self) -> dict[tuple[str, DeliveryState], int]:
        """(channel, state) -> number of deliveries."""
        columns = (deliveries.c.channel, deliveries.c.state)
        query = select(*columns, func.count()).group_by(*columns).order_by(*columns)
        with self.read() as connection:
            return {(channel, DeliveryState(state)): number for channel, state, number in connection.execute(query)}

    def attempts(self, delivery_id: str) -> tuple[tuple[datetime, DeliveryState, str, str], ...]:
        """(at, state, reason, detail) of each try of a delivery, in order."""
        query = select(attempts).where(attempts.c.delivery == delivery_id).order_by(attempts.c.number)
        with self.read() as connection:
            rows = connection.execute(query).all()
        return tuple((from_ns(row.at_ns), DeliveryState(row.state), row.reason, row.detail) for row in rows)

    def queued_channels(self) -> tuple[str, ...]:
        """Channels that something is queued for, configured or not."""
        query = select(deliveries.c.channel).where(_QUEUED).distinct().order_by(deliveries.c.channel)
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


def _due(channel: str, now_ns: int, busy: Collection[str]) -> Select[Any]:
    """Of what is due, the first report of each chain a target; of these, the most urgent a target."""
    of_target = deliveries.c.target
    first = func.min(deliveries.c.number).over(partition_by=(of_target, deliveries.c.chain)).label("first")
    is_due = (_QUEUED, deliveries.c.channel == channel, deliveries.c.next_attempt_at_ns <= now_ns)
    ready = select(deliveries, first).where(*is_due, of_target.not_in(sorted(busy))).subquery()
    place = func.row_number().over(partition_by=ready.c.target, order_by=_urgency(ready.c)).label("place")
    heads = select(ready, place).where(ready.c.number == ready.c.first).subquery()
    return select(heads).where(heads.c.place == 1).order_by(*_urgency(heads.c))


def _urgency(column: Any) -> tuple[Any, ...]:
    return (column.level.desc(), column.queued_at_ns, column.number, column.id)


def _advance(connection: Connection, row: Row[Any], step: Step, at: datetime) -> None:
    """Bring a delivery to the step's state, unless what is known of it already is more."""
    evidenced = step.state in MILESTONES
    if evidenced and not _stronger(step.state, DeliveryState(row.state)):
        return
    final = step.state is not DeliveryState.QUEUED
    change = update(deliveries).where(deliveries.c.id == row.id)
    connection.execute(
        (change if evidenced else change.where(_QUEUED)).values(
            state=step.state,
            next_attempt_at_ns=None if step.next_attempt_at is None else to_ns(step.next_attempt_at),
            finished_at_ns=to_ns(at) if final else None,
            reason=step.reason,
        )
    )
    if evidenced:
        note_milestone(connection, row.warning, row.channel, step.state, at)
        _expire_earlier(connection, row, at)


def _stronger(state: DeliveryState, known: DeliveryState) -> bool:
    return known not in MILESTONES or _EVIDENCE.index(state) > _EVIDENCE.index(known)


def _expire_earlier(connection: Connection, row: Row[Any], at: datetime) -> None:
    connection.execute(
        update(deliveries)
        .where(
            _QUEUED,
            deliveries.c.chain == row.chain,
            deliveries.c.channel == row.channel,
            deliveries.c.target == row.target,
            deliveries.c.number < row.number,
        )
        .values(
            state=DeliveryState.EXPIRED,
            next_attempt_at_ns=None,
            finished_at_ns=to_ns(at),
            reason=f"overtaken by report {row.number} of its chain",
        )
    )


def _row(delivery: Delivery, warning: HazardWarning) -> dict[str, str | int | None]:
    return {
        "id": delivery.id,
        "warning": delivery.warning,
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
    }


def _delivery(row: Row[Any]) -> Delivery:
    return Delivery(
        id=row.id,
        warning=row.warning,
        channel=row.channel,
        target=row.target,
        state=DeliveryState(row.state),
        attempts=row.attempts,
        queued_at=from_ns(row.queued_at_ns),
        next_attempt_at=None if row.next_attempt_at_ns is None else from_ns(row.next_attempt_at_ns),
        finished_at=None if row.finished_at_ns is None else from_ns(row.finished_at_ns),
        reason=row.reason,
    )
