"""Items of follow-up work: one row each, changed in one transaction with its entry in the audit log."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Final

from sqlalchemy import BigInteger, Column, Connection, Index, Table, Text, insert, select, update

from alerting.store.audit import add_audit
from alerting.store.database import Database
from alerting.store.schema import metadata
from alerting.tasks.item import Item, State, Step, escalate
from pipeline.errors import DutyError
from pipeline.model.instant import to_ns

items: Final = Table(
    "items",
    metadata,
    Column("id", Text, primary_key=True),
    Column("state", Text, nullable=False),
    Column("due_at_ns", BigInteger, nullable=False),
    Column("chain", Text, nullable=False),
    Column("document", Text, nullable=False),
    Index("items_by_state", "state", "due_at_ns"),
    Index("items_by_chain", "chain"),
)


Tell = Callable[[Connection, Item, Step], None]
"""Tells whom a deed concerns, in the transaction that writes it."""


def _nobody(_connection: Connection, _item: Item, _step: Step) -> None:
    pass


class TaskQueries(Database):
    """What somebody must do, and whether they did."""

    def items(self, *, open_only: bool = False, chain: str | None = None, limit: int = 1000) -> tuple[Item, ...]:
        """By when they are due; `open_only` leaves out what is verified or withdrawn."""
        query = select(items.c.document).order_by(items.c.due_at_ns, items.c.id).limit(limit)
        if open_only:
            query = query.where(items.c.state.in_([State.OPEN, State.ANSWERED]))
        if chain is not None:
            query = query.where(items.c.chain == chain)
        with self.read() as connection:
            return tuple(Item.model_validate_json(text) for text in connection.scalars(query))

    def add_item(self, item: Item, who: str, at: datetime, tell: Tell = _nobody) -> None:
        """Write a new one; the same again changes nothing. `tell` hears of each new step, in the transaction."""
        with self.write() as connection:
            if connection.scalar(select(items.c.id).where(items.c.id == item.id)) is None:
                connection.execute(insert(items).values(_row(item)))
                add_audit(connection, at, who, "task.give", item.id, f"{item.kind} to {item.assignee}: {item.title}")
                tell(connection, item, item.steps[-1])

    def change_item(
        self, item_id: str, change: Callable[[Item], Item], who: str, at: datetime, tell: Tell = _nobody
    ) -> Item:
        """Do something to an item; two who do it at once take turns.

        Raises:
            DutyError: no such item, or what `change` raises.
        """
        with self.write() as connection:
            text = connection.scalar(select(items.c.document).where(items.c.id == item_id).with_for_update())
            if text is None:
                raise DutyError(f"no item {item_id!r}; `forewarn tasks` lists them")
            found = change(Item.model_validate_json(text))
            _put(connection, found)
            last = found.steps[-1]
            add_audit(connection, at, who, f"task.{last.deed}", item_id, f"{last.to} {last.words}".strip())
            tell(connection, found, last)
        return found

    def escalate_items(self, now: datetime, tell: Tell = _nobody) -> tuple[Item, ...]:
        """Let everything that is overdue rise; those that rose."""
        overdue = select(items.c.document).where(items.c.state == State.OPEN, items.c.due_at_ns <= to_ns(now))
        with self.read() as connection:
            waiting = [Item.model_validate_json(text) for text in connection.scalars(overdue)]
        risen = [one for one in waiting if escalate(one, now) is not one]
        if not risen:
            return ()
        with self.write() as connection:
            found = [raised for one in risen if (raised := _raised(connection, one.id, now, tell)) is not None]
        return tuple(found)


def _raised(connection: Connection, item_id: str, now: datetime, tell: Tell) -> Item | None:
    text = connection.scalar(select(items.c.document).where(items.c.id == item_id).with_for_update())
    before = Item.model_validate_json(text or "")
    after = escalate(before, now)
    if after is before:
        return None
    _put(connection, after)
    for step in after.steps[len(before.steps) :]:
        add_audit(connection, now, "forewarn", f"task.{step.deed}", item_id, step.to)
        tell(connection, after, step)
    return after


def _put(connection: Connection, item: Item) -> None:
    connection.execute(update(items).where(items.c.id == item.id).values(_row(item)))


def _row(item: Item) -> dict[str, str | int]:
    return {
        "id": item.id,
        "state": item.state,
        "due_at_ns": to_ns(item.due_at),
        "chain": item.chain,
        "document": item.model_dump_json(),
    }
