"""What a person orders of a warning in force, on its way to whoever keeps the chain."""

from __future__ import annotations

from datetime import datetime
from uuid import uuid4

from alerting.intake.intake import Intake
from alerting.people.actor import Actor
from alerting.store.store import Store
from pipeline.errors import ForbiddenError, UnknownError
from pipeline.model.level import Level
from pipeline.model.order import Order, OrderKind
from pipeline.model.role import Role
from pipeline.model.warning import Report

MAY = frozenset({Role.OFFICER, Role.APPROVER})


def amend(
    store: Store, intake: Intake | None, name: str, to: Level, why: str, actor: Actor, now: datetime
) -> tuple[Order, ...]:
    """Order that a warning be withdrawn (`to` NONE) or have another level; one order for each area's chain in it.

    A chain made of other programs' alerts obeys at once; what sensors brought about obeys when its process takes the
    order into its log.

    Args:
        name: the warning: its chain, or the id of one of its reports.

    Raises:
        ForbiddenError: `actor` may not.
        UnknownError: it is not in force.
    """
    if not actor.roles & MAY:
        raise ForbiddenError(f"{actor.name} may not: a duty officer or an approver may amend a warning")
    found = store.warning(name)
    reports = store.chain(found.chain if found else name)
    if not reports or reports[-1].report is Report.FINAL:
        raise UnknownError(f"no warning {name!r} is in force")
    kind, level = (OrderKind.LEVEL, to) if to else (OrderKind.WITHDRAW, None)
    chains = [one for one in store.members(reports[-1].chain) if store.chain(one)[-1].report is not Report.FINAL]
    orders = tuple(Order(id=uuid4().hex, chain=one, kind=kind, why=why, level=level) for one in chains)
    for order in orders:
        is_done = intake is not None and intake.obey(order, now)
        store.place(order, now, actor.who, taken_at=now if is_done else None)
    return orders
