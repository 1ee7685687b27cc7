"""Another district, where danger takes days: dry wind at a station, smoke over the woods, a tank that leaks."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from pipeline.model.area import Area
from pipeline.model.batch import ReadingBatch
from pipeline.model.hazard import SensorKind
from pipeline.model.instant import NS_PER_S
from pipeline.model.inventory import Inventory
from pipeline.model.quantity import Quantity
from pipeline.model.reading import Reading
from pipeline.model.site import Sensor, Site
from tests.unit.tank_rig import STEP_S, course, instruments

FIRST_NOON_S: Final = int(datetime(1985, 4, 13, 18, 40, tzinfo=UTC).timestamp())
"""Noon at 100 degrees west, where the reference's days were."""
WEATHER: Final = {
    "rh": Quantity.HUMIDITY, "prec": Quantity.RAIN, "temp": Quantity.TEMPERATURE, "ws": Quantity.WIND_SPEED
}  # fmt: skip
DAYS: Final = tuple(csv.DictReader((Path(__file__).parent / "golden" / "fwi" / "days.csv").read_text().splitlines()))
HOUR_S: Final = 3600


def slow_inventory() -> Inventory:
    """One village with a weather station, two cameras and a tank."""
    area = Area(code="990102001001", name_zh="样例林场", name_en="Sample Woods")
    site = Site(
        id="site", area=area.code, name_zh="示例", name_en="Sample", longitude_deg=-100.0, latitude_deg=40.0
    )  # fmt: skip
    station = tuple(
        Sensor(
            id=f"weather-{name}", site="site", kind=SensorKind.WEATHER, quantity=quantity, interval_s=HOUR_S,
            range_low=-50.0, range_high=500.0,
        )
        for name, quantity in WEATHER.items()
    )  # fmt: skip
    cameras = tuple(
        Sensor(
            id=f"camera-{place}", site="site", kind=SensorKind.FIRE, quantity=Quantity.HEAT_SPOT, interval_s=HOUR_S,
            range_low=0.0, range_high=100.0, group="ridge",
        )
        for place in (1, 2)
    )  # fmt: skip
    return Inventory((area,), (site,), (*station, *cameras, *instruments(2)))


def slow_days(number: int = 26) -> Iterator[ReadingBatch]:
    """Days that grow dry, a batch a day; the cameras see smoke on the last; the tank leaks 1 % a day from the tenth."""
    series = {sensor.id: sensor.series for sensor in slow_inventory().sensors}
    tank = course(number, 0.01)
    a_day = len(tank) // number
    for day, row in enumerate(DAYS[:number]):
        found: list[tuple[int, str, float]] = []
        for hour in range(-12, 12):
            at_s = FIRST_NOON_S + (24 * day + hour) * HOUR_S
            for name in WEATHER:
                wind, dry = name == "ws", name == "prec" and hour != -1
                found.append((at_s, f"weather-{name}", 0.0 if dry else float(row[name]) / (3.6 if wind else 1.0)))
            found += [(at_s, f"camera-{n}", 85.0 if day == number - 1 else 0.0) for n in (1, 2)]
        begin_s = FIRST_NOON_S + (24 * day - 12) * HOUR_S
        for step, (level, heat, _) in enumerate(tank[day * a_day : (day + 1) * a_day].tolist()):
            at_s = begin_s + step * int(STEP_S)
            found += [(at_s, "t1", heat), (at_s, "t0", level)]
        found.sort(key=lambda one: one[0])
        yield ReadingBatch.of(Reading(series[name], at_s * NS_PER_S, value) for at_s, name, value in found)
