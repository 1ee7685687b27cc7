"""The field of the live figures: gateways that push readings over HTTP at a steady rate, alarms among them, and an
observer who looks into the store for the warnings that these bring about.

The schedule does not wait for answers: an alarm counts from the instant at which it was due to be sent, so that a
process which is slow to answer does not get an easier load.
"""

from __future__ import annotations

import asyncio
import sqlite3
from pathlib import Path
from typing import Final

import httpx
import msgspec
import numpy as np
from numpy.typing import NDArray

from pipeline.clock import Clock, SystemClock
from pipeline.model.batch import ReadingBatch
from pipeline.model.hazard import Hazard
from pipeline.model.instant import NS_PER_S, from_ns, to_text
from pipeline.model.inventory import Inventory
from pipeline.model.quality import DeviceStatus, Quality
from tests.bench.workload import PROFILES, SENSORS_PER_SITE, inventory
from tests.process import TOKEN

READINGS_PER_S: Final = 20_000
READINGS_PER_POST: Final = 200
GATEWAYS: Final = 10
WARM_UP_S: Final = 10.0
"""Without alarms: a process that has just started loads its kernels with the first readings."""
ALARM_EVERY: Final = 19
"""Posts; prime to the number of posts that bring every sensor once, so that alarms go round as well."""
ALARM_LEL: Final = 60.0
LOOK_EVERY_S: Final = 0.005
_PATIENCE_S: Final = 10.0
_POST_EVERY_NS: Final = NS_PER_S * READINGS_PER_POST // READINGS_PER_S


def villages(a_township: int = 999) -> Inventory:
    """10,000 sensors of five kinds; every site of ten in a village of its own, so that each alarm opens a warning."""
    field = inventory()
    district, village, *_ = field.areas
    code_of = {
        site.id: f"990101{1 + n // a_township:03d}{1 + n % a_township:03d}" for n, site in enumerate(field.sites)
    }
    return Inventory(
        (district, *(village.model_copy(update={"code": code}) for code in code_of.values())),
        tuple(site.model_copy(update={"area": code_of[site.id]}) for site in field.sites),
        field.sensors,
    )


class Sensors:
    """What they say: noise about the mean of their kind; the gas sensors that leak, ALARM_LEL.

    Attributes:
        leaking_ns: area -> when its leak was due to be told first.
    """

    def __init__(self, field: Inventory) -> None:
        sensors = sorted(field.sensors, key=lambda sensor: sensor.id.partition("-")[2])
        self._series = tuple(sensor.series for sensor in sensors)
        self._areas = [field.area_of(sensor.id).code for sensor in sensors]
        self._mean = np.array([PROFILES[sensor.kind].base for sensor in sensors])
        self._noise = np.array([PROFILES[sensor.kind].noise for sensor in sensors])
        self._leaks = np.zeros(len(sensors), np.bool_)
        self._draw = np.random.default_rng(1)
        self.leaking_ns: dict[str, int] = {}

    def post(self, number: int, at_ns: int, *, alarm: bool) -> bytes:
        """The next sensors in turn, all read at `at_ns`, as JSON. With `alarm` one more of them leaks from now on."""
        rows, value = self._next(number, at_ns, alarm=alarm)
        at = to_text(from_ns(at_ns))
        readings = [
            {"sensor": series.sensor, "value": one, "at": at}
            for series, one in zip(self._series[rows], value.tolist(), strict=True)
        ]
        return msgspec.json.encode({"readings": readings})

    def columns(self, number: int, at_ns: int, *, alarm: bool) -> bytes:
        """The same as our own columns."""
        rows, value = self._next(number, at_ns, alarm=alarm)
        index = np.arange(READINGS_PER_POST, dtype=np.int32)
        quality = np.full(READINGS_PER_POST, Quality.NOT_EVALUATED, np.uint8)
        status = np.full(READINGS_PER_POST, DeviceStatus.NORMAL, np.uint8)
        at = np.full(READINGS_PER_POST, at_ns)
        return ReadingBatch(self._series[rows], index, at, value, quality, status).encode()

    def _next(self, number: int, at_ns: int, *, alarm: bool) -> tuple[slice, NDArray[np.float64]]:
        first = number * READINGS_PER_POST % len(self._series)
        rows = slice(first, first + READINGS_PER_POST)
        if alarm:
            self._leak(first, at_ns)
        noisy = self._mean[rows] + self._noise[rows] * self._draw.standard_normal(READINGS_PER_POST)
        return rows, np.where(self._leaks[rows], ALARM_LEL, noisy)

    def _leak(self, first: int, at_ns: int) -> None:
        """The first sensor of every site smells gas."""
        row = next(row for row in range(first, first + READINGS_PER_POST, SENSORS_PER_SITE) if not self._leaks[row])
        self._leaks[row] = True
        self.leaking_ns[self._areas[row]] = at_ns


class Field:
    """One run: `late_s` and `answered_s` are of each post, begun and acknowledged, from when it was due."""

    def __init__(self, url: str, clock: Clock) -> None:
        self._url = f"{url}/v1/readings"
        self._clock = clock
        self._sensors = Sensors(villages())
        self._warned_ns: dict[str, int] = {}
        self.late_s: list[float] = []
        self.answered_s: list[float] = []

    async def run(self, store: Path, alarms: int) -> list[float]:
        """Send until `alarms` are sent and seen; seconds from each alarm to its warning.

        Raises:
            AssertionError: a post that was not acknowledged, an alarm without a warning.
        """
        begin_ns = self._clock.now_ns() + NS_PER_S
        watching = asyncio.create_task(self._watch(store))
        posts = round(WARM_UP_S * NS_PER_S / _POST_EVERY_NS) + alarms * ALARM_EVERY
        async with asyncio.TaskGroup() as gateways:
            for gateway in range(GATEWAYS):
                gateways.create_task(self._push(range(gateway, posts, GATEWAYS), begin_ns))
        await asyncio.sleep(_PATIENCE_S)
        watching.cancel()
        leaking = self._sensors.leaking_ns
        assert len(leaking) == alarms
        assert leaking.keys() <= self._warned_ns.keys(), "an alarm without a warning"
        return [(self._warned_ns[area] - at_ns) / NS_PER_S for area, at_ns in leaking.items()]

    async def _push(self, numbers: range, begin_ns: int) -> None:
        headers = {"Authorization": f"Bearer {TOKEN}", "Content-Type": "application/json"}
        async with httpx.AsyncClient(headers=headers, timeout=30, trust_env=False) as client:
            for number in numbers:
                due_ns = begin_ns + number * _POST_EVERY_NS
                await asyncio.sleep((due_ns - self._clock.now_ns()) / NS_PER_S)
                alarm = number % ALARM_EVERY == 0 and number * _POST_EVERY_NS >= WARM_UP_S * NS_PER_S
                body = self._sensors.post(number, due_ns, alarm=alarm)
                self.late_s.append(self._since_s(due_ns))
                answer = await client.post(self._url, content=body)
                assert answer.status_code == httpx.codes.ACCEPTED, answer.text
                self.answered_s.append(self._since_s(due_ns))

    async def _watch(self, store: Path) -> None:
        """Note when the first warning of each area is there to be read."""
        db = sqlite3.connect(f"file:{store}?mode=ro", uri=True)
        sql = "SELECT rowid, area FROM warnings WHERE rowid > ? AND hazard = ?"
        last = 0
        while True:
            for row, area in db.execute(sql, (last, Hazard.GAS_LEAK)).fetchall():
                self._warned_ns.setdefault(area, self._clock.now_ns())
                last = max(last, row)
            await asyncio.sleep(LOOK_EVERY_S)

    def _since_s(self, at_ns: int) -> float:
        return (self._clock.now_ns() - at_ns) / NS_PER_S


def run(url: str, store: str, alarms: str) -> dict[str, list[float]]:
    """One run against the process at `url`: `warned_s`, `late_s` and `answered_s`."""
    field = Field(url, SystemClock())
    warned_s = asyncio.run(field.run(Path(store), int(alarms)))
    return {"warned_s": warned_s, "late_s": field.late_s, "answered_s": field.answered_s}
