"""`forewarn token`: what people and programs show the HTTP interface."""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum
from typing import Annotated

import typer

from pipeline.cli.desk import CONFIG, ConfigOption, DataOption, JsonOption, open_desk, operator, required
from pipeline.cli.output import instant_text, table, told, write_json


class Action(StrEnum):
    """What to do."""

    LIST = "list"
    MAKE = "make"
    REVOKE = "revoke"


def token(
    action: Annotated[Action, typer.Argument(help="What to do.")] = Action.LIST,
    name: Annotated[str | None, typer.Argument(help="make: the person. revoke: the token's id.")] = None,
    *,
    days: Annotated[float | None, typer.Option(help="make: valid for so long; until it is revoked.", min=0)] = None,
    config: ConfigOption = CONFIG,
    data: DataOption = None,
    json: JsonOption = False,
) -> None:
    """Make, list and revoke the tokens of the HTTP interface.

    A token is shown once; only its hash is kept. What its person may do is in the configuration.
    """
    with open_desk(config, data) as desk:
        if action is Action.MAKE:
            expires_at = desk.clock.now() + timedelta(days=days) if days else None
            made, secret = desk.make_token(required(name, "NAME"), operator(), expires_at)
            if json:
                write_json({"token": made, "secret": secret})
            else:
                told(f"{secret}\nThe token {made.id} of {made.person}; it is shown this once.")
        elif action is Action.REVOKE:
            desk.revoke(required(name, "NAME"), operator())
            told(f"token {name} is revoked")
        elif json:
            write_json(desk.store.tokens())
        else:
            rows = [
                (one.id, one.person, instant_text(one.made_at), instant_text(one.expires_at),
                 instant_text(one.revoked_at)) for one in desk.store.tokens()
            ]  # fmt: skip
            table("Tokens", ("id", "person", "made", "expires", "revoked"), rows)
