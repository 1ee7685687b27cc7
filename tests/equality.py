"""`make equality`: recordings through one process and over Kafka, which have to say the same, to the last digit.

Each recording of `tests.recorded`, as a row of a table; of those that are named, if any are.
"""

from __future__ import annotations

import sys
from collections.abc import Collection
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from device_adapters.recordings.options import RecordingOptions
from device_adapters.recordings.recording import Recording
from device_adapters.recordings.writer import write_parquet
from pipeline.runners.embedded import EVENT_TICK_S
from pipeline.runners.replay import Replayed, replay
from tests.kafka_cluster import Cluster
from tests.kafka_results import assert_same, finish
from tests.kafka_server import kafka_in
from tests.process import write_inventory
from tests.recorded import Recorded, recordings_in

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


def main(folder: Path | None, names: Collection[str]) -> None:
    """Print the table, row by row."""
    say = partial(print, flush=True)
    say("| recording | readings | findings | assessments | reports | over 1, 2 and 4 partitions |")
    say("|---|---|---|---|---|---|")
    differ = 0
    with TemporaryDirectory() as place:
        broker = kafka_in(Path(place))
        for number, one in enumerate(recordings_in(folder)):
            if names and one.name.partition(" ")[0] not in names:
                continue
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
    main(Path(sys.argv[1]) if sys.argv[1:] else None, sys.argv[2:])
