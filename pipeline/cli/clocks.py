"""`forewarn clocks`: by when superiors must have been told, and whether they were."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from alerting.clocks import Clock, Mark, reckon_clocks
from alerting.desk import Desk
from pipeline.cli.desk import CONFIG, AsOption, ConfigOption, DataOption, JsonOption, acting, open_desk, required
from pipeline.cli.output import instant_text, table, told, write_json
from pipeline.config.config import Config
from pipeline.config.load import load_config
from pipeline.errors import UnknownError


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
    found = load_config(config)
    with open_desk(config, data) as desk:
        if action is Action.MET:
            _meet(desk, found, required(chain, "CHAIN"), required(clock, "CLOCK"), person)
        rows = _clocks(desk, found)
    if json:
        write_json(rows)
    elif action is Action.MET:
        told(f"Entered: {clock} of {chain}")
    else:
        table("Statutory clocks", ("warning", "hazard", "clock", "due", "met", "how", "state"), [
            (one.chain, one.hazard, one.name, instant_text(one.due_at), instant_text(one.met_at), one.how, one.state)
            for one in rows
        ])  # fmt: skip


def _clocks(desk: Desk, config: Config) -> list[Clock]:
    return reckon_clocks(desk.store.ledger(joint=True), desk.store.clock_marks(), config.alerting.clock_rules, desk.clock.now())


def _meet(desk: Desk, config: Config, chain: str, name: str, person: str | None) -> None:
    actor = acting(desk, person)
    if not any((one.chain, one.name) == (chain, name) for one in _clocks(desk, config)):
        raise UnknownError(f"no clock {name!r} runs for {chain!r}; `forewarn clocks` shows those that do")
    if not desk.store.mark_clock(Mark(chain, name, desk.clock.now(), actor.who)):
        raise UnknownError(f"clock {name!r} of {chain!r} was entered before; the first entry stands")
