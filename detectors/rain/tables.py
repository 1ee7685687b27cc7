"""Tables of rain amounts by colour: data of signals.toml, a site's own, or a region's in a file of the same form."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from pipeline.model.level import LevelField

RULES_MAX: Final = 8
"""Rules that one table may hold."""


class Rule(BaseModel):
    """`amount_mm` within any `window_h` is `level`.

    Attributes:
        level: the colour that is reached.
        window_h: within how long.
        amount_mm: how much must fall or be expected.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    level: LevelField
    window_h: float = Field(ge=1, le=24)
    amount_mm: float = Field(gt=0, le=2000)

    @property
    def window_min(self) -> int:
        """The window in whole minutes."""
        return round(self.window_h * 60)


class Table(BaseModel):
    """The rules of one region and the document they stand in.

    Attributes:
        areas: where they hold: leading digits of division codes, 33 for a province, 330212 for a county.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    source: str = Field(min_length=1)
    areas: tuple[Annotated[str, Field(pattern=r"^([1-9]\d)(\d\d){0,2}((\d{3}){0,2})$")], ...] = ()
    rules: tuple[Rule, ...] = Field(min_length=1, max_length=RULES_MAX)


@cache
def tables() -> dict[str, Table]:
    """Name -> table, from the file beside this one."""
    return _read(Path(__file__).with_name("signals.toml"))


def _read(path: Path) -> dict[str, Table]:
    return {name: Table.model_validate(one) for name, one in tomllib.loads(path.read_text(encoding="utf-8")).items()}


Regions = Mapping[str, Table]
"""Leading digits of division codes -> the table that holds there."""


def regional(path: Path | None) -> Regions:
    """The tables of a file by area; the longest digits that a code begins with are the ones that count.

    Raises:
        ValueError: a file that cannot be read, or is no such table; a table without areas; an area named twice.
    """
    if path is None:
        return {}
    try:
        named = _read(path)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, ValidationError) as error:
        message = f"signals {path}: {error}"
        raise ValueError(message) from error
    found: dict[str, Table] = {}
    for name, table in named.items():
        twice = sorted(set(table.areas) & set(found))
        if twice or not table.areas:
            message = f"signals {path}: {name}: " + (f"area {twice[0]} has a table already" if twice else "no areas")
            raise ValueError(message)
        found |= dict.fromkeys(table.areas, table)
    return found


def held_in(area: str, regions: Regions) -> Table | None:
    """The table of the narrowest division that `area` lies in."""
    here = [digits for digits in regions if area.startswith(digits)]
    return regions[max(here, key=len)] if here else None


def worst_first(rules: Iterable[Rule]) -> tuple[Rule, ...]:
    """The rules from red to blue, larger amounts first within a colour."""
    return tuple(sorted(rules, key=lambda rule: (-rule.level, -rule.amount_mm, rule.window_h)))
