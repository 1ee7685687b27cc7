"""Drills as they run: one at a time on a store, by a lease that its process renews, and the chains that each told of.

A process that ended, in whatever way, renews no more; what it left in force is known by its chains.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    Connection,
    Index,
    Integer,
    Table,
    Text,
    delete,
    insert,
    select,
    update,
)

from alerting.drill.start import Begun, BegunState
from alerting.store.database import Database, insert_new
from alerting.store.database_clock import now_ns
from alerting.store.schema import metadata
from alerting.store.turn import Turn, take_turn
from pipeline.errors import DutyError
from pipeline.model.instant import NS_PER_S, to_ns, to_text

drill_runs: Final = Table(
    "drill_runs",
    metadata,
    Column("id", Text, primary_key=True),
    Column("is_running", Integer, nullable=False),
    Column("begun_at_ns", BigInteger, nullable=False),
    Column("until_ns", BigInteger, nullable=False),
    Column("document", Text, nullable=False),
    Index("drill_runs_by_time", "begun_at_ns"),
)
"""`until_ns`: by the clock of the database."""

drill_chains: Final = Table(
    "drill_chains",
    metadata,
    Column("chain", Text, primary_key=True),
    Column("run", Text, nullable=False),
    Index("drill_chains_by_run", "run"),
)

LEASE_S: Final = 30.0
"""For how long a drill counts as running after its process last said so."""


class DrillRunQueries(Database):
    """What was begun, and what became of it."""

    def hold_drill(self, begun: Begun, lease_s: float = LEASE_S) -> None:
        """Take the one place there is, or go on in it under the same id.

        Raises:
            DutyError: another drill is still running, or this one was taken for dead.
        """
        with self.write() as connection:
            take_turn(connection, Turn.DRILL)
            now = now_ns(connection)
            own = connection.execute(select(drill_runs).where(drill_runs.c.id == begun.id)).one_or_none()
            if own is not None and not own.is_running:
                raise DutyError(_taken_for_dead(begun))
            running = (drill_runs.c.is_running == 1, drill_runs.c.until_ns >= now, drill_runs.c.id != begun.id)
            for text in connection.scalars(select(drill_runs.c.document).where(*running)):
                other = Begun.model_validate_json(text)
                said = f"{other.scenario!r}, started by {other.by} at {to_text(other.at)},"
                raise DutyError(f"drill {said} is still running; one at a time")
            row = {
                "id": begun.id,
                "is_running": 1,
                "begun_at_ns": to_ns(begun.at),
                "until_ns": now + round(lease_s * NS_PER_S),
                "document": begun.model_dump_json(),
            }
            connection.execute(delete(drill_runs).where(drill_runs.c.id == begun.id))
            connection.execute(insert(drill_runs).values(row))

    def keep_drill(self, run: str, lease_s: float = LEASE_S) -> None:
        """Renew; with a lease of 0: give it up, so that whoever looks next ends what it left.

        One whose lease has ended has lost its place, and does not get it back: another may have taken it.
        """
        with self.write() as connection:
            take_turn(connection, Turn.DRILL)
            now = now_ns(connection)
            until_ns = now + round(lease_s * NS_PER_S) if lease_s else now - 1
            here = _holds_place(run, now) if lease_s else _runs(run)
            connection.execute(update(drill_runs).where(*here).values(until_ns=until_ns))

    def end_drill(self, run: str, state: BegunState, words: str = "") -> None:
        """It is over; one that was before stays as it was."""
        with self.write() as connection:
            end_run(connection, run, state, words)

    def forget_drill(self, run: str) -> None:
        """It was never begun."""
        with self.write() as connection:
            connection.execute(delete(drill_runs).where(drill_runs.c.id == run))

    def has_told(self, run: str) -> bool:
        """Whether a drill told of anything."""
        with self.read() as connection:
            return bool(chains_of(connection, run))

    def drill_runs(self, limit: int) -> tuple[Begun, ...]:
        """The latest, newest first."""
        query = select(drill_runs.c.document).order_by(drill_runs.c.begun_at_ns.desc(), drill_runs.c.id).limit(limit)
        with self.read() as connection:
            return tuple(Begun.model_validate_json(text) for text in connection.scalars(query))

    def lapsed_drills(self) -> tuple[str, ...]:
        """Those whose process says no more that they run."""
        with self.read() as connection:
            lapsed = (drill_runs.c.is_running == 1, drill_runs.c.until_ns < now_ns(connection))
            return tuple(connection.scalars(select(drill_runs.c.id).where(*lapsed).order_by(drill_runs.c.id)))


def lapsed_run(connection: Connection, run: str) -> Begun | None:
    """A drill whose lease has ended, held until the transaction ends; None: it is none."""
    here = (*_runs(run), drill_runs.c.until_ns < now_ns(connection))
    text = connection.scalar(select(drill_runs.c.document).where(*here).with_for_update())
    return None if text is None else Begun.model_validate_json(text)


def end_run(connection: Connection, run: str, state: BegunState, words: str) -> None:
    """Note what became of one that runs."""
    here = _runs(run)
    text = connection.scalar(select(drill_runs.c.document).where(*here))
    if text is not None:
        ended = Begun.model_validate_json(text).model_copy(update={"state": state, "words": words})
        values = {"is_running": 0, "document": ended.model_dump_json()}
        connection.execute(update(drill_runs).where(*here).values(values))


def note_chain(connection: Connection, begun: Begun, chain: str) -> None:
    """Note that a drill tells of a chain, in the transaction that stores its report.

    Raises:
        DutyError: its lease has ended; its warnings were ended or will be, and nothing more may be told.
    """
    take_turn(connection, Turn.OUTLET)  # before the row, as who ends a drill does: else each may wait for the other
    here = _holds_place(begun.id, now_ns(connection))
    if connection.scalar(select(drill_runs.c.id).where(*here).with_for_update()) is None:
        raise DutyError(_taken_for_dead(begun))
    insert_new(connection, drill_chains, [{"chain": chain, "run": begun.id}])


def _holds_place(run: str, now: int) -> tuple[ColumnElement[bool], ...]:
    return *_runs(run), drill_runs.c.until_ns >= now


def _runs(run: str) -> tuple[ColumnElement[bool], ...]:
    return drill_runs.c.id == run, drill_runs.c.is_running == 1


def chains_of(connection: Connection, run: str) -> Sequence[str]:
    """The chains that a drill told of."""
    return connection.scalars(select(drill_chains.c.chain).where(drill_chains.c.run == run).order_by("chain")).all()


def _taken_for_dead(begun: Begun) -> str:
    return f"drill {begun.scenario!r} was not heard of for {LEASE_S:g} s and taken for broken off; start it again"
