"""Tables of rain amounts by colour: data of signals.toml, or a site's own."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Final

from pydantic import BaseModel, ConfigDict, Field

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
    """The rules of one region and the document they stand in."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    source: str
    rules: tuple[Rule, ...] = Field(min_length=1, max_length=RULES_MAX)


@cache
def tables() -> dict[str, Table]:
    """Name -> table, from the file beside this one."""
    text = Path(__file__).with_name("signals.toml").read_text(encoding="utf-8")
    return {name: Table.model_validate(table) for name, table in tomllib.loads(text).items()}


def worst_first(rules: Iterable[Rule]) -> tuple[Rule, ...]:
    """The rules from red to blue, larger amounts first within a colour."""
    return tuple(sorted(rules, key=lambda rule: (-rule.level, -rule.amount_mm, rule.window_h)))
