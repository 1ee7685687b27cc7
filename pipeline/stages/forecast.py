"""Forecast: rain ahead of sites, from all gauges together, as readings of the sensors that stand for it.

A site that wants such forecasts has sensors of kind rain, group `gauges` and a forecast quantity (rain_1h and the
like). Ticks carry it: what the gauges reported up to a multiple of five minutes is looked at when a tick has come a
minute beyond, so the result depends on the log alone. Gauges need a place: their own, or their site's.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from detectors.kernel import kernel, records
from detectors.rain.gauge import COUNTER, take_rain
from detectors.rain.heard import FALLEN, FORECASTS, SOURCES
from detectors.rain.ring import DAY_MIN, RING, minute_of, sum_um
from detectors.snapshot import load, save
from pipeline.forecast.lags import GAUGES_MIN, LAGS_MIN, Points, motion_km_h
from pipeline.forecast.network import NEAR, STEP_MIN, Network, on_plane, usual_spacing_km
from pipeline.forecast.spread import HORIZONS_MIN, spreads, told
from pipeline.model.hazard import SensorKind
from pipeline.model.instant import NS_PER_S
from pipeline.model.inventory import Inventory
from pipeline.model.quality import Quality
from pipeline.model.quantity import Quantity
from pipeline.model.site import Sensor
from pipeline.stages.qualify import Columns

GROUP: Final = SOURCES[1]
_STEP_NS: Final = STEP_MIN * 60 * NS_PER_S
_GRACE_NS: Final = 60 * NS_PER_S
"""How long after a full five minutes the gauges may still report them."""
_MOTIONS: Final = 4
_MOTION_EVERY: Final = 3
"""The motion is looked at anew every third step, and is the mean of the last four."""
_VERSION: Final = 1
_STATE: Final = np.dtype([("ring", RING), ("counter", COUNTER)], align=True)


class _Saved(msgspec.Struct):
    gauges: bytes
    issued_ns: int
    motions: list[tuple[float, float]]


class NetworkForecast:
    """The stage. `take` what the gauges say, `tick` for what follows. Without sensors that want it, it does nothing."""

    def __init__(self, inventory: Inventory) -> None:
        self._slots = {sensor.id: slot for slot, sensor in enumerate(inventory.sensors)}
        placed = [(one, where) for one in inventory.sensors if (where := _where(one, inventory)) is not None]
        rain = [(one, where) for one, where in placed if one.kind is SensorKind.RAIN]
        self._wanted = [one for one, _ in rain if one.group == GROUP and one.quantity in FORECASTS]
        gauges = [(one, where) for one, where in rain if _is_gauge(one)] if self._wanted else []
        self._names = [one.id for one, _ in gauges]
        self._state = records(len(gauges), _STATE)
        self._gauge_of = np.full(len(inventory.sensors), -1, np.int32)
        self._gauge_of[[self._slots[name] for name in self._names]] = np.arange(len(gauges))
        self._is_counter = np.array([one.quantity is Quantity.RAIN_TOTAL for one, _ in gauges], np.bool_)
        self._interval_min = np.array([max(1, round(one.interval_s / 60)) for one, _ in gauges], np.int64)
        self._network = _network([where for _, where in gauges], [w for one, w in rain if one in self._wanted])
        self._issued_ns = 0
        self._motions: list[tuple[float, float]] = []

    def take(self, columns: Columns) -> None:
        """Take in qualified readings."""
        if self._network is None or not len(columns):
            return
        gauge = self._gauge_of[columns.slot]
        ours = np.flatnonzero((gauge >= 0) & (columns.quality < Quality.FAIL))
        if len(ours):
            where = self._is_counter, self._interval_min
            _pour_all(self._state, gauge[ours], columns.at_ns[ours], columns.value[ours], where)

    def tick(self, now_ns: int) -> Columns | None:
        """Forecasts due by now, dated when they were issued; None where none is."""
        due_ns = (now_ns - _GRACE_NS) // _STEP_NS * _STEP_NS
        if self._network is None or due_ns <= self._issued_ns or not self._names:
            return None
        first = self._issued_ns == 0
        self._issued_ns = due_ns
        now_mm = self._had_mm(due_ns)
        if first or int((~np.isnan(now_mm)).sum()) < GAUGES_MIN:
            return None
        if due_ns // _STEP_NS % _MOTION_EVERY == 0:
            self._look_at_motion(due_ns, now_mm)
        return self._issued(due_ns, self._values(now_mm))

    def snapshot(self) -> bytes:
        """State of every gauge, by id, and the motion."""
        return msgspec.msgpack.encode(
            _Saved(save(_VERSION, self._names, (self._state,)), self._issued_ns, self._motions)
        )

    def restore(self, data: bytes) -> None:
        """Take up what `snapshot` wrote; gauges that it does not name start afresh."""
        saved = msgspec.msgpack.decode(data, type=_Saved)
        load(saved.gauges, _VERSION, self._names, (self._state,))
        self._issued_ns, self._motions = saved.issued_ns, saved.motions

    def _had_mm(self, at_ns: int) -> NDArray[np.float64]:
        """What each gauge had in the step that ends at an instant [mm]; NaN where it has not reported it."""
        had = np.empty(len(self._names))
        _sums(self._state, minute_of(at_ns), self._interval_min, had)
        return had

    def _look_at_motion(self, at_ns: int, now_mm: NDArray[np.float64]) -> None:
        assert self._network is not None  # noqa: S101  # for the checker: `tick` has looked
        before = {lag: self._had_mm(at_ns - lag * 60 * NS_PER_S) for lag in LAGS_MIN}
        width_km = 1.5 * NEAR * self._network.spacing_km
        found = motion_km_h(self._network.gauges, now_mm, before, width_km)
        if found is not None:
            self._motions = [*self._motions, (float(found[0]), float(found[1]))][-_MOTIONS:]

    def _values(self, now_mm: NDArray[np.float64]) -> dict[tuple[int, int], NDArray[np.float64]]:
        """Horizon and part -> amounts [mm], one a wanted sensor. Without a motion the rain stands still."""
        assert self._network is not None  # noqa: S101  # for the checker: `tick` has looked
        velocity = np.mean(self._motions, axis=0) if self._motions else np.zeros(2)
        values = {}
        for place, minutes in enumerate(HORIZONS_MIN):
            near, wide = self._network.ahead_mm(now_mm, velocity, minutes)
            median, high = told(spreads()["gauges"].at(minutes), near, wide)
            values[place, 0], values[place, 1] = median, high
        return values

    def _issued(self, at_ns: int, values: dict[tuple[int, int], NDArray[np.float64]]) -> Columns:
        slot = np.array([self._slots[one.id] for one in self._wanted], np.int32)
        amount = np.array([values[FORECASTS[one.quantity]][place] for place, one in enumerate(self._wanted)])
        count = len(slot)
        return Columns(
            np.zeros(count, np.int64),
            slot,
            np.full(count, at_ns),
            np.round(amount, 3),
            np.full(count, Quality.NOT_EVALUATED, np.uint8),
        )


def _is_gauge(sensor: Sensor) -> bool:
    return sensor.quantity in FALLEN and sensor.group not in SOURCES


def _where(sensor: Sensor, inventory: Inventory) -> tuple[float, float] | None:
    """Longitude and latitude of a sensor, or else of its site."""
    for one in (sensor, inventory.site_by_id[sensor.site]):
        if one.longitude_deg is not None and one.latitude_deg is not None:
            return one.longitude_deg, one.latitude_deg
    return None


def _network(gauges: Sequence[tuple[float, float]], places: Sequence[tuple[float, float]]) -> Network | None:
    if len(set(gauges)) < GAUGES_MIN:
        return None
    longitude, latitude = np.array(gauges).T
    centre = float(longitude.mean()), float(latitude.mean())
    points: Points = on_plane(longitude, latitude, centre)
    wanted = np.array(places).T
    return Network(points, on_plane(wanted[0], wanted[1], centre), usual_spacing_km(points))


@kernel
def _pour_all(state: Any, gauge: Any, at_ns: Any, value: Any, where: Any) -> None:
    is_counter, interval_min = where
    for row in range(gauge.size):
        one, place = state[gauge[row]], gauge[row]
        take_rain(one.ring, one.counter, is_counter[place], interval_min[place], at_ns[row], value[row])


@kernel
def _sums(state: Any, minute: int, interval_min: Any, had: Any) -> None:
    """Rain of the step that ends at `minute` [mm]; a gauge that reports more seldom is taken at its latest rate."""
    for row in range(had.size):
        ring = state[row].ring
        behind = minute - ring.minute
        if ring.minute == 0 or behind > interval_min[row] or STEP_MIN - behind > DAY_MIN:
            had[row] = np.nan
        elif behind > 0:
            had[row] = sum_um(ring, interval_min[row]) / 1000.0 * STEP_MIN / interval_min[row]
        else:
            had[row] = (sum_um(ring, STEP_MIN - behind) - sum_um(ring, -behind)) / 1000.0
