"""`forewarn calls`: who was called for what, who answered and who did not."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from alerting.stages.escalate import silent
from pipeline.cli.desk import CONFIG, AsOption, ConfigOption, DataOption, JsonOption, acting, open_desk, required
from pipeline.cli.output import instant_text, level_text, table, told, write_json


class Action(StrEnum):
    """What to do."""

    LIST = "list"
    ANSWER = "answer"


def calls(
    action: Annotated[Action, typer.Argument(help="What to do.")] = Action.LIST,
    call: Annotated[str | None, typer.Argument(help="Which call to answer; `list` shows them.")] = None,
    *,
    limit: Annotated[int, typer.Option(help="How many of the latest.", min=1)] = 20,
    person: AsOption = None,
    config: ConfigOption = CONFIG,
    data: DataOption = None,
    json: JsonOption = False,
) -> None:
    """Tell who was called, and who did not answer; answer a call."""
    with open_desk(config, data) as desk:
        if action is Action.ANSWER:
            actor = acting(desk, person)
            found = [desk.calling.answer_as(required(call, "CALL"), actor, desk.clock.now())]
        else:
            found = list(desk.store.calls(limit))
        called = [desk.store.summonses(one.id) for one in found]
    if json:
        write_json(
            [{"call": one, "called": who, "silent": silent(who)} for one, who in zip(found, called, strict=True)]
        )
    elif action is Action.ANSWER:
        told(f"call {found[0].id}: {found[0].state}")
    else:
        rows = [
            (one.id, one.on, level_text(one.level), instant_text(one.begun_at), one.state, one.answered_by,
             ", ".join(silent(who)), one.warning) for one, who in zip(found, called, strict=True)
        ]  # fmt: skip
        columns = ("call", "for", "level", "since", "state", "answered", "did not answer", "report")
        table("Calls", columns, rows, wraps=("did not answer", "report"))
