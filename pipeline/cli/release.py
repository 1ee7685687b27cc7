"""`forewarn release`: what waits for people, and their decisions."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from alerting.desk import Desk
from pipeline.cli.desk import CONFIG, AsOption, ConfigOption, DataOption, JsonOption, acting, open_desk, required
from pipeline.cli.output import instant_text, level_text, table, told, write_json
from pipeline.model.audience import Audience
from pipeline.model.release import Request


class Action(StrEnum):
    """What to do."""

    LIST = "list"
    APPROVE = "approve"
    APPROVE_ALL = "approve-all"
    OBJECT = "object"
    REFUSE = "refuse"


def release(
    action: Annotated[Action, typer.Argument(help="What to do.")] = Action.LIST,
    report: Annotated[
        str | None, typer.Argument(help="The report, as `list` shows it; for `approve-all` a warning.")
    ] = None,
    *,
    audience: Annotated[Audience, typer.Option(help="For whom.")] = Audience.PUBLIC,
    person: AsOption = None,
    reason: Annotated[str, typer.Option(help="Why; object and refuse need one.")] = "",
    config: ConfigOption = CONFIG,
    data: DataOption = None,
    json: JsonOption = False,
) -> None:
    """Tell what waits for release; approve it, object, or refuse it.

    `approve-all` says yes to every all-clear of a warning that waits, of each of its areas. Any of its chains names it.

    Who may is the rule's to say. What is decided stands in the audit log; a process at work sends within a second.
    """
    with open_desk(config, data) as desk:
        if action is Action.LIST:
            found = desk.store.pending()
        else:
            found = _decide(desk, action, required(report, "REPORT"), audience, person, reason)
    if json:
        write_json(found)
    elif action is Action.LIST:
        table("Waiting for release", ("report", "for", "level", "rule", "approvals", "goes out", "expires"), [
            (one.warning, one.audience, level_text(one.level), one.rule, f"{len(one.approvals)} of {one.persons}",
             instant_text(one.due_at), instant_text(one.expires_at)) for one in found
        ])  # fmt: skip
    else:
        for one in found:
            told(f"{one.warning} for {one.audience}: {one.state}")


def _decide(
    desk: Desk, action: Action, report: str, audience: Audience, person: str | None, reason: str
) -> tuple[Request, ...]:
    actor, now = acting(desk, person), desk.clock.now()
    if action is Action.APPROVE_ALL:
        return desk.outlet.approve_all(report, actor, now)
    if action is Action.APPROVE:
        return (desk.outlet.approve(report, audience, actor, now),)
    why = required(reason, "--reason")
    decide = desk.outlet.oppose if action is Action.OBJECT else desk.outlet.refuse
    return (decide(report, audience, actor, why, now),)
