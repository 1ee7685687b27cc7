"""Sensors as the page shows them: what they are, how they are, what they last said."""

from __future__ import annotations

import numpy as np

from alerting.console.sensor_views import (
    AreaView,
    Catalogue,
    Condition,
    SensorState,
    SensorStates,
    SensorView,
    SeriesView,
    SiteView,
    ThresholdView,
)
from alerting.console.views import Name
from pipeline.model.finding import Finding
from pipeline.model.hazard import Hazard
from pipeline.model.instant import from_ns
from pipeline.model.inventory import Inventory
from pipeline.model.level import Level
from pipeline.model.quality import Quality
from pipeline.model.site import Sensor
from pipeline.runners.live import Live
from pipeline.runners.page.evidence import Criteria

SILENCE = "silence"


def catalogue(inventory: Inventory) -> Catalogue:
    """The places and instruments."""
    return Catalogue(
        tuple(AreaView(area.code, Name(area.name_zh, area.name_en)) for area in inventory.areas),
        tuple(SiteView(site.id, site.area, Name(site.name_zh, site.name_en)) for site in inventory.sites),
        tuple(_sensor(sensor) for sensor in inventory.sensors),
    )


def _sensor(sensor: Sensor) -> SensorView:
    return SensorView(
        id=sensor.id,
        site=sensor.site,
        kind=sensor.kind,
        quantity=sensor.quantity,
        unit=sensor.quantity.unit,
        group=sensor.group,
        gas=sensor.gas,
        interval_s=sensor.interval_s,
        range_low=sensor.range_low,
        range_high=sensor.range_high,
    )


def states(inventory: Inventory, live: Live, since: int) -> SensorStates:
    """The sensors that changed after version `since`, by slot."""
    version, changed = live.changes(since)
    slots = changed.tolist() if since else range(len(inventory.sensors))
    rows = tuple(_state(inventory.sensors[slot], slot, live) for slot in slots)
    return SensorStates(version, rows)


def _state(sensor: Sensor, slot: int, live: Live) -> SensorState:
    last_ns, value, quality = live.recent.last(slot)
    findings = live.open_findings(sensor.id)
    condition, level = _condition(findings, quality if last_ns else None)
    shown = value if last_ns and np.isfinite(value) else None
    return SensorState(sensor.id, condition, level, shown, from_ns(last_ns) if last_ns else None)


def _condition(findings: tuple[Finding, ...], quality: int | None) -> tuple[Condition, Level]:
    """The worst that stands, and the level of the alarm if that is it."""
    alarm = max((one.level for one in findings if one.hazard is not Hazard.SENSOR_FAULT), default=Level.NONE)
    faults = {one.criterion for one in findings if one.hazard is Hazard.SENSOR_FAULT}
    if alarm:
        return Condition.ALARM, alarm
    if faults - {SILENCE} or quality in {Quality.FAIL, Quality.MISSING}:
        return Condition.FAULT, Level.NONE
    if faults:
        return Condition.SILENT, Level.NONE
    if quality is None:
        return Condition.WAITING, Level.NONE
    return Condition.SUSPECT if quality == Quality.SUSPECT else Condition.GOOD, Level.NONE


def series(inventory: Inventory, live: Live, criteria: Criteria, sensor_id: str) -> SeriesView | None:
    """The last readings of a sensor, with the thresholds that open findings cite in its unit."""
    sensor = inventory.sensor_by_id.get(sensor_id)
    if sensor is None:
        return None
    at_ns, values = live.recent.points(inventory.slot_by_series[sensor.series])
    lines = {
        (one.threshold, one.level): _line(one, criteria)
        for one in live.open_findings(sensor_id)
        if _unit(one, criteria) == sensor.quantity.unit and one.threshold
    }
    return SeriesView(
        sensor=sensor_id,
        unit=sensor.quantity.unit,
        at_ms=tuple((at_ns // 1_000_000).tolist()),
        values=tuple(float(value) if np.isfinite(value) else None for value in values),
        thresholds=tuple(lines.values()),
    )


def _unit(finding: Finding, criteria: Criteria) -> str:
    criterion = criteria.get((finding.detector, finding.criterion))
    return criterion.unit if criterion else ""


def _line(finding: Finding, criteria: Criteria) -> ThresholdView:
    words = criteria[finding.detector, finding.criterion]
    return ThresholdView(
        finding.threshold, finding.level, Name(words.zh, words.en), above=finding.value >= finding.threshold
    )
