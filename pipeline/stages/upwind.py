"""Who stands in the direction that the wind brought gas from."""

from __future__ import annotations

from math import atan2, cos, degrees, hypot, radians
from typing import Final

from pipeline.model.earth import M_PER_DEG
from pipeline.model.finding import Upwind
from pipeline.model.hazard import SensorKind
from pipeline.model.inventory import Inventory
from pipeline.model.site import Sensor

_MOST: Final = 3
_SAME_PLACE_M: Final = 1.0


def standing_upwind(upwind: Upwind, inventory: Inventory) -> tuple[str, ...]:
    """The groups (a tank, a room) and single sensors of the same site within the interval, nearest first, at most 3.

    Sensors without a place of their own, and those that measure the weather, are no candidates.
    """
    seen = inventory.sensor_by_id.get(upwind.sensor)
    if seen is None or not _is_placed(seen):
        return ()
    nearest: dict[str, float] = {}
    for other in inventory.sensors:
        if other.site != seen.site or other.kind is SensorKind.WEATHER or not _is_placed(other):
            continue
        east_m, north_m = _apart_m(seen, other)
        away_m = hypot(east_m, north_m)
        off_deg = abs((degrees(atan2(east_m, north_m)) - upwind.bearing_deg + 180.0) % 360.0 - 180.0)
        if away_m > _SAME_PLACE_M and off_deg <= upwind.spread_deg:
            name = other.group if other.group and other.group != seen.group else other.id
            nearest[name] = min(nearest.get(name, away_m), away_m)
    return tuple(sorted(nearest, key=lambda name: (nearest[name], name))[:_MOST])


def _is_placed(sensor: Sensor) -> bool:
    return sensor.longitude_deg is not None and sensor.latitude_deg is not None


def _apart_m(seen: Sensor, other: Sensor) -> tuple[float, float]:
    """East and north from one to the other, on a plane: sites are small."""
    north_deg = (other.latitude_deg or 0.0) - (seen.latitude_deg or 0.0)
    east_deg = (other.longitude_deg or 0.0) - (seen.longitude_deg or 0.0)
    return M_PER_DEG * east_deg * cos(radians(seen.latitude_deg or 0.0)), M_PER_DEG * north_deg
