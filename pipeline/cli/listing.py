"""`forewarn list`: what is installed, with all options, and what is in the inventory."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer
from pydantic import BaseModel
from rich.markup import escape

from pipeline.cli.component import component, components
from pipeline.cli.output import table, told, write_json
from pipeline.config.complaint import unknown
from pipeline.config.load import load_config
from pipeline.model.inventory import Inventory
from pipeline.registry import Group, kinds


class What(StrEnum):
    """What can be listed."""

    DETECTORS = "detectors"
    ADAPTERS = "adapters"
    CHANNELS = "channels"
    AREAS = "areas"
    SITES = "sites"
    SENSORS = "sensors"


_GROUPS = {What.DETECTORS: Group.DETECTORS, What.ADAPTERS: Group.DEVICE_ADAPTERS, What.CHANNELS: Group.CHANNELS}


def listing(
    what: Annotated[What, typer.Argument(help="What to list.")] = What.DETECTORS,
    kind: Annotated[str | None, typer.Argument(help="One of them, with its options.")] = None,
    *,
    config: Annotated[Path, typer.Option(help="Whose areas, sites and sensors.")] = Path("forewarn.toml"),
    json: Annotated[bool, typer.Option("--json", help="For machines.")] = False,
) -> None:
    """List detectors, adapters, channels and their options, areas, sensors."""
    if what not in _GROUPS:
        if kind is not None:
            raise typer.BadParameter(f"`list {what}` shows all of them", param_hint="KIND")
        _list_places(what, load_config(config).inventory, json=json)
    elif kind is None:
        _list_components(_GROUPS[what], what, json=json)
    else:
        _list_options(_GROUPS[what], _known(_GROUPS[what], kind), json=json)


def _known(group: Group, kind: str) -> str:
    installed = kinds(group)
    if kind not in installed:
        raise typer.BadParameter(unknown("kind", kind, installed, name_all=True), param_hint="KIND")
    return kind


def _list_components(group: Group, what: What, *, json: bool) -> None:
    rows = components(group)
    if json:
        write_json(rows)
        return
    columns = [name for name in ("kind", "hazard", "about") if any(name in row for row in rows)]
    table(what, columns, [[escape(str(row.get(name, ""))) for name in columns] for row in rows])
    told(f"`forewarn list {what} KIND` shows the options of one.", "dim")


def _list_options(group: Group, kind: str, *, json: bool) -> None:
    found = component(group, kind)
    if json:
        write_json(found)
        return
    told(f"{kind}: {found['about']}", "bold")
    criteria = found.get("criteria", [])
    if criteria:
        rules = [[escape(one[name]) for name in ("key", "unit", "standard", "en")] for one in criteria]
        table("Rules", ("rule", "unit", "standard", "says"), rules)
    fields = ("name", "type", "default", "unit", "about")
    table("Options", fields, [[escape(one[name]) for name in fields] for one in found["options"]])


def _list_places(what: What, inventory: Inventory, *, json: bool) -> None:
    entries: tuple[BaseModel, ...] = getattr(inventory, what)
    if json:
        write_json(entries)
        return
    rows = [_place(what, entry, inventory) for entry in entries]
    table(what, list(rows[0]) if rows else [], [[escape(cell) for cell in row.values()] for row in rows])


def _place(what: What, entry: Any, inventory: Inventory) -> dict[str, str]:
    match what:
        case What.AREAS:
            return {"code": entry.code, "level": entry.level.name.lower(), "name": f"{entry.name_zh} {entry.name_en}"}
        case What.SITES:
            area = inventory.area_by_code[entry.area].name_en
            return {"id": entry.id, "area": area, "name": f"{entry.name_zh} {entry.name_en}"}
        case _:
            return {
                "id": entry.id,
                "kind": entry.kind,
                "quantity": f"{entry.quantity} [{entry.quantity.unit}]",
                "site": entry.site,
                "group": entry.group,
                "area": inventory.area_of(entry.id).name_en,
                "every": f"{entry.interval_s:g} s",
            }
