"""Every recording that there is, as readings of an inventory: what has to say the same through each runner.

The recordings of the suites of `forewarn evaluate`; and those of its studies, each made a field that is spread over
several partitions: series of the Numenta Anomaly Benchmark, water sensors, rain gauges, weather radar.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from detectors.rain.heard import FORECASTS
from device_adapters.radar.read import read_composite
from device_adapters.radar.sites import GROUP as RADAR
from device_adapters.radar.sites import RadarSites
from pipeline.evaluation.landslide import FOLDER as HOURLY
from pipeline.evaluation.landslide import OTHERS, STATION, rain_of
from pipeline.evaluation.nab import FOLDER as NAB
from pipeline.evaluation.nab import series_of
from pipeline.evaluation.qc import FOLDER as WATER
from pipeline.evaluation.qc import SITES, SPANS, labels_of
from pipeline.evaluation.rain_boxes import FOLDER as COMPOSITES
from pipeline.evaluation.rain_boxes import STEP_MIN
from pipeline.evaluation.readings import sessions_of
from pipeline.evaluation.suite import SHIPPED, load_suite, shipped
from pipeline.model.area import Area
from pipeline.model.batch import ReadingBatch
from pipeline.model.hazard import SensorKind
from pipeline.model.instant import to_ns
from pipeline.model.inventory import Inventory
from pipeline.model.quality import DeviceStatus, Quality
from pipeline.model.quantity import Quantity
from pipeline.model.site import Sensor, Site

Columns = tuple[NDArray[np.int64], NDArray[np.float64]]
"""Instants [ns] and values of one sensor."""

RARITY: Final = '[detectors.learned_rarity]\nsensors = ["*"]\n'
FAULTS: Final = '[detectors.learned_fault]\nsensors = ["*"]\n'
SLOPES: Final = "[detectors.rain_slope]\ncaine_share = 0.5\nantecedent_mm = 40.0\nrecent_mm = 88.9\n"
AHEAD: Final = "".join(
    f"[[detectors.{name}.rules]]\nlevel = 'blue'\nwindow_h = 3\namount_mm = 3\n"
    for name in ("rain_forecast", "rain_signals")
)
"""Scaled down: the hours of radar reach no national signal."""
_INCH_MM: Final = 25.4
_BEGIN_NS: Final = to_ns(datetime(2026, 1, 1, tzinfo=UTC))


@dataclass(frozen=True)
class Recorded:
    """What is compared, and under which configuration beyond the defaults."""

    name: str
    inventory: Inventory
    batches: list[ReadingBatch]
    more: str = ""


def recordings_in(folder: Path | None) -> Iterator[Recorded]:
    """Those of the package, and those in `folder`."""
    for name in SHIPPED:
        suite = load_suite(shipped(name), folder)
        if suite is None:
            continue
        for number, batches in enumerate(sessions_of(suite)[0], 1):
            heard = {one for batch in batches for one in batch.series}
            sensors = tuple(one for one in suite.inventory.sensors if one.series in heard)
            yield Recorded(f"{name} {number}", replace(suite.inventory, sensors=sensors), batches)
    if folder is not None:
        yield from (make(folder) for make in (benchmark, water, rain, hourly_rain, radar))


def benchmark(folder: Path) -> Recorded:
    """The Numenta Anomaly Benchmark: its series as as many thermometers in as many townships.

    They begin together: their years apart would be two million minutes in which nothing is said.
    """
    tracks, _ = series_of(folder / NAB)
    begun = {name: (_BEGIN_NS + at_ns - at_ns[0], values) for name, (at_ns, values) in tracks.items()}
    sensor = {"kind": SensorKind.WEATHER, "quantity": Quantity.TEMPERATURE, "range_low": -1e12, "range_high": 1e12}
    return _field("nab", begun, lambda _: sensor, 300, RARITY)


def water(folder: Path) -> Recorded:
    """Six sensors on each of two probes in a river."""
    tracks: dict[str, Columns] = {}
    for site, names in SITES.items():
        parts = [labels_of(folder / WATER / name) for name in names]
        at_ns = np.concatenate([part.at_ns for part in parts])
        for one in SPANS:
            tracks[f"{site.split()[-1]} {one}"] = at_ns, np.concatenate([part.values[one] for part in parts])

    def sensor(name: str) -> Mapping[str, Any]:
        low, high = SPANS[name.rsplit(maxsplit=1)[-1]]
        quantity = Quantity.TEMPERATURE if name.endswith("temp") else Quantity.PRESSURE
        return {"kind": SensorKind.WEATHER, "quantity": quantity, "range_low": low, "range_high": high}

    return _field("water", tracks, sensor, 900, FAULTS)


def rain(folder: Path) -> Recorded:
    """Gauges that are read every 15 minutes."""
    paths = sorted((folder / "rain" / "RALHS").glob("*_rain.txt"))
    return _field("rain", {path.stem: _quarters(path) for path in paths}, _gauge, 900, SLOPES)


def hourly_rain(folder: Path) -> Recorded:
    """Four gauges over a year and a half."""
    pairs = {name: rain_of(folder / HOURLY / f"{name}_t.txt") for name in (STATION, *OTHERS)}
    tracks = {name: (np.array([at for at, _ in one]), np.array([mm for _, mm in one])) for name, one in pairs.items()}
    return _field("hourly rain", tracks, _gauge, 3600, SLOPES)


def _quarters(path: Path) -> Columns:
    rows = np.loadtxt(path)
    at = [datetime(*(int(part) for part in row[:5]), tzinfo=UTC) for row in rows]  # type: ignore[misc,arg-type]
    return np.array([to_ns(one) for one in at]), rows[:, 5] * _INCH_MM


def _gauge(_: str) -> Mapping[str, Any]:
    return {"kind": SensorKind.RAIN, "quantity": Quantity.RAIN, "range_low": 0, "range_high": 500}


def _field(
    name: str, tracks: Mapping[str, Columns], sensor: Callable[[str], Mapping[str, Any]], interval_s: float, more: str
) -> Recorded:
    """One sensor a track, each at the site of a township of its own."""
    numbers = dict(enumerate(tracks, 100))
    areas = tuple(Area(code=f"990101{one}000", name_zh=f"样例{one}", name_en=f"Sample {one}") for one in numbers)
    sites = tuple(Site(id=f"s{one}", area=f"990101{one}000", name_zh=f"站{one}", name_en=f"{one}") for one in numbers)
    sensors = tuple(
        Sensor(id=f"{name.replace(' ', '-')}-{one}", site=f"s{one}", interval_s=interval_s, **sensor(track))
        for one, track in numbers.items()
    )
    index = np.repeat(np.arange(len(sensors), dtype=np.int32), [len(at_ns) for at_ns, _ in tracks.values()])
    at_ns = np.concatenate([at_ns for at_ns, _ in tracks.values()])
    value = np.concatenate([values for _, values in tracks.values()])
    order = np.argsort(at_ns, kind="stable")
    quality = np.where(np.isnan(value), Quality.MISSING, Quality.NOT_EVALUATED).astype(np.uint8)
    status = np.full(len(order), DeviceStatus.NORMAL, np.uint8)
    series = tuple(one.series for one in sensors)
    batch = ReadingBatch(series, index[order], at_ns[order], value[order], quality[order], status)
    return Recorded(name, Inventory(areas, sites, sensors), [batch], more)


def radar(folder: Path) -> Recorded:
    """Composites, as what they show at places all over and foresee there; gauges there foresee by themselves."""
    inventory = _country()
    sites = RadarSites(inventory, reach_km=100)
    paths = sorted((folder / COMPOSITES).glob("*.h5"))
    seen = [sites.take(read_composite(path.read_bytes(), STEP_MIN), None) for path in paths]
    return Recorded("radar", inventory, list(_with_gauges(seen)), AHEAD)


def _country() -> Inventory:
    """Four cities of nine villages 25 km apart, in the middle of the Netherlands."""
    areas, sites, sensors = [], [], []
    for city, (north_deg, east_deg) in enumerate(((51.6, 4.6), (51.6, 5.8), (52.4, 4.8), (52.4, 5.9)), 1):
        for place in range(9):
            name, code = f"v{city}{place}", f"99{city:02}0100100{place + 1}"
            latitude, longitude = north_deg + 0.225 * (place // 3), east_deg + 0.36 * (place % 3)
            areas.append(Area(code=code, name_zh=name, name_en=name))
            sites.append(
                Site(id=name, area=code, name_zh=name, name_en=name, longitude_deg=longitude, latitude_deg=latitude)
            )
            sensors += [_sensor(name, Quantity.RAIN, ""), _sensor(name, Quantity.RAIN, RADAR)]
            sensors += [_sensor(name, one, group) for one in FORECASTS for group in (RADAR, "gauges")]
    return Inventory(tuple(areas), tuple(sites), tuple(sensors))


def _sensor(site: str, quantity: Quantity, group: str) -> Sensor:
    return Sensor(
        id="-".join(filter(None, (site, quantity.value.replace("_", "-"), group))),
        site=site,
        quantity=quantity,
        group=group,
        kind=SensorKind.RAIN,
        range_low=0,
        range_high=1000,
        interval_s=STEP_MIN * 60,
    )


def _with_gauges(seen: Iterable[ReadingBatch]) -> Iterator[ReadingBatch]:
    """Each village has a gauge too, which shows what radar shows there."""
    for batch in seen:
        rows = list(batch.readings())
        shown = [one for one in rows if one.series.quantity is Quantity.RAIN]
        gauges = [
            replace(one, series=one.series._replace(sensor=one.series.sensor.removesuffix(f"-{RADAR}")))
            for one in shown
        ]
        yield ReadingBatch.of((*rows, *gauges))
