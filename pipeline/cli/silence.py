"""`forewarn silence`: what is not sent for a time, and what that hid."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from enum import StrEnum
from typing import Annotated, Final

import typer
from pydantic import ValidationError

from alerting.desk import Desk
from alerting.stages.silence import Silence, SilenceKind
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
from pipeline.cli.output import instant_text, level_text, table, told, write_json
from pipeline.config.complaint import words
from pipeline.model.hazard import Hazard
from pipeline.model.identity import content_id
from pipeline.model.instant import to_ns
from pipeline.model.level import Level

USUAL_MIN: Final = 60.0


class Action(StrEnum):
    """What to do."""

    LIST = "list"
    SET = "set"
    END = "end"


def silence(
    action: Annotated[Action, typer.Argument(help="What to do.")] = Action.LIST,
    silence_id: Annotated[str | None, typer.Argument(help="Which to end; `list` shows them.")] = None,
    *,
    kind: Annotated[SilenceKind, typer.Option(help="A silence, or announced work.")] = SilenceKind.SILENCE,
    hazard: Annotated[list[Hazard] | None, typer.Option(help="Which hazards; all by default.")] = None,
    area: Annotated[list[str] | None, typer.Option(help="Area codes or their leading digits; everywhere.")] = None,
    to: Annotated[list[str] | None, typer.Option(help="channel/target or channel/*; everybody.")] = None,
    max_level: Annotated[str, typer.Option(help="Up to which level; red only where this says so.")] = "orange",
    begin: Annotated[str | None, typer.Option(help="From when on; now.")] = None,
    minutes: Annotated[float, typer.Option(help="For how long, seven days at most.", min=1)] = USUAL_MIN,
    person: AsOption = None,
    reason: Annotated[str, typer.Option(help="Why.")] = "",
    config: ConfigOption = CONFIG,
    data: DataOption = None,
    json: JsonOption = False,
) -> None:
    """Tell what is silenced and what that hid; set a silence, or end one.

    A silence ends by itself; what it hid and is still in force then goes out. An all-clear is never silenced.
    """
    with open_desk(config, data) as desk:
        if action is Action.LIST:
            _show(desk, json=json)
            return
        actor = acting(desk, person)
        if action is Action.END:
            done = desk.end_silence(required(silence_id, "SILENCE_ID"), actor)
        else:
            now = desk.clock.now()
            begins_at = instant(begin, desk, "--begin") if begin else now
            body = {
                "id": content_id("silence", actor.name, to_ns(now), reason),
                "kind": kind,
                "hazards": hazard or (),
                "areas": area or (),
                "to": to or (),
                "max_level": max_level,
                "begins_at": begins_at,
                "ends_at": begins_at + timedelta(minutes=minutes),
                "by": actor.name,
                "reason": required(reason, "--reason"),
            }
            done = desk.silence(_valid(body), actor)
    if json:
        write_json(done)
    else:
        told(f"{done.kind} {done.id}: {'over' if action is Action.END else f'until {instant_text(done.ends_at)}'}")


def _valid(body: Mapping[str, object]) -> Silence:
    try:
        return Silence.model_validate(body)
    except ValidationError as error:
        item = error.errors(include_url=False)[0]
        place = ".".join(map(str, item["loc"]))
        raise typer.BadParameter(f"{place}: {words([item])}" if place else words([item])) from error


def _show(desk: Desk, *, json: bool) -> None:
    found = [(one, desk.store.held(by=one.id)) for one in desk.store.silences(desk.clock.now())]
    if json:
        write_json([{"silence": one, "hid": hid} for one, hid in found])
        return
    rows = [
        (one.id, one.kind, instant_text(one.begins_at), instant_text(one.ends_at), level_text(one.max_level), one.by,
         one.reason, str(len(hid)), str(sum(each.level is Level.RED for each in hid))) for one, hid in found
    ]  # fmt: skip
    table("Silences", ("id", "kind", "from", "until", "up to", "by", "why", "hid", "red"), rows, wraps=("why",))
