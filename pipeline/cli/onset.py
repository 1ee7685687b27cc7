"""`forewarn onset`: what was seen to happen, entered into the ledger of a data folder."""

from __future__ import annotations

from datetime import datetime
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from alerting.ledger import Onset
from pipeline.cli.data_folder import open_store
from pipeline.cli.desk import operator
from pipeline.cli.output import instant_text, told, write_json
from pipeline.clock import SystemClock
from pipeline.config.config import Config
from pipeline.config.load import load_config
from pipeline.config.options import TimeSource
from pipeline.errors import UnknownError
from pipeline.model.area import Area
from pipeline.model.hazard import Hazard
from pipeline.model.instant import as_kept
from pipeline.runners.desk import make_verified


def onset(
    hazard: Annotated[Hazard, typer.Argument(help="What set in; sensor_fault is none.")],
    area: Annotated[str, typer.Argument(help="Where: the code of an area of the inventory, or its name.")],
    at: Annotated[
        str | None,
        typer.Argument(help="When, for example 2026-05-01T14:30+08:00; without a zone: [process] time_zone. Now."),
    ] = None,
    *,
    config: Annotated[Path, typer.Option(help="Whose data folder.")] = Path("forewarn.toml"),
    take_back: Annotated[
        bool, typer.Option("--take-back", help="It was entered by mistake: take it out again.")
    ] = False,
    data: Annotated[Path | None, typer.Option(help="The data folder, in place of the configured one.")] = None,
    json: Annotated[bool, typer.Option("--json", help="For machines.")] = False,
) -> None:
    """Enter when a hazard was seen to set in.

    `forewarn ledger` and the page then reckon lead times to it. The same onset twice is one.
    """
    if hazard is Hazard.SENSOR_FAULT:
        raise typer.BadParameter("a fault of a sensor harms nobody and has no onset", param_hint="HAZARD")
    found = load_config(config)
    place, when = _area(area, found), _instant(at, found)
    with open_store(found, data) as store:
        verified, seen = make_verified(found, store), Onset(hazard, place.code, when)
        try:
            (verified.take_back if take_back else verified.observe)(seen, operator(), SystemClock().now())
        except UnknownError as error:
            raise typer.BadParameter(str(error), param_hint="AT") from error
    if json:
        write_json({"hazard": hazard, "area": place.code, "onset_at": instant_text(when)})
    else:
        done = "Taken back" if take_back else "Entered"
        told(f"{done}: {hazard} in {place.name_en} ({place.code}) at {instant_text(when)}")


def _area(text: str, config: Config) -> Area:
    areas = config.inventory.areas
    found = [area for area in areas if text in {area.code, area.name_zh, area.name_en}]
    if len(found) == 1:
        return found[0]
    known = [name for area in areas for name in (area.code, area.name_zh, area.name_en)]
    meant = [one.code for one in found] or get_close_matches(text, known, n=3)
    hint = f"did you mean {', '.join(meant)}? " if meant else ""
    fault = "is the name of several areas" if found else "is no area of the inventory"
    raise typer.BadParameter(f"{text!r} {fault}; {hint}`forewarn list areas` shows all", param_hint="AREA")


def _instant(text: str | None, config: Config) -> datetime:
    now = SystemClock().now()
    if text is None:
        return now
    try:
        at = datetime.fromisoformat(text)
    except ValueError as error:
        why = f"{text!r} is no instant; want for example 2026-05-01T14:30+08:00"
        raise typer.BadParameter(why, param_hint="AT") from error
    try:
        at = as_kept(at if at.tzinfo else at.replace(tzinfo=ZoneInfo(config.process.time_zone)))
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="AT") from error
    if at > now and config.process.time is TimeSource.WALL:
        raise typer.BadParameter(f"{instant_text(at)} has not come yet; an onset is observed", param_hint="AT")
    return at
