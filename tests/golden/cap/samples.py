"""A district, its sensors, and one life cycle a hazard: what the tests of report chains are built from."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, Final

from alerting.lifecycle import Lifecycle, LifecyclePolicy
from detectors.base import Criterion
from pipeline.model.area import Area
from pipeline.model.assessment import Assessment
from pipeline.model.finding import Finding, FindingState
from pipeline.model.hazard import Hazard, SensorKind
from pipeline.model.identity import content_id
from pipeline.model.inventory import Inventory
from pipeline.model.level import Level
from pipeline.model.quantity import Quantity
from pipeline.model.site import Sensor, Site
from pipeline.model.warning import HazardWarning

START: Final = datetime(2024, 7, 1, 6, 5, 30, 250_000, tzinfo=UTC)
VILLAGE: Final = "330203005201"
TOWNSHIP: Final = "330203005000"
RING: Final = ((121.5012345, 29.87), (121.52, 29.87), (121.52, 29.89), (121.5012345, 29.87))

AREAS: Final = (
    Area(code="330203000000", name_zh="海曙区", name_en="Haishu District"),
    Area(code=TOWNSHIP, name_zh="望春街道", name_en="Wangchun Subdistrict"),
    Area(code=VILLAGE, name_zh="清风村", name_en="Qingfeng Village", population=1200, polygon=RING),
)
SITE: Final = Site(id="S1", area=VILLAGE, name_zh="清风站", name_en="Qingfeng station")


def _sensor(name: str, kind: SensorKind, quantity: Quantity) -> Sensor:
    return Sensor(id=name, site="S1", kind=kind, quantity=quantity, range_low=0, range_high=1000, interval_s=60)


SENSORS: Final = (
    _sensor("GAS-1", SensorKind.GAS, Quantity.GAS_LEL),
    _sensor("TANK-1", SensorKind.TANK, Quantity.TANK_LEVEL),
    _sensor("RAIN-1", SensorKind.RAIN, Quantity.RAIN),
    _sensor("GNSS-1", SensorKind.SUBSIDENCE, Quantity.DISPLACEMENT),
    _sensor("TEMP-1", SensorKind.FIRE, Quantity.TEMPERATURE),
    _sensor("CAM-1", SensorKind.FIRE, Quantity.HEAT_SPOT),
)
INVENTORY: Final = Inventory(AREAS, (SITE,), SENSORS)
POLICY: Final = LifecyclePolicy(
    sender="warning@haishu.example",
    sender_name_zh="海曙区应急管理局",
    sender_name_en="Haishu Emergency Office",
    contact="0574-12345",
    web="https://haishu.example/warnings",
)

_TOLD: Final[dict[Hazard, tuple[str, float, float, Criterion]]] = {
    Hazard.GAS_LEAK: (
        "GAS-1/gas_lel", 27.3456, 25.0,
        Criterion("first", "GB/T 50493-2019 5.5.2", "%LEL", "first alarm level", "一级报警"),
    ),
    Hazard.TANK_OVERFILL: (
        "TANK-1/tank_level", 11.2345, 11.0, Criterion("hh", "API 2350", "m", "high-high level", "高高液位"),
    ),
    Hazard.TANK_LEAK: (
        "TANK-1/tank_level", 182.4, 100.0,
        Criterion("leak", "EPA 40 CFR 280.43", "L/h", "the tank loses volume", "罐内液体减少", "loss", "损失速率"),
    ),
    Hazard.RAINSTORM: (
        "RAIN-1/rain", 52.04, 50.0,
        Criterion("3h", "CMA order 16 (2007)", "mm", "rain of 3 hours", "3小时降雨量"),
    ),
    Hazard.GROUND_MOVEMENT: (
        "GNSS-1/displacement", 12.96, 10.0,
        Criterion("velocity", "DZ/T 0221", "mm/d", "speed of movement", "变形速率"),
    ),
    Hazard.FIRE: (
        "TEMP-1/temperature", 61.78, 57.0, Criterion("fixed", "GB 4716", "degC", "fixed temperature", "定温"),
    ),
    Hazard.FOREST_FIRE: (
        "CAM-1/heat_spot", 86.2, 80.0, Criterion("likely", "MODIS C6 user guide", "%", "a likely fire", "疑似火点"),
    ),
    Hazard.FIRE_DANGER: (
        "TEMP-1/temperature", 39.47, 38.0,
        Criterion("fwi", "Van Wagner (1987)", "FWI", "the woods are dry", "林内干燥", "fire weather", "火险天气"),
    ),
    Hazard.SENSOR_FAULT: (
        "GAS-1/gas_lel", 1834.2, 900.0, Criterion("silent", "QARTOD gap test", "s", "silent", "数据中断"),
    ),
}  # fmt: skip
CRITERIA: Final = {("sample", told[3].key): told[3] for told in _TOLD.values()}


def finding(hazard: Hazard, level: Level, **changes: Any) -> Finding:
    """What the sample detector says of `hazard`."""
    trigger, value, threshold, criterion = _TOLD[hazard]
    fields: dict[str, Any] = {
        "id": content_id("finding", hazard, trigger),
        "revision": 0,
        "state": FindingState.OPENED,
        "hazard": hazard,
        "level": level,
        "peak_level": level,
        "detector": "sample",
        "detector_version": 1,
        "criterion": criterion.key,
        "subject": trigger.partition("/")[0],
        "trigger": trigger,
        "site": "S1",
        "area": VILLAGE,
        "at": START,
        "onset_at": START - timedelta(minutes=5),
        "window_start_at": START - timedelta(minutes=5),
        "value": value,
        "threshold": threshold,
        "score": value / threshold,
    }
    return Finding.model_validate(fields | changes)


def assessment(hazard: Hazard, level: Level, after_s: float, *cited: Finding, **changes: Any) -> Assessment:
    """What is thought of `hazard` in the village `after_s` seconds after START."""
    fields: dict[str, Any] = {
        "id": content_id("assessment", hazard, level, str(after_s)),
        "hazard": hazard,
        "area": VILLAGE,
        "level": level,
        "previous_level": Level.NONE,
        "confidence": 0.8,
        "at": START + timedelta(seconds=after_s),
        "first_evidence_at": START - timedelta(minutes=5),
        "findings": tuple(each.id for each in cited),
        "trigger": cited[0].id if cited else "",
    }
    return Assessment.model_validate(fields | changes)


def onset(after_s: float) -> dict[str, datetime]:
    """An expected onset `after_s` after START, ten minutes sooner or later."""
    at = START + timedelta(seconds=after_s)
    spread = timedelta(minutes=10)
    return {
        "expected_onset_at": at,
        "expected_onset_earliest_at": at - spread,
        "expected_onset_latest_at": at + spread,
    }


def life(hazard: Hazard, policy: LifecyclePolicy = POLICY) -> list[HazardWarning]:
    """A first report (a forecast, but for faults), a follow-up (worse, and measured), a final one."""
    lifecycle = Lifecycle(INVENTORY, policy, CRITERIA)
    coming = onset(2700) if hazard is not Hazard.SENSOR_FAULT else {}
    yellow, orange = finding(hazard, Level.YELLOW), finding(hazard, Level.ORANGE)
    steps = (
        (assessment(hazard, Level.YELLOW, 0, yellow, **coming), yellow),
        (assessment(hazard, Level.ORANGE, 2520, orange), orange),
        (assessment(hazard, Level.NONE, 9000), orange),
    )
    reports = [lifecycle.take(step, {cited.id: cited}) for step, cited in steps]
    return [report for report in reports if report]
