"""What each hazard is called, coded and answered with: one frozen row a hazard.

Words of CAP 1.2 (OASIS, 1 July 2010, section 3.2): category, urgency, certainty, responseType.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Final, Literal

from pipeline.model.audience import Audience
from pipeline.model.hazard import Hazard
from pipeline.model.level import Level
from pipeline.model.warning import HazardWarning, Report

Category = Literal["Met", "Geo", "Fire", "Env", "Safety", "Infra"]
Response = Literal["Shelter", "Evacuate", "Prepare", "Avoid", "Monitor", "Assess", "AllClear"]
Urgency = Literal["Immediate", "Expected", "Future", "Past"]
Certainty = Literal["Observed", "Likely", "Possible"]

FINAL_VALID_S: Final = 3600
"""How long a final report may still be sent."""

EXPECTED_WITHIN: Final = timedelta(hours=1)
"""CAP: Expected is within the next hour, Future is beyond it."""

LIKELY_ABOVE: Final = 0.5
"""CAP: Likely is a probability above about 50 %, Possible one below."""


@dataclass(frozen=True, slots=True)
class HazardRow:
    """One hazard.

    Attributes:
        event_code: GB/T 35561-2017, None where the code is not confirmed (the accident classes, 12xxx).
        valid_s: how long a blue, yellow, orange, red report holds before it must be renewed.
        longest_s: how long one may hold at most, where nothing changes: each renewal holds twice as long as the last.
        responses: CAP responseType at blue, yellow, orange, red.
        urgency: when the hazard is already there.
    """

    hazard: Hazard
    zh: str
    en: str
    category: Category
    event_code: str | None
    valid_s: tuple[int, int, int, int]
    responses: tuple[Response, Response, Response, Response]
    urgency: Urgency = "Immediate"
    audience: Audience = Audience.PUBLIC
    longest_s: int = 6 * 3600

    def valid_for(self, level: Level) -> timedelta:
        """How long a report of `level` holds; NONE is that of a final report."""
        return timedelta(seconds=self.valid_s[level - 1] if level else FINAL_VALID_S)

    def renewed_for(self, level: Level, before: timedelta) -> timedelta:
        """How long a report of `level` holds that says no more than the last one, which held `before`."""
        return max(self.valid_for(level), min(2 * before, timedelta(seconds=self.longest_s)))

    def response(self, level: Level) -> Response:
        """What people are asked to do, as CAP codes it."""
        return self.responses[level - 1] if level else "AllClear"


_H: Final = 3600

ROWS: Final[dict[Hazard, HazardRow]] = {
    row.hazard: row
    for row in (
        HazardRow(
            Hazard.GAS_LEAK, "气体泄漏", "gas leak", "Safety", None,
            (2 * _H, 2 * _H, _H, _H), ("Monitor", "Avoid", "Evacuate", "Evacuate"),
        ),
        HazardRow(
            Hazard.TANK_OVERFILL, "储罐溢流", "tank overfill", "Env", None,
            (2 * _H, 2 * _H, _H, _H), ("Monitor", "Prepare", "Avoid", "Evacuate"),
        ),
        HazardRow(
            Hazard.TANK_LEAK, "储罐泄漏", "tank leak", "Env", None,
            (2 * _H, 2 * _H, _H, _H), ("Assess", "Avoid", "Evacuate", "Evacuate"),
        ),
        HazardRow(  # validity: the windows of the national signals
            Hazard.RAINSTORM, "暴雨", "rainstorm", "Met", "11B03",
            (12 * _H, 6 * _H, 3 * _H, 3 * _H), ("Prepare", "Prepare", "Shelter", "Shelter"), longest_s=12 * _H,
        ),
        HazardRow(  # landslide, collapse, debris flow, cave-in, fissure and subsidence are all geological hazards
            Hazard.GROUND_MOVEMENT, "地质灾害", "ground movement", "Geo", "11D00",
            (24 * _H, 24 * _H, 12 * _H, 6 * _H), ("Monitor", "Prepare", "Evacuate", "Evacuate"), longest_s=24 * _H,
        ),
        HazardRow(
            Hazard.FIRE, "火灾", "fire", "Fire", None,
            (_H, _H, _H, _H), ("Assess", "Prepare", "Evacuate", "Evacuate"),
        ),
        HazardRow(
            Hazard.FOREST_FIRE, "森林火灾", "forest fire", "Fire", None,
            (2 * _H, 2 * _H, _H, _H), ("Assess", "Prepare", "Evacuate", "Evacuate"),
        ),
        HazardRow(  # reckoned once a day, at noon
            Hazard.FIRE_DANGER, "森林火险", "forest fire danger", "Met", "11B25",
            (24 * _H, 24 * _H, 24 * _H, 24 * _H), ("Monitor", "Avoid", "Avoid", "Avoid"),
        ),
        HazardRow(
            Hazard.SENSOR_FAULT, "监测设备故障", "sensor fault", "Infra", None,
            (168 * _H, 168 * _H, 72 * _H, 24 * _H), ("Assess", "Assess", "Assess", "Assess"),
            urgency="Expected", audience=Audience.MAINTENANCE, longest_s=168 * _H,
        ),
    )
}  # fmt: skip


def is_public(hazard: Hazard) -> bool:
    """Whether reports of this hazard are for everybody."""
    return ROWS[hazard].audience is Audience.PUBLIC


def is_forecast(warning: HazardWarning) -> bool:
    """Whether the hazard was still to come when the report was sent."""
    return warning.expected_onset_at is not None and warning.expected_onset_at > warning.sent_at


def urgency(warning: HazardWarning) -> Urgency:
    """CAP urgency: of a forecast by the time left, of a measured hazard at once, of a final report Past."""
    if warning.report is Report.FINAL:
        return "Past"
    if warning.expected_onset_at is not None and is_forecast(warning):
        return "Expected" if warning.expected_onset_at - warning.sent_at <= EXPECTED_WITHIN else "Future"
    return ROWS[warning.hazard].urgency


def certainty(warning: HazardWarning) -> Certainty:
    """CAP certainty: what is measured is Observed; what is or was expected is Likely or Possible by its confidence.

    That the instant expected has passed is no measurement.
    """
    if warning.expected_onset_at is None:
        return "Observed"
    return "Likely" if warning.confidence > LIKELY_ABOVE else "Possible"
