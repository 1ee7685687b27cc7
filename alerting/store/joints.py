"""Joint chains: which areas' reports stand in which joint report, and which of them each delivery tells of."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple

from sqlalchemy import (
    BigInteger,
    Column,
    ColumnElement,
    Connection,
    Index,
    Integer,
    Select,
    Table,
    Text,
    case,
    func,
    insert,
    literal,
    select,
    update,
)

from alerting.area_codes import of_field
from alerting.ledger import MILESTONES, Reached
from alerting.stages.merge import Joint
from alerting.store.database import Database, insert_new
from alerting.store.hold import withheld
from alerting.store.schema import IS_TRY, attempts, deliveries, metadata, releases, warnings
from pipeline.model.audience import Audience
from pipeline.model.delivery import Delivery, DeliveryState, delivery_id
from pipeline.model.hazard import Hazard
from pipeline.model.instant import from_ns, to_ns
from pipeline.model.warning import HazardWarning, Report, WarningStatus

joints: Final = Table(
    "joints",
    metadata,
    Column("chain", Text, primary_key=True),
    Column("hazard", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("is_open", Integer, nullable=False),
    Column("began_at_ns", BigInteger, nullable=False),
    Column("document", Text, nullable=False),
    Index("joints_open", "hazard", "status", "is_open"),
)

parts: Final = Table(
    "joint_parts",
    metadata,
    Column("part", Text, primary_key=True),
    Column("chain", Text, nullable=False),
    Column("joint", Text, nullable=False),
    Column("report", Text, nullable=False),
    Index("joint_parts_by_chain", "chain"),
    Index("joint_parts_by_report", "report"),
    Index("joint_parts_by_joint", "joint"),
)
"""`part`: a report of one area; `report`: the joint report that told of it, "" until one does."""

carried: Final = Table(
    "carried",
    metadata,
    Column("delivery", Text, primary_key=True),
    Column("part", Text, primary_key=True),
    Index("carried_by_part", "part"),
)

OF_ONE_AREA: Final[ColumnElement[bool]] = warnings.c.chain.in_(select(parts.c.chain))
"""Reports that people are told of by a joint chain, not as such."""


class Waiting(NamedTuple):
    """A delivery that waited for its target's next message: when it was due, and what areas it took out."""

    delivery: str
    due_at: datetime
    lifted: tuple[str, ...]


class JointQueries(Database):
    """What was merged."""

    def members(self, chain: str) -> tuple[str, ...]:
        """The chains of areas in a joint chain, those that ended included, by id; a chain of one area is itself."""
        query = select(parts.c.chain).where(parts.c.joint == chain).distinct().order_by(parts.c.chain)
        with self.read() as connection:
            return tuple(connection.scalars(query)) or (chain,)


def is_part(connection: Connection, chain: str) -> bool:
    """Whether an area's chain stands in a joint one."""
    return connection.execute(select(parts.c.part).where(parts.c.chain == chain).limit(1)).first() is not None


def is_taken(connection: Connection, report: str) -> bool:
    """Whether a report of an area was merged before."""
    return connection.execute(select(parts.c.part).where(parts.c.part == report)).first() is not None


def open_joints(connection: Connection, hazard: Hazard, status: WarningStatus) -> list[Joint]:
    """The open joint chains, in the order they began."""
    here = (joints.c.hazard == hazard, joints.c.status == status, joints.c.is_open == 1)
    query = select(joints.c.document).where(*here).order_by(joints.c.began_at_ns, joints.c.chain)
    return [Joint.model_validate_json(text) for text in connection.scalars(query)]


def put_joint(connection: Connection, joint: Joint, part: HazardWarning, *, is_told: bool) -> None:
    """Keep a joint chain with the report of an area that changed it; `is_told`: by its last report."""
    last = joint.last
    row = {
        "chain": last.chain,
        "hazard": last.hazard,
        "status": last.status,
        "is_open": int(last.report is not Report.FINAL),
        "began_at_ns": to_ns(part.sent_at),
        "document": joint.model_dump_json(),
    }
    insert_new(connection, joints, [row])
    kept = {"is_open": row["is_open"], "document": row["document"]}
    connection.execute(update(joints).where(joints.c.chain == last.chain).values(kept))
    insert_new(connection, parts, [{"part": part.id, "chain": part.chain, "joint": last.chain, "report": ""}])
    if is_told:
        waiting = (parts.c.joint == last.chain, parts.c.report == "")
        connection.execute(update(parts).where(*waiting).values(report=last.id))


def carry(connection: Connection, report: HazardWarning, rows: Iterable[Delivery], overtaken: Sequence[str]) -> None:
    """Note that deliveries tell of what their report brings; and of what messages brought that it overtook."""
    news = list(connection.scalars(select(parts.c.part).where(parts.c.report == report.id)))
    insert_new(connection, carried, [{"delivery": one.id, "part": part} for one in rows for part in news])
    for one in rows:
        earlier = select(literal(one.id), carried.c.part).where(
            carried.c.delivery.in_(select(deliveries.c.id).where(
                deliveries.c.id.in_(overtaken), deliveries.c.channel == one.channel, deliveries.c.target == one.target
            )),
            carried.c.part.not_in(news),
        )  # fmt: skip
        connection.execute(insert(carried).from_select(["delivery", "part"], earlier.distinct()))


def overtake_waiting(
    connection: Connection, report: HazardWarning, channel: str, target: str, at: datetime
) -> list[Waiting]:
    """Take back earlier reports of a chain that wait for a target's next message."""
    here = (
        deliveries.c.chain == report.chain,
        deliveries.c.number < report.number,
        deliveries.c.channel == channel,
        deliveries.c.target == target,
        deliveries.c.state == DeliveryState.QUEUED,
        deliveries.c.attempts == 0,
        deliveries.c.next_attempt_at_ns > to_ns(at),
    )
    found = connection.execute(
        select(deliveries.c.id, deliveries.c.next_attempt_at_ns, deliveries.c.lifted).where(*here).with_for_update()
    ).all()
    over = {
        "state": DeliveryState.EXPIRED,
        "next_attempt_at_ns": None,
        "finished_at_ns": to_ns(at),
        "reason": f"told along with report {report.number} of its chain",
    }
    connection.execute(update(deliveries).where(deliveries.c.id.in_([row.id for row in found])).values(over))
    return [Waiting(row.id, from_ns(row.next_attempt_at_ns), of_field(row.lifted)) for row in found]


def lifted_by(connection: Connection, report: str, channel: str, target: str) -> tuple[str, ...]:
    """The areas that a report took out for a target, by what was queued for it."""
    here = deliveries.c.id == delivery_id(report, channel, target)
    return of_field(connection.scalar(select(deliveries.c.lifted).where(here)) or "")


def lifted_held(connection: Connection, chain: str, channel: str, target: str) -> tuple[str, ...]:
    """The areas that left by reports of a chain which are kept from a target now."""
    here = (withheld.c.chain == chain, withheld.c.channel == channel, withheld.c.target == target)
    kept = select(withheld.c.lifted).where(*here, withheld.c.over_at_ns.is_(None)).order_by(withheld.c.at_ns)
    return tuple(area for text in connection.scalars(kept) for area in of_field(text))


def has_later(connection: Connection, report: HazardWarning, channel: str, target: str) -> bool:
    """Whether a later report of a chain was queued for a target, or is kept from it."""
    queued = (deliveries.c.chain == report.chain, deliveries.c.channel == channel, deliveries.c.target == target)
    sent = select(deliveries.c.id).where(*queued, deliveries.c.number > report.number).limit(1)
    here = (withheld.c.chain == report.chain, withheld.c.channel == channel, withheld.c.target == target)
    kept = select(withheld.c.warning).join(warnings, warnings.c.id == withheld.c.warning)
    later = kept.where(*here, warnings.c.number > report.number).limit(1)
    return any(connection.execute(query).first() for query in (sent, later))


def has_ended(connection: Connection, chain: str, audience: Audience) -> bool:
    """Whether the end of a chain was released to an audience."""
    final = (warnings.c.chain == chain, warnings.c.report == Report.FINAL, releases.c.audience == audience)
    query = select(warnings.c.id).join(releases, releases.c.warning == warnings.c.id).where(*final).limit(1)
    return connection.execute(query).first() is not None


def reached_by_part(connection: Connection, chain: str | None = None) -> dict[str, list[Reached]]:
    """Report of one area -> when each channel first got it accepted, delivered, acknowledged, in a joint report."""
    by_part: dict[str, list[Reached]] = {}
    for row in connection.execute(_reached(chain)):
        found = Reached(row.channel, _at(row.accepted_at_ns), _at(row.delivered_at_ns), _at(row.acknowledged_at_ns))
        by_part.setdefault(row.part, []).append(found)
    return by_part


def _at(ns: int | None) -> datetime | None:
    return None if ns is None else from_ns(ns)


def _reached(chain: str | None) -> Select[Any]:
    columns = []
    for name in ("accepted_at", "delivered_at", "acknowledged_at"):
        evidence = [state for state, reached in MILESTONES.items() if name in reached]
        tried = func.min(case((attempts.c.state.in_(evidence), attempts.c.at_ns)))
        heard = func.min(case((deliveries.c.state.in_(evidence), deliveries.c.finished_at_ns)))
        columns.append(func.coalesce(tried, heard).label(f"{name}_ns"))
    query = (
        select(carried.c.part, deliveries.c.channel, *columns)
        .join(deliveries, deliveries.c.id == carried.c.delivery)
        .outerjoin(attempts, IS_TRY)
        .where(deliveries.c.state.in_(list(MILESTONES)))
        .group_by(carried.c.part, deliveries.c.channel)
        .order_by(carried.c.part, deliveries.c.channel)
    )
    return query if chain is None else query.join(parts, parts.c.part == carried.c.part).where(parts.c.chain == chain)


def told_first_by(connection: Connection, report: str) -> list[str]:
    """The chains of single areas of whose news a joint report was the first to tell."""
    return list(connection.scalars(select(parts.c.chain).where(parts.c.report == report).distinct()))
