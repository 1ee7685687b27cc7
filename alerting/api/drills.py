"""Drills: what may be held, starting one, and what each showed."""

from __future__ import annotations

from typing import Final

from pydantic import BaseModel, ConfigDict

from alerting.api.endpoint import PAGE, Ask, Body, Endpoint
from alerting.drill.evaluation import Evaluation, Mode
from alerting.drill.start import Begun
from alerting.pages.render import render
from pipeline.errors import DutyError, UnknownError
from pipeline.model.role import OFFICIALS

SHOWN: Final = 50


class Scenarios(BaseModel):
    """What may be started here, and what was lately, wherever."""

    model_config = ConfigDict(frozen=True)

    scenarios: tuple[str, ...] = ()
    begun: tuple[Begun, ...] = ()


class Start(Body):
    """tabletop: nothing leaves; live: now, by the channels of [drill]."""

    scenario: str
    mode: Mode = Mode.TABLETOP


def _drills(ask: Ask) -> list[Evaluation]:
    return list(ask.desk.store.drills(limit=SHOWN))


def _page(ask: Ask) -> str:
    found = next((one for one in _drills(ask) if one.id == ask.path["drill"]), None)
    if found is None:
        raise UnknownError(f"no drill {ask.path['drill']} among the latest {SHOWN}")
    return render("drill.html.j2", ask.desk.days.zone.key, drill=found)


def _scenarios(ask: Ask) -> Scenarios:
    held = ask.desk.drills
    return Scenarios(scenarios=tuple(held.scenarios), begun=tuple(held.begun())) if held else Scenarios()


def _start(ask: Ask) -> Begun:
    now = ask.desk.clock.now()
    begun = Begun.new(ask.body.scenario, ask.body.mode, ask.actor.name, now)
    if ask.desk.drills is None:
        raise DutyError("no drill is held here")
    ask.desk.drills.start(
        begun, lambda: ask.desk.store.note(now, ask.actor.who, "drill.start", begun.scenario, begun.mode)
    )
    return begun


ENDPOINTS: Final = (
    Endpoint("GET", "/drills/scenarios", "Drills that may be started, and what became of those that were.",
             _scenarios, Scenarios),
    Endpoint("GET", "/drills/{drill}.html", "What a drill showed, as a page.", _page, raw=PAGE),
    Endpoint("GET", "/drills", "What the latest drills showed.", _drills, list[Evaluation]),
    Endpoint("POST", "/drills", "Start a drill; one at a time.", _start, Begun, Start, OFFICIALS),
)  # fmt: skip
