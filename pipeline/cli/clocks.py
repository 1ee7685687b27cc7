"""`forewarn clocks`: by when superiors must have been told, and whether they were."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from pipeline.cli.desk import CONFIG, AsOption, ConfigOption, DataOption, JsonOption, acting, open_desk, required
from pipeline.cli.output import instant_text, table, told, write_json


class Action(StrEnum):
    """What to do."""

    LIST = "list"
    MET = "met"


def clocks(
    action: Annotated[Action, typer.Argument(help="What to do.")] = Action.LIST,
    chain: Annotated[str | None, typer.Argument(help="The warning; `list` shows them.")] = None,
    clock: Annotated[str | None, typer.Argument(help="The clock: its name in [[alerting.clocks]].")] = None,
    *,
    person: AsOption = None,
    config: ConfigOption = CONFIG,
    data: DataOption = None,
    json: JsonOption = False,
) -> None:
    """Tell by when superiors must be told, and whether they were.

    A clock is met by a delivery of a channel that counts for it, or by what a person enters here; too late is recorded
    as late.
    """
    with open_desk(config, data) as desk:
        if action is Action.MET:
            desk.meet_clock(required(chain, "CHAIN"), required(clock, "CLOCK"), acting(desk, person))
        rows = desk.running_clocks()
    if json:
        write_json(rows)
    elif action is Action.MET:
        told(f"Entered: {clock} of {chain}")
    else:
        table("Statutory clocks", ("warning", "hazard", "clock", "due", "met", "how", "state"), [
            (one.chain, one.hazard, one.name, instant_text(one.due_at), instant_text(one.met_at), one.how, one.state)
            for one in rows
        ])  # fmt: skip
