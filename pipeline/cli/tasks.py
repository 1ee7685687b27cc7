"""`forewarn tasks`: risk notices and follow-up work, until somebody else has verified them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from functools import partial
from typing import Annotated, Final

import typer
from pydantic import ValidationError
from rich.markup import escape

from alerting.desk import Desk
from alerting.people.actor import Actor
from alerting.tasks.item import Item, Kind, answer, give_back, given, reassign, verify, withdraw
from pipeline.cli.desk import (
    CONFIG,
    AsOption,
    ConfigOption,
    DataOption,
    JsonOption,
    acting,
    instant,
    open_desk,
    required,
)
from pipeline.cli.output import instant_text, table, told, write_json
from pipeline.config.complaint import words as in_words
from pipeline.errors import DutyError, UnknownError
from pipeline.model.identity import content_id
from pipeline.model.instant import to_ns
from pipeline.model.role import OFFICIALS

COLUMNS: Final = ("item", "kind", "what", "state", "due", "with", "warning")
USUAL: Final = timedelta(hours=24)


class Action(StrEnum):
    """What to do."""

    LIST = "list"
    GIVE = "give"
    ANSWER = "answer"
    VERIFY = "verify"
    RETURN = "return"
    REASSIGN = "reassign"
    WITHDRAW = "withdraw"


def tasks(
    action: Annotated[Action, typer.Argument(help="What to do.")] = Action.LIST,
    item: Annotated[str | None, typer.Argument(help="Which item; `list` shows them.")] = None,
    *,
    person: AsOption = None,
    words: Annotated[str, typer.Option(help="give: the title; else what was done, or why.")] = "",
    kind: Annotated[Kind, typer.Option(help="give: a risk notice, or work after a warning.")] = Kind.FOLLOW_UP,
    to: Annotated[str | None, typer.Option(help="give, reassign: to whom.")] = None,
    escalate_to: Annotated[list[str] | None, typer.Option(help="give: whom it rises to when it is overdue.")] = None,
    due: Annotated[str | None, typer.Option(help="give, return: by when; in 24 hours.")] = None,
    chain: Annotated[str, typer.Option(help="give: the warning it is about.")] = "",
    area: Annotated[str, typer.Option(help="give: the code of the area it is about.")] = "",
    whose: Annotated[str | None, typer.Option(help="list: only what this person has.")] = None,
    closed: Annotated[bool, typer.Option("--closed", help="list: also what is verified or withdrawn.")] = False,
    config: ConfigOption = CONFIG,
    data: DataOption = None,
    json: JsonOption = False,
) -> None:
    """Give, answer and verify risk notices and follow-up work.

    An answer is verified by somebody else than who gave it. What is overdue rises to those named for it, one after the
    other. Each deed is in the audit log.
    """
    with open_desk(config, data) as desk:
        now = desk.clock.now()
        desk.store.escalate_items(now, desk.notices.tell)
        if action is Action.LIST:
            _list(desk, now, whose, closed=closed, json=json)
            return
        actor = acting(desk, person)
        due_at = instant(due, desk, "--due") if due else now + USUAL
        if action is Action.GIVE:
            made = _given(desk, actor, kind, words, required(to, "--to"), escalate_to or (), due_at, chain, area)
        else:
            made = _changed(desk, actor, action, required(item, "ITEM"), words, to, due_at)
        if json:
            write_json(made)
        else:
            told(f"{made.id}: {made.state}, with {', '.join(made.holders)}, due {instant_text(made.due_at)}")


def _given(
    desk: Desk,
    actor: Actor,
    kind: Kind,
    title: str,
    to: str,
    escalation: Sequence[str],
    due_at: datetime,
    chain: str,
    area: str,
) -> Item:
    _may(actor)
    now = desk.clock.now()
    try:
        item = Item(
            id=content_id("item", title, to, to_ns(now)),
            kind=kind,
            title=required(title, "--words"),
            area=area,
            chain=chain,
            assignee=_known(desk, to),
            escalation=tuple(_known(desk, one) for one in escalation),
            due_at=due_at,
        )
    except ValidationError as error:
        raise DutyError(in_words(error.errors(include_url=False))) from error
    if chain and not desk.store.chain(chain):
        raise UnknownError(f"no chain {chain!r} in the store; `forewarn ledger --json` lists them")
    item = given(item, actor.name, now)
    desk.store.add_item(item, actor.who, now, desk.notices.tell)
    return item


def _changed(desk: Desk, actor: Actor, action: Action, item: str, words: str, to: str | None, due_at: datetime) -> Item:
    now, by = desk.clock.now(), actor.name
    if action is not Action.ANSWER:
        _may(actor)
    if action is Action.REASSIGN:
        change: Callable[[Item], Item] = partial(reassign, by=by, to=_known(desk, required(to, "--to")), at=now)
    elif action is Action.RETURN:
        change = partial(give_back, by=by, words=words, due_at=due_at, at=now)
    else:
        plain = {Action.ANSWER: answer, Action.VERIFY: verify, Action.WITHDRAW: withdraw}[action]
        change = partial(plain, by=by, words=words, at=now)
    return desk.store.change_item(item, change, actor.who, now, desk.notices.tell)


def _may(actor: Actor) -> None:
    if not actor.roles & OFFICIALS:
        roles = ", ".join(sorted(OFFICIALS))
        raise DutyError(f"{actor.name} may not: giving, verifying and moving items is for {roles}")


def _known(desk: Desk, name: str) -> str:
    if desk.duty.person(name) is None:
        raise UnknownError(f"no person {name!r} in [[duty.people]]")
    return name


def _list(desk: Desk, now: datetime, whose: str | None, *, closed: bool, json: bool) -> None:
    found = [one for one in desk.store.items(open_only=not closed) if whose is None or whose in one.holders]
    if json:
        write_json([one.model_dump(mode="json") | {"overdue": one.is_overdue(now)} for one in found])
        return
    if not found:
        told("Nothing to do.")
        return
    table("Items", COLUMNS, [_row(one, now) for one in found], wraps=("what",))


def _row(one: Item, now: datetime) -> tuple[str, ...]:
    state = f"[red]{one.state}, overdue[/]" if one.is_overdue(now) else str(one.state)
    return (one.id, one.kind, escape(one.title), state, instant_text(one.due_at), ", ".join(one.holders), one.chain)
