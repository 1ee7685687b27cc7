"""One sensor on a site of its own before one detector: what studies of single series are played through."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from detectors.base import Detector
from detectors.bound import BoundDetector
from pipeline.model.area import Area
from pipeline.model.finding import Finding
from pipeline.model.hazard import SensorKind
from pipeline.model.inventory import Inventory
from pipeline.model.quality import Quality
from pipeline.model.quantity import Quantity
from pipeline.model.site import Sensor, Site

_AREA: Final = Area(code="990101001001", name_zh="示例村", name_en="Sample village")
_SITE: Final = Site(id="site", area=_AREA.code, name_zh="示例站", name_en="Sample site")


def alone(kind: SensorKind, quantity: Quantity, interval_s: float, low: float, high: float, **more: Any) -> Inventory:
    """An inventory of one sensor `one`, its range [unit of the quantity], and whatever else is known of it."""
    sensor = Sensor(
        id="one",
        site=_SITE.id,
        kind=kind,
        quantity=quantity,
        interval_s=interval_s,
        range_low=low,
        range_high=high,
        **more,
    )
    return Inventory((_AREA,), (_SITE,), (sensor,))


def played(
    detector: Detector, inventory: Inventory, at_ns: NDArray[np.int64], value: NDArray[np.float64]
) -> list[Finding]:
    """What the detector says of good readings.

    Args:
        at_ns: i8[n], UTC, rising.
        value: f8[n], in the unit of the quantity.
    """
    bound = BoundDetector(detector, inventory)
    slot, quality = np.zeros(len(at_ns), np.int32), np.full(len(at_ns), Quality.GOOD, np.uint8)
    return [finding for _, finding in bound.feed(slot, at_ns, value, quality)]
