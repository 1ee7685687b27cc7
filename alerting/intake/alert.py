"""Alerts as Alertmanager's web hook and its v2 `alerts` interface write them, and as findings.

Formats: prometheus.io, "Alerting / Configuration / webhook_config" (version 4); Alertmanager, api/v2/openapi.yaml.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from alerting.intake.options import IntakeOptions
from pipeline.model.area import AreaCode
from pipeline.model.finding import Finding, FindingState
from pipeline.model.hazard import Hazard
from pipeline.model.identity import content_id
from pipeline.model.instant import Instant, to_ns
from pipeline.model.level import Level, level_of

DETECTOR: Final = "alertmanager"
ALERTS_MAX: Final = 10_000
_NEVER: Final = 2
"""A year of one digit: Go's zero time, by which Alertmanager says that nothing is known."""


class Alert(BaseModel):
    """One alert; what else a sender adds is passed over, as the formats ask."""

    model_config = ConfigDict(frozen=True, extra="ignore", populate_by_name=True)

    labels: dict[str, str]
    annotations: dict[str, str] = Field(default_factory=dict)
    starts_at: Instant | None = Field(default=None, alias="startsAt")
    ends_at: Instant | None = Field(default=None, alias="endsAt")
    status: Literal["firing", "resolved"] | None = None

    @property
    def name(self) -> str:
        """What its rule is called."""
        return self.labels.get("alertname", "")

    @property
    def fingerprint(self) -> str:
        """Equal labels are one alert."""
        return content_id("alert", *(f"{key}={value}" for key, value in sorted(self.labels.items())))

    def end(self, now: datetime, options: IntakeOptions) -> datetime:
        """When it is over, unless it is repeated."""
        if self.status == "resolved":
            return min(self.ends_at or now, now) if _known(self.ends_at) else now
        usual = now + timedelta(seconds=options.resolve_after_s)
        return self.ends_at if self.ends_at and _known(self.ends_at) and self.status is None else usual


class Webhook(BaseModel):
    """What Alertmanager posts to a web hook: a group of alerts."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    version: Literal["4"]
    alerts: tuple[Alert, ...] = Field(max_length=ALERTS_MAX)


def finding(alert: Alert, areas: Mapping[str, object], options: IntakeOptions, now: datetime) -> Finding:
    """An alert as the first revision of a finding.

    Raises:
        ValueError: it does not say what, where or how grave, in words that are known here.
    """
    if not alert.name:
        raise ValueError("it has no label alertname")
    began_at = min(alert.starts_at, now) if alert.starts_at and _known(alert.starts_at) else now
    level = _level(alert, options)
    said = alert.annotations.get("summary") or alert.annotations.get("description") or alert.name
    return Finding(
        id=content_id("finding", DETECTOR, alert.fingerprint, to_ns(began_at)),
        revision=0,
        state=FindingState.OPENED,
        hazard=_hazard(alert, options),
        level=level,
        peak_level=level,
        detector=DETECTOR,
        detector_version=1,
        criterion=said[:300],
        subject=alert.labels.get("instance", alert.name)[:200],
        trigger=f"{alert.name}/{alert.fingerprint}",
        site="",
        area=_area(alert, areas, options),
        at=now,
        onset_at=began_at,
        window_start_at=began_at,
        value=float(level),
        threshold=1.0,
        score=float(level),
    )


def _hazard(alert: Alert, options: IntakeOptions) -> Hazard:
    said = alert.labels.get("hazard")
    if said is None:
        return options.hazards.get(alert.name, Hazard.SENSOR_FAULT)
    if said not in set(Hazard):
        raise ValueError(f"label hazard: must be one of {', '.join(Hazard)}, not {said[:50]!r}")
    return Hazard(said)


def _level(alert: Alert, options: IntakeOptions) -> Level:
    if "level" in alert.labels:
        return level_of(alert.labels["level"])
    severity = alert.labels.get("severity", "warning")
    if severity not in options.severities:
        known = ", ".join(options.severities)
        raise ValueError(f"label severity: {severity[:50]!r} is none of {known}; add it to [intake] severities")
    return options.severities[severity]


def _area(alert: Alert, areas: Mapping[str, object], options: IntakeOptions) -> AreaCode:
    area = alert.labels.get("area", options.area)
    if area is None:
        raise ValueError("it has no label area, and [intake] names no area to stand for it")
    if area not in areas:
        raise ValueError(f"label area: {area[:50]!r} is not in the inventory")
    return area


def _known(at: datetime | None) -> bool:
    return at is not None and at.year >= _NEVER
