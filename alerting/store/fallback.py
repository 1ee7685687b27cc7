"""Reports in force that a channel may have failed to bring to anybody, or to somebody."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from sqlalchemy import CTE, Connection, and_, select

from alerting.ledger import MILESTONES
from alerting.stages.fallback import Sent
from alerting.store.hold import withheld
from alerting.store.release import requests
from alerting.store.schema import deliveries, releases, warnings
from pipeline.model.audience import Audience
from pipeline.model.delivery import DeliveryState
from pipeline.model.instant import from_ns, to_ns
from pipeline.model.level import Level
from pipeline.model.release import ReleaseState
from pipeline.model.warning import Report

_TAKEN: Final = [state.value for state in MILESTONES]


@dataclass(frozen=True, slots=True)
class Untaken:
    """The last report of a chain that was released to an audience, where not everybody has it.

    Attributes:
        rows: the deliveries of its chain to this audience, but for those that were taken back untried.
        known: channel and target of everybody whom this report was queued for, or kept from.
    """

    warning: str
    number: int
    audience: Audience
    rows: list[Sent] = field(default_factory=list)
    known: set[tuple[str, str]] = field(default_factory=set)


def untaken(
    connection: Connection, channels: Collection[str], since: datetime, at: datetime, warning: str | None = None
) -> Sequence[Untaken]:
    """Reports released since an instant and in force that somebody does not have by these channels, in order of ids.

    An end is none: it goes to those who were told of the beginning. With `warning` that report alone.
    """
    last = _last(channels, since, at, warning)
    found = {
        (row.warning, row.audience): Untaken(row.warning, row.number, Audience(row.audience))
        for row in connection.execute(select(last).order_by(last.c.warning, last.c.audience))
    }
    for table in (deliveries, withheld):
        query = select(last.c.warning, last.c.audience, table.c.channel, table.c.target)
        for row in connection.execute(query.join(table, table.c.warning == last.c.warning)):
            found[row.warning, row.audience].known.add((row.channel, row.target))
    for row in connection.execute(_sent(last, channels)):
        found[row.of, row.audience].rows.append(_row(row))
    return tuple(found.values())


def _last(channels: Collection[str], since: datetime, at: datetime, warning: str | None) -> CTE:
    later = requests.alias()
    has_later = (
        select(later.c.warning)
        .where(
            later.c.chain == requests.c.chain,
            later.c.audience == requests.c.audience,
            later.c.number > requests.c.number,
            later.c.state == ReleaseState.RELEASED,
        )
        .exists()
    )
    lacks = (
        select(deliveries.c.id)
        .where(
            deliveries.c.warning == requests.c.warning,
            deliveries.c.audience == requests.c.audience,
            deliveries.c.channel.in_(sorted(channels)),
            deliveries.c.state.not_in(_TAKEN),
        )
        .exists()
    )
    here = and_(releases.c.warning == requests.c.warning, releases.c.audience == requests.c.audience)
    in_force = (warnings.c.report != Report.FINAL, warnings.c.expires_at_ns > to_ns(at))
    query = (
        select(requests.c.warning, requests.c.audience, requests.c.chain, requests.c.number)
        .select_from(releases)
        .join(requests, here)
        .join(warnings, warnings.c.id == requests.c.warning)
        .where(releases.c.at_ns > to_ns(since), requests.c.state == ReleaseState.RELEASED, *in_force, lacks, ~has_later)
    )
    return (query if warning is None else query.where(requests.c.warning == warning)).cte("last")


def _sent(last: CTE, channels: Collection[str]) -> Any:
    names = ("number", "level", "channel", "target", "state", "attempts", "queued_at_ns")
    columns = [deliveries.c[name] for name in names]
    mine = and_(deliveries.c.chain == last.c.chain, deliveries.c.audience == last.c.audience)
    given = and_(releases.c.warning == deliveries.c.warning, releases.c.audience == deliveries.c.audience)
    return (
        select(last.c.warning.label("of"), last.c.audience, *columns, releases.c.at_ns)
        .join(deliveries, mine)
        .join(releases, given)
        .where(
            deliveries.c.channel.in_(sorted(channels)),
            (deliveries.c.state != DeliveryState.EXPIRED) | (deliveries.c.attempts > 0),
        )
        .order_by(deliveries.c.number, deliveries.c.id)
    )


def _row(row: Any) -> Sent:
    """What was kept back first is waited for from when it was queued."""
    return Sent(
        number=row.number,
        level=Level(row.level),
        channel=row.channel,
        target=row.target,
        state=DeliveryState(row.state),
        released_at=from_ns(row.at_ns),
        since=from_ns(max(row.at_ns, row.queued_at_ns)),
        tries=row.attempts,
    )
