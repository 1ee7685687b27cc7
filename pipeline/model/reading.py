"""One value of one sensor, as an adapter reports it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from pipeline.model.quality import DeviceStatus, Quality
from pipeline.model.quantity import Quantity


class Series(NamedTuple):
    """A sensor and one quantity it measures: what a reading belongs to."""

    sensor: str
    quantity: Quantity

    def __str__(self) -> str:
        return f"{self.sensor}/{self.quantity}"


@dataclass(frozen=True, slots=True)
class Reading:
    """One value, in the one unit of its quantity (`Quantity.unit`).

    (series, observed_at_ns) is its identity: a repeat changes nothing. `value` is NaN exactly where
    `quality` is MISSING. `observed_at_ns` is the device's clock, int64 nanoseconds UTC.
    """

    series: Series
    observed_at_ns: int
    value: float
    quality: Quality = Quality.NOT_EVALUATED
    status: DeviceStatus = DeviceStatus.NORMAL
