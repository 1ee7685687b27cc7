"""The frozen table of what each sensor measures, and how its declared unit becomes its quantity's own."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from functools import lru_cache
from typing import Any, Final, Self

import numpy as np
from numpy.typing import NDArray

from device_adapters.codecs import current_loop
from pipeline.model.inventory import Inventory
from pipeline.model.quality import DeviceStatus, Quality
from pipeline.model.quantity import Quantity
from pipeline.model.reading import Series
from pipeline.model.site import Sensor
from pipeline.model.units import Affine, UnitError, to_quantity

_REMEMBERED: Final = 256
"""Lists of series that are kept; a device sends the same few again and again."""


@dataclass(frozen=True, slots=True)
class Measured:
    """Values in their quantity's own unit; all arrays of one length n. `value` is NaN exactly where it is MISSING."""

    value: NDArray[np.float64]
    quality: NDArray[np.uint8]
    status: NDArray[np.uint8]


@dataclass(frozen=True, slots=True, eq=False)
class Measurements:
    """One row a sensor, in order of sensor id; a row's number is its slot.

    Slot -1 stands for a sensor that is not in the table: every array has one more row at its end, where nothing is
    allowed.

    Attributes:
        series: sensor and quantity of each slot. `units`: what its device sends.
        slot_by_sensor: sensor id -> slot.
        allowed: bool[n + 1], whose readings may be taken in.
        factor, offset: f8[n + 1], value = factor * sent + offset.
        is_loop: bool[n + 1], whether a 4-20 mA current is sent; `low`, `high`: f8[n + 1], the range it spans.
    """

    series: tuple[Series, ...]
    units: tuple[str, ...]
    gases: tuple[str | None, ...]
    paths_m: tuple[float | None, ...]
    slot_by_sensor: Mapping[str, int]
    allowed: NDArray[np.bool_]
    factor: NDArray[np.float64]
    offset: NDArray[np.float64]
    is_loop: NDArray[np.bool_]
    low: NDArray[np.float64]
    high: NDArray[np.float64]
    _lists: dict[bytes, tuple[Series, ...]] = field(default_factory=dict, init=False, repr=False)

    @classmethod
    def of(cls, inventory: Inventory) -> Self:
        """The table of every sensor of the inventory.

        Raises:
            UnitError: a declared unit that cannot be brought to the quantity's; the text names the sensor.
        """
        sensors = inventory.sensors
        conversions = [declared(sensor) for sensor in sensors]
        return cls(
            series=tuple(sensor.series for sensor in sensors),
            units=tuple(sensor.unit or sensor.quantity.unit for sensor in sensors),
            gases=tuple(sensor.gas for sensor in sensors),
            paths_m=tuple(sensor.path_m for sensor in sensors),
            slot_by_sensor={sensor.id: slot for slot, sensor in enumerate(sensors)},
            allowed=_column((True for _ in sensors), np.bool_),
            factor=_column((affine.factor for affine in conversions), np.float64),
            offset=_column((affine.offset for affine in conversions), np.float64),
            is_loop=_column((sensor.unit == current_loop.UNIT for sensor in sensors), np.bool_),
            low=_column((sensor.range_low for sensor in sensors), np.float64),
            high=_column((sensor.range_high for sensor in sensors), np.float64),
        )

    def only(self, patterns: Sequence[str]) -> Self:
        """The same table, where only sensors that one of `patterns` matches (`north-*`) are allowed."""
        allowed = (any(fnmatchcase(sensor, pattern) for pattern in patterns) for sensor, _ in self.series)
        return replace(self, allowed=_column(allowed, np.bool_))

    def series_of(self, slots: NDArray[np.int32]) -> tuple[Series, ...]:
        """The series of some slots; the very same tuple as for the same slots before, which others look up once."""
        key = slots.tobytes()
        found = self._lists.get(key)
        if found is None:
            if len(self._lists) >= _REMEMBERED:
                self._lists.clear()
            found = self._lists[key] = tuple(self.series[slot] for slot in slots.tolist())
        return found

    def stated(self, slot: int, unit: str) -> Affine | None:
        """How to bring a value that states its own unit to the quantity's; None where that is what was declared.

        Raises:
            UnitError: no such conversion.
        """
        if unit == self.units[slot]:
            return None
        return _conversion(unit, self.series[slot].quantity, self.gases[slot], self.paths_m[slot])

    def in_unit(self, unit: str) -> Self:
        """The same table, as if every device sent `unit`; `factor` is NaN where that cannot be converted."""
        rows = [self._row_in_unit(slot, unit) for slot in range(len(self.series))]
        return replace(
            self,
            factor=_column((affine.factor for affine, _ in rows), np.float64),
            offset=_column((affine.offset for affine, _ in rows), np.float64),
            is_loop=_column((is_loop for _, is_loop in rows), np.bool_),
        )

    def _row_in_unit(self, slot: int, unit: str) -> tuple[Affine, bool]:
        try:
            stated = self.stated(slot, unit)
        except UnitError:
            return Affine(np.nan), False
        if stated is not None:
            return stated, False
        return Affine(float(self.factor[slot]), float(self.offset[slot])), bool(self.is_loop[slot])

    def convert(
        self,
        slot: NDArray[np.int32],
        sent: NDArray[np.float64],
        status: NDArray[np.uint8],
        stated: Mapping[int, Affine] | None = None,
    ) -> Measured:
        """Values as sent to values in their quantity's unit.

        A current below or above the loop's range gives the end of the range and says so in the status: it tells no
        more, and a value beyond the instrument's span would count as a failed one. A faulty loop gives no value.

        Args:
            slot: of each value; all within the table.
            sent: as the device sent them; NaN where it sent none.
            status: what the device said of itself; a loop's current speaks only where that is NORMAL.
            stated: row -> conversion, for rows that state a unit other than the declared one.
        """
        factor, offset, is_loop = self.factor[slot], self.offset[slot], self.is_loop[slot]
        for row, affine in (stated or {}).items():
            factor[row], offset[row], is_loop[row] = affine.factor, affine.offset, False
        with np.errstate(over="ignore", invalid="ignore"):
            value = sent * factor + offset
        if is_loop.any():
            said = current_loop.status_of(sent)
            value = np.where(is_loop, np.clip(value, self.low[slot], self.high[slot]), value)
            value[is_loop & (said == DeviceStatus.FAULT)] = np.nan
            status = np.where(is_loop & (status == DeviceStatus.NORMAL), said, status)
        quality = np.where(np.isnan(value), Quality.MISSING, Quality.NOT_EVALUATED)
        return Measured(value, quality.astype(np.uint8), status)


def declared(sensor: Sensor) -> Affine:
    """How to bring what this sensor's device sends to the unit of its quantity.

    Raises:
        UnitError: it cannot be; the text names the sensor.
    """
    if sensor.unit == current_loop.UNIT:
        return current_loop.scaling(sensor.range_low, sensor.range_high)
    try:
        return _conversion(sensor.unit or sensor.quantity.unit, sensor.quantity, sensor.gas, sensor.path_m)
    except UnitError as error:
        message = f"sensor {sensor.id}: {error}"
        raise UnitError(message) from error


@lru_cache(maxsize=4096)
def _conversion(unit: str, quantity: Quantity, gas: str | None, path_m: float | None) -> Affine:
    return to_quantity(unit, quantity, gas=gas, path_m=path_m)


def _column(values: Iterable[float], dtype: type[np.generic]) -> NDArray[Any]:
    """The values, and a zero for slot -1."""
    return np.array([*values, 0], dtype)
