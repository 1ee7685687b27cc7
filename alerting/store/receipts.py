"""What was heard of messages after they had been sent: names that providers gave them, and receipts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import BigInteger, Column, Connection, Index, Integer, Row, Table, Text, and_, or_, select, update

from alerting.base import PART, Receipt
from alerting.stages.retry import Step
from alerting.store.database import Database, insert_new
from alerting.store.outcomes import Settled, record
from alerting.store.schema import deliveries, metadata
from pipeline.model.delivery import DeliveryState
from pipeline.model.instant import from_ns, to_ns

provider_references: Final = Table(
    "provider_references",
    metadata,
    Column("channel", Text, primary_key=True),
    Column("reference", Text, primary_key=True),
    Column("delivery", Text, nullable=False),
    Column("attempt", Integer, nullable=False),
    Index("provider_references_by_delivery", "delivery"),
)

receipts: Final = Table(
    "receipts",
    metadata,
    Column("channel", Text, primary_key=True),
    Column("reference", Text, primary_key=True),
    Column("state", Text, primary_key=True),
    Column("word", Text, primary_key=True),
    Column("target", Text, nullable=False),
    Column("at_ns", BigInteger, nullable=False),
)

_SENT: Final = (DeliveryState.ACCEPTED, DeliveryState.DELIVERED, DeliveryState.READ)
"""What a receipt of failure takes back; what was played or acknowledged has happened."""


class ReceiptQueries(Database):
    """Evidence that comes after the answer of the provider, in any order, more than once, or for nothing we know."""

    def refer(self, channel: str, delivery: str, attempt: int, references: Sequence[str]) -> None:
        """Keep what the provider calls the parts of one try. Receipts that came before it count now."""
        rows = [
            {"channel": channel, "reference": each, "delivery": delivery, "attempt": attempt} for each in references
        ]
        with self.write() as connection:
            insert_new(connection, provider_references, rows)
            for row in _heard(connection, channel, references):
                _apply(connection, channel, row.reference, DeliveryState(row.state), row.word, from_ns(row.at_ns))

    def receive(self, channel: str, receipt: Receipt, at: datetime) -> bool:
        """Keep a receipt; whether it is of a message that we know. The same again changes nothing.

        A target that speaks for a delivery to another is not believed, and not kept.
        """
        with self.write() as connection:
            known = _delivery_of(connection, channel, receipt.reference)
            if known is not None and receipt.target not in {None, known.target}:
                return False
            insert_new(
                connection,
                receipts,
                [
                    {
                        "channel": channel,
                        "reference": receipt.reference,
                        "state": receipt.state,
                        "word": receipt.word,
                        "target": receipt.target or "",
                        "at_ns": to_ns(at),
                    }
                ],
            )
            _apply(connection, channel, receipt.reference, receipt.state, receipt.word, at)
        return known is not None

    def receipts(self, delivery: str) -> tuple[tuple[datetime, DeliveryState, str], ...]:
        """(at, state, word) of what was heard of a delivery, in order of time."""
        parts = select(provider_references.c.reference).where(provider_references.c.delivery == delivery)
        query = select(receipts).where(or_(receipts.c.reference == delivery, receipts.c.reference.in_(parts)))
        with self.read() as connection:
            rows = connection.execute(query.order_by(receipts.c.at_ns, receipts.c.state)).all()
        return tuple((from_ns(row.at_ns), DeliveryState(row.state), row.word) for row in rows)


def _heard(connection: Connection, channel: str, references: Sequence[str]) -> Sequence[Row[Any]]:
    query = select(receipts).where(receipts.c.channel == channel, receipts.c.reference.in_(references))
    return connection.execute(query.order_by(receipts.c.at_ns)).all()


def _delivery_of(connection: Connection, channel: str, reference: str) -> Row[Any] | None:
    """The delivery that a receipt is of: by its id, or by what the provider calls it."""
    named = select(provider_references.c.delivery).where(
        provider_references.c.channel == channel, provider_references.c.reference == reference
    )
    meant = or_(deliveries.c.id == reference, deliveries.c.id.in_(named))
    return connection.execute(select(deliveries).where(deliveries.c.channel == channel, meant)).one_or_none()


def _apply(connection: Connection, channel: str, reference: str, state: DeliveryState, word: str, at: datetime) -> None:
    row = _delivery_of(connection, channel, reference)
    if row is None:
        return
    if state is DeliveryState.FAILED:
        if reference.startswith(PART) and not _is_whole(connection, channel, reference, state):
            return
        here = and_(deliveries.c.id == row.id, deliveries.c.state.in_(_SENT))
        reason = f"not received: {word}"
        connection.execute(update(deliveries).where(here).values(state=state, reason=reason, finished_at_ns=to_ns(at)))
    elif reference == row.id or _is_whole(connection, channel, reference, state):
        record(connection, [Settled(row.id, Step(state), at)])


def _is_whole(connection: Connection, channel: str, reference: str, state: DeliveryState) -> bool:
    """Whether every part of the try that `reference` belongs to was said to have reached `state`."""
    one = provider_references.alias()
    query = (
        select(provider_references.c.reference)
        .join(
            one,
            and_(one.c.delivery == provider_references.c.delivery, one.c.attempt == provider_references.c.attempt),
        )
        .where(one.c.channel == channel, one.c.reference == reference, provider_references.c.channel == channel)
    )
    parts = set(connection.scalars(query))
    said = select(receipts.c.reference).where(
        receipts.c.channel == channel, receipts.c.reference.in_(parts), receipts.c.state == state
    )
    return parts <= set(connection.scalars(said))
