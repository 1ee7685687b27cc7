"""The tables of reach and of contacts that `[coverage]` names."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pydantic import BaseModel

from alerting.coverage.reach import Contact, CoverageOptions, Reach, ReachTable
from pipeline.config.csv_table import CsvTable
from pipeline.errors import ConfigError
from pipeline.model.inventory import Inventory


def load_reach(options: CoverageOptions, inventory: Inventory) -> ReachTable:
    """Both tables, empty where none is named.

    Raises:
        ExceptionGroup[ConfigError]: every row that cannot be, with its line; areas that the inventory does not list.
    """
    complaints: list[ConfigError] = []
    rows, contacts = (
        _rows(path, model, inventory, complaints)
        for path, model in ((options.reach, Reach), (options.contacts, Contact))
    )
    if complaints:
        raise ExceptionGroup("tables of [coverage]: not valid", complaints)
    return ReachTable(rows, contacts, options.enough)


def _rows(path: Path | None, model: type[BaseModel], inventory: Inventory, complaints: list[ConfigError]) -> list[Any]:
    if path is None:
        return []
    table = CsvTable(path, model)
    complaints += table.complaints
    for line, row in zip(table.lines, table.rows, strict=True):
        if row.area not in inventory.area_by_code:
            complaints.append(ConfigError(path, f"area {row.area} is not in the inventory", line))
    return table.rows
