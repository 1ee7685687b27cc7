"""Calls: what somebody must answer, who was called for it, and who answered."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import BigInteger, Column, Connection, Index, Integer, Row, Table, Text, insert, select, update

from alerting.stages.escalate import Call, CallState, Summons
from alerting.store.database import Database, insert_new
from alerting.store.schema import deliveries, metadata
from pipeline.model.delivery import DeliveryState
from pipeline.model.instant import from_ns, to_ns

calls: Final = Table(
    "calls",
    metadata,
    Column("id", Text, primary_key=True),
    Column("policy", Text, nullable=False),
    Column("chain", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("begun_at_ns", BigInteger, nullable=False),
    Column("document", Text, nullable=False),
    Index("calls_by_chain", "chain", "policy"),
    Index("calls_by_state", "state"),
)

summonses: Final = Table(
    "summonses",
    metadata,
    Column("call", Text, primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("round", Integer, nullable=False),
    Column("step", Integer, nullable=False),
    Column("person", Text, nullable=False),
    Column("channel", Text, nullable=False),
    Column("target", Text, nullable=False),
    Column("delivery", Text, nullable=False),
    Column("at_ns", BigInteger, nullable=False),
    Column("code_hash", Text, nullable=False),
    Column("token_hash", Text, nullable=False),
    Column("answered_at_ns", BigInteger, nullable=True),
    Index("summonses_by_code", "code_hash"),
    Index("summonses_by_token", "token_hash"),
)


class CallQueries(Database):
    """Who was called for what."""

    def calls(self, limit: int = 100, *, chain: str | None = None, open_only: bool = False) -> tuple[Call, ...]:
        """The latest calls, newest first."""
        query = select(calls.c.document).order_by(calls.c.begun_at_ns.desc(), calls.c.id).limit(limit)
        if chain is not None:
            query = query.where(calls.c.chain == chain)
        if open_only:
            query = query.where(calls.c.state == CallState.OPEN)
        with self.read() as connection:
            return tuple(Call.model_validate_json(text) for text in connection.scalars(query))

    def call(self, call: str) -> Call | None:
        """One call, None if there is none of that id."""
        with self.read() as connection:
            text = connection.scalar(select(calls.c.document).where(calls.c.id == call))
        return None if text is None else Call.model_validate_json(text)

    def summonses(self, call: str) -> tuple[Summons, ...]:
        """Everybody called for one matter, in order."""
        with self.read() as connection:
            return tuple(summoned(connection, call))


def summoned(connection: Connection, call: str) -> list[Summons]:
    """As `summonses`, within a transaction."""
    joined = select(summonses, deliveries.c.state).outerjoin(deliveries, deliveries.c.id == summonses.c.delivery)
    query = joined.where(summonses.c.call == call).order_by(summonses.c.number)
    return [_summons(row) for row in connection.execute(query)]


def open_calls(connection: Connection) -> list[Call]:
    """Calls that nobody answered yet, the oldest first; held until the transaction ends."""
    query = select(calls.c.document).where(calls.c.state == CallState.OPEN)
    rows = connection.scalars(query.order_by(calls.c.begun_at_ns, calls.c.id).with_for_update())
    return [Call.model_validate_json(text) for text in rows]


def latest_call(connection: Connection, chain: str, policy: str) -> Call | None:
    """The last call of a policy for a chain of reports."""
    query = select(calls.c.document).where(calls.c.chain == chain, calls.c.policy == policy)
    text = connection.scalar(query.order_by(calls.c.begun_at_ns.desc(), calls.c.id).limit(1).with_for_update())
    return None if text is None else Call.model_validate_json(text)


def call_of(connection: Connection, call: str) -> Call | None:
    """One call, held until the transaction ends."""
    text = connection.scalar(select(calls.c.document).where(calls.c.id == call).with_for_update())
    return None if text is None else Call.model_validate_json(text)


def put_call(connection: Connection, call: Call) -> None:
    """Write a call anew or in place of what it was."""
    row = {
        "id": call.id,
        "policy": call.policy,
        "chain": call.chain,
        "state": call.state,
        "begun_at_ns": to_ns(call.begun_at),
        "document": call.model_dump_json(),
    }
    insert_new(connection, calls, [row])
    connection.execute(update(calls).where(calls.c.id == call.id).values(row))


def add_summons(connection: Connection, one: Summons, code_hash: str, token_hash: str) -> None:
    """Note that somebody is called, with the hashes of what they may answer with."""
    connection.execute(
        insert(summonses).values(
            call=one.call,
            number=one.number,
            round=one.round,
            step=one.step,
            person=one.person,
            channel=one.channel,
            target=one.target,
            delivery=one.delivery,
            at_ns=to_ns(one.at),
            code_hash=code_hash,
            token_hash=token_hash,
        )
    )


def answerable(connection: Connection, *, code_hash: str = "", token_hash: str = "") -> list[Summons]:
    """Whoever may answer by this code, while their call is open, or by this token, at any time."""
    if token_hash:
        where = [summonses.c.token_hash == token_hash]
    else:
        where = [summonses.c.code_hash == code_hash, calls.c.state == CallState.OPEN]
    query = select(summonses, deliveries.c.state).join(calls, calls.c.id == summonses.c.call)
    joined = query.outerjoin(deliveries, deliveries.c.id == summonses.c.delivery).where(*where)
    return [_summons(row) for row in connection.execute(joined.order_by(summonses.c.at_ns.desc()))]


def note_answer(connection: Connection, call: str, person: str, at_ns: int) -> None:
    """Note that a person answered, on all they were called by."""
    here = (summonses.c.call == call, summonses.c.person == person, summonses.c.answered_at_ns.is_(None))
    connection.execute(update(summonses).where(*here).values(answered_at_ns=at_ns))


def call_off(connection: Connection, call: str, at_ns: int) -> None:
    """Take back what is still queued of a call that is over."""
    mine = select(summonses.c.delivery).where(summonses.c.call == call)
    values = {
        "state": DeliveryState.EXPIRED,
        "next_attempt_at_ns": None,
        "finished_at_ns": at_ns,
        "reason": "the call is over",
    }
    queued = deliveries.c.state == DeliveryState.QUEUED
    connection.execute(update(deliveries).where(deliveries.c.id.in_(mine), queued).values(values))


def _summons(row: Row[Any]) -> Summons:
    return Summons(
        call=row.call,
        number=row.number,
        round=row.round,
        step=row.step,
        person=row.person,
        channel=row.channel,
        target=row.target,
        delivery=row.delivery,
        at=from_ns(row.at_ns),
        state=DeliveryState(row.state or DeliveryState.QUEUED),
        answered_at=None if row.answered_at_ns is None else from_ns(row.answered_at_ns),
    )
