"""What one detector says of one subject: an episode, told in revisions."""

from __future__ import annotations

from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field

from pipeline.model.hazard import Hazard
from pipeline.model.identity import content_id
from pipeline.model.instant import Instant
from pipeline.model.level import LevelField


class FindingState(StrEnum):
    """Where in its episode a revision stands."""

    OPENED = "opened"
    CHANGED = "changed"
    CLOSED = "closed"


class Upwind(BaseModel):
    """Where the wind brought it from.

    Attributes:
        sensor: id of the sensor that shows most of it.
        bearing_deg: from there towards the source, clockwise from north.
        spread_deg: by how much the source may lie to either side.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    sensor: str
    bearing_deg: float = Field(ge=0, lt=360)
    spread_deg: float = Field(gt=0, le=180)


class Finding(BaseModel):
    """One revision of one episode. `id` names the episode; (id, revision) names this statement.

    Attributes:
        subject: the sensor, or `site/group` where several sensors speak together.
        trigger: the series whose reading, or silence, brought this revision about.
        at: event time of that reading (or of the deadline that passed).
        onset_at: when the evidence began; with subject, detector and criterion it makes the id.
        value, threshold: in the unit of the trigger's quantity, or as `criterion` says.
        score: 1.0 is the criterion's threshold; comparable within one detector only.
        expected_at: when the hazard is expected to set in, where that can be reckoned.
        expected_earliest_at, expected_latest_at: the interval of that, where the detector knows one.
        upwind: where the wind brought it from, where wind is measured and the detector looks at it.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    revision: int = Field(ge=0)
    state: FindingState
    hazard: Hazard
    level: LevelField
    peak_level: LevelField
    detector: str
    detector_version: int
    criterion: str
    subject: str
    trigger: str
    site: str
    area: str
    at: Instant
    onset_at: Instant
    window_start_at: Instant
    expected_at: Instant | None = None
    expected_earliest_at: Instant | None = None
    expected_latest_at: Instant | None = None
    value: float
    threshold: float
    score: float
    upwind: Upwind | None = None

    @property
    def order(self) -> tuple[float, str, str, str, int]:
        """The one order in which findings are taken: event time, then what tells equals apart."""
        return (self.at.timestamp(), self.trigger, self.detector, self.id, self.revision)


def finding_id(detector: str, subject: str, criterion: str, onset_ns: int) -> str:
    """The id of the episode that `detector` sees at `subject` from `onset_ns` on.

    `criterion` tells apart episodes that can be open side by side (the fault types of one sensor); it is
    empty for detectors that keep one episode a subject.
    """
    return content_id("finding", detector, subject, criterion, onset_ns)
