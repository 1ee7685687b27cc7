"""Which deliveries are due, and who sends them: one process alone, or several that share a PostgreSQL.

Those that share divide the targets among them, by a hash of the name and by who is alive; each holds what it takes. A
process that is silent for longer than its lease counts as dead, and what it held falls to the others.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any, Final, NamedTuple

from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    Connection,
    Select,
    Table,
    Text,
    delete,
    exists,
    func,
    insert,
    or_,
    select,
    update,
)

from alerting.due import Due
from alerting.store.database import Database
from alerting.store.database_clock import now_ns
from alerting.store.json_rows import fetched, listed
from alerting.store.outbox import QUEUED
from alerting.store.schema import deliveries, metadata
from pipeline.model.delivery import DeliveryState
from pipeline.model.instant import NS_PER_S, from_ns, to_ns

dispatchers: Final = Table(
    "dispatchers",
    metadata,
    Column("holder", Text, primary_key=True),
    Column("since_ns", BigInteger, nullable=False),
    Column("until_ns", BigInteger, nullable=False),
)
"""Processes that send, and until when each counts as alive, by the clock of the database."""

LEASE_S: Final = 4.0
"""For how long a process counts as alive after it last said so."""
_LEASE_NS: Final = round(LEASE_S * NS_PER_S)
_FORGOTTEN_NS: Final = 3600 * NS_PER_S
_DUE: Final = [deliveries.c[name] for name in Due.__struct_fields__]
_URGENCY: Final = (
    deliveries.c.level.desc(),
    deliveries.c.queued_at_ns,
    deliveries.c.number,
    deliveries.c.id,
)


class _Standing(NamedTuple):
    """What a process sees of those it shares with.

    Attributes:
        alive: every process that counts, in order.
        settled: whether it has been there for a lease: only then does it judge that others are dead. After the
            database was away for a while, they may only not have come back yet.
    """

    alive: tuple[str, ...]
    settled: bool


class ClaimQueries(Database):
    """The outbox as a dispatcher sees it."""

    def claim(
        self,
        channel: str,
        now: datetime,
        limit: int,
        *,
        busy: Collection[str] = (),
        known: Collection[str] = (),
        holder: str = "",
    ) -> tuple[Due, ...]:
        """Deliveries of `channel` that are due, the most urgent first, none to a target in `busy`, none of `known`.

        Urgent is the higher level, then the longer wait. Reports of one chain keep their order: a later one waits
        while an earlier one to the same target is due. On a store that is shared they belong to `holder` from now
        on, who must have called `beat`; on another there is nobody else.
        """
        due = _due(channel, to_ns(now)).limit(limit)
        if not self.shared:
            with self.read() as connection:
                return _in_order(connection, _besides(connection, due, busy, known))
        with self.write() as connection:
            # One process at a time looks at a channel: no two of them take deliveries of one target.
            key = func.hashtext(f"forewarn claim {channel}")
            connection.execute(select(func.pg_advisory_xact_lock(key)))
            mine = _besides(connection, due, busy, known).where(*_open_to(connection, channel, holder))
            taken = _in_order(connection, mine)
            if taken:
                ids = [one.id for one in taken]
                connection.execute(update(deliveries).where(deliveries.c.id.in_(ids)).values(holder=holder))
            return taken

    def is_due(self, channel: str, now: datetime) -> bool:
        """Whether anything of `channel` waits to be sent."""
        with self.read() as connection:
            return connection.scalar(select(_due(channel, to_ns(now)).exists())) or False

    def next_due_at(self, channel: str, after: datetime) -> datetime | None:
        """When something becomes due that is not due at `after`."""
        later = deliveries.c.next_attempt_at_ns
        query = select(func.min(later)).where(QUEUED, deliveries.c.channel == channel, later > to_ns(after))
        with self.read() as connection:
            at_ns = connection.scalar(query)
        return None if at_ns is None else from_ns(at_ns)

    def beat(self, holder: str) -> None:
        """Count as alive for LEASE_S from now. On a store that is not shared there is nobody to tell."""
        if not self.shared:
            return
        with self.write() as connection:
            at_ns = now_ns(connection)
            here = dispatchers.c.holder == holder
            known = connection.execute(select(dispatchers).where(here)).one_or_none()
            since_ns = known.since_ns if known and known.until_ns >= at_ns else at_ns
            long_gone = dispatchers.c.until_ns < at_ns - _FORGOTTEN_NS
            connection.execute(delete(dispatchers).where(or_(here, long_gone)))
            row = {"holder": holder, "since_ns": since_ns, "until_ns": at_ns + _LEASE_NS}
            connection.execute(insert(dispatchers).values(row))

    def leave(self, holder: str) -> None:
        """Hold nothing any more, so that others need not wait for the lease to end."""
        if self.shared:
            with self.write() as connection:
                connection.execute(update(deliveries).where(deliveries.c.holder == holder).values(holder=None))
                connection.execute(delete(dispatchers).where(dispatchers.c.holder == holder))


def _due(channel: str, now_ns: int) -> Select[Any]:
    """What is queued and whose time has come, without those whose chain has an earlier report to send first."""
    one, earlier = deliveries.c, deliveries.alias()
    before = exists().where(
        earlier.c.chain == one.chain,
        earlier.c.channel == one.channel,
        earlier.c.target == one.target,
        earlier.c.number < one.number,
        earlier.c.state == DeliveryState.QUEUED,
        earlier.c.next_attempt_at_ns <= now_ns,
    )
    in_turn = or_(one.number == 1, ~before)
    come = one.next_attempt_at_ns + 0 <= now_ns  # a sum has no index: the one by urgency serves, and stops at the limit
    is_due = (QUEUED, one.channel == channel, come, in_turn)
    return select(*_DUE).where(*is_due).order_by(*_URGENCY)


def _besides(connection: Connection, query: Select[Any], busy: Collection[str], known: Collection[str]) -> Select[Any]:
    for column, without in ((deliveries.c.target, busy), (deliveries.c.id, known)):
        if without:
            query = query.where(column.not_in(listed(connection, without)))
    return query


def _in_order(connection: Connection, query: Select[Any]) -> tuple[Due, ...]:
    """JSON keeps no order that is promised."""
    found = fetched(connection, query, Due)
    return tuple(sorted(found, key=lambda one: (-one.level, one.queued_at_ns, one.number, one.id)))


def _open_to(connection: Connection, channel: str, holder: str) -> tuple[ColumnElement[bool], ...]:
    """What a process may take: what it holds already, whoever has the target now; of its share, what is free."""
    standing = _standing(connection, holder)
    others = [one for one in standing.alive if one != holder]
    share = func.hashtext(deliveries.c.target).op("&")(0x7FFFFFFF) % len(standing.alive)
    mine = deliveries.c.holder == holder
    free: ColumnElement[bool] = deliveries.c.holder.is_(None)
    if standing.settled:
        free = or_(free, deliveries.c.holder.not_in(others))
    held = deliveries.alias()
    elsewhere = held.c.holder.is_not(None) & (held.c.holder != holder) & (held.c.channel == channel)
    if standing.settled:
        elsewhere &= held.c.holder.in_(others)
    served = select(held.c.target).where(elsewhere)
    return (or_(mine, (share == standing.alive.index(holder)) & free), deliveries.c.target.not_in(served))


def _standing(connection: Connection, holder: str) -> _Standing:
    at_ns = now_ns(connection)
    rows = connection.execute(select(dispatchers).where(dispatchers.c.until_ns >= at_ns)).all()
    since_ns = next((row.since_ns for row in rows if row.holder == holder), at_ns)
    return _Standing(tuple(sorted({holder, *(row.holder for row in rows)})), since_ns + _LEASE_NS <= at_ns)
