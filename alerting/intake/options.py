"""The `[intake]` section."""

from __future__ import annotations

from typing import Final

from pydantic import BaseModel, ConfigDict, Field

from pipeline.model.area import AreaCode
from pipeline.model.hazard import Hazard
from pipeline.model.level import Level, LevelField

_SEVERITIES: Final = {
    "critical": Level.RED,
    "page": Level.RED,
    "error": Level.ORANGE,
    "major": Level.ORANGE,
    "high": Level.ORANGE,
    "warning": Level.YELLOW,
    "minor": Level.YELLOW,
    "info": Level.BLUE,
    "none": Level.NONE,
}


class IntakeOptions(BaseModel):
    """What alerts of Prometheus, Alertmanager and others like them mean here.

    Attributes:
        hazards: name of an alert -> hazard; an alert may say it itself by a label `hazard`. What says nothing is a
            fault of equipment, for those who repair.
        severities: label `severity` -> level; an alert may say it itself by a label `level`.
        area: where it is, when an alert does not say it by a label `area`.
        confidence: 0..1, of what others say.
        resolve_after_s: an alert that is neither repeated nor says when it ends is over after this.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    hazards: dict[str, Hazard] = Field(default_factory=dict)
    severities: dict[str, LevelField] = Field(default_factory=lambda: dict(_SEVERITIES))
    area: AreaCode | None = None
    confidence: float = Field(default=0.8, ge=0, le=1)
    resolve_after_s: float = Field(default=300.0, gt=0)
