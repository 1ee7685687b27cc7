"""The inventory from files: one TOML file, or a folder with areas.csv, sites.csv and sensors.csv."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from pipeline.config.csv_table import CsvTable
from pipeline.config.toml_file import TomlFile
from pipeline.errors import ConfigError
from pipeline.model.area import Area
from pipeline.model.identity import content_id
from pipeline.model.inventory import Inventory, contradictions
from pipeline.model.site import Sensor, Site


class _Tables(BaseModel):
    model_config = ConfigDict(extra="forbid")

    areas: tuple[Area, ...]
    sites: tuple[Site, ...]
    sensors: tuple[Sensor, ...]


@dataclass(frozen=True)
class InventoryFile:
    """An inventory that remembers where each entry stands.

    Attributes:
        places: `sensor ID`, `site ID`, `area CODE` -> file and line.
    """

    inventory: Inventory
    path: Path
    places: Mapping[str, tuple[Path, int | None]]

    def error(self, where: str, what: str) -> ConfigError:
        """A complaint about one entry, named as in `places`."""
        return _error(self.path, self.places, where, what)


def load_inventory(path: Path) -> Inventory:
    """The inventory at `path`; its `version` is a function of its content.

    Raises:
        ExceptionGroup[ConfigError]: every complaint, with file and line where there is one.
        ConfigError: a file that cannot be read at all.
    """
    return read_inventory(path).inventory


def read_inventory(path: Path) -> InventoryFile:
    """The same, with the places of its entries."""
    tables, places = _from_folder(path) if path.is_dir() else _from_toml(path)
    found = list(contradictions(tables.areas, tables.sites, tables.sensors))
    if found:
        raise ExceptionGroup(f"{path}: not valid", [_error(path, places, one.where, one.what) for one in found])
    version = content_id(tables.model_dump_json())
    return InventoryFile(Inventory(tables.areas, tables.sites, tables.sensors, version), path, places)


def _error(path: Path, places: Mapping[str, tuple[Path, int | None]], where: str, what: str) -> ConfigError:
    file, line = places.get(where, (path, None))
    return ConfigError(file, f"{where}: {what}", line)


def _from_toml(path: Path) -> tuple[_Tables, dict[str, tuple[Path, int | None]]]:
    if path.suffix == ".csv":
        raise ConfigError(
            path, "is one table of three; name the folder that holds areas.csv, sites.csv and sensors.csv"
        )
    file = TomlFile(path)
    tables = file.validated(_Tables, file.data, ())
    return tables, {
        name: (path, file.line_of((table, position)))
        for table, keys in _keys(tables).items()
        for position, name in enumerate(keys)
    }


def _from_folder(folder: Path) -> tuple[_Tables, dict[str, tuple[Path, int | None]]]:
    files = [CsvTable(folder / "areas.csv", Area), CsvTable(folder / "sites.csv", Site)]
    files.append(CsvTable(folder / "sensors.csv", Sensor))
    complaints = [complaint for file in files for complaint in file.complaints]
    if complaints:
        raise ExceptionGroup(f"{folder}: not valid", complaints)
    areas, sites, sensors = (tuple(file.rows) for file in files)
    tables = _Tables.model_construct(areas=areas, sites=sites, sensors=sensors)
    return tables, {
        name: (file.path, line)
        for file, keys in zip(files, _keys(tables).values(), strict=True)
        for line, name in zip(file.lines, keys, strict=True)
    }


def _keys(tables: _Tables) -> dict[str, list[str]]:
    """Table -> its entries as complaints name them, in the order of the file."""
    return {
        "areas": [f"area {area.code}" for area in tables.areas],
        "sites": [f"site {site.id}" for site in tables.sites],
        "sensors": [f"sensor {sensor.id}" for sensor in tables.sensors],
    }
