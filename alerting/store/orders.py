"""Orders that people gave, and whether a process has taken them into its log."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import BigInteger, Column, Connection, Index, Table, Text, select, update

from alerting.store.audit import add_audit
from alerting.store.database import Database, insert_new
from alerting.store.schema import metadata
from pipeline.model.instant import from_ns, to_ns
from pipeline.model.order import Order, OrderKind

orders: Final = Table(
    "orders",
    metadata,
    Column("id", Text, primary_key=True),
    Column("at_ns", BigInteger, nullable=False),
    Column("taken_at_ns", BigInteger, nullable=True),
    Column("document", Text, nullable=False),
    Index("orders_open", "taken_at_ns"),
)


class OrderQueries(Database):
    """From who gave an order to the process whose warning it is about."""

    def place(self, order: Order, at: datetime, who: str, taken_at: datetime | None = None) -> None:
        """Give an order, and enter that in the audit log; the same twice is one. `taken_at`: it is obeyed already."""
        with self.write() as connection:
            add_order(connection, order, at, who, taken_at)

    def open_orders(self) -> tuple[Order, ...]:
        """Those not taken yet, in the order they were given."""
        query = select(orders.c.document).where(orders.c.taken_at_ns.is_(None)).order_by(orders.c.at_ns, orders.c.id)
        with self.read() as connection:
            return tuple(Order.model_validate_json(text) for text in connection.scalars(query))

    def orders_taken(self, ids: Sequence[str], at: datetime) -> None:
        """They stand in a log now."""
        with self.write() as connection:
            connection.execute(update(orders).where(orders.c.id.in_(ids)).values(taken_at_ns=to_ns(at)))


def add_order(connection: Connection, order: Order, at: datetime, who: str, taken_at: datetime | None = None) -> None:
    """As `place`, within a transaction."""
    taken_ns = None if taken_at is None else to_ns(taken_at)
    row = {"id": order.id, "at_ns": to_ns(at), "taken_at_ns": taken_ns, "document": order.model_dump_json()}
    if connection.scalar(select(orders.c.id).where(orders.c.id == order.id)) is None:
        insert_new(connection, orders, [row])
        add_audit(connection, at, who, f"warning.{order.kind}", order.chain, order.why)


def withdrawn(connection: Connection, chains: Collection[str]) -> dict[str, datetime]:
    """Those of these chains that somebody ordered to be withdrawn, and when that was."""
    rows = connection.execute(select(orders.c.document, orders.c.at_ns).order_by(orders.c.at_ns))
    given = ((Order.model_validate_json(text), from_ns(at_ns)) for text, at_ns in rows)
    return {one.chain: at for one, at in given if one.kind is OrderKind.WITHDRAW and one.chain in chains}
