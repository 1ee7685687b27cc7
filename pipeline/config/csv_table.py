"""A CSV table whose columns are the fields of a model, read with the line of every complaint."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, Final

from pydantic import BaseModel, ValidationError

from pipeline.config.complaint import shown, unknown, words
from pipeline.errors import ConfigError


class CsvTable:
    """One object a row; an empty cell is a field left out. Complaints are collected, the rest goes on.

    Attributes:
        rows: the objects; `lines`: where each stands. Of use only while there are no complaints.
    """

    def __init__(self, path: Path, model: type[BaseModel]) -> None:
        self.path = path
        self.rows: list[Any] = []
        self.lines: list[int] = []
        self.complaints: list[ConfigError] = []
        self._model = model
        line = 0
        try:
            with path.open(encoding="utf-8-sig", newline="") as file:
                reader = csv.reader(file, strict=True)
                header = next(reader, [])
                self._header(header)
                for cells in reader if not self.complaints else ():
                    line = reader.line_num
                    if cells:
                        self._row(line, header, cells)
        except csv.Error as error:
            self._complain(f"not CSV: {error}", line + 1)
        except UnicodeDecodeError as error:
            self._complain(f"not UTF-8: {error.reason} at byte {error.start}")
        except OSError as error:
            self._complain(f"cannot be read: {error.strerror}")

    def _complain(self, what: str, line: int | None = None) -> None:
        self.complaints.append(ConfigError(self.path, what, line))

    def _header(self, header: Sequence[str]) -> None:
        fields = self._model.model_fields
        for name in header:
            if name not in fields:
                self._complain(f"{name}: {unknown('column', name, fields)}", 1)
        for name in sorted({name for name in header if header.count(name) > 1}):
            self._complain(f"{name}: two columns of this name; remove one", 1)
        for name, field in fields.items():
            if field.is_required() and name not in header:
                self._complain(f"{name}: no such column; add it", 1)

    def _row(self, line: int, header: Sequence[str], cells: Sequence[str]) -> None:
        if len(cells) > len(header):
            self._complain(f"{len(cells) - len(header)} cell(s) more than the header has columns", line)
            return
        try:
            named = {name: cell for name, cell in zip(header, cells, strict=False) if cell}
            self.rows.append(self._model.model_validate(dict(_read(named))))
            self.lines.append(line)
        except ValidationError as error:
            for item in error.errors(include_url=False):
                column = ".".join(str(part) for part in item["loc"]) or "row"
                self._complain(f"{column}: {words([item])}", line)
        except _CellError as error:
            self._complain(str(error), line)


class _CellError(ValueError):
    """A cell that is not of the form its column has."""


def _read(named: dict[str, str]) -> Iterator[tuple[str, Any]]:
    for name, cell in named.items():
        parse, form = _FORMS.get(name, (str, ""))
        try:
            yield name, parse(cell)
        except ValueError as error:
            raise _CellError(f"{name}: want `{form}`, not {shown(cell)}") from error


def _polygon(cell: str) -> list[tuple[float, float]]:
    points = [point.split() for point in cell.split(";")]
    return [(float(longitude), float(latitude)) for longitude, latitude in points]


def _thresholds(cell: str) -> dict[str, float]:
    pairs = [pair.split("=") for pair in cell.split(";")]
    return {name.strip(): float(value) for name, value in pairs}


_FORMS: Final[dict[str, tuple[Callable[[str], Any], str]]] = {
    "polygon": (_polygon, "lon lat;lon lat;..."),
    "thresholds": (_thresholds, "detector.option=value;..."),
}
"""Columns that hold more than one value, and how they are written."""
