"""The inventory from files: one TOML file, or a folder with areas.csv, sites.csv and sensors.csv."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError

from pipeline.config.toml_file import TomlFile
from pipeline.errors import ConfigError
from pipeline.model.area import Area
from pipeline.model.identity import content_id
from pipeline.model.inventory import Inventory, InventoryError
from pipeline.model.site import Sensor, Site

M = TypeVar("M", bound=BaseModel)


class _Tables(BaseModel):
    model_config = ConfigDict(extra="forbid")

    areas: tuple[Area, ...]
    sites: tuple[Site, ...]
    sensors: tuple[Sensor, ...]


def load_inventory(path: Path) -> Inventory:
    """The inventory at `path`; its `version` is a function of its content.

    Raises:
        ConfigError: a single complaint, with file and line where there is one.
        ExceptionGroup[ConfigError]: several.
    """
    tables = _from_folder(path) if path.is_dir() else _from_toml(path)
    try:
        return Inventory(tables.areas, tables.sites, tables.sensors, content_id(tables.model_dump_json()))
    except InventoryError as error:
        raise ConfigError(path, str(error)) from error


def _from_toml(path: Path) -> _Tables:
    file = TomlFile(path)
    return file.validated(_Tables, file.data, ())


def _from_folder(folder: Path) -> _Tables:
    complaints: list[ConfigError] = []
    tables = _Tables.model_construct(
        areas=tuple(_rows(folder / "areas.csv", Area, complaints)),
        sites=tuple(_rows(folder / "sites.csv", Site, complaints)),
        sensors=tuple(_rows(folder / "sensors.csv", Sensor, complaints)),
    )
    if complaints:
        raise ExceptionGroup(f"{folder}: not a valid inventory", complaints)
    return tables


def _rows(path: Path, model: type[M], complaints: list[ConfigError]) -> Iterator[M]:
    """One object a row; an empty cell is a field left out. Complaints are collected, the rest goes on."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file, strict=True)
            for row in reader:
                try:
                    yield model.model_validate(_fields(row))
                except ValidationError as error:
                    complaints += [_complaint(path, reader.line_num, item) for item in error.errors()]
                except ValueError as error:
                    complaints.append(ConfigError(path, str(error), reader.line_num))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        complaints.append(ConfigError(path, f"cannot be read: {error}"))


def _complaint(path: Path, line: int, item: Any) -> ConfigError:
    column = ".".join(str(part) for part in item["loc"]) or "row"
    words = str(item["msg"]).removeprefix("Value error, ")
    if item["type"] == "extra_forbidden":
        words = "unknown column; remove it or mend its spelling"
    shown = "" if item["type"] in {"missing", "extra_forbidden"} else f", not {item['input']!r}"
    return ConfigError(path, f"{column}: {words}{shown}", line)


def _fields(row: dict[str | None, Any]) -> dict[str, Any]:
    if None in row:
        raise ValueError(f"{len(row[None])} cell(s) more than the header has columns")
    named = {str(name): cell for name, cell in row.items() if cell not in {None, ""}}
    return {name: _CELLS[name](cell) if name in _CELLS else cell for name, cell in named.items()}


def _polygon(cell: str) -> list[list[float]]:
    """`lon lat;lon lat;...` in degrees."""
    points = [[float(part) for part in point.split()] for point in cell.split(";")]
    if any(len(point) != len(("lon", "lat")) for point in points):
        raise ValueError(f"polygon: want `lon lat;lon lat;...`, not {cell!r}")
    return points


def _thresholds(cell: str) -> dict[str, float]:
    """`detector.option=value;...`."""
    pairs = [pair.partition("=") for pair in cell.split(";")]
    return {name.strip(): float(value) for name, _, value in pairs}


_CELLS: Final[dict[str, Callable[[str], Any]]] = {"polygon": _polygon, "thresholds": _thresholds}
