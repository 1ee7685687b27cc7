"""A district of sensors of the five kinds, and a deterministic stream of their readings, made by numpy.

Noise, daily rhythm, slow drift and some events, so that detectors do all of their work: open, revise, close.
A block of the stream is a function of seed and block number alone, so any length of it begins alike.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.random import Generator
from numpy.typing import NDArray

from pipeline.model.area import Area
from pipeline.model.batch import ReadingBatch
from pipeline.model.hazard import SensorKind
from pipeline.model.instant import NS_PER_S
from pipeline.model.inventory import Inventory
from pipeline.model.quality import DeviceStatus, Quality
from pipeline.model.quantity import Quantity
from pipeline.model.site import Sensor, Site

Floats = NDArray[np.float64]

START_NS: Final = 1_780_272_000 * NS_PER_S
"""2026-06-01T00:00Z."""
INTERVAL_S: Final = 60
SENSORS_PER_SITE: Final = 10
SITES_PER_AREA: Final = 20
EVENT_SHARE: Final = 0.002
"""Of the sensors of a kind, those that see an event (at least one)."""
_READINGS_PER_BLOCK: Final = 500_000
_DAY_MIN: Final = 1_440.0


@dataclass(frozen=True, slots=True)
class Profile:
    """How the sensors of one kind behave; instants are minutes since the start of the stream or of the event.

    Attributes:
        base, spread: mean of the sensors, and how far they lie apart.
        daily, drift_per_day: amplitude of the daily rhythm; slope that sensors drift with, at most.
        event: what an event adds, by minutes since it began (negative before).
    """

    quantity: Quantity
    gas: str | None
    span: tuple[float, float]
    base: float
    spread: float
    noise: float
    daily: float
    drift_per_day: float
    event: Callable[[Floats], Floats]


def _release(minutes: Floats) -> Floats:
    """Up to 45 %LEL within 10 minutes, there for 30, gone after 60."""
    return np.interp(minutes, [0, 10, 40, 60], [0.0, 45.0, 45.0, 0.0])


def _overfill(minutes: Floats) -> Floats:
    """Filling by 4 cm a minute for two hours, then drawn off in one."""
    return np.interp(minutes, [0, 120, 180], [0.0, 4.8, 0.0])


def _storm(minutes: Floats) -> Floats:
    """1.2 mm a minute at the worst of two hours."""
    return np.interp(minutes, [0, 40, 80, 120], [0.0, 1.2, 0.8, 0.0])


def _slide(minutes: Floats) -> Floats:
    """Creep whose inverse velocity falls to nothing at 300 minutes (Fukuzono 1985), stopped short of it."""
    return -40.0 * np.log1p(-np.clip(minutes, 0, 290) / 300.0)


def _blaze(minutes: Floats) -> Floats:
    """12 degC a minute up to 95 above normal, then out within half an hour."""
    return np.interp(minutes, [0, 8, 20, 50], [0.0, 95.0, 95.0, 0.0])


PROFILES: Final[dict[SensorKind, Profile]] = {
    SensorKind.GAS: Profile(Quantity.GAS_LEL, "methane", (0, 100), 2.0, 0.5, 0.4, 0.5, 0.2, _release),
    SensorKind.TANK: Profile(Quantity.TANK_LEVEL, None, (0, 10), 4.5, 0.8, 0.003, 0.6, 0.02, _overfill),
    SensorKind.RAIN: Profile(Quantity.RAIN, None, (0, 30), 0.0, 0.0, 0.0, 0.0, 0.0, _storm),
    SensorKind.SUBSIDENCE: Profile(Quantity.DISPLACEMENT, None, (-50, 1000), 5.0, 2.0, 0.05, 0.1, 0.2, _slide),
    SensorKind.FIRE: Profile(Quantity.TEMPERATURE, None, (-40, 300), 22.0, 2.0, 0.2, 4.0, 0.1, _blaze),
}
_SHOWERS: Final = 0.02
"""Share of the minutes with a little rain, 0.1 mm each: one tip of a gauge."""


def inventory(sensors: int = 10_000) -> Inventory:
    """`sensors` of the five kinds in turn, ten a site, twenty sites a village of one district."""
    kinds = list(PROFILES)
    site_count = -(-sensors // SENSORS_PER_SITE)
    villages = [_village(number) for number in range(-(-site_count // SITES_PER_AREA))]
    sites = [_site(number, villages[number // SITES_PER_AREA].code) for number in range(site_count)]
    return Inventory(
        (Area(code="990101000000", name_zh="样例区", name_en="Sample district"), *villages),
        tuple(sites),
        tuple(_sensor(number, sites[number // SENSORS_PER_SITE].id, kinds[number % 5]) for number in range(sensors)),
    )


def _village(number: int) -> Area:
    code = f"990101{1 + number // 99:03d}{1 + number % 99:03d}"  # 99: a province that GB/T 2260 does not know
    return Area(code=code, name_zh=f"样例村{number}", name_en=f"Sample village {number}", population=1_000)


def _site(number: int, area: str) -> Site:
    return Site(id=f"site-{number:05d}", area=area, name_zh=f"样例点{number}", name_en=f"Sample site {number}")


def _sensor(number: int, site: str, kind: SensorKind) -> Sensor:
    profile = PROFILES[kind]
    low, high = profile.span
    return Sensor(
        id=f"{kind}-{number:05d}",
        site=site,
        kind=kind,
        quantity=profile.quantity,
        gas=profile.gas,
        range_low=low,
        range_high=high,
        interval_s=INTERVAL_S,
    )


_SCHEMA: Final = pa.schema(
    {
        "sensor": pa.dictionary(pa.int32(), pa.string()),
        "quantity": pa.dictionary(pa.int32(), pa.string()),
        "observed_at": pa.timestamp("ns", "UTC"),
        "value": pa.float64(),
    }
)


class Stream:
    """The readings of every sensor of an inventory, one a minute each, in order of event time.

    Args:
        seed: another seed, another district's weather.
    """

    def __init__(self, inventory: Inventory, seed: int = 1) -> None:
        self._inventory = inventory
        self._seed = seed
        count = len(inventory.sensors)
        draw = np.random.default_rng([seed])
        self._phase_ns = draw.permutation(count) * (INTERVAL_S * NS_PER_S // count)
        self._order = np.argsort(self._phase_ns).astype(np.int32)
        self._kinds = [
            _Kind(profile, np.flatnonzero([sensor.kind is kind for sensor in inventory.sensors]), draw)
            for kind, profile in PROFILES.items()
        ]

    @property
    def rows_per_block(self) -> int:
        """Readings of one block: whole minutes, at most half a million or one minute."""
        count = len(self._inventory.sensors)
        return max(_READINGS_PER_BLOCK // count, 1) * count

    def batches(self, readings: int, rows: int = 65_536) -> Iterator[ReadingBatch]:
        """The first `readings` of the stream, `rows` a batch (fewer at the end of a block)."""
        series = tuple(sensor.series for sensor in self._inventory.sensors)
        for index, at_ns, value in self._blocks(readings):
            for start in range(0, len(index), rows):
                cut = slice(start, start + rows)
                count = len(index[cut])
                quality = np.full(count, Quality.NOT_EVALUATED, np.uint8)
                status = np.full(count, DeviceStatus.NORMAL, np.uint8)
                yield ReadingBatch(series, index[cut], at_ns[cut], value[cut], quality, status)

    def write_parquet(self, path: Path, readings: int) -> None:
        """The first `readings` as a long table: sensor, quantity, observed_at, value."""
        sensors = [sensor.id for sensor in self._inventory.sensors]
        names, name_of = np.unique([sensor.quantity.value for sensor in self._inventory.sensors], return_inverse=True)
        with pq.ParquetWriter(path, _SCHEMA) as writer:
            for index, at_ns, value in self._blocks(readings):
                columns = [
                    pa.DictionaryArray.from_arrays(index, sensors),
                    pa.DictionaryArray.from_arrays(name_of.astype(np.int32)[index], names.tolist()),
                    pa.array(at_ns, _SCHEMA.field("observed_at").type),
                    pa.array(value),
                ]
                writer.write_table(pa.table(columns, schema=_SCHEMA))

    def _blocks(self, readings: int) -> Iterator[tuple[NDArray[np.int32], NDArray[np.int64], Floats]]:
        count = len(self._inventory.sensors)
        ticks = self.rows_per_block // count
        for block in range(-(-readings // self.rows_per_block)):
            left = readings - block * self.rows_per_block
            minutes = np.arange(block * ticks, (block + 1) * ticks)
            value = np.empty((ticks, count))
            draw = np.random.default_rng([self._seed, block])
            for kind in self._kinds:
                value[:, kind.where] = kind.values(minutes, draw)
            at_ns = START_NS + minutes[:, None] * (INTERVAL_S * NS_PER_S) + self._phase_ns[self._order]
            index = np.tile(self._order, ticks)
            yield index[:left], at_ns.ravel()[:left], value[:, self._order].ravel()[:left]


class _Kind:
    """The sensors of one kind: where they stand in the inventory, and what makes each its own."""

    def __init__(self, profile: Profile, where: NDArray[np.intp], draw: Generator) -> None:
        count = len(where)
        self.profile, self.where = profile, where
        self.mean = profile.base + profile.spread * draw.uniform(-1, 1, count)
        self.slope = profile.drift_per_day / _DAY_MIN * draw.uniform(-1, 1, count)
        self.struck = draw.permutation(count)[: max(round(count * EVENT_SHARE), 1)]
        self.struck_at_min = draw.uniform(60, 600, len(self.struck))

    def values(self, minutes: NDArray[Any], draw: Generator) -> Floats:
        """f8[minutes, sensors] in the quantity's unit, within the instrument's span."""
        profile = self.profile
        rhythm = profile.daily * np.sin(minutes * (2 * np.pi / _DAY_MIN))
        value: Floats = self.mean + self.slope * minutes[:, None] + rhythm[:, None]
        if profile.quantity is Quantity.RAIN:
            value += 0.1 * (draw.random(value.shape) < _SHOWERS)
        else:
            value += profile.noise * draw.standard_normal(value.shape)
        value[:, self.struck] += profile.event(_since_min(minutes[:, None], self.struck_at_min))
        return np.clip(value, *profile.span)


def _since_min(minutes: NDArray[Any], struck_at_min: Floats) -> Floats:
    """Minutes since an event began; it comes again every day at the same time."""
    since = minutes - struck_at_min
    return np.where(since < 0, since, since % _DAY_MIN)
