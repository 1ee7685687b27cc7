"""A study: what is measured by rules of its own, not as episodes against events, and stands on the same page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.evaluation.suite import Published


@dataclass(frozen=True, slots=True)
class StudyTable:
    """A table as people read it; cells are text."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Bound:
    """One figure of a study against its floor and its goal."""

    part: str
    row: str
    figure: str
    value: float
    floor: float | None = None
    goal: float | None = None
    rising: bool = True

    def reaches(self, bound: float | None) -> bool | None:
        """Whether the figure is as good as the bound; None without a bound."""
        if bound is None:
            return None
        return self.value >= bound if self.rising else self.value <= bound


@dataclass(frozen=True, slots=True)
class Study:
    """What a study came to.

    Attributes:
        readings: how many were played.
        bounds: the figures that have a floor or a goal.
    """

    name: str
    title: str
    about: str
    source: str
    licence: str
    readings: int
    tables: tuple[StudyTable, ...]
    bounds: tuple[Bound, ...] = ()
    published: Sequence[Published] = ()
