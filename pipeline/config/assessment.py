"""What the assessment can be told, hazard by hazard."""

from __future__ import annotations

from typing import Annotated, Final

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema

from pipeline.config.chains import CHAINS, Chain
from pipeline.model.area import AreaLevel
from pipeline.model.hazard import Hazard
from pipeline.model.level import Level, LevelField

_AREA_LEVELS: Final = {level.name.lower(): level for level in AreaLevel}


def _area_level(value: object) -> object:
    if isinstance(value, str):
        if value not in _AREA_LEVELS:
            raise ValueError(f"must be one of {', '.join(_AREA_LEVELS)}")
        return _AREA_LEVELS[value]
    return value


AreaLevelField = Annotated[
    AreaLevel, BeforeValidator(_area_level), WithJsonSchema({"type": "string", "enum": list(_AREA_LEVELS)})
]
"""A pydantic field, written as a word."""


class Rule(BaseModel):
    """How the evidence on one hazard is weighed.

    Attributes:
        votes: subjects that must agree before a level of `votes_from` or above counts.
        votes_from: the level from which on they must.
        lower_after_s: how long the evidence must stay below the level before the level is lowered.
        area_level: the division that is assessed as a whole; the village unless a hazard spreads further.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    votes: int = Field(default=1, ge=1)
    votes_from: LevelField = Level.ORANGE
    lower_after_s: float = Field(default=300.0, ge=0)
    area_level: AreaLevelField = AreaLevel.VILLAGE


_UNHELD: Final = Rule(lower_after_s=0.0)


class AssessmentPolicy(BaseModel):
    """One rule a hazard, and how far each detector is to be trusted.

    Attributes:
        reliability: detector -> probability that one subject's finding is right.
        default_reliability: of a detector that is not named there.
        common_cause: part of their failures that witnesses of one quantity share, the beta of IEC 61508-6.
        rain_network: the division whose gauges foresee rain together; over Kafka it is kept in one partition.
        chains: which hazard makes evidence of another weigh more; without any the shipped ones hold.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    gas_leak: Rule = Rule()
    tank_overfill: Rule = Rule()
    tank_leak: Rule = Rule()
    rainstorm: Rule = Rule(area_level=AreaLevel.TOWNSHIP)
    ground_movement: Rule = Rule()
    fire: Rule = Rule()
    forest_fire: Rule = Rule(area_level=AreaLevel.TOWNSHIP)
    fire_danger: Rule = Rule(area_level=AreaLevel.TOWNSHIP)
    sensor_fault: Rule = _UNHELD
    reliability: dict[str, Annotated[float, Field(gt=0, lt=1)]] = {}
    default_reliability: float = Field(default=0.7, gt=0, lt=1)
    common_cause: float = Field(default=0.1, ge=0, le=1)
    rain_network: AreaLevelField = AreaLevel.CITY
    chains: tuple[Chain, ...] | None = None

    @property
    def links(self) -> tuple[Chain, ...]:
        """The chains in force."""
        return CHAINS if self.chains is None else self.chains

    def rule(self, hazard: Hazard) -> Rule:
        """The rule of one hazard."""
        rule: Rule = getattr(self, hazard.value)
        return rule

    def reliability_of(self, detector: str) -> float:
        """How far a finding of `detector` is to be trusted, 0..1."""
        return self.reliability.get(detector, self.default_reliability)
