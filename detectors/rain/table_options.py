"""Options of detectors that hold sums of rain against a table of signals."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final, Self

from pydantic import Field, model_validator

from detectors.base import DetectorOptions
from detectors.rain.tables import RULES_MAX, Regions, Rule, held_in, tables, worst_first
from pipeline.model.level import Level

COLOURS: Final = {Level.BLUE: "蓝色", Level.YELLOW: "黄色", Level.ORANGE: "橙色", Level.RED: "红色"}
SOURCE: Final = "CMA order No. 16 (2007), rainstorm signals, or the regional table configured"
SOURCE_ZH: Final = "中国气象局令第16号（2007）暴雨预警信号，或所配置的地方标准"


class TableOptions(DetectorOptions):
    """Which table. Colours may be overridden one by one, per sensor too."""

    table: str = Field(default="national", description="name of a table of detectors/rain/signals.toml")
    rules: tuple[Rule, ...] = Field(
        default=(), max_length=RULES_MAX, description="a table of one's own, in its place; not beside signals"
    )
    signals: Path | None = Field(default=None, description="TOML of regions' tables, each with the areas it holds in")
    blue_mm: float | None = Field(
        default=None, gt=0, le=2000, description="another amount for the one rule of this colour"
    )
    yellow_mm: float | None = Field(
        default=None, gt=0, le=2000, description="another amount for the one rule of this colour"
    )
    orange_mm: float | None = Field(
        default=None, gt=0, le=2000, description="another amount for the one rule of this colour"
    )
    red_mm: float | None = Field(
        default=None, gt=0, le=2000, description="another amount for the one rule of this colour"
    )

    @model_validator(mode="after")
    def _rules_are_clear(self) -> Self:
        if self.table not in tables():
            message = f"table {self.table!r} is none of {', '.join(tables())}"
            raise ValueError(message)
        if self.rules and self.signals is not None:
            message = "rules and signals: which would hold is not clear; leave out one, or put the rules into signals"
            raise ValueError(message + " as a table with the areas it holds in")
        colours = [rule.level for rule in self._chosen()]
        for level, amount_mm in self._amounts().items():
            if amount_mm is not None and colours.count(level) != 1:
                message = f"{level.word}_mm needs exactly one {level.word} rule, the table has {colours.count(level)}"
                raise ValueError(message)
        return self

    def at(self, area: str, regions: Regions) -> Self:
        """The options where the table of the region counts, if `area` lies in one.

        Raises:
            pydantic.ValidationError: an amount of one colour of which the region has no rule, or several.
        """
        table = held_in(area, regions)
        if table is None:
            return self
        held = {"rules": table.rules, "signals": None}
        return type(self).model_validate({**self.model_dump(), **held})

    def _chosen(self) -> tuple[Rule, ...]:
        return self.rules or tables()[self.table].rules

    def _amounts(self) -> dict[Level, float | None]:
        return {level: getattr(self, f"{level.word}_mm") for level in COLOURS}

    @property
    def rules_in_force(self) -> tuple[Rule, ...]:
        """The rules, overrides applied, worst first."""
        amounts = self._amounts()
        return worst_first(
            rule.model_copy(update={"amount_mm": amounts.get(rule.level) or rule.amount_mm}) for rule in self._chosen()
        )


def rule_params(options: TableOptions) -> dict[str, Any]:
    """The rules in force as fields of a params record: see RULE_FIELDS."""
    rules = options.rules_in_force
    unused = [0] * (RULES_MAX - len(rules))
    return {
        "window_min": [rule.window_min for rule in rules] + unused,
        "amount_um": [round(rule.amount_mm * 1000) for rule in rules] + unused,
        "level": [int(rule.level) for rule in rules] + unused,
        "rules": len(rules),
    }


RULE_FIELDS: Final = [
    ("window_min", "i8", (RULES_MAX,)),
    ("amount_um", "i8", (RULES_MAX,)),
    ("level", "i8", (RULES_MAX,)),
    ("rules", "i8"),
]
