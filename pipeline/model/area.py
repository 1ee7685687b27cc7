"""Areas: administrative divisions by GB/T 2260, down to the village (12-digit statistical codes)."""

from __future__ import annotations

from enum import IntEnum
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

AreaCode = Annotated[str, Field(pattern=r"^[1-9]\d{11}$")]
"""Six digits of GB/T 2260, three of the township, three of the village; zeros where it ends sooner."""

Ring = tuple[tuple[float, float], ...]
"""Longitude, latitude in degrees, WGS 84; first point equals last."""


class AreaLevel(IntEnum):
    """Depth in the tree; the value is how many digits of the code count."""

    PROVINCE = 2
    CITY = 4
    DISTRICT = 6
    TOWNSHIP = 9
    VILLAGE = 12


def area_level(code: str) -> AreaLevel:
    """The level that the trailing zeros of a 12-digit code tell."""
    return next(level for level in AreaLevel if set(code[level:]) <= {"0"})


def ancestor(code: str, level: AreaLevel) -> str:
    """The code of the division of `level` that holds this one (itself at its own level or above it)."""
    return code[:level].ljust(12, "0")


def overlap(one: str, other: str) -> bool:
    """Whether one division holds the other."""
    digits = min(area_level(one), area_level(other))
    return one[:digits] == other[:digits]


class Area(BaseModel):
    """One division.

    Attributes:
        code: twelve digits: six of GB/T 2260, three of the township, three of the village; zeros where it ends sooner.
        name_zh, name_en: what people call it.
        population: resident persons.
        polygon: its border as pairs of longitude and latitude [deg], WGS 84; the first point is also the last.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    code: AreaCode
    name_zh: str = Field(min_length=1)
    name_en: str = Field(min_length=1)
    population: int | None = Field(default=None, ge=0)
    polygon: Ring | None = None

    @property
    def level(self) -> AreaLevel:
        """Province, city, district, township or village."""
        return area_level(self.code)

    def ancestor(self, level: AreaLevel) -> str:
        """The code of the division of `level` that holds this one."""
        return ancestor(self.code, level)
