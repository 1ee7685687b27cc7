"""What the evidence of one area says of one hazard."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

from pipeline.model.hazard import Hazard
from pipeline.model.instant import Instant
from pipeline.model.level import LevelField


class Assessment(BaseModel):
    """One change of mind about one hazard in one area.

    Attributes:
        at: event time of the change.
        confidence: 0..1, that not all of the evidence is wrong.
        expected_onset_at: with its interval, where evidence allows; None when the hazard is already there
            or no instant can be reckoned.
        findings: ids of the open findings that support the level, strongest first.
        trigger: id of the finding that brought the change, or "" when a hold-off ran out.
        raised_by: the hazard because of which the evidence counts one level more; None where none stands.
        explanation_zh, explanation_en: why, in one sentence.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    hazard: Hazard
    area: str
    level: LevelField
    previous_level: LevelField
    confidence: float = Field(ge=0, le=1)
    at: Instant
    first_evidence_at: Instant
    expected_onset_at: Instant | None = None
    expected_onset_earliest_at: Instant | None = None
    expected_onset_latest_at: Instant | None = None
    findings: tuple[str, ...]
    trigger: str
    raised_by: Hazard | None = None
    explanation_zh: str = ""
    explanation_en: str = ""
