"""Forecasts of rain: written when issued, completed when verified, counted into scores, and let go after KEEP_S.

The counts stay. A forecast is counted once, in the transaction that gives it its verdict.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    Index,
    Integer,
    Table,
    Text,
    bindparam,
    delete,
    func,
    select,
    update,
)

from alerting.report.forecasts import ANY, Tally
from alerting.store.database import Database, insert_new
from alerting.store.schema import metadata
from pipeline.model.forecast import ForecastState, RainAhead
from pipeline.model.instant import NS_PER_S, to_ns

KEEP_S: Final = 40 * 86_400
"""A month, and some days to report it in."""
_HOUR_NS: Final = 3_600 * NS_PER_S

forecasts: Final = Table(
    "forecasts",
    metadata,
    Column("id", Text, primary_key=True),
    Column("due_at_ns", BigInteger, nullable=False),
    Column("issued_at_ns", BigInteger, nullable=False),
    Column("area", Text, nullable=False),
    Column("in_force", Integer, nullable=False),
    Column("state", Text, nullable=False),
    Column("document", Text, nullable=False),
    Index("forecasts_by_time", "due_at_ns"),
    Index("forecasts_by_issue", "issued_at_ns"),
)

forecast_scores: Final = Table(
    "forecast_scores",
    metadata,
    Column("hour_ns", BigInteger, primary_key=True),
    Column("source", Text, primary_key=True),
    Column("horizon_min", Integer, primary_key=True),
    Column("amount_um", BigInteger, primary_key=True),
    Column("tenth", Integer, primary_key=True),
    *(Column(name, BigInteger, nullable=False) for name in Tally.COUNTS),
)
"""Of the forecasts that were due within an hour: how many said a probability, by tenths, and what came of it."""


class ForecastQueries(Database):
    """What was foreseen, and how well."""

    def forecasts(self, limit: int, *, area: str | None = None, in_force: bool = False) -> tuple[RainAhead, ...]:
        """The latest by issue, newest first; `in_force`: those alone that counted."""
        query = select(forecasts.c.document)
        query = query.where(forecasts.c.area == area) if area is not None else query
        query = query.where(forecasts.c.in_force == 1) if in_force else query
        newest = (forecasts.c.issued_at_ns.desc(), forecasts.c.id)
        with self.read() as connection:
            return tuple(
                RainAhead.model_validate_json(text) for text in connection.scalars(query.order_by(*newest).limit(limit))
            )

    def forecast_tallies(self, begin_at: datetime, end_at: datetime) -> tuple[Tally, ...]:
        """The counts of forecasts that were due within [begin, end), by source, horizon, amount and tenth."""
        table = forecast_scores.c
        key = (table.source, table.horizon_min, table.amount_um, table.tenth)
        within = (table.hour_ns >= to_ns(begin_at), table.hour_ns < to_ns(end_at))
        sums = [func.sum(getattr(table, name)) for name in Tally.COUNTS]
        with self.read() as connection:
            rows = connection.execute(select(*key, *sums).where(*within).group_by(*key).order_by(*key)).all()
        return tuple(Tally(*row[:4], *(int(one) for one in row[4:])) for row in rows)


def add_forecasts(connection: Connection, rows: Sequence[RainAhead]) -> None:
    """Insert those that are not there, complete those that have a verdict now, count these, let old ones go."""
    if not rows:
        return
    insert_new(connection, forecasts, [_row(one, ForecastState.PENDING) for one in rows])
    counted: Counter[tuple[Any, ...]] = Counter()
    for one in rows:
        if one.state is ForecastState.PENDING or not _completed(connection, one):
            continue
        for key, name, number in _counts(one):
            counted[(*key, name)] += number
    _add(connection, counted)
    oldest_ns = max(to_ns(one.due_at) for one in rows) - KEEP_S * NS_PER_S
    connection.execute(delete(forecasts).where(forecasts.c.due_at_ns < oldest_ns))


def _row(one: RainAhead, state: ForecastState) -> dict[str, str | int]:
    return {
        "id": one.id,
        "due_at_ns": to_ns(one.due_at),
        "issued_at_ns": to_ns(one.issued_at),
        "area": one.area,
        "in_force": int(one.in_force),
        "state": state,
        "document": one.model_dump_json(),
    }


def _completed(connection: Connection, one: RainAhead) -> bool:
    """Whether this gave it its verdict: said again after a crash, it changes nothing."""
    waits = (forecasts.c.id == bindparam("which"), forecasts.c.state == ForecastState.PENDING)
    done = update(forecasts).where(*waits).values(state=one.state, document=one.model_dump_json())
    return connection.execute(done, {"which": one.id}).rowcount == 1


def _counts(one: RainAhead) -> Iterator[tuple[tuple[Any, ...], str, int]]:
    hour_ns = to_ns(one.due_at) // _HOUR_NS * _HOUR_NS
    for source in (one.source, *([ANY] if one.in_force else [])):
        for amount in one.amounts:
            tally = Tally.of(source, one, amount)
            key = (hour_ns, source, one.horizon_min, tally.amount_um, tally.tenth)
            for name in Tally.COUNTS:
                yield key, name, getattr(tally, name)


def _add(connection: Connection, counted: Counter[tuple[Any, ...]]) -> None:
    names = [column.name for column in forecast_scores.primary_key]
    keys = sorted({key[:-1] for key in counted})
    rows = [dict(zip(names, key, strict=True)) for key in keys]
    insert_new(connection, forecast_scores, [row | dict.fromkeys(Tally.COUNTS, 0) for row in rows])
    for key, row in zip(keys, rows, strict=True):
        here = [forecast_scores.c[name] == value for name, value in row.items()]
        more = {name: forecast_scores.c[name] + counted[*key, name] for name in Tally.COUNTS}
        connection.execute(update(forecast_scores).where(*here).values(more))
