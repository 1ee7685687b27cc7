"""A made-up tank: a level gauge, a thermometer in the liquid, a meter on the outlet."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from detectors.bound import BoundDetector
from detectors.tank.tank_leak import TankLeak, TankLeakOptions
from pipeline.model.finding import Finding
from pipeline.model.hazard import SensorKind
from pipeline.model.quantity import Quantity
from pipeline.model.site import Sensor
from tests.unit.detector_rig import bind, feed_many

STEP_S: Final = 300.0
A_DAY: Final = 288
EXPANSION: Final = 0.0009
SECTION_M2: Final = np.pi / 4 * 10.0**2
CAPACITY_M3: Final = 12.0 * SECTION_M2
QUANTITIES: Final = (Quantity.TANK_LEVEL, Quantity.TEMPERATURE, Quantity.FLOW)


def instruments(count: int = 3, **thresholds: float) -> list[Sensor]:
    """Of one group; the meter measures what flows out."""
    own = {"diameter_m": 10.0, "expansion_per_k": EXPANSION, "flow_sign": -1.0} | thresholds
    common: dict[str, Any] = {
        "site": "site",
        "kind": SensorKind.TANK,
        "range_low": 0.0,
        "interval_s": STEP_S,
        "group": "tank",
        "thresholds": {f"tank_leak.{key}": value for key, value in own.items()},
    }
    return [
        Sensor(id=f"t{place}", quantity=quantity, range_high=(12.0, 100.0, 1000.0)[place], **common)
        for place, quantity in enumerate(QUANTITIES[:count])
    ]


def tank(count: int = 3, options: dict[str, Any] | None = None, **thresholds: float) -> BoundDetector:
    return bind(TankLeak(TankLeakOptions(**(options or {}))), *instruments(count, **thresholds))


def course(
    days: int,
    leak_share_d: float = 0.0,
    *,
    from_day: float = 10.0,
    noise_m: float = 0.001,
    swing_k: float = 4.0,
    pump_m3_h: float = 0.0,
    seed: int = 0,
) -> NDArray[np.float64]:
    """Columns level [m], heat [degC], outflow [m3/h]: a daily course of heat, a leak, pumping from 8 to 10 each day."""
    noise = np.random.default_rng(seed)
    day = np.arange(days * A_DAY) / A_DAY
    heat = 15 + swing_k * np.sin(2 * np.pi * day) + np.cumsum(0.01 * noise.standard_normal(day.size))
    flow = np.where((day % 1 >= 8 / 24) & (day % 1 < 10 / 24), pump_m3_h, 0.0)
    cold_m3 = (
        0.7 * CAPACITY_M3 - leak_share_d * CAPACITY_M3 * np.maximum(day - from_day, 0) - np.cumsum(flow) * STEP_S / 3600
    )
    level = cold_m3 / (1 - EXPANSION * (heat - 15)) / SECTION_M2 + noise_m * noise.standard_normal(day.size)
    return np.column_stack([level, heat + 0.05 * noise.standard_normal(day.size), flow])


def found(bound: BoundDetector, columns: NDArray[np.float64], count: int = 3) -> list[Finding]:
    """Each row: heat and flow first, then the level they explain."""
    order = [slot for slot in (1, 2, 0) if slot < count]
    return feed_many(bound, [(STEP_S * k, slot, float(row[slot])) for k, row in enumerate(columns) for slot in order])


def day_of(finding: Finding, first: int = 1_760_000_400) -> float:
    """Since the start of the course."""
    return (finding.at.timestamp() - first) / 86_400
