"""What a person orders of a warning in force.

A Cancel waits for nobody: it is made here and goes out, whatever has become of those who keep the chain. They are told
of the order all the same, for what was withdrawn is not warned of anew; what they then say is in the store already.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import uuid4

from sqlalchemy import Connection

from alerting.cancel import Cancels
from alerting.intake.intake import Intake
from alerting.outlet import Outlet
from alerting.people.actor import Actor
from alerting.store.orders import add_order
from alerting.store.record import Record
from alerting.store.release import told_by
from alerting.store.store import Store, write_record
from alerting.store.turn import Turn, take_turn
from alerting.store.warnings import last_of
from pipeline.errors import ForbiddenError, UnknownError
from pipeline.model.level import Level
from pipeline.model.order import Order, OrderKind
from pipeline.model.role import Role
from pipeline.model.warning import Report

MAY = frozenset({Role.OFFICER, Role.APPROVER})


@dataclass(frozen=True, slots=True)
class Amending:
    """Amends warnings of one store.

    Args:
        outlet: by which a Cancel goes the way of every report.
        cancels: writes it.
        intake: keeps the chains that are made of other programs' alerts.
    """

    store: Store
    outlet: Outlet
    cancels: Cancels
    intake: Intake | None = None

    def amend(self, name: str, to: Level, why: str, actor: Actor, now: datetime) -> tuple[Order, ...]:
        """Order that a warning be withdrawn (`to` NONE) or have another level; one order for each area's chain in it.

        It is cancelled at once, from what is in the store. A chain made of other programs' alerts has its other level
        at once too; what sensors brought about has it when its process takes the order into its log.

        Args:
            name: the warning: its chain, or the id of one of its reports.

        Raises:
            ForbiddenError: `actor` may not.
            UnknownError: it is not in force.
        """
        if not actor.roles & MAY:
            raise ForbiddenError(f"{actor.name} may not: a duty officer or an approver may amend a warning")
        found = self.store.warning(name)
        reports = self.store.chain(found.chain if found else name)
        if not reports or reports[-1].report is Report.FINAL:
            raise UnknownError(f"no warning {name!r} is in force")
        kind, level = (OrderKind.LEVEL, to) if to else (OrderKind.WITHDRAW, None)
        members = self.store.members(reports[-1].chain)
        lasts = [self.store.chain(one)[-1] for one in members]
        orders = tuple(
            Order(id=uuid4().hex, chain=last.chain, kind=kind, why=why, level=level, was=last.level)
            for last in lasts
            if last.report is not Report.FINAL
        )
        rest = [one for one in orders if not self._obeyed_by_intake(one, actor, now)]
        with self.store.write() as connection:
            take_turn(connection, Turn.OUTLET)
            for order in rest:
                add_order(connection, order, now, actor.who)
                if kind is OrderKind.WITHDRAW:
                    self._cancel(connection, order, now)
            if kind is OrderKind.WITHDRAW:
                asked = {*members, *(told_by(connection, one) for one in members)}
                self.outlet.agree(connection, asked, actor, now)
        return orders

    def _obeyed_by_intake(self, order: Order, actor: Actor, now: datetime) -> bool:
        is_done = self.intake is not None and self.intake.obey(order, now)
        if is_done:
            self.store.place(order, now, actor.who, taken_at=now)
        return is_done

    def _cancel(self, connection: Connection, order: Order, now: datetime) -> None:
        last = last_of(connection, order.chain)
        if last.report is not Report.FINAL:
            cancel = self.cancels.of(last, order.why, now)
            write_record(connection, Record(warnings=[cancel]), now, self.outlet.offer)
