"""Which reports a rule is about: hazards, areas, levels. One reading of these words for every rule."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from pipeline.model.area import area_level
from pipeline.model.hazard import Hazard
from pipeline.model.level import Level, LevelField
from pipeline.model.warning import HazardWarning, Report

AreaPrefix = Annotated[str, Field(pattern=r"^[1-9]\d{0,11}$")]


class Scope(BaseModel):
    """What a rule takes; nothing set takes everything. A warning of several areas counts with each of them.

    Attributes:
        hazards: which; empty for all.
        areas: leading digits of area codes, or whole codes; empty for everywhere. A warning concerns a rule when its
            area lies within one of these or holds it.
        min_level, max_level: of the report; of a final one, the peak of its chain.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    hazards: tuple[Hazard, ...] = ()
    areas: tuple[AreaPrefix, ...] = ()
    min_level: LevelField = Field(default=Level.BLUE, ge=Level.BLUE)
    max_level: LevelField = Field(default=Level.RED, ge=Level.BLUE)

    @model_validator(mode="after")
    def _levels_in_order(self) -> Self:
        if self.min_level > self.max_level:
            raise ValueError(f"min_level {self.min_level.word} is above max_level {self.max_level.word}")
        return self

    def takes(self, report: HazardWarning) -> bool:
        """Whether the rule is about this report."""
        return (
            (not self.hazards or report.hazard in self.hazards)
            and self.min_level <= weight(report) <= self.max_level
            and any(concerns_any(area, self.areas) for area in report.areas)
        )


def weight(report: HazardWarning) -> Level:
    """The level that rules go by: an all-clear counts for what it ends."""
    return report.peak_level if report.report is Report.FINAL else report.level


def concerns_any(area: str, prefixes: Sequence[str]) -> bool:
    """Whether one of the divisions holds `area` or lies in it; no division at all stands for everywhere."""
    return not prefixes or any(holds(prefix, area) or holds(area, prefix) for prefix in prefixes)


def holds(outer: str, inner: str) -> bool:
    """Whether a division is, or has within it, another; both by code or leading digits."""
    return _digits(inner).startswith(_digits(outer))


def _digits(code: str) -> str:
    """The digits that count: a whole code without the zeros that stand for "all of it"."""
    return code[: area_level(code)] if len(code) == len("330000000000") else code
