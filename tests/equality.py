"""`make equality`: recordings through one process and over Kafka, which have to say the same, to the last digit.

Each recording of the suites of `forewarn evaluate`, and the series of the Numenta Anomaly Benchmark, as a table.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import numpy as np

from device_adapters.recordings.options import RecordingOptions
from device_adapters.recordings.recording import Recording
from device_adapters.recordings.writer import write_parquet
from pipeline.evaluation.nab import FOLDER as NAB
from pipeline.evaluation.nab import series_of
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
from pipeline.runners.embedded import EVENT_TICK_S
from pipeline.runners.replay import Replayed, replay
from tests.kafka_cluster import Cluster
from tests.kafka_results import assert_same, finish
from tests.kafka_server import kafka_in
from tests.process import write_inventory

PARTITIONS: Final = (1, 2, 4)
CONFIG: Final = """
[process]
time = "event"
snapshot_every_s = {{snapshot_every_s}}
[inventory]
path = "{folder}/inventory.toml"
[quality]
clock_behind_s = 1e9
[adapters.recording]
kind = "replay"
files = ["{folder}/recording.parquet"]
[kafka]
servers = "{{servers}}"
prefix = "{{prefix}}"
partitions = {{partitions}}
replication = 1
linger_s = 0.01
[service]
gateway_port = 0
worker_port = 0
log = "text"
{more}
"""
RARITY: Final = '[detectors.learned_rarity]\nsensors = ["*"]\n'


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
        for number, batches in enumerate(sessions_of(suite), 1):
            heard = {one for batch in batches for one in batch.series}
            sensors = tuple(one for one in suite.inventory.sensors if one.series in heard)
            yield Recorded(f"{name} {number}", replace(suite.inventory, sensors=sensors), batches)
    if folder is not None:
        yield _benchmark(folder / NAB)


def _benchmark(folder: Path) -> Recorded:
    """Its series as as many thermometers, each at the site of a township of its own.

    They begin together: their years apart would be two million minutes in which nothing is said.
    """
    tracks, _ = series_of(folder)
    numbers = range(100, 100 + len(tracks))
    areas = tuple(Area(code=f"990101{one}000", name_zh=f"样例{one}", name_en=f"Sample {one}") for one in numbers)
    sites = tuple(Site(id=f"s{one}", area=f"990101{one}000", name_zh=f"站{one}", name_en=f"{one}") for one in numbers)
    sensors = tuple(
        Sensor(
            id=f"nab-{one}",
            site=f"s{one}",
            kind=SensorKind.WEATHER,
            quantity=Quantity.TEMPERATURE,
            range_low=-1e12,
            range_high=1e12,
            interval_s=300,
        )
        for one in numbers
    )
    index = np.repeat(np.arange(len(sensors), dtype=np.int32), [len(at_ns) for at_ns, _ in tracks.values()])
    at_ns = np.concatenate([_BEGIN_NS + track_ns - track_ns[0] for track_ns, _ in tracks.values()])
    value = np.concatenate([values for _, values in tracks.values()])
    order = np.argsort(at_ns, kind="stable")
    quality = np.full(len(order), Quality.NOT_EVALUATED, np.uint8)
    status = np.full(len(order), DeviceStatus.NORMAL, np.uint8)
    series = tuple(one.series for one in sensors)
    batch = ReadingBatch(series, index[order], at_ns[order], value[order], quality, status)
    return Recorded("nab", Inventory(areas, sites, sensors), [batch], RARITY)


def compare(one: Recorded, folder: Path, servers: str, partitions: tuple[int, ...] = PARTITIONS) -> Replayed:
    """What one core says of it.

    Raises:
        AssertionError: over Kafka it is not the same.
    """
    write_inventory(folder, one.inventory)
    write_parquet(folder / "recording.parquet", one.batches)
    text = CONFIG.format(folder=folder, more=one.more)
    expected: Replayed | None = None
    for number in partitions:
        cluster = Cluster(folder / str(number), servers, number, text=text)
        if expected is None:
            expected = _alone(cluster, folder)
        cluster.hand_in()
        finish(cluster)
        assert_same(cluster, expected)
    assert expected is not None
    return expected


def _alone(cluster: Cluster, folder: Path) -> Replayed:
    options = RecordingOptions(files=(folder / "recording.parquet",))
    with Recording(options, cluster.config.inventory) as recording:
        return replay(cluster.config.plan(), recording.batches(), EVENT_TICK_S)


def main(folder: Path | None) -> None:
    """Print the table, row by row."""
    say = partial(print, flush=True)
    say("| recording | readings | findings | assessments | reports | over 1, 2 and 4 partitions |")
    say("|---|---|---|---|---|---|")
    differ = 0
    with TemporaryDirectory() as place:
        broker = kafka_in(Path(place))
        for number, one in enumerate(recordings_in(folder)):
            below = Path(place) / f"recording-{number}"
            try:
                found = compare(one, below, broker.servers)
            except AssertionError as error:
                differ += 1
                say(f"{one.name} differs: {error}", file=sys.stderr)
                continue
            said = (len(found.findings), len(found.assessments), len(found.warnings))
            counts = " | ".join(f"{number:,}" for number in (found.readings, *said))
            say(f"| {one.name} | {counts} | the same |")
        broker.stop()
    sys.exit(bool(differ))


if __name__ == "__main__":
    main(Path(sys.argv[1]) if sys.argv[1:] else None)
