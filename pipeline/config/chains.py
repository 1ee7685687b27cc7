"""Hazard chains: which hazard makes evidence of another weigh more. Rows of data, which a site may replace."""

from __future__ import annotations

from typing import Final, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from pipeline.model.hazard import Hazard
from pipeline.model.level import Level, LevelField


class Chain(BaseModel):
    """While the cause stands in an area, evidence of the effect there counts one level more.

    Attributes:
        cause: the hazard that makes another more likely.
        cause_level: from which level of its own evidence on.
        effect: the hazard whose evidence weighs more; without evidence of its own nothing is said of it.
        effect_level: from which level of its own evidence on.
        most_level: up to which level it is raised.
        reason: why, and who says so.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    cause: Hazard
    cause_level: LevelField = Level.ORANGE
    effect: Hazard
    effect_level: LevelField = Level.BLUE
    most_level: LevelField = Level.ORANGE
    reason: str = Field(min_length=1)

    @model_validator(mode="after")
    def _links_two(self) -> Self:
        if self.cause is self.effect:
            raise ValueError(f"cause and effect are both {self.cause.value}: a chain links two hazards")
        if Level.NONE in {self.cause_level, self.effect_level, self.most_level}:
            raise ValueError("cause_level, effect_level and most_level are blue, yellow, orange or red")
        return self


CHAINS: Final = (
    Chain(
        cause=Hazard.RAINSTORM,
        effect=Hazard.GROUND_MOVEMENT,
        reason="rain sets slopes moving (Caine 1980, Geografiska Annaler 62A)",
    ),
    Chain(
        cause=Hazard.RAINSTORM,
        cause_level=Level.RED,
        effect=Hazard.TANK_OVERFILL,
        reason="storms flood tank farms and load floating roofs (Krausmann et al. 2011, Natech accidents)",
    ),
    Chain(
        cause=Hazard.GAS_LEAK,
        cause_level=Level.YELLOW,
        effect=Hazard.FIRE,
        reason="leaked gas ignites (Mannan, Lees' Loss Prevention in the Process Industries)",
    ),
    Chain(
        cause=Hazard.TANK_LEAK,
        effect=Hazard.FIRE,
        reason="what has leaked from a tank ignites (Mannan, Lees' Loss Prevention in the Process Industries)",
    ),
    Chain(
        cause=Hazard.FIRE_DANGER,
        cause_level=Level.YELLOW,
        effect=Hazard.FOREST_FIRE,
        reason="in dry wind a spark becomes a forest fire (Van Wagner 1987, Forestry Technical Report 35)",
    ),
    Chain(
        cause=Hazard.FIRE,
        effect=Hazard.GAS_LEAK,
        effect_level=Level.YELLOW,
        reason="fire opens vessels and pipes (domino effects; Cozzani et al. 2005)",
    ),
)
"""The levels are ours."""
