"""From the height of a liquid to its volume: strapping tables, standing and lying cylinders with their heads.

Every shape becomes one table of evenly spaced heights, so machine code knows only one way. Sources: strapping tables by
API MPMS 2.2 / GB/T 13235 are data of the tank's own; a lying cylinder's section is a circular segment; two heads of
depth a on a cylinder of radius R hold pi a h^2 (1 - h / (3 R)), exact for ellipsoids (half a sphere where a = R).
"""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Mapping, Sequence
from math import isfinite, pi
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from pydantic import Field

from detectors.base import DetectorOptions
from detectors.kernel import kernel
from pipeline.model.site import Sensor

POINTS: Final = 257
"""Heights of a table."""
TABLE: Final = np.dtype([("low_m", "f8"), ("step_m", "f8"), ("volume_m3", "f8", (POINTS,))], align=True)
_COLUMNS: Final = ["sensor", "level_m", "volume_m3"]
Strapped = Mapping[str, tuple[NDArray[np.float64], NDArray[np.float64]]]
"""Level gauge -> heights, rising, and volumes, not falling."""


class ShapeOptions(DetectorOptions):
    """The tank's shape: a strapping table, or a cylinder; with neither a section that is the same at every height."""

    strapping: Path | None = Field(
        default=None, description="CSV of all tanks: sensor,level_m,volume_m3; a gauge it does not name has no table"
    )
    diameter_m: float = Field(default=0.0, ge=0, le=200, description="of a cylinder; 0: not known")
    length_m: float = Field(default=0.0, ge=0, le=200, description="of a lying cylinder, without heads; 0: it stands")
    head_depth_m: float = Field(
        default=0.0, ge=0, le=10, description="of each of its heads; a quarter of the diameter is a 2:1 ellipsoid"
    )


Shape = tuple[float, float, NDArray[np.float64]]
"""The fields of a TABLE record."""
NO_SHAPE: Final[Shape] = (0.0, 1.0, np.zeros(POINTS))


def shape_of(sensor: Sensor, options: ShapeOptions, tables: Strapped) -> Shape:
    """That of a gauge's tank, over the range of its strapping table or else of the gauge."""
    if sensor.id in tables:
        return evenly(*tables[sensor.id])
    heights = np.linspace(sensor.range_low, sensor.range_high, POINTS)
    return float(heights[0]), float(heights[1] - heights[0]), _cylinder(heights, options)


def evenly(heights: NDArray[np.float64], volumes: NDArray[np.float64]) -> Shape:
    """A strapping table at evenly spaced heights."""
    spaced = np.linspace(heights[0], heights[-1], POINTS)
    return float(spaced[0]), float(spaced[1] - spaced[0]), np.interp(spaced, heights, volumes)


def _cylinder(height_m: NDArray[np.float64], options: ShapeOptions) -> NDArray[np.float64]:
    if options.diameter_m <= 0.0 or options.length_m <= 0.0:
        section = pi / 4 * options.diameter_m**2 if options.diameter_m > 0.0 else 1.0
        return section * height_m
    radius = options.diameter_m / 2
    h = np.clip(height_m, 0.0, 2 * radius)
    segment = radius**2 * np.arccos((radius - h) / radius) - (radius - h) * np.sqrt(
        np.maximum(2 * radius * h - h * h, 0.0)
    )
    heads = pi * options.head_depth_m * h**2 * (1 - h / (3 * radius))
    volume: NDArray[np.float64] = options.length_m * segment + heads
    return volume


def strapped(path: Path | None) -> Strapped:
    """The tables of a file by gauge.

    Raises:
        ValueError: a file that cannot be read or is no such table, with the line to repair.
    """
    if path is None:
        return {}
    rows: dict[str, list[tuple[float, float]]] = defaultdict(list)
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.reader(file, strict=True)
            _require(next(reader, []) == _COLUMNS, path, 1, f"the first line must be {','.join(_COLUMNS)}")
            for cells in reader:
                if cells:
                    _take(rows, cells, path, reader.line_num)
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        message = f"strapping {path}: {error}"
        raise ValueError(message) from error
    for name, points in rows.items():
        _require(len(points) > 1, path, 1, f"{name} has one row; a table needs two")
    return {name: (np.array([h for h, _ in points]), np.array([v for _, v in points])) for name, points in rows.items()}


def _take(rows: dict[str, list[tuple[float, float]]], cells: Sequence[str], path: Path, line: int) -> None:
    _require(len(cells) == len(_COLUMNS), path, line, f"{len(cells)} cells, not {len(_COLUMNS)}")
    try:
        height_m, volume_m3 = float(cells[1]), float(cells[2])
    except ValueError:
        height_m = volume_m3 = float("nan")
    _require(isfinite(height_m) and isfinite(volume_m3), path, line, f"{cells[1]!r}, {cells[2]!r} are no two numbers")
    points = rows[cells[0]]
    if points:
        rises = height_m > points[-1][0] and volume_m3 >= points[-1][1]
        _require(rises, path, line, f"{cells[0]}: heights must rise from row to row, and volumes not fall")
    points.append((height_m, volume_m3))


def _require(kept: bool, path: Path, line: int, what: str) -> None:  # noqa: FBT001  # the condition, as in assert
    if not kept:
        message = f"strapping {path}:{line}: {what}"
        raise ValueError(message)


@kernel
def volume_m3(table: Any, height_m: float) -> float:
    """Volume at a height; beyond the ends of the table that of the end."""
    place = (height_m - table.low_m) / table.step_m
    if place <= 0.0:
        return float(table.volume_m3[0])
    if place >= POINTS - 1:
        return float(table.volume_m3[POINTS - 1])
    below = int(place)
    share = place - below
    return float(table.volume_m3[below] * (1.0 - share) + table.volume_m3[below + 1] * share)
