"""Levels of concern of a tank, API 2350 5th edition (2020): what both tank detectors compare with."""

from __future__ import annotations

from dataclasses import dataclass

from pydantic import Field

from detectors.base import DetectorOptions
from pipeline.model.hazard import SensorKind
from pipeline.model.inventory import Inventory
from pipeline.model.quantity import Quantity
from pipeline.model.site import Sensor


class HeightOptions(DetectorOptions):
    """Heights in metres above the tank's datum; None takes a share of the gauge's range, which is ours.

    The true heights come from the tank's strapping table and its response times: set them for every tank.
    """

    maximum_working_m: float | None = Field(default=None, description="MW; None: 90 % of the range")
    high_high_m: float | None = Field(default=None, description="HH, the alarm API 2350 requires; None: 95 %")
    critical_high_m: float | None = Field(default=None, description="CH, where it overflows; None: 98 %")


@dataclass(frozen=True, slots=True)
class Heights:
    """Maximum working, high-high and critical high level [m]."""

    maximum_working_m: float
    high_high_m: float
    critical_high_m: float


def heights_of(sensor: Sensor, options: HeightOptions) -> Heights:
    """The sensor's own heights, else shares of its range.

    Raises:
        ValueError: they do not rise.
    """
    span = sensor.range_high - sensor.range_low
    given = (options.maximum_working_m, options.high_high_m, options.critical_high_m)
    heights = [
        sensor.range_low + share * span if own is None else own
        for own, share in zip(given, (0.90, 0.95, 0.98), strict=True)
    ]
    if not heights[0] < heights[1] < heights[2]:
        listed = ", ".join(f"{height:g}" for height in heights)
        message = f"sensor {sensor.id}: maximum_working_m, high_high_m, critical_high_m must rise; they are {listed}"
        raise ValueError(message)
    return Heights(*heights)


def gauges(inventory: Inventory) -> list[Sensor]:
    """The level gauges of tanks."""
    return [s for s in inventory.sensors if s.kind is SensorKind.TANK and s.quantity is Quantity.TANK_LEVEL]
