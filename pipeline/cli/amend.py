"""`forewarn amend`: what a person orders of a warning in force."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated
from uuid import uuid4

import typer

from pipeline.cli.desk import CONFIG, AsOption, ConfigOption, DataOption, JsonOption, acting, open_desk
from pipeline.cli.output import told, write_json
from pipeline.errors import ForbiddenError, UnknownError
from pipeline.model.level import Level
from pipeline.model.order import Order, OrderKind
from pipeline.model.role import Role
from pipeline.model.warning import Report


class To(StrEnum):
    """What it is to be."""

    WITHDRAWN = "withdrawn"
    BLUE = "blue"
    YELLOW = "yellow"
    ORANGE = "orange"
    RED = "red"


def amend(
    chain: Annotated[str, typer.Argument(help="The warning: its chain, or the id of one of its reports.")],
    to: Annotated[To, typer.Argument(help="What it is to be: withdrawn, or of another level.")],
    *,
    why: Annotated[str, typer.Option(help="Why; people read it in the report.")],
    person: AsOption = None,
    config: ConfigOption = CONFIG,
    data: DataOption = None,
    json: JsonOption = False,
) -> None:
    """Withdraw a warning in force, or set its level by hand.

    The process at work takes the order within a second and issues the report, under the same rules of release as any
    other. A level holds until sensors tell of another; what was withdrawn is not warned of anew before it has gone, or
    is graver than it was. Who ordered it stands in the audit log.
    """
    with open_desk(Path(config), data) as desk:
        actor = acting(desk, person)
        if not actor.roles & {Role.OFFICER, Role.APPROVER}:
            raise ForbiddenError(f"{actor.name} may not: a duty officer or an approver may amend a warning")
        found = desk.store.warning(chain)
        reports = desk.store.chain(found.chain if found else chain)
        if not reports or reports[-1].report is Report.FINAL:
            raise UnknownError(f"no warning {chain!r} is in force")
        level = None if to is To.WITHDRAWN else Level[to.name]
        kind = OrderKind.LEVEL if level else OrderKind.WITHDRAW
        order = Order(id=uuid4().hex, chain=reports[-1].chain, kind=kind, why=why, level=level)
        desk.store.place(order, desk.clock.now(), actor.who)
    if json:
        write_json(order)
    else:
        told(f"Ordered: {order.chain} is to be {to}")
