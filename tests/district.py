"""A small district for tests: one township, two villages, a storm, a leaking site."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

from pipeline.model.area import Area
from pipeline.model.batch import ReadingBatch
from pipeline.model.hazard import SensorKind
from pipeline.model.instant import NS_PER_S, to_ns
from pipeline.model.inventory import Inventory
from pipeline.model.quantity import Quantity
from pipeline.model.reading import Reading
from pipeline.model.site import Sensor, Site

BEGIN = datetime(2026, 6, 1, tzinfo=UTC)
MINUTE_NS = 60 * NS_PER_S


def inventory() -> Inventory:
    """Two rain gauges in one township, a gas site in one of its villages."""
    areas = [("990101001000", "township"), ("990101001001", "one"), ("990101001002", "two")]
    return Inventory(
        tuple(Area(code=code, name_zh=f"样例{name}", name_en=f"Sample {name}") for code, name in areas),
        tuple(
            Site(id=f"s{n}", area=f"99010100100{n}", name_zh=f"站{n}", name_en=f"Site {n}") for n in (1, 2)
        ),
        (
            _sensor("rain-1", "s1", SensorKind.RAIN, Quantity.RAIN, 100),
            _sensor("rain-2", "s2", SensorKind.RAIN, Quantity.RAIN, 100),
            _sensor("gas-1", "s1", SensorKind.GAS, Quantity.GAS_LEL, 100, gas="methane"),
        ),
    )  # fmt: skip


def _sensor(name: str, site: str, kind: SensorKind, quantity: Quantity, high: float, gas: str | None = None) -> Sensor:
    return Sensor(
        id=name, site=site, kind=kind, quantity=quantity, gas=gas, range_low=0, range_high=high, interval_s=60
    )


def batches(minutes: int = 1440, per_batch_min: int = 10, begin: datetime = BEGIN) -> Iterator[ReadingBatch]:
    """A day, a reading a minute and sensor: a storm from 4 h to 7 h, a leak from 2 h to 3 h, gas-1 silent from 20 h."""
    begin_ns = to_ns(begin)
    sensors = inventory().sensors
    for start in range(0, minutes, per_batch_min):
        yield ReadingBatch.of(
            Reading(sensor.series, begin_ns + minute * MINUTE_NS, _value(sensor.id, minute))
            for minute in range(start, min(start + per_batch_min, minutes))
            for sensor in sorted(sensors, key=lambda one: one.id)
            if not (sensor.id == "gas-1" and minute >= 20 * 60)
        )


def _value(sensor: str, minute: int) -> float:
    if sensor == "gas-1":
        return 30.0 + minute % 7 * 0.1 if 120 <= minute < 180 else 1.0 + minute % 7 * 0.1
    storm = 240 if sensor == "rain-1" else 270
    return 0.8 if storm <= minute < storm + 150 else 0.0
