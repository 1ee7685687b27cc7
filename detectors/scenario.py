"""A small made-up field for `detectors.checks`: a sensor of every kind and quantity, calm or in trouble."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from pipeline.model.area import Area
from pipeline.model.hazard import SensorKind
from pipeline.model.instant import NS_PER_S
from pipeline.model.inventory import Inventory
from pipeline.model.quality import Quality
from pipeline.model.quantity import Quantity
from pipeline.model.site import Sensor, Site

START_NS: Final = 1_760_000_400 * NS_PER_S
READINGS: Final = 240
"""Readings of each sensor: a quarter calm, a quarter getting worse, a quarter at the worst, a quarter calm again."""


@dataclass(frozen=True, slots=True)
class Instrument:
    """One sensor of the field: what it shows when all is well, and at the worst, in its quantity's unit."""

    kind: SensorKind
    quantity: Quantity
    high: float
    calm: float
    worst: float
    interval_s: float
    gas: str | None = None
    path_m: float | None = None


INSTRUMENTS: Final = {
    "gas-lel": Instrument(SensorKind.GAS, Quantity.GAS_LEL, 100, 0.0, 99.0, 60),
    "gas-path": Instrument(SensorKind.GAS, Quantity.GAS_LEL, 25, 0.0, 24.0, 60, "propane", 20.0),
    "gas-methane": Instrument(SensorKind.GAS, Quantity.GAS_PPM, 10_000, 2.0, 500.0, 60, "methane"),
    "gas-methane-aside": Instrument(SensorKind.GAS, Quantity.GAS_PPM, 10_000, 2.0, 40.0, 60, "methane"),
    "gas-methane-upwind": Instrument(SensorKind.GAS, Quantity.GAS_PPM, 10_000, 2.0, 2.2, 60, "methane"),
    "gas-co": Instrument(SensorKind.GAS, Quantity.GAS_PPM, 2_000, 0.0, 300.0, 60, "carbon_monoxide"),
    "gas-h2s": Instrument(SensorKind.GAS, Quantity.GAS_PPM, 100, 0.0, 60.0, 60, "hydrogen_sulfide"),
    "gas-oxygen": Instrument(SensorKind.GAS, Quantity.OXYGEN, 30, 20.9, 15.0, 60),
    "tank-level": Instrument(SensorKind.TANK, Quantity.TANK_LEVEL, 12, 6.0, 11.9, 60),
    "tank-pressure": Instrument(SensorKind.TANK, Quantity.PRESSURE, 1000, 101.0, 600.0, 60),
    "tank-heat": Instrument(SensorKind.TANK, Quantity.TEMPERATURE, 100, 20.0, 90.0, 60),
    "tank-flow": Instrument(SensorKind.TANK, Quantity.FLOW, 1000, 0.0, 0.0, 60),
    "rain-fall": Instrument(SensorKind.RAIN, Quantity.RAIN, 100, 0.0, 10.0, 300),
    "rain-total": Instrument(SensorKind.RAIN, Quantity.RAIN_TOTAL, 10_000, 0.0, 10.0, 300),
    "rain-1h": Instrument(SensorKind.RAIN, Quantity.RAIN_1H, 500, 0.0, 60.0, 300),
    "rain-1h-high": Instrument(SensorKind.RAIN, Quantity.RAIN_1H_HIGH, 500, 0.0, 90.0, 300),
    "rain-3h": Instrument(SensorKind.RAIN, Quantity.RAIN_3H, 500, 0.0, 100.0, 300),
    "rain-3h-high": Instrument(SensorKind.RAIN, Quantity.RAIN_3H_HIGH, 500, 0.0, 150.0, 300),
    "slope-displacement": Instrument(SensorKind.SUBSIDENCE, Quantity.DISPLACEMENT, 5_000, 12.0, 2_000.0, 3600),
    "slope-tilt": Instrument(SensorKind.SUBSIDENCE, Quantity.TILT, 45, 1.0, 30.0, 3600),
    "room-heat": Instrument(SensorKind.FIRE, Quantity.TEMPERATURE, 300, 20.0, 180.0, 10),
    "room-smoke": Instrument(SensorKind.FIRE, Quantity.SMOKE, 100, 0.0, 60.0, 10),
    "room-co": Instrument(SensorKind.FIRE, Quantity.GAS_PPM, 2_000, 0.0, 400.0, 10, "carbon_monoxide"),
    "ridge-camera": Instrument(SensorKind.FIRE, Quantity.HEAT_SPOT, 100, 0.0, 95.0, 60),
    "mast-air": Instrument(SensorKind.WEATHER, Quantity.TEMPERATURE, 60, 15.0, 40.0, 3600),
    "mast-humidity": Instrument(SensorKind.WEATHER, Quantity.HUMIDITY, 100, 80.0, 8.0, 3600),
    "mast-rain": Instrument(SensorKind.WEATHER, Quantity.RAIN, 100, 0.0, 0.0, 3600),
    "mast-wind-hourly": Instrument(SensorKind.WEATHER, Quantity.WIND_SPEED, 60, 2.0, 15.0, 3600),
    "mast-wind": Instrument(SensorKind.WEATHER, Quantity.WIND_SPEED, 60, 3.0, 30.0, 60),
}
_TOTALS: Final = (Quantity.RAIN_TOTAL, Quantity.DISPLACEMENT, Quantity.TILT)
"""Quantities that do not come back."""
_RUNAWAY: Final = 0.99
"""How far ground goes on its way to failure, where its velocity would be infinite."""


@dataclass(frozen=True, slots=True)
class Columns:
    """Readings in order of time: slot i4[n], at_ns i8[n], value f8[n], quality u1[n]."""

    slot: NDArray[np.int32]
    at_ns: NDArray[np.int64]
    value: NDArray[np.float64]
    quality: NDArray[np.uint8]

    def __len__(self) -> int:
        return len(self.slot)

    def rows(self, chosen: slice | NDArray[Any]) -> Columns:
        """Some of the rows, in their order."""
        return Columns(self.slot[chosen], self.at_ns[chosen], self.value[chosen], self.quality[chosen])


def inventory(thresholds: dict[str, float] | None = None) -> Inventory:
    """The field; `thresholds` are set for every sensor. Sensors of one kind share a site and a group."""
    area = Area(code="990101001001", name_zh="示例村", name_en="Sample village")
    kinds = sorted({one.kind for one in INSTRUMENTS.values()})
    return Inventory(
        (area,),
        tuple(Site(id=f"site-{kind}", area=area.code, name_zh=kind, name_en=kind) for kind in kinds),
        tuple(_sensor(name, one, thresholds or {}) for name, one in INSTRUMENTS.items()),
    )


def empty() -> Inventory:
    """A field without sensors."""
    return Inventory((), (), ())


def calm() -> Columns:
    """Every sensor at rest at one plausible value."""
    return _columns({name: np.full(READINGS, one.calm) for name, one in INSTRUMENTS.items()})


def trouble(seed: int = 0) -> Columns:
    """Every sensor goes from calm to the worst and, where its quantity can, back; with a little noise."""
    noise = np.random.default_rng(seed)
    return _columns({name: _worsening(one, noise) for name, one in INSTRUMENTS.items()})


def _worsening(one: Instrument, noise: np.random.Generator) -> NDArray[np.float64]:
    course = np.clip(np.arange(READINGS) / (READINGS / 4) - 1.0, 0.0, 1.0)
    share = np.log1p(-_RUNAWAY * course) / np.log1p(-_RUNAWAY) if one.quantity is Quantity.DISPLACEMENT else course**2
    if one.quantity not in _TOTALS or one.quantity is Quantity.RAIN_TOTAL:
        share[-READINGS // 4 :] = 0.0
    jitter = 0.002 * noise.standard_normal(READINGS) * (share > 0)
    value = one.calm + (one.worst - one.calm) * np.clip(share + jitter, 0.0, 1.0)
    return np.cumsum(value) if one.quantity is Quantity.RAIN_TOTAL else value


def _columns(values: dict[str, NDArray[np.float64]]) -> Columns:
    slots = {sensor.id: slot for slot, sensor in enumerate(inventory().sensors)}
    slot = np.repeat([slots[name] for name in values], READINGS).astype(np.int32)
    interval_ns = np.array([round(INSTRUMENTS[name].interval_s * NS_PER_S) for name in values], np.int64)
    at_ns = (START_NS + interval_ns[:, None] * np.arange(READINGS)).ravel()
    columns = Columns(slot, at_ns, np.concatenate(list(values.values())), np.full(len(slot), Quality.GOOD, np.uint8))
    return columns.rows(np.lexsort((slot, at_ns)))


def _sensor(name: str, one: Instrument, thresholds: dict[str, float]) -> Sensor:
    return Sensor(
        id=name,
        site=f"site-{one.kind}",
        kind=one.kind,
        quantity=one.quantity,
        gas=one.gas,
        path_m=one.path_m,
        range_low=0.0,
        range_high=one.high,
        interval_s=one.interval_s,
        group="group",
        thresholds=thresholds,
    )
