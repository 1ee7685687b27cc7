"""Verify: every forecast of rain is told when it is issued, and held against what fell when its time has come.

What fell is what the site's first gauge reported, or radar where there is none. A forecast whose span that gauge did
not cover whole, or did not report within GRACE_MIN after its end, is told as unverified: no report is not no rain.
"""

from __future__ import annotations

from collections.abc import Iterable
from heapq import heappop, heappush
from typing import Any, Final

import msgspec
import numpy as np

from detectors.kernel import kernel, records
from detectors.rain.ahead import AHEAD, take_in
from detectors.rain.gauge import COUNTER, DOUBT, take_rain
from detectors.rain.heard import FALLEN, FORECASTS, SOURCES, rank_of
from detectors.rain.ring import DAY_MIN, RING, SIZE, minute_of
from detectors.snapshot import load, save
from pipeline.model.forecast import ForecastState, RainAhead
from pipeline.model.hazard import SensorKind
from pipeline.model.inventory import Inventory
from pipeline.model.quality import Quality
from pipeline.model.quantity import Quantity
from pipeline.model.site import Sensor
from pipeline.stages.qualify import Columns
from pipeline.stages.said import Said, ahead_of

GRACE_MIN: Final = 60
FRESH_NS: Final = 1_200 * 10**9
"""As `rain_forecast.fresh_s` is by default: a better source's forecast counts for so long."""
_VERSION: Final = 1
_TRUTH: Final = np.dtype([("ring", RING), ("counter", COUNTER), ("doubt", DOUBT), ("since", "i8")], align=True)
"""`since`: the minute from which on every reading has come."""
_MINUTE_NS: Final = 60_000_000_000


class _Saved(msgspec.Struct):
    truth: bytes
    ahead: bytes
    halves: list[tuple[str, str, int, int, int, float]]
    pending: list[Said]
    looked_min: int


class Verify:
    """The stage. Sites without sensors that stand for forecasts cost nothing."""

    def __init__(self, inventory: Inventory) -> None:
        self._inventory = inventory
        self._forecasts: dict[int, Sensor] = {}
        rain = [(slot, one) for slot, one in enumerate(inventory.sensors) if one.kind is SensorKind.RAIN]
        self._forecasts = {slot: one for slot, one in rain if one.quantity in FORECASTS}
        self._sites = sorted({one.site for one in self._forecasts.values()})
        self._place = {site: place for place, site in enumerate(self._sites)}
        gauges = _gauges(rain)
        self._truth_of = np.full(len(inventory.sensors), -1, np.int32)
        self._is_forecast = np.zeros(len(inventory.sensors), np.bool_)
        self._is_forecast[list(self._forecasts)] = True
        self._truth = records(len(self._sites), _TRUTH)
        self._ahead = records(len(self._sites), AHEAD)
        self._is_counter = np.zeros(len(self._sites), np.bool_)
        self._interval_min = np.ones(len(self._sites), np.int64)
        for site, place in self._place.items():
            if site in gauges:
                slot, gauge = gauges[site]
                self._truth_of[slot] = place
                self._is_counter[place] = gauge.quantity is Quantity.RAIN_TOTAL
                self._interval_min[place] = max(1, round(gauge.interval_s / 60))
        self._halves: dict[tuple[str, str, int, int], tuple[int, float]] = {}
        self._pending: list[Said] = []
        self._looked_min = 0

    def take(self, columns: Columns) -> list[RainAhead]:
        """Take in qualified readings; the forecasts that they complete."""
        if not self._sites or not len(columns):
            return []
        usable = columns.quality < Quality.FAIL
        place = self._truth_of[columns.slot]
        ours = np.flatnonzero((place >= 0) & usable)
        if len(ours):
            where = self._is_counter, self._interval_min
            _pour_all(self._truth, place[ours], columns.at_ns[ours], columns.value[ours], where)
        rows = np.flatnonzero(self._is_forecast[columns.slot] & usable).tolist()
        issued = (
            self._heard(self._forecasts[int(columns.slot[row])], int(columns.at_ns[row]), float(columns.value[row]))
            for row in rows
        )
        return [one for one in issued if one is not None]

    def tick(self, now_ns: int) -> list[RainAhead]:
        """The verdicts that are due by now, in order of the instants they were due."""
        told: list[RainAhead] = []
        wait: list[Said] = []
        if minute_of(now_ns) == self._looked_min:  # rain is known by the minute
            return told
        self._looked_min = minute_of(now_ns)
        while self._pending and self._pending[0].due_ns <= now_ns:
            said = heappop(self._pending)
            one = self._verdict(said, minute_of(now_ns)) if said.site in self._place else None
            if one is not None:
                told.append(one)
            elif said.site in self._place:
                wait.append(said)
        for said in wait:
            heappush(self._pending, said)
        return told

    def snapshot(self) -> bytes:
        """Rain of every site, halves of forecasts, and those whose time has not come."""
        halves = [(*key, *half) for key, half in sorted(self._halves.items())]
        truth = save(_VERSION, self._sites, (self._truth,))
        ahead = save(_VERSION, self._sites, (self._ahead,))
        return msgspec.msgpack.encode(_Saved(truth, ahead, halves, sorted(self._pending), self._looked_min))

    def restore(self, data: bytes) -> None:
        """Take up what `snapshot` wrote; sites that it does not name start afresh."""
        saved = msgspec.msgpack.decode(data, type=_Saved)
        load(saved.truth, _VERSION, self._sites, (self._truth,))
        load(saved.ahead, _VERSION, self._sites, (self._ahead,))
        self._halves = {half[:4]: half[4:] for half in saved.halves}
        self._pending, self._looked_min = saved.pending, saved.looked_min

    def _heard(self, sensor: Sensor, at_ns: int, amount_mm: float) -> RainAhead | None:
        """One half of a forecast; the whole, once both halves of one instant are there."""
        horizon, part = FORECASTS[sensor.quantity]
        ahead = self._ahead[self._place[sensor.site]]
        in_force = take_in(ahead, horizon, part, rank_of(sensor.group), at_ns, amount_mm, FRESH_NS)
        self._halves[sensor.site, sensor.group, horizon, part] = at_ns, amount_mm
        halves = [self._halves.get((sensor.site, sensor.group, horizon, each)) for each in (0, 1)]
        if halves[0] is None or halves[1] is None or halves[0][0] != halves[1][0]:
            return None
        median_mm = max(halves[0][1], 0.0)
        high_mm = max(halves[1][1], median_mm)
        minutes = 60 if horizon == 0 else 180
        said = Said(at_ns + minutes * _MINUTE_NS, sensor.site, sensor.group, minutes, median_mm, high_mm, in_force)
        heappush(self._pending, said)
        return self._told(said, ForecastState.PENDING, None)

    def _verdict(self, said: Said, now_min: int) -> RainAhead | None:
        """None while what fell may still be reported."""
        truth = self._truth[self._place[said.site]]
        begin, due, reached = minute_of(said.issued_ns), minute_of(said.due_ns), int(truth["ring"]["minute"])
        if reached < due:
            return None if now_min <= due + GRACE_MIN else self._told(said, ForecastState.UNVERIFIED, None)
        if int(truth["since"]) > begin or reached - begin >= DAY_MIN:
            return self._told(said, ForecastState.UNVERIFIED, None)
        totals = truth["ring"]["total_um"][np.arange(begin, due + 1) % SIZE]
        return self._told(said, ForecastState.VERIFIED, totals - totals[0])  # whole numbers that wrap round: exact

    def _told(self, said: Said, state: ForecastState, fell_um: Any) -> RainAhead:
        return ahead_of(said, self._inventory.site_by_id[said.site].area, state, fell_um)


def _gauges(rain: Iterable[tuple[int, Sensor]]) -> dict[str, tuple[int, Sensor]]:
    """Site -> what tells the rain there: the first gauge, or else radar."""
    found: dict[str, tuple[int, Sensor]] = {}
    fallen = [(slot, one) for slot, one in rain if one.quantity in FALLEN]
    for slot, one in sorted(fallen, key=lambda pair: pair[1].group == SOURCES[0]):
        found.setdefault(one.site, (slot, one))
    return found


@kernel
def _pour_all(truth: Any, place: Any, at_ns: Any, value: Any, where: Any) -> None:
    is_counter, interval_min = where
    for row in range(place.size):
        one, at = truth[place[row]], place[row]
        minute, before = minute_of(at_ns[row]), one.ring.minute
        is_late = not is_counter[at] and minute - before > interval_min[at] + interval_min[at] // 2 + 1
        if before == 0 or is_late:
            one.since = minute if is_counter[at] else minute - interval_min[at]
        take_rain(one.ring, one.counter, one.doubt, is_counter[at], interval_min[at], at_ns[row], value[row])
