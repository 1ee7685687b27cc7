"""Who was reached, what drills showed, and the work that warnings leave behind."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Final

from pydantic import ValidationError

from alerting.api.endpoint import Ask, Body, Endpoint
from alerting.coverage.reckon import Coverage
from alerting.tasks.item import Item, Matter, answer, give_back, given, reassign, verify, withdraw
from pipeline.errors import DutyError, UnknownError
from pipeline.model.identity import content_id
from pipeline.model.instant import Instant, to_ns
from pipeline.model.role import OFFICIALS

USUAL: Final = timedelta(hours=24)
_CHANGES: Final[dict[str, Callable[..., Item]]] = {"answer": answer, "verify": verify, "withdraw": withdraw}


class NewItem(Matter):
    """A risk notice or follow-up work to be given; due in 24 hours unless it says otherwise."""

    due_at: Instant | None = None


class Said(Body):
    """What was done, or why; to whom, for a reassignment; until when, for what is given back."""

    words: str = ""
    to: str = ""
    due_at: Instant | None = None


def _coverage(ask: Ask) -> Coverage:
    found = ask.desk.coverage(ask.path["chain"])
    if found is None:
        raise UnknownError(f"no chain {ask.path['chain']}")
    return found


def _items(ask: Ask) -> list[Item]:
    whose = ask.query.get("whose")
    found = ask.desk.store.items(open_only=ask.query.get("closed") != "true")
    return [one for one in found if whose is None or whose in one.holders]


def _give(ask: Ask) -> Item:
    now = ask.desk.clock.now()
    values = ask.body.model_dump()
    for name in (ask.body.assignee, *ask.body.escalation):
        _known(ask, name)
    if ask.body.chain and not ask.desk.store.chain(ask.body.chain):
        raise UnknownError(f"no chain {ask.body.chain}")
    values["due_at"] = ask.body.due_at or now + USUAL
    try:
        made = Item(id=content_id("item", ask.body.title, ask.body.assignee, to_ns(now)), **values)
    except ValidationError as error:
        raise DutyError(error.errors(include_url=False)[0]["msg"]) from error
    item = given(made, ask.actor.name, now)
    ask.desk.store.add_item(item, ask.actor.who, now, ask.desk.notices.tell)
    return item


def _change(ask: Ask, deed: str) -> Item:
    now = ask.desk.clock.now()
    change = partial(_CHANGES[deed], by=ask.actor.name, words=ask.body.words, at=now)
    return ask.desk.store.change_item(ask.path["item"], change, ask.actor.who, now, ask.desk.notices.tell)


def _give_back(ask: Ask) -> Item:
    now = ask.desk.clock.now()
    due_at = ask.body.due_at or now + USUAL
    change = partial(give_back, by=ask.actor.name, words=ask.body.words, due_at=due_at, at=now)
    return ask.desk.store.change_item(ask.path["item"], change, ask.actor.who, now, ask.desk.notices.tell)


def _reassign(ask: Ask) -> Item:
    now, to = ask.desk.clock.now(), _known(ask, ask.body.to)
    change = partial(reassign, by=ask.actor.name, to=to, at=now)
    return ask.desk.store.change_item(ask.path["item"], change, ask.actor.who, now, ask.desk.notices.tell)


def _known(ask: Ask, name: str) -> str:
    if ask.desk.duty.person(name) is None:
        raise UnknownError(f"no person {name!r} in [[duty.people]]")
    return name


ENDPOINTS: Final = (
    Endpoint("GET", "/warnings/{chain}/coverage", "What part of the population a warning reached, village by village, "
             "and whom to call about the rest.", _coverage, Coverage),
    Endpoint("GET", "/tasks", "Risk notices and follow-up work.", _items, list[Item],
             query={"whose": "only what this person has", "closed": '"true" for verified and withdrawn ones too'}),
    Endpoint("POST", "/tasks", "Give an item to somebody.", _give, Item, NewItem, OFFICIALS),
    Endpoint("POST", "/tasks/{item}/answer", "Say what was done; for who has it.", partial(_change, deed="answer"),
             Item, Said),
    Endpoint("POST", "/tasks/{item}/verify", "Confirm an answer; not for who gave it.",
             partial(_change, deed="verify"), Item, Said, OFFICIALS),
    Endpoint("POST", "/tasks/{item}/withdraw", "Close what needs no answer any more.",
             partial(_change, deed="withdraw"), Item, Said, OFFICIALS),
    Endpoint("POST", "/tasks/{item}/return", "Give an answer back, with the reason.", _give_back, Item, Said,
             OFFICIALS),
    Endpoint("POST", "/tasks/{item}/reassign", "Give an open item to somebody else.", _reassign, Item, Said,
             OFFICIALS),
)  # fmt: skip
