"""`forewarn deliveries`: what became of each message, and what is kept from whom."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer

from alerting.store.store import Store
from pipeline.cli.desk import CONFIG, ConfigOption, DataOption, JsonOption, open_desk, required
from pipeline.cli.output import instant_text, level_text, table, write_json
from pipeline.errors import UnknownError
from pipeline.model.delivery import Delivery, DeliveryState


class Action(StrEnum):
    """What to tell of."""

    LIST = "list"
    TRIES = "tries"
    HELD = "held"


def deliveries(
    action: Annotated[Action, typer.Argument(help="What to tell of.")] = Action.LIST,
    delivery: Annotated[str | None, typer.Argument(help="tries: the message; `list` shows them.")] = None,
    *,
    report: Annotated[str | None, typer.Option(help="list: of this report alone.")] = None,
    channel: Annotated[str | None, typer.Option(help="list: by this channel alone.")] = None,
    state: Annotated[DeliveryState | None, typer.Option(help="list: in this state alone.")] = None,
    limit: Annotated[int, typer.Option(help="list: how many of the latest.", min=1)] = 50,
    config: ConfigOption = CONFIG,
    data: DataOption = None,
    json: JsonOption = False,
) -> None:
    """Tell what became of each message, and what is kept from whom.

    `list` shows the latest first, `tries` each try of one message, `held` what is kept back now, and by what. Words
    for one person alone, a code to answer with among them, are shown to nobody.
    """
    with open_desk(config, data) as desk:
        if action is Action.TRIES:
            _tries(desk.store, required(delivery, "DELIVERY"), json=json)
        elif action is Action.HELD:
            _held(desk.store, json=json)
        else:
            found = desk.store.deliveries(limit, warning=report, channel=channel, state=state)
            _list([one.model_copy(update={"note": ""}) for one in found], json=json)


def _list(found: list[Delivery], *, json: bool) -> None:
    if json:
        write_json(found)
        return
    rows = [
        (one.id, f"{one.channel}/{one.target}", one.audience, one.state, str(one.attempts), instant_text(one.queued_at),
         instant_text(one.finished_at), one.reason, one.warning) for one in found
    ]  # fmt: skip
    columns = ("message", "to", "as", "state", "tries", "queued", "ended", "reason", "report")
    table("Deliveries", columns, rows, wraps=("reason", "report"))


def _tries(store: Store, delivery: str, *, json: bool) -> None:
    found = store.attempts(delivery)
    if not found:
        raise UnknownError(f"no try of a message {delivery!r}; `list` shows messages and how often each was tried")
    if json:
        names = ("at", "state", "reason", "detail")
        write_json([dict(zip(names, one, strict=True)) for one in found])
        return
    rows = [(instant_text(at), state, reason, detail) for at, state, reason, detail in found]
    table("Tries", ("at", "state", "reason", "answer"), rows, wraps=("reason", "answer"))


def _held(store: Store, *, json: bool) -> None:
    found = store.held()
    if json:
        write_json(found)
        return
    rows = [
        (f"{one.channel}/{one.target}", level_text(one.level), one.kind, one.by, instant_text(one.at),
         instant_text(one.until), one.warning) for one in found
    ]  # fmt: skip
    table("Kept back", ("from", "level", "why", "by", "since", "until", "report"), rows, wraps=("by", "report"))
