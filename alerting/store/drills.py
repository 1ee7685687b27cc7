"""Drills that were held, with what they showed."""

from __future__ import annotations

from typing import Final

from sqlalchemy import BigInteger, Column, Index, Table, Text, delete, insert, select

from alerting.drill.evaluation import Evaluation
from alerting.store.database import Database
from alerting.store.schema import metadata
from pipeline.model.instant import to_ns

drills: Final = Table(
    "drills",
    metadata,
    Column("id", Text, primary_key=True),
    Column("scenario", Text, nullable=False),
    Column("begun_at_ns", BigInteger, nullable=False),
    Column("document", Text, nullable=False),
    Index("drills_by_scenario", "scenario", "begun_at_ns"),
)


class DrillQueries(Database):
    """Evaluations, newest first."""

    def put_drill(self, found: Evaluation) -> None:
        """Write an evaluation, in place of one of the same id."""
        row = {
            "id": found.id,
            "scenario": found.scenario,
            "begun_at_ns": to_ns(found.begun_at),
            "document": found.model_dump_json(),
        }
        with self.write() as connection:
            connection.execute(delete(drills).where(drills.c.id == found.id))
            connection.execute(insert(drills).values(row))

    def drills(self, scenario: str | None = None, limit: int = 100) -> tuple[Evaluation, ...]:
        """Those of one scenario, or of all."""
        query = select(drills.c.document).order_by(drills.c.begun_at_ns.desc(), drills.c.id).limit(limit)
        with self.read() as connection:
            rows = connection.scalars(query if scenario is None else query.where(drills.c.scenario == scenario)).all()
        return tuple(Evaluation.model_validate_json(text) for text in rows)
