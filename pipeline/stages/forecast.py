"""Forecast: rain ahead of sites, from all gauges together, as readings of the sensors that stand for it.

The gauges of one division foresee together, with one motion; which division, the assessment's `rain_network` says. So
the cut of the stream over Kafka, which keeps that division whole, changes nothing.

A site that wants such forecasts has sensors of kind rain, group `gauges` and a forecast quantity (rain_1h and the
like). Ticks carry it: what the gauges reported up to a multiple of five minutes is looked at when a tick has come a
minute beyond, so the result depends on the log alone. Gauges need a place: their own, or their site's.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import msgspec
import numpy as np
from numpy.typing import NDArray

from detectors.kernel import kernel, records
from detectors.rain.gauge import COUNTER, DOUBT, take_rain
from detectors.rain.heard import FORECASTS, SOURCES
from detectors.rain.ring import DAY_MIN, RING, minute_of, sum_um
from detectors.snapshot import load, save
from pipeline.config.rain_network import division, is_gauge, is_wanted, where
from pipeline.forecast.lags import GAUGES_MIN, LAGS_MIN, Points, motion_km_h
from pipeline.forecast.network import NEAR, STEP_MIN, Network, on_plane, usual_spacing_km
from pipeline.forecast.spread import HORIZONS_MIN, spreads, told
from pipeline.model.area import AreaLevel
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
_Placed = tuple[Sensor, tuple[float, float]]
_STATE: Final = np.dtype([("ring", RING), ("counter", COUNTER), ("doubt", DOUBT)], align=True)


class _Saved(msgspec.Struct):
    gauges: bytes
    issued_ns: int
    motions: dict[str, list[tuple[float, float]]]


class NetworkForecast:
    """The stage. `take` what the gauges say, `tick` for what follows. Without sensors that want it, it does nothing.

    Args:
        level: the gauges of one division of this level are one network, with a motion of its own.
    """

    def __init__(self, inventory: Inventory, level: AreaLevel = AreaLevel.CITY) -> None:
        self._slots = {sensor.id: slot for slot, sensor in enumerate(inventory.sensors)}
        placed = [(one, place) for one in inventory.sensors if (place := where(one, inventory)) is not None]
        wanted = [(one, place) for one, place in placed if is_wanted(one)]
        gauges = [(one, place) for one, place in placed if is_gauge(one)] if wanted else []
        self._names = [one.id for one, _ in gauges]
        self._state = records(len(gauges), _STATE)
        self._gauge_of = np.full(len(inventory.sensors), -1, np.int32)
        self._gauge_of[[self._slots[name] for name in self._names]] = np.arange(len(gauges))
        self._is_counter = np.array([one.quantity is Quantity.RAIN_TOTAL for one, _ in gauges], np.bool_)
        self._interval_min = np.array([max(1, round(one.interval_s / 60)) for one, _ in gauges], np.int64)
        self._divisions = list(_divisions(inventory, level, gauges, wanted))
        self._issued_ns = 0

    def take(self, columns: Columns) -> None:
        """Take in qualified readings."""
        if not self._divisions or not len(columns):
            return
        gauge = self._gauge_of[columns.slot]
        ours = np.flatnonzero((gauge >= 0) & (columns.quality < Quality.FAIL))
        if len(ours):
            kinds = self._is_counter, self._interval_min
            _pour_all(self._state, gauge[ours], columns.at_ns[ours], columns.value[ours], kinds)

    def tick(self, now_ns: int) -> Columns | None:
        """Forecasts due by now, dated when they were issued; None where none is."""
        due_ns = (now_ns - _GRACE_NS) // _STEP_NS * _STEP_NS
        if not self._divisions or due_ns <= self._issued_ns:
            return None
        first = self._issued_ns == 0
        self._issued_ns = due_ns
        if first:
            return None
        now_mm = self._had_mm(due_ns)
        is_time = due_ns // _STEP_NS % _MOTION_EVERY == 0
        before = {lag: self._had_mm(due_ns - lag * 60 * NS_PER_S) for lag in LAGS_MIN} if is_time else {}
        amounts = [pair for one in self._divisions for pair in one.foreseen(now_mm, before)]
        return self._issued(due_ns, amounts) if amounts else None

    def snapshot(self) -> bytes:
        """State of every gauge, by id, and the motions."""
        motions = {one.code: one.motions for one in self._divisions}
        return msgspec.msgpack.encode(_Saved(save(_VERSION, self._names, (self._state,)), self._issued_ns, motions))

    def restore(self, data: bytes) -> None:
        """Take up what `snapshot` wrote; gauges and divisions that it does not name start afresh."""
        saved = msgspec.msgpack.decode(data, type=_Saved)
        load(saved.gauges, _VERSION, self._names, (self._state,))
        self._issued_ns = saved.issued_ns
        for one in self._divisions:
            one.motions = saved.motions.get(one.code, [])

    def _had_mm(self, at_ns: int) -> NDArray[np.float64]:
        """What each gauge had in the step that ends at an instant [mm]; NaN where it has not reported it."""
        had = np.empty(len(self._names))
        _sums(self._state, minute_of(at_ns), self._interval_min, had)
        return had

    def _issued(self, at_ns: int, amounts: Sequence[tuple[str, float]]) -> Columns:
        rows = sorted((self._slots[name], amount_mm) for name, amount_mm in amounts)
        count = len(rows)
        return Columns(
            np.zeros(count, np.int64),
            np.array([slot for slot, _ in rows], np.int32),
            np.full(count, at_ns),
            np.round(np.array([amount_mm for _, amount_mm in rows]), 3),
            np.full(count, Quality.NOT_EVALUATED, np.uint8),
        )


class _Division:
    """The gauges of one division, their motion, and the sensors that want forecasts there."""

    def __init__(self, code: str, network: Network, gauges: NDArray[np.int64], wanted: Sequence[Sensor]) -> None:
        self.code = code
        self._network = network
        self._gauges = gauges
        self._wanted = wanted
        self.motions: list[tuple[float, float]] = []

    def foreseen(
        self, now_mm: NDArray[np.float64], before_mm: Mapping[int, NDArray[np.float64]]
    ) -> list[tuple[str, float]]:
        """Sensor and amount [mm]; none where too few gauges report. Without a motion the rain stands still.

        Args:
            now_mm: of all gauges.
            before_mm: lag [min] -> the same so long ago; empty where the motion need not be looked at.
        """
        now_mm = now_mm[self._gauges]
        if int((~np.isnan(now_mm)).sum()) < GAUGES_MIN:
            return []
        if before_mm:
            self._look_at_motion(now_mm, {lag: then_mm[self._gauges] for lag, then_mm in before_mm.items()})
        velocity = np.mean(self.motions, axis=0) if self.motions else np.zeros(2)
        values = {}
        for place, minutes in enumerate(HORIZONS_MIN):
            near, wide = self._network.ahead_mm(now_mm, velocity, minutes)
            values[place, 0], values[place, 1] = told(spreads()[GROUP].at(minutes), near, wide)
        return [(one.id, float(values[FORECASTS[one.quantity]][place])) for place, one in enumerate(self._wanted)]

    def _look_at_motion(self, now_mm: NDArray[np.float64], before_mm: Mapping[int, NDArray[np.float64]]) -> None:
        width_km = 1.5 * NEAR * self._network.spacing_km
        found = motion_km_h(self._network.gauges, now_mm, before_mm, width_km)
        if found is not None:
            self.motions = [*self.motions, (float(found[0]), float(found[1]))][-_MOTIONS:]


def _divisions(
    inventory: Inventory, level: AreaLevel, gauges: Sequence[_Placed], wanted: Sequence[_Placed]
) -> Iterator[_Division]:
    """Those that want forecasts and have gauges enough."""
    for code in sorted({division(one, inventory, level) for one, _ in wanted}):
        own = [number for number, (one, _) in enumerate(gauges) if division(one, inventory, level) == code]
        here = [(one, place) for one, place in wanted if division(one, inventory, level) == code]
        network = _network([gauges[number][1] for number in own], [place for _, place in here])
        if network is not None:
            yield _Division(code, network, np.array(own, np.int64), [one for one, _ in here])


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
        take_rain(one.ring, one.counter, one.doubt, is_counter[place], interval_min[place], at_ns[row], value[row])


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
