"""Hazards, and the kinds of sensor that see them."""

from __future__ import annotations

from enum import StrEnum


class Hazard(StrEnum):
    """What may harm people. SENSOR_FAULT is told to those who repair, never to the public.

    FIRE is one of a room or a building, FOREST_FIRE one that burns outside, FIRE_DANGER the weather for it.
    """

    GAS_LEAK = "gas_leak"
    TANK_OVERFILL = "tank_overfill"
    TANK_LEAK = "tank_leak"
    RAINSTORM = "rainstorm"
    GROUND_MOVEMENT = "ground_movement"
    FIRE = "fire"
    FOREST_FIRE = "forest_fire"
    FIRE_DANGER = "fire_danger"
    SENSOR_FAULT = "sensor_fault"


class SensorKind(StrEnum):
    """What a sensor was installed for; each hazard's detectors choose their sensors by it."""

    GAS = "gas"
    TANK = "tank"
    RAIN = "rain"
    SUBSIDENCE = "subsidence"
    FIRE = "fire"
    WEATHER = "weather"
