"""What is known of whom channels reach: the table of reach, and whom to call where nothing did."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field

from pipeline.model.area import AreaCode, AreaLevel, ancestor, area_level

ANY: str = "*"


class CoverageOptions(BaseModel):
    """`[coverage]`.

    Attributes:
        reach: CSV of area, channel, target and part: what part of the area's population the channel reaches.
        contacts: CSV of area, name and telephone: whom to call where a village was not reached.
        enough: a village counts as reached from this part of its population on.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    reach: Path | None = None
    contacts: Path | None = None
    enough: float = Field(default=0.5, gt=0, le=1)


class Reach(BaseModel):
    """One row of the table of reach.

    Attributes:
        area: code; the row counts for every village in it that has none of its own for this channel and target.
        channel, target: as in the configuration; "*" for any target.
        part: of the population, 0 to 1, that sees or hears what this target is sent.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    area: AreaCode
    channel: str = Field(min_length=1)
    target: str = ANY
    part: float = Field(ge=0, le=1)


class Contact(BaseModel):
    """Whom to call about an area; for a village without one, that of the division above it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    area: AreaCode
    name: str = Field(min_length=1)
    telephone: str = Field(min_length=3)


@dataclass(frozen=True)
class ReachTable:
    """Both tables, with their look-ups."""

    rows: Sequence[Reach] = ()
    contacts: Sequence[Contact] = ()
    enough: float = field(default=0.5)

    def part(self, village: str, channel: str, target: str) -> float | None:
        """What part of a village a target reaches, by the row that is closest; None where no row tells."""
        for area in _upwards(village):
            for name in (target, ANY):
                found = self._by_key.get((area, channel, name))
                if found is not None:
                    return found
        return None

    def contact(self, village: str) -> Contact | None:
        """Whom to call."""
        return next((self._contact_of[area] for area in _upwards(village) if area in self._contact_of), None)

    @cached_property
    def _by_key(self) -> Mapping[tuple[str, str, str], float]:
        return {(row.area, row.channel, row.target): row.part for row in self.rows}

    @cached_property
    def _contact_of(self) -> Mapping[str, Contact]:
        return {one.area: one for one in self.contacts}


def contradictions(rows: Iterable[Reach], channels: Mapping[str, Sequence[str]]) -> list[str]:
    """Rows that count twice, or for nobody: channels and targets that the configuration does not have."""
    found, seen = [], set()
    for row in rows:
        key = (row.area, row.channel, row.target)
        if key in seen:
            found.append(f"area {row.area}, {row.channel}/{row.target}: two rows; remove one")
        seen.add(key)
        known = channels.get(row.channel)
        if known is None or row.target not in {ANY, *known}:
            found.append(f"area {row.area}: no {row.channel}/{row.target} among the channels")
    return found


def _upwards(code: str) -> list[str]:
    """The code itself and those of the divisions above it, closest first."""
    depths = [depth for depth in sorted(AreaLevel, reverse=True) if depth <= area_level(code)]
    return [ancestor(code, depth) for depth in depths]
