"""What the page is told of sensors: the catalogue once, states as they change, series when asked for."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from msgspec import Struct

from alerting.console.views import FindingView, Name
from pipeline.model.hazard import SensorKind
from pipeline.model.level import Level
from pipeline.model.quantity import Quantity


class Condition(StrEnum):
    """What a sensor is good for now, worst first. WAITING: nothing was heard of it yet, and nothing is overdue."""

    ALARM = "alarm"
    FAULT = "fault"
    SILENT = "silent"
    SUSPECT = "suspect"
    WAITING = "waiting"
    GOOD = "good"


class AreaView(Struct, frozen=True):
    """One division; its parent is the next shorter 12-digit code that the catalogue has."""

    code: str
    name: Name


class SiteView(Struct, frozen=True):
    """A place with sensors."""

    id: str
    area: str
    name: Name


class SensorView(Struct, frozen=True, kw_only=True):
    """What the inventory says of a sensor; `unit` is that of every value."""

    id: str
    site: str
    kind: SensorKind
    quantity: Quantity
    unit: str
    group: str
    gas: str | None
    interval_s: float
    range_low: float
    range_high: float


class SensorState(Struct, frozen=True, array_like=True):
    """One row, written as [id, condition, level, value, at]; value and at are null until something was heard."""

    id: str
    condition: Condition
    level: Level
    value: float | None
    at: datetime | None


class SensorStates(Struct, frozen=True):
    """The sensors that changed after `since`; `version` is what to ask with next."""

    version: int
    rows: tuple[SensorState, ...]


class Catalogue(Struct, frozen=True):
    """The places and instruments; it does not change while the process runs."""

    areas: tuple[AreaView, ...]
    sites: tuple[SiteView, ...]
    sensors: tuple[SensorView, ...]


class ThresholdView(Struct, frozen=True):
    """A line across a plot: the value that stands for a level, and its name. `above`: values over it are worse."""

    value: float
    level: Level
    label: Name
    above: bool = True


class SeriesView(Struct, frozen=True, kw_only=True):
    """Readings of one sensor, oldest first. `at_ms`: Unix milliseconds; a missing value is null."""

    sensor: str
    unit: str
    at_ms: tuple[int, ...]
    values: tuple[float | None, ...]
    thresholds: tuple[ThresholdView, ...] = ()


class RevisionView(Struct, frozen=True):
    """What a finding said at one time."""

    at: datetime
    level: Level
    value: float
    open: bool


class FindingDetail(Struct, frozen=True):
    """A finding with its history and the readings around it."""

    finding: FindingView
    revisions: tuple[RevisionView, ...]
    series: tuple[SeriesView, ...]
