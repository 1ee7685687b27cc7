"""`forewarn amend`: what a person orders of a warning in force."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from pipeline.cli.desk import CONFIG, AsOption, ConfigOption, DataOption, JsonOption, acting, open_desk
from pipeline.cli.output import told, write_json
from pipeline.model.level import Level


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

    A withdrawn warning is cancelled at once, from what is in the store; another level is set by the process that keeps
    the warning, within a second. Both go out under the same rules of release as any report; the order of one who may
    release is his yes. A level holds until sensors tell of another; what was withdrawn is not warned of anew before it
    has gone, or is graver than it was. Who ordered it stands in the audit log.
    """
    with open_desk(Path(config), data) as desk:
        level = Level.NONE if to is To.WITHDRAWN else Level[to.name]
        orders = desk.amend(chain, level, why, acting(desk, person))
    if json:
        write_json(orders)
        return
    for order in orders:
        told(f"Ordered: {order.chain} is to be {to}")
