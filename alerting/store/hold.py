"""What was released and yet not queued for a target: silenced, swallowed, over a limit, told along with another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import BigInteger, Column, Connection, Index, Integer, Row, Table, Text, select, update

from alerting.area_codes import of_field, to_field
from alerting.ledger import MILESTONES
from alerting.store.database import Database, insert_new
from alerting.store.schema import deliveries, metadata, warnings
from pipeline.model.audience import Audience
from pipeline.model.delivery import DeliveryState
from pipeline.model.instant import from_ns, to_ns
from pipeline.model.level import Level
from pipeline.model.warning import HazardWarning, WarningStatus

withheld: Final = Table(
    "withheld",
    metadata,
    Column("warning", Text, primary_key=True),
    Column("channel", Text, primary_key=True),
    Column("target", Text, primary_key=True),
    Column("audience", Text, nullable=False),
    Column("chain", Text, nullable=False),
    Column("level", Integer, nullable=False),
    Column("kind", Text, nullable=False),
    Column("by", Text, nullable=False),
    Column("at_ns", BigInteger, nullable=False),
    Column("until_ns", BigInteger, nullable=True),
    Column("over_at_ns", BigInteger, nullable=True),
    Column("outcome", Text, nullable=False),
    Column("lifted", Text, nullable=False),
    Index("withheld_open", "over_at_ns"),
    Index("withheld_by", "by"),
    Index("withheld_by_chain", "chain"),
)

silences: Final = Table(
    "silences",
    metadata,
    Column("id", Text, primary_key=True),
    Column("ends_at_ns", BigInteger, nullable=False),
    Column("document", Text, nullable=False),
    Index("silences_by_end", "ends_at_ns"),
)


TOLD_ALONG: Final = "told along"


class HoldKind(StrEnum):
    """Why a target was not sent a report that a route leads to it."""

    SILENCE = "silence"
    INHIBITION = "inhibition"
    LIMIT = "limit"
    GROUP = "group"


@dataclass(frozen=True, slots=True)
class Held:
    """One report kept from one target.

    Attributes:
        by: id of the silence, of the greater report, of the message it goes along with; the limit's words.
        until: when it is looked at again by itself; None: when what holds it ends.
        lifted: areas that left the warning, of those that its target is told of: its next message says so.
        over_at, outcome: when and how that ended: sent, told along, overtaken, expired; None and "" before.
    """

    warning: str
    chain: str
    level: Level
    audience: Audience
    channel: str
    target: str
    kind: HoldKind
    by: str
    at: datetime
    until: datetime | None = None
    over_at: datetime | None = None
    outcome: str = ""
    lifted: tuple[str, ...] = ()


class HoldQueries(Database):
    """What is kept from whom, and by what."""

    def held(self, *, by: str | None = None, chain: str | None = None) -> tuple[Held, ...]:
        """What is held now; with `by` or `chain` also what was, by instant."""
        wanted = {withheld.c.by: by, withheld.c.chain: chain}
        where = [column == value for column, value in wanted.items() if value is not None]
        query = select(withheld).where(*(where or [withheld.c.over_at_ns.is_(None)]))
        with self.read() as connection:
            rows = connection.execute(query.order_by(withheld.c.at_ns, *withheld.primary_key)).all()
        return tuple(_held(row) for row in rows)


def add_held(connection: Connection, rows: Sequence[Held]) -> None:
    """Note what is held; what is noted already stays."""
    insert_new(connection, withheld, [_row(one) for one in rows])


def open_held(connection: Connection) -> list[Held]:
    """What is held now."""
    query = select(withheld).where(withheld.c.over_at_ns.is_(None)).order_by(withheld.c.at_ns, *withheld.primary_key)
    return [_held(row) for row in connection.execute(query)]


def end_held(connection: Connection, held: Held, outcome: str, at: datetime) -> None:
    """Close one."""
    here = (
        withheld.c.warning == held.warning,
        withheld.c.channel == held.channel,
        withheld.c.target == held.target,
    )
    connection.execute(update(withheld).where(*here).values(over_at_ns=to_ns(at), outcome=outcome))


def told_of(connection: Connection, chain: str) -> dict[tuple[str, str], DeliveryState]:
    """(channel, target) -> what became of the latest report of a chain that was queued for it."""
    columns = (deliveries.c.channel, deliveries.c.target, deliveries.c.state)
    query = select(*columns).where(deliveries.c.chain == chain).order_by(deliveries.c.number)
    return {(row.channel, row.target): DeliveryState(row.state) for row in connection.execute(query)}


def audience_told(connection: Connection, chain: str, audience: Audience) -> set[tuple[str, str]]:
    """Channel and target of everybody whom a chain was queued for, as one audience."""
    where = (deliveries.c.chain == chain, deliveries.c.audience == audience)
    query = select(deliveries.c.channel, deliveries.c.target).where(*where).distinct()
    return {(row.channel, row.target) for row in connection.execute(query)}


def untold(connection: Connection, chain: str, audience: Audience) -> set[tuple[str, str]]:
    """Channel and target of those from whom all of a chain was kept: its end is nothing to them."""
    where = (withheld.c.chain == chain, withheld.c.audience == audience, withheld.c.outcome != TOLD_ALONG)
    kept = connection.execute(select(withheld.c.channel, withheld.c.target).where(*where).distinct())
    sent = (deliveries.c.chain == chain, deliveries.c.audience == audience)
    reached = select(deliveries.c.channel, deliveries.c.target)
    tried = sent[0] & sent[1] & ((deliveries.c.state != DeliveryState.EXPIRED) | (deliveries.c.attempts > 0))
    there = {(row.channel, row.target) for row in connection.execute(reached.where(tried).distinct())}
    return {(row.channel, row.target) for row in kept} - there


def sent_since(
    connection: Connection, status: WarningStatus, channel: str, target: str, since: datetime
) -> list[tuple[datetime, Level]]:
    """When a target was queued what, and of which level: of real reports, or of exercises."""
    where = (
        deliveries.c.warning == warnings.c.id,
        warnings.c.status == status,
        deliveries.c.channel == channel,
        deliveries.c.target == target,
        deliveries.c.queued_at_ns > to_ns(since),
    )
    rows = connection.execute(select(deliveries.c.queued_at_ns, deliveries.c.level).where(*where))
    return [(from_ns(row.queued_at_ns), Level(row.level)) for row in rows]


def gathering(
    connection: Connection, status: WarningStatus, channel: str, target: str, audience: Audience, now: datetime
) -> tuple[str, str] | None:
    """Id and note of the message to a target that still waits for others of its status to go with it."""
    where = (
        deliveries.c.warning == warnings.c.id,
        warnings.c.status == status,
        deliveries.c.channel == channel,
        deliveries.c.target == target,
        deliveries.c.audience == audience,
        deliveries.c.state == DeliveryState.QUEUED,
        deliveries.c.attempts == 0,
        deliveries.c.next_attempt_at_ns > to_ns(now),
    )
    row = connection.execute(
        select(deliveries.c.id, deliveries.c.note).where(*where).with_for_update(of=deliveries)
    ).first()
    return None if row is None else (row.id, row.note)


def set_note(connection: Connection, delivery: str, note: str) -> None:
    """Change the words that go with a message."""
    connection.execute(update(deliveries).where(deliveries.c.id == delivery).values(note=note))


def state_of(connection: Connection, delivery: str) -> DeliveryState:
    """Where one delivery stands."""
    return DeliveryState(connection.scalars(select(deliveries.c.state).where(deliveries.c.id == delivery)).one())


def swallow(connection: Connection, lesser: HazardWarning, channel: str, target: str, by: str, at: datetime) -> bool:
    """Take back what is queued for a target and was not tried yet; whether there was something."""
    where = (
        deliveries.c.warning == lesser.id,
        deliveries.c.channel == channel,
        deliveries.c.target == target,
        deliveries.c.state == DeliveryState.QUEUED,
        deliveries.c.attempts == 0,
    )
    values = {
        "state": DeliveryState.EXPIRED,
        "next_attempt_at_ns": None,
        "finished_at_ns": to_ns(at),
        "reason": f"swallowed by report {by}",
    }
    return bool(connection.execute(update(deliveries).where(*where).values(values)).rowcount)


def take_up(connection: Connection, lesser: str, channel: str, target: str, at: datetime) -> None:
    """Queue again what `swallow` took back."""
    where = (
        deliveries.c.warning == lesser,
        deliveries.c.channel == channel,
        deliveries.c.target == target,
        deliveries.c.state == DeliveryState.EXPIRED,
        deliveries.c.attempts == 0,
    )
    values = {
        "state": DeliveryState.QUEUED,
        "queued_at_ns": to_ns(at),
        "next_attempt_at_ns": to_ns(at),
        "finished_at_ns": None,
        "reason": "",
    }
    connection.execute(update(deliveries).where(*where).values(values))


def is_evidenced(state: DeliveryState) -> bool:
    """Whether somebody vouched that a message went out."""
    return state in MILESTONES


def _row(held: Held) -> dict[str, Any]:
    return {
        "warning": held.warning,
        "channel": held.channel,
        "target": held.target,
        "audience": held.audience,
        "chain": held.chain,
        "level": int(held.level),
        "kind": held.kind,
        "by": held.by,
        "at_ns": to_ns(held.at),
        "until_ns": None if held.until is None else to_ns(held.until),
        "over_at_ns": None if held.over_at is None else to_ns(held.over_at),
        "outcome": held.outcome,
        "lifted": to_field(held.lifted),
    }


def _held(row: Row[Any]) -> Held:
    return Held(
        warning=row.warning,
        chain=row.chain,
        level=Level(row.level),
        audience=Audience(row.audience),
        channel=row.channel,
        target=row.target,
        kind=HoldKind(row.kind),
        by=row.by,
        at=from_ns(row.at_ns),
        until=None if row.until_ns is None else from_ns(row.until_ns),
        over_at=None if row.over_at_ns is None else from_ns(row.over_at_ns),
        outcome=row.outcome,
        lifted=of_field(row.lifted),
    )
