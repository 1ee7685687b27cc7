"""An event of a kernel, as the Finding it tells of."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import numpy as np

from detectors.base import Criterion
from detectors.episode import CHANGED, CLOSED, OPENED
from pipeline.model.finding import Finding, FindingState, Upwind
from pipeline.model.hazard import Hazard
from pipeline.model.instant import from_ns
from pipeline.model.level import Level

_STATES: Final = {
    OPENED: FindingState.OPENED,
    CHANGED: FindingState.CHANGED,
    CLOSED: FindingState.CLOSED,
}


@dataclass(frozen=True, slots=True)
class Teller:
    """Who speaks in a finding: a detector, its version and its hazard."""

    kind: str
    version: int
    hazard: Hazard


@dataclass(frozen=True, slots=True)
class Place:
    """Of whom a finding speaks: `subject` at a site of an area, with its sensors by channel."""

    subject: str
    site: str
    area: str
    sensors: tuple[str, ...] = ()


def finding(event: Any, identity: str, teller: Teller, place: Place, criterion: Criterion, trigger: str) -> Finding:
    """The Finding of one EVENT record; `identity` is the episode's id."""
    return Finding(
        id=identity,
        revision=int(event["revision"]),
        state=_STATES[int(event["state"])],
        hazard=teller.hazard,
        level=Level(int(event["level"])),
        peak_level=Level(int(event["peak"])),
        detector=teller.kind,
        detector_version=teller.version,
        criterion=criterion.key,
        subject=place.subject,
        trigger=trigger,
        site=place.site,
        area=place.area,
        at=from_ns(event["at_ns"]),
        onset_at=from_ns(event["onset_ns"]),
        window_start_at=from_ns(event["window_ns"]),
        expected_at=_instant(event["expected_ns"]),
        expected_earliest_at=_instant(event["earliest_ns"]),
        expected_latest_at=_instant(event["latest_ns"]),
        value=_finite(event["value"]),
        threshold=_finite(event["threshold"]),
        score=_finite(event["score"]),
        upwind=_upwind(event, place.sensors),
    )


def _upwind(event: Any, sensors: tuple[str, ...]) -> Upwind | None:
    """None without a spread."""
    spread = float(event["spread_deg"])
    if not spread:
        return None
    bearing = round(float(event["bearing_deg"]), 1) % 360.0
    return Upwind(sensor=sensors[int(event["witness"])], bearing_deg=bearing, spread_deg=round(spread, 1))


def _instant(at_ns: Any) -> datetime | None:
    """None for 0."""
    return from_ns(int(at_ns)) if at_ns else None


def _finite(number: Any) -> float:
    """The nearest number that JSON can write: a device may send one so large that its score is infinite."""
    return float(np.nan_to_num(number))
