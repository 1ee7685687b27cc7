"""`forewarn audit`: who did what."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from alerting.audit import START, flaws
from pipeline.cli.data_folder import open_store
from pipeline.cli.desk import CONFIG, ConfigOption, DataOption, JsonOption
from pipeline.cli.exit import Exit
from pipeline.cli.output import instant_text, table, told, write_json
from pipeline.config.load import load_config


class Action(StrEnum):
    """What to do."""

    SHOW = "show"
    VERIFY = "verify"


def audit(
    action: Annotated[Action, typer.Argument(help="What to do.")] = Action.SHOW,
    *,
    limit: Annotated[int, typer.Option(help="show: how many of the latest.", min=1)] = 50,
    head: Annotated[str | None, typer.Option(help="verify: a hash noted earlier; the log must hold it.")] = None,
    config: ConfigOption = CONFIG,
    data: DataOption = None,
    json: JsonOption = False,
) -> None:
    """Show who did what, and verify that the log is as it was written.

    Each entry is bound to the one before by its hash. `verify` tells the last one: note it elsewhere, for a log that
    was written anew as a whole shows only against that. Ends with 1 where something is not as it was.
    """
    with open_store(load_config(config), data) as store:
        entries = store.audit(limit if action is Action.SHOW else None)
    if action is Action.SHOW:
        if json:
            write_json(entries)
        else:
            rows = [(str(e.number), instant_text(e.at), e.who, e.action, e.subject, e.detail) for e in entries]
            table("Audit log", ("number", "at", "who", "did", "to", "detail"), rows, wraps=("detail", "to"))
        return
    found, last = flaws(entries, head), entries[-1].hash if entries else START
    if json:
        write_json({"entries": len(entries), "head": last, "flaws": found})
    else:
        for flaw in found:
            told(f"entry {flaw.number}: {flaw.why}", "red")
        words = "not as it was written" if found else "as it was written"
        told(f"{len(entries)} entries, {words}; the last hash is {last}")
    if found:
        raise typer.Exit(Exit.ATTENTION)
