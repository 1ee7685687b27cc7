"""Reports that a channel may have failed to bring to anybody."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Final, NamedTuple

from sqlalchemy import Connection, Select, case, func, select

from alerting.ledger import MILESTONES
from alerting.stages.fallback import Sent
from alerting.store.database import Database
from alerting.store.hold import withheld
from alerting.store.schema import deliveries
from pipeline.model.audience import Audience
from pipeline.model.delivery import DeliveryState
from pipeline.model.instant import from_ns, to_ns

_STATES: Final = [state.value for state in MILESTONES]


class Untaken(NamedTuple):
    """One report as one audience is told it."""

    warning: str
    audience: Audience


class FallbackQueries(Database):
    """What nobody has by some channel."""

    def untaken(self, channels: Collection[str], since: datetime) -> tuple[Untaken, ...]:
        """Reports queued since an instant that nobody has by one of these channels, in the order of their ids."""
        with self.read() as connection:
            rows = connection.execute(_untaken(channels, since)).all()
        return tuple(sorted({Untaken(row.warning, Audience(row.audience)) for row in rows}))


def _untaken(channels: Collection[str], since: datetime) -> Select[tuple[str, str]]:
    taken = func.sum(case((deliveries.c.state.in_(_STATES), 1), else_=0))
    return (
        select(deliveries.c.warning, deliveries.c.audience)
        .where(deliveries.c.queued_at_ns > to_ns(since), deliveries.c.channel.in_(sorted(channels)))
        .group_by(deliveries.c.warning, deliveries.c.audience, deliveries.c.channel)
        .having(taken < func.count())
    )


def sent(connection: Connection, of: Untaken) -> list[Sent]:
    """The deliveries of a report to an audience, but for those that were taken back untried."""
    query = select(deliveries.c.channel, deliveries.c.target, deliveries.c.state, deliveries.c.queued_at_ns).where(
        deliveries.c.warning == of.warning,
        deliveries.c.audience == of.audience,
        (deliveries.c.state != DeliveryState.EXPIRED) | (deliveries.c.attempts > 0),
    )
    rows = connection.execute(query).all()
    return [Sent(row.channel, row.target, DeliveryState(row.state), from_ns(row.queued_at_ns)) for row in rows]


def known_to(connection: Connection, warning: str) -> set[tuple[str, str]]:
    """Channel and target of everybody whom a report was queued for, or kept from."""
    found: set[tuple[str, str]] = set()
    for table in (deliveries, withheld):
        rows = connection.execute(select(table.c.channel, table.c.target).where(table.c.warning == warning))
        found |= {(row.channel, row.target) for row in rows}
    return found
