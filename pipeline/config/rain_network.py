"""Gauges that foresee rain together: which sensors want that, which may take part, and where there are too few."""

from __future__ import annotations

from detectors.rain.heard import FALLEN, FORECASTS, SOURCES
from pipeline.forecast.lags import GAUGES_MIN
from pipeline.model.area import AreaLevel, ancestor
from pipeline.model.hazard import SensorKind
from pipeline.model.inventory import Inventory
from pipeline.model.site import Sensor


def is_wanted(sensor: Sensor) -> bool:
    """Whether it stands for a forecast from gauges."""
    return sensor.kind is SensorKind.RAIN and sensor.group == SOURCES[1] and sensor.quantity in FORECASTS


def is_gauge(sensor: Sensor) -> bool:
    """Whether it measures rain at the ground."""
    return sensor.kind is SensorKind.RAIN and sensor.quantity in FALLEN and sensor.group not in SOURCES


def where(sensor: Sensor, inventory: Inventory) -> tuple[float, float] | None:
    """Longitude and latitude of a sensor, or else of its site."""
    for one in (sensor, inventory.site_by_id[sensor.site]):
        if one.longitude_deg is not None and one.latitude_deg is not None:
            return one.longitude_deg, one.latitude_deg
    return None


def division(sensor: Sensor, inventory: Inventory, level: AreaLevel) -> str:
    """Code of the division of that level in which it stands."""
    return ancestor(inventory.site_by_id[sensor.site].area, level)


def wants_network(inventory: Inventory) -> bool:
    """Whether any sensor stands for a forecast from gauges."""
    return any(is_wanted(one) for one in inventory.sensors)


def lonely_divisions(inventory: Inventory, level: AreaLevel) -> dict[str, int]:
    """Division that wants forecasts and has too few gauges with a place -> at how many places it has some."""
    wanted = {division(one, inventory, level) for one in inventory.sensors if is_wanted(one)}
    places: dict[str, set[tuple[float, float]]] = {code: set() for code in wanted}
    for one in inventory.sensors if wanted else ():
        place, code = where(one, inventory), division(one, inventory, level)
        if code in places and place is not None and is_gauge(one):
            places[code].add(place)
    return {code: len(found) for code, found in sorted(places.items()) if len(found) < GAUGES_MIN}
