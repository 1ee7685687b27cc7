"""A storm that moves over a plane, for tests of what is foreseen: what falls anywhere in any five minutes."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from pipeline.model.area import Area
from pipeline.model.batch import ReadingBatch
from pipeline.model.hazard import SensorKind
from pipeline.model.instant import NS_PER_S
from pipeline.model.inventory import Inventory
from pipeline.model.quantity import Quantity
from pipeline.model.reading import Reading
from pipeline.model.site import Sensor, Site

VELOCITY_KM_H = np.array([48.0, 12.0])
START_NS = 1_760_000_400 * NS_PER_S
"""A full hour."""
STEP_MIN = 5
_CELLS = ((-70.0, -10.0, 9.0, 6.0), (-90.0, 10.0, 12.0, 5.0), (-105.0, -25.0, 8.0, 6.0), (-125.0, 0.0, 14.0, 7.0))
"""East and north [km] at minute 0, width [km], greatest amount in five minutes [mm]."""
FORECASTS = (Quantity.RAIN_1H, Quantity.RAIN_1H_HIGH, Quantity.RAIN_3H, Quantity.RAIN_3H_HIGH)


def fallen_mm(east_km: NDArray[np.float64], north_km: NDArray[np.float64], minute: float) -> NDArray[np.float64]:
    """What falls in the five minutes that end at `minute`."""
    total = np.zeros(np.broadcast(east_km, north_km).shape)
    for east, north, width, most in _CELLS:
        x, y = np.array([east, north]) + VELOCITY_KM_H * minute / 60
        total += most * np.exp(-((east_km - x) ** 2 + (north_km - y) ** 2) / (2 * width**2))
    return np.where(total >= 0.02, np.round(total, 2), 0.0)


def gauges(side: int = 7, apart_km: float = 12.0) -> NDArray[np.float64]:
    """East and north of a square of gauges about the origin [km]."""
    line = (np.arange(side) - (side - 1) / 2) * apart_km
    return np.array([(east, north) for north in line for east in line])


def network(places: NDArray[np.float64], wanted: int, group: str = "gauges") -> Inventory:
    """A gauge at each place, a site each; the site of gauge `wanted` has forecasts too, from `group`."""
    area = Area(code="330212000000", name_zh="鄞州区", name_en="Yinzhou")
    sites, sensors = [], []
    for number, (east, north) in enumerate(places.tolist()):
        name = f"g{number:03}"
        site = Site(
            id=name,
            area=area.code,
            name_zh=name,
            name_en=name,
            longitude_deg=120.0 + east / 111.195 / np.cos(np.radians(30.0)),
            latitude_deg=30.0 + north / 111.195,
        )
        sites.append(site)
        sensors.append(_rain(name, name, Quantity.RAIN))
    sensors += [_rain(f"{q.value}", f"g{wanted:03}", q, group) for q in FORECASTS]
    return Inventory((area,), tuple(sites), tuple(sensors))


def _rain(name: str, site: str, quantity: Quantity, group: str = "") -> Sensor:
    colours = {"blue": 8.0, "yellow": 400.0, "orange": 400.0, "red": 400.0}
    own = {f"rain_forecast.{colour}_mm": amount_mm for colour, amount_mm in colours.items()}
    return Sensor(
        id=name,
        site=site,
        kind=SensorKind.RAIN,
        quantity=quantity,
        range_low=0,
        range_high=500,
        interval_s=300,
        group=group,
        thresholds=own if group else {},
    )


def reported(inventory: Inventory, places: NDArray[np.float64], minutes: range) -> Iterator[ReadingBatch]:
    """The gauges' readings, a batch an instant."""
    rain = [one for one in inventory.sensors if one.quantity is Quantity.RAIN]
    for minute in minutes:
        amounts = fallen_mm(places[:, 0], places[:, 1], minute).tolist()
        at_ns = START_NS + minute * 60 * NS_PER_S
        yield ReadingBatch.of(Reading(one.series, at_ns, amount) for one, amount in zip(rain, amounts, strict=True))
