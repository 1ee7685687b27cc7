"""`forewarn list`: what is installed, and what is in the inventory."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from pipeline.cli.output import table, write_json
from pipeline.config.load import load_config
from pipeline.registry import Group, kinds, load


class What(StrEnum):
    """What can be listed."""

    DETECTORS = "detectors"
    ADAPTERS = "adapters"
    CHANNELS = "channels"
    AREAS = "areas"
    SENSORS = "sensors"


_GROUPS = {What.DETECTORS: Group.DETECTORS, What.ADAPTERS: Group.DEVICE_ADAPTERS, What.CHANNELS: Group.CHANNELS}


def show(
    what: Annotated[What, typer.Argument(help="What to list.")] = What.DETECTORS,
    config: Annotated[Path, typer.Option(help="Whose areas and sensors.")] = Path("forewarn.toml"),
    *,
    json: Annotated[bool, typer.Option("--json", help="For machines.")] = False,
) -> None:
    """List installed components, or the areas and sensors of a configuration."""
    rows = _components(_GROUPS[what]) if what in _GROUPS else _places(what, config)
    if json:
        write_json(rows)
        return
    columns = list(rows[0]) if rows else []
    table(what.value, columns, [[str(row[column]) for column in columns] for row in rows])


def _components(group: Group) -> list[dict[str, Any]]:
    return [_component(group, kind) for kind in kinds(group)]


def _component(group: Group, kind: str) -> dict[str, Any]:
    found = load(group, kind)
    options = ", ".join(found.options_type.model_fields)
    about = (found.__doc__ or "").strip().partition("\n")[0]
    if group is Group.DETECTORS:
        standards = "; ".join(dict.fromkeys(criterion.standard for criterion in found.criteria))
        return {"kind": kind, "hazard": found.hazard.value, "about": about, "standards": standards, "options": options}
    return {"kind": kind, "about": about, "options": options}


def _places(what: What, path: Path) -> list[dict[str, Any]]:
    inventory = load_config(path).inventory
    if what is What.AREAS:
        return [
            {"code": area.code, "level": area.level.name.lower(), "name": f"{area.name_zh} {area.name_en}"}
            for area in inventory.areas
        ]
    return [
        {
            "id": sensor.id,
            "kind": sensor.kind.value,
            "quantity": f"{sensor.quantity} [{sensor.quantity.unit}]",
            "site": sensor.site,
            "area": inventory.area_of(sensor.id).name_en,
            "interval_s": sensor.interval_s,
        }
        for sensor in inventory.sensors
    ]
