"""Composites, one after another, to readings: rain at sites by radar, and the rain ahead of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

import numpy as np

from device_adapters.radar.composite import Composite, Field
from device_adapters.radar.motion import Tracker
from device_adapters.radar.nowcast import Places, ahead_mm
from pipeline.forecast.parts import PARTS
from pipeline.forecast.spread import HORIZONS_MIN, spreads, told
from pipeline.model.batch import ReadingBatch
from pipeline.model.hazard import SensorKind
from pipeline.model.inventory import Inventory
from pipeline.model.quality import Quality
from pipeline.model.quantity import Quantity
from pipeline.model.reading import Reading
from pipeline.model.site import Sensor

GROUP: Final = "radar"
_WITHIN: Final = 0.2
"""By which share of the interval a composite may be early or late and still follow the one before."""


class RadarSites:
    """Sensors of kind rain and group `radar` with a place, and the sequence of composites so far. Not thread-safe."""

    def __init__(self, inventory: Inventory, reach_km: float) -> None:
        self._reach_km = reach_km
        self._places: list[tuple[Sensor, float, float]] = []
        for sensor in inventory.sensors:
            if sensor.kind is SensorKind.RAIN and sensor.group == GROUP:
                where = _where(sensor, inventory)
                if where is not None:
                    self._places.append((sensor, *where))
        self._tracker: Tracker | None = None
        self._shape: tuple[int, ...] = ()
        self._last_ns = 0

    def __len__(self) -> int:
        return len(self._places)

    def follows(self, composite: Composite) -> bool:
        """Whether it is later than those before."""
        return composite.at_ns > self._last_ns

    def take(self, composite: Composite, received_at_ns: int | None) -> ReadingBatch:
        """What the next composite says of every sensor. After a gap in time the motion is learned anew."""
        pixels = [composite.grid.place(longitude, latitude) for _, longitude, latitude in self._places]
        field, places = self._cropped(composite, pixels)
        tracker = self._following(composite, field)
        tracker.add(field)
        motion = tracker.motion()
        ahead: Mapping[int, tuple[np.ndarray, np.ndarray]] = (
            {} if motion is None else ahead_mm(field, motion, composite.minutes, composite.grid.pixel_km, places)
        )
        bounds = {
            minutes: told(spreads()[GROUP].at(minutes), *ahead[minutes]) for minutes in HORIZONS_MIN if minutes in ahead
        }
        return ReadingBatch.of(self._readings(composite, field, places, bounds), received_at_ns)

    def _readings(
        self, composite: Composite, field: Field, places: Places, bounds: Mapping[int, tuple[np.ndarray, np.ndarray]]
    ) -> Iterator[Reading]:
        for number, (sensor, _, _) in enumerate(self._places):
            if sensor.quantity is Quantity.RAIN:
                value = _about(field, places[number])
            elif sensor.quantity in PARTS and bounds:
                minutes, part = PARTS[sensor.quantity]
                value = float(bounds[minutes][part][number])
            else:
                continue
            quality = Quality.MISSING if np.isnan(value) else Quality.NOT_EVALUATED
            yield Reading(sensor.series, composite.at_ns, round(value, 3), quality)

    def _following(self, composite: Composite, field: Field) -> Tracker:
        step_ns = composite.minutes * 60e9
        steady = abs(composite.at_ns - self._last_ns - step_ns) <= _WITHIN * step_ns and field.shape == self._shape
        self._last_ns, self._shape = composite.at_ns, field.shape
        if self._tracker is None or not steady:
            self._tracker = Tracker(composite.minutes, composite.grid.pixel_km)
        return self._tracker

    def _cropped(self, composite: Composite, pixels: Places) -> tuple[Field, Places]:
        """The part of the composite within reach of a sensor, and the sensors' pixels in it."""
        reach = self._reach_km / composite.grid.pixel_km
        spans = []
        for axis, size in enumerate(composite.rain_mm.shape):
            along = [min(max(pixel[axis], 0.0), size - 1.0) for pixel in pixels] or [size / 2]
            spans.append((int(max(min(along) - reach, 0)), int(min(max(along) + reach + 1, size))))
        (top, bottom), (left, right) = spans
        field = np.ascontiguousarray(composite.rain_mm[top:bottom, left:right])
        return field, [(row - top, column - left) for row, column in pixels]


def _where(sensor: Sensor, inventory: Inventory) -> tuple[float, float] | None:
    for one in (sensor, inventory.site_by_id[sensor.site]):
        if one.longitude_deg is not None and one.latitude_deg is not None:
            return one.longitude_deg, one.latitude_deg
    return None


def _about(field: Field, place: tuple[float, float]) -> float:
    """The mean of the pixel of a place and those around it; NaN where no radar sees any, or outside."""
    row, column = round(place[0]), round(place[1])
    if not (0 <= row < field.shape[0] and 0 <= column < field.shape[1]):
        return float("nan")
    around = field[max(row - 1, 0) : row + 2, max(column - 1, 0) : column + 2]
    seen = around[np.isfinite(around)]
    return float(seen.mean()) if len(seen) else float("nan")
