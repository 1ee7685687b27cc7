"""`forewarn roster`: who is on duty."""

from __future__ import annotations

import sys
from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from alerting.desk import Desk
from alerting.people.calendar import to_ical
from alerting.people.roster import Shift, on_duty, shifts
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
from pipeline.errors import RecordingError


class Action(StrEnum):
    """What to do. NOW: who is on duty. CALENDAR: write iCalendar. TAKE: take it in."""

    NOW = "now"
    SHIFTS = "shifts"
    CALENDAR = "calendar"
    TAKE = "take"
    HAND_OVER = "hand-over"


def roster(
    action: Annotated[Action, typer.Argument(help="What to do.")] = Action.NOW,
    name: Annotated[str | None, typer.Argument(help="Which roster.")] = None,
    *,
    to: Annotated[str | None, typer.Option(help="hand-over: who takes over.")] = None,
    begin: Annotated[str | None, typer.Option(help="hand-over: from when on; now.")] = None,
    until: Annotated[str | None, typer.Option(help="hand-over: until when.")] = None,
    file: Annotated[Path | None, typer.Option(help="take: the calendar.")] = None,
    days: Annotated[int, typer.Option(help="shifts, calendar: how many from now on.", min=1, max=400)] = 28,
    person: AsOption = None,
    reason: Annotated[str, typer.Option(help="hand-over: why.")] = "",
    config: ConfigOption = CONFIG,
    data: DataOption = None,
    json: JsonOption = False,
) -> None:
    """Tell who is on duty; hand over, write and take in iCalendar.

    A calendar that is taken in again takes the place of what the file of that name brought before; what was handed
    over by hand stands.
    """
    with open_desk(config, data) as desk:
        match action:
            case Action.NOW:
                _now(desk, json=json)
            case Action.SHIFTS:
                _shifts(_planned(desk, required(name, "NAME"), days), json=json)
            case Action.CALENDAR:
                planned = _planned(desk, required(name, "NAME"), days)
                sys.stdout.buffer.write(to_ical(required(name, "NAME"), planned, desk.duty.people, desk.clock.now()))
            case Action.TAKE:
                _take(desk, required(name, "NAME"), file, person)
            case Action.HAND_OVER:
                begins_at = instant(begin, desk, "--begin") if begin else desk.clock.now()
                ends_at = instant(required(until, "--until"), desk, "--until")
                actor, who = acting(desk, person), required(to, "--to")
                made = desk.hand_over(required(name, "NAME"), who, begins_at, ends_at, actor, reason)
                told(f"{made.person} is on duty from {instant_text(made.begins_at)} to {instant_text(made.ends_at)}")


def _now(desk: Desk, *, json: bool) -> None:
    now = desk.clock.now()
    arranged = desk.store.overrides(now)
    found = {one.name: on_duty(one, desk.days, arranged, now) for one in desk.duty.rosters}
    if json:
        write_json(found)
    else:
        table("On duty", ("roster", "people"), [(name, ", ".join(people)) for name, people in found.items()])


def _planned(desk: Desk, name: str, days: int) -> list[Shift]:
    now = desk.clock.now()
    return shifts(desk.roster(name), desk.days, desk.store.overrides(now), now, now + timedelta(days=days))


def _shifts(found: list[Shift], *, json: bool) -> None:
    if json:
        write_json(found)
    else:
        rows = [(instant_text(one.begins_at), instant_text(one.ends_at), ", ".join(one.people)) for one in found]
        table("Shifts", ("from", "until", "people"), rows)


def _take(desk: Desk, name: str, file: Path | None, person: str | None) -> None:
    if file is None:
        raise typer.BadParameter("is needed for this action", param_hint="--file")
    try:
        text = file.read_bytes()
    except OSError as error:
        raise RecordingError(f"{file}: cannot be read: {error.strerror}") from error
    taken = desk.take_calendar(name, text, file.name, acting(desk, person))
    told(f"{len(taken)} shifts taken from {file.name}")
