"""What became of tries: many outcomes in one transaction, one statement a table."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

import msgspec
from sqlalchemy import (
    BigInteger,
    Connection,
    Subquery,
    Text,
    and_,
    case,
    cast,
    func,
    insert,
    literal,
    or_,
    select,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite

from alerting.base import Outcome
from alerting.ledger import MILESTONES
from alerting.people.secret import redacted
from alerting.stages.retry import Step
from alerting.store.database import Database
from alerting.store.json_rows import Kind, given
from alerting.store.outbox import QUEUED
from alerting.store.schema import attempts, deliveries, ledger_channels
from pipeline.errors import StoreError
from pipeline.model.delivery import FINAL_STATES, DeliveryState
from pipeline.model.instant import to_ns

_RANKS: Final = {state.value: rank for rank, state in enumerate(MILESTONES)}
"""States that a target or a provider vouched for, from weak to strong."""
_NONE: Final = -1
"""The rank of a state that nobody vouched for."""
_COLUMNS: Final[dict[str, Kind]] = {
    "id": Text,
    "at_ns": BigInteger,
    "tried": BigInteger,
    "outcome": Text,
    "why": Text,
    "detail": Text,
    "state": Text,
    "rank": BigInteger,
    "next_ns": BigInteger,
    "reason": Text,
}


class Settled(msgspec.Struct, frozen=True, gc=False):
    """What is known of a delivery since `at`.

    Attributes:
        step: what the retry stage made of a try.
        outcome: of that try; None if there was none.
        number: of the report in its chain; 0 if that is not known.
        sent_note: whether the message held words for its target alone; what they let one do is not kept in the clear.
        of: its warning and channel; None: the store is asked.
    """

    delivery: str
    step: Step
    at: datetime
    outcome: Outcome | None = None
    number: int = 0
    sent_note: bool = False
    of: tuple[str, str] | None = None


class OutcomeQueries(Database):
    """Deliveries, on the way to their final state."""

    def settle(self, results: Sequence[Settled]) -> None:
        """Record them, all or none; at most one for each delivery.

        Evidence stands even where the delivery was given up meanwhile, and a weaker one than is known changes
        nothing; a failure changes queued deliveries only. When a report arrived, earlier ones of its chain still
        queued for the same target expire: they are out of date.

        Raises:
            StoreError: a delivery that is not in the store.
        """
        if results:
            with self.write() as connection:
                record(connection, results)


def record(connection: Connection, results: Sequence[Settled]) -> None:
    """What `OutcomeQueries.settle` does, in a transaction of the caller's."""
    rows = given(connection, _COLUMNS, _rows(results))
    connection.execute(_tries(rows))
    if connection.execute(_advance(rows)).rowcount != len(results):
        raise StoreError(f"store: outcomes of deliveries that are not in it, or twice: {_named(results)}")
    if any(one.step.state in MILESTONES for one in results):
        _note_milestones(connection, results)
        if any(one.number != 1 for one in results):
            connection.execute(_expire_earlier(rows))
    _redact(connection, [one.delivery for one in results if one.sent_note and one.step.state in FINAL_STATES])


def _named(results: Sequence[Settled]) -> str:
    return ", ".join(one.delivery for one in results[:3])


def _rows(results: Sequence[Settled]) -> list[list[Any]]:
    """As `_COLUMNS` says; outcomes of one call share their instant, which is reckoned once."""
    rows: list[list[Any]] = []
    at, at_ns = None, 0
    for one in results:
        outcome, step = one.outcome, one.step
        if one.at is not at:
            at, at_ns = one.at, to_ns(one.at)
        told = (outcome.state, outcome.reason, outcome.detail) if outcome else ("", "", "")
        next_ns = None if step.next_attempt_at is None else to_ns(step.next_attempt_at)
        rank = _RANKS.get(step.state, _NONE)
        rows.append([one.delivery, at_ns, int(outcome is not None), *told, step.state, rank, next_ns, step.reason])
    return rows


def _tries(rows: Subquery) -> Any:
    columns = (rows.c.at_ns, rows.c.outcome, rows.c.why, rows.c.detail)
    tried = select(deliveries.c.warning, deliveries.c.id, deliveries.c.attempts + 1, *columns).where(
        deliveries.c.id == rows.c.id, rows.c.tried == 1
    )
    return insert(attempts).from_select([one.name for one in attempts.c], tried)


def _advance(rows: Subquery) -> Any:
    """Bring each to its step's state, unless what is known of it already is more; it is nobody's any more."""
    now = deliveries.c
    known = case(_RANKS, value=now.state, else_=_NONE)
    moves = or_(and_(rows.c.rank > _NONE, rows.c.rank > known), and_(rows.c.rank == _NONE, QUEUED))
    final = rows.c.state != DeliveryState.QUEUED
    values = {
        now.state: rows.c.state,
        now.next_attempt_at_ns: rows.c.next_ns,
        now.finished_at_ns: case((final, rows.c.at_ns)),
        now.reason: rows.c.reason,
    }
    changes = {column: case((moves, value), else_=column) for column, value in values.items()}
    same = {now.attempts: now.attempts + rows.c.tried, now.holder: None}
    return update(deliveries).where(now.id == rows.c.id).values(changes | same)


def _note_milestones(connection: Connection, results: Sequence[Settled]) -> None:
    """Keep the first instant of each milestone, a channel and report."""
    asked = _belonging(connection, [one.delivery for one in results if one.of is None])
    firsts: dict[tuple[str, str], dict[str, datetime]] = {}
    for one in results:
        for name in MILESTONES.get(one.step.state, ()):
            known = firsts.setdefault(one.of or asked[one.delivery], {})
            if name not in known or one.at < known[name]:
                known[name] = one.at
    names = ("accepted_at", "delivered_at", "acknowledged_at")
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    change = dialect.insert(ledger_channels)
    kept = {f"{n}_ns": func.coalesce(ledger_channels.c[f"{n}_ns"], change.excluded[f"{n}_ns"]) for n in names}
    # In one order for all, so that two processes that write at once do not wait for each other.
    rows = [
        {"warning": warning, "channel": channel}
        | {f"{name}_ns": to_ns(first[name]) if name in first else None for name in names}
        for (warning, channel), first in sorted(firsts.items())
    ]
    connection.execute(change.on_conflict_do_update(index_elements=["warning", "channel"], set_=kept), rows)


def _belonging(connection: Connection, ids: Sequence[str]) -> dict[str, tuple[str, str]]:
    """Delivery -> its warning and channel."""
    if not ids:
        return {}
    query = select(deliveries.c.id, deliveries.c.warning, deliveries.c.channel).where(deliveries.c.id.in_(ids))
    return {row.id: (row.warning, row.channel) for row in connection.execute(query)}


def _expire_earlier(rows: Subquery) -> Any:
    arrived, earlier = deliveries.alias(), deliveries.alias()
    later = (
        select(earlier.c.id, func.max(arrived.c.number).label("number"), func.max(rows.c.at_ns).label("at_ns"))
        .where(
            arrived.c.id == rows.c.id,
            rows.c.rank > _NONE,
            arrived.c.number > 1,
            earlier.c.chain == arrived.c.chain,
            earlier.c.channel == arrived.c.channel,
            earlier.c.target == arrived.c.target,
            earlier.c.number < arrived.c.number,
            earlier.c.state == DeliveryState.QUEUED,
        )
        .group_by(earlier.c.id)
        .subquery()
    )
    reason = literal("overtaken by report ") + cast(later.c.number, Text) + literal(" of its chain")
    return (
        update(deliveries)
        .where(deliveries.c.id == later.c.id)
        .values(
            state=DeliveryState.EXPIRED,
            next_attempt_at_ns=None,
            finished_at_ns=later.c.at_ns,
            reason=reason,
            note="",  # what it held for its target alone was never told
        )
    )


def _redact(connection: Connection, ids: Sequence[str]) -> None:
    """Codes and links go when their message will not be sent again."""
    if not ids:
        return
    for one, note in connection.execute(select(deliveries.c.id, deliveries.c.note).where(deliveries.c.id.in_(ids))):
        connection.execute(update(deliveries).where(deliveries.c.id == one).values(note=redacted(note)))
