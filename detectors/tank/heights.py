"""Levels of concern of a tank, API 2350 5th edition (2020), and the gauges that they are compared with.

The true heights come from the tank's strapping table and its response times: set them for every tank. Until then a
share of the gauge's range, which is ours, stands in.
"""

from __future__ import annotations

from typing import Final

from pipeline.model.hazard import SensorKind
from pipeline.model.inventory import Inventory
from pipeline.model.quantity import Quantity
from pipeline.model.site import Sensor

MAXIMUM_WORKING_SHARE: Final = 0.90
HIGH_HIGH_SHARE: Final = 0.95
CRITICAL_HIGH_SHARE: Final = 0.98


def height_m(sensor: Sensor, own_m: float | None, share: float) -> float:
    """The height that was set, in metres above the datum, or else that share of the gauge's range."""
    return sensor.range_low + share * (sensor.range_high - sensor.range_low) if own_m is None else own_m


def gauges(inventory: Inventory) -> list[Sensor]:
    """The level gauges of tanks."""
    return [s for s in inventory.sensors if s.kind is SensorKind.TANK and s.quantity is Quantity.TANK_LEVEL]
