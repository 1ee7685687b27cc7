"""What people entered of statutory clocks: done, when, by whom."""

from __future__ import annotations

from typing import Final

from sqlalchemy import BigInteger, Column, Table, Text, select

from alerting.clocks import Mark
from alerting.store.audit import add_audit
from alerting.store.database import Database, insert_new
from alerting.store.schema import metadata
from pipeline.model.instant import from_ns, to_ns, to_text

clock_marks: Final = Table(
    "clock_marks",
    metadata,
    Column("chain", Text, primary_key=True),
    Column("clock", Text, primary_key=True),
    Column("at_ns", BigInteger, nullable=False),
    Column("who", Text, nullable=False),
)


class ClockMarkQueries(Database):
    """Written once: the first entry of a clock stands."""

    def mark_clock(self, mark: Mark) -> bool:
        """Enter that a clock was met; False where that was entered before."""
        here = (clock_marks.c.chain == mark.chain, clock_marks.c.clock == mark.clock)
        row = {"chain": mark.chain, "clock": mark.clock, "at_ns": to_ns(mark.at), "who": mark.who}
        with self.write() as connection:
            if connection.scalar(select(clock_marks.c.at_ns).where(*here)) is not None:
                return False
            insert_new(connection, clock_marks, [row])
            add_audit(connection, mark.at, mark.who, "clock.met", mark.chain, f"{mark.clock} at {to_text(mark.at)}")
        return True

    def clock_marks(self) -> tuple[Mark, ...]:
        """All of them, by instant."""
        query = select(clock_marks).order_by(clock_marks.c.at_ns, *clock_marks.primary_key)
        with self.read() as connection:
            rows = connection.execute(query).all()
        return tuple(Mark(row.chain, row.clock, from_ns(row.at_ns), row.who) for row in rows)
