"""Quantities, each with the one unit it has inside Forewarn. Adapters convert at the edge, once."""

from __future__ import annotations

from enum import StrEnum


class Quantity(StrEnum):
    """What is measured. The unit is part of the meaning: see `unit`."""

    GAS_LEL = "gas_lel"
    GAS_PPM = "gas_ppm"
    OXYGEN = "oxygen"
    TANK_LEVEL = "tank_level"
    PRESSURE = "pressure"
    FLOW = "flow"
    TEMPERATURE = "temperature"
    RAIN = "rain"
    RAIN_TOTAL = "rain_total"
    RAIN_1H = "rain_1h"
    RAIN_1H_HIGH = "rain_1h_high"
    RAIN_3H = "rain_3h"
    RAIN_3H_HIGH = "rain_3h_high"
    DISPLACEMENT = "displacement"
    TILT = "tilt"
    SMOKE = "smoke"
    HEAT_SPOT = "heat_spot"
    HUMIDITY = "humidity"
    WIND_SPEED = "wind_speed"
    WIND_DIRECTION = "wind_direction"

    __hash__ = str.__hash__  # Enum's own is a call in Python for each look-up of a series

    @property
    def unit(self) -> str:
        """The unit of every value of this quantity past the adapters."""
        return _UNITS[self]


_UNITS: dict[Quantity, str] = {
    Quantity.GAS_LEL: "%LEL",  # combustible gas, share of the lower explosive limit
    Quantity.GAS_PPM: "ppm",  # toxic or trace gas, share of volume
    Quantity.OXYGEN: "%VOL",
    Quantity.TANK_LEVEL: "m",  # height of the liquid above the tank's datum
    Quantity.PRESSURE: "kPa",
    Quantity.FLOW: "m3/h",
    Quantity.TEMPERATURE: "degC",
    Quantity.RAIN: "mm",  # fallen since the reading before
    Quantity.RAIN_TOTAL: "mm",  # a counter that only a reset lowers
    Quantity.RAIN_1H: "mm",  # forecast: what falls within the hour after, median
    Quantity.RAIN_1H_HIGH: "mm",  # the same, exceeded one time in ten
    Quantity.RAIN_3H: "mm",  # within three hours, median
    Quantity.RAIN_3H_HIGH: "mm",
    Quantity.DISPLACEMENT: "mm",  # along the sensor's own axis, growing towards failure
    Quantity.TILT: "deg",
    Quantity.SMOKE: "%/m",  # obscuration of light per metre (EN 54-7 uses dB/m: convert)
    Quantity.HEAT_SPOT: "%",  # how sure a camera or a satellite is that something burns; 0: it looked, and nothing does
    Quantity.HUMIDITY: "%RH",
    Quantity.WIND_SPEED: "m/s",
    Quantity.WIND_DIRECTION: "deg",  # where the wind comes from, clockwise from north
}
