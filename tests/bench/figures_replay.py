"""Readings a second on one core: from a Parquet file through the whole core, and what that stands beside."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import pyarrow as pa

from device_adapters.recordings.options import RecordingOptions
from device_adapters.recordings.recording import Recording
from pipeline.clock import SystemClock
from pipeline.config.plan import Plan
from pipeline.registry import Group, kinds, load
from pipeline.runners.replay import replay
from tests.bench.figure import Figure
from tests.bench.pinned import measured
from tests.bench.workload import Stream, inventory

READINGS: Final = 10_000_000
"""Of 10,000 sensors a minute: sixteen hours and a half, all events of the stream among them."""
PASSES: Final = 3
PLAIN_READINGS: Final = 20_000
GRACE_READINGS: Final = 100
"""A GaussianScorer scores nothing before this many readings of its sensor, so those are not timed."""
RIVER_READINGS: Final = 1_500_000
_WARM_UP_READINGS: Final = 12_000
"""A minute of all sensors and the tick after it: what then is not compiled is not used."""
_HERE: Final = "tests.bench.figures_replay"


def plan(sensors: int = 10_000) -> Plan:
    """That many sensors of the five kinds, and every installed detector."""
    return Plan(inventory(sensors), [load(Group.DETECTORS, kind)() for kind in kinds(Group.DETECTORS)])


@contextmanager
def stream_file(readings: int) -> Iterator[Path]:
    """The first `readings` of the workload as a Parquet file."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "stream.parquet"
        Stream(inventory()).write_parquet(path, readings)
        yield path


def replayed_per_s(path: str, passes: str) -> float:
    """Readings a second of the best pass, from opening the file to the last warning; kernels compiled before."""
    pa.set_cpu_count(1)
    one, clock = plan(), SystemClock()
    options = RecordingOptions(files=(Path(path),))
    with Recording(options, one.inventory) as recording:
        replay(one, islice(recording.batches(_WARM_UP_READINGS), 1))
    best = 0.0
    for _ in range(int(passes)):
        begun_s = clock.monotonic_s()
        with Recording(options, one.inventory) as recording:
            readings = replay(one, recording.batches()).readings
        best = max(best, readings / (clock.monotonic_s() - begun_s))
    return best


def gaussian_per_s(path: str) -> float:
    """Readings a second of one GaussianScorer a sensor, score and learn, once they all score."""
    from river.anomaly import GaussianScorer  # noqa: PLC0415  # an extra that only this figure needs

    field, clock = inventory(), SystemClock()
    scorers = [
        GaussianScorer(grace_period=GRACE_READINGS)  # type: ignore[no-untyped-call]  # river is not typed
        for _ in field.sensors
    ]
    seen = timed = 0
    spent_s = 0.0
    with Recording(RecordingOptions(files=(Path(path),)), field) as recording:
        for batch in recording.batches():
            begun_s = clock.monotonic_s()
            for slot, value in zip(batch.index.tolist(), batch.value.tolist(), strict=True):
                scorer = scorers[slot]
                scorer.score_one(None, value)
                scorer.learn_one(None, value)
            if seen >= GRACE_READINGS * len(scorers):
                spent_s += clock.monotonic_s() - begun_s
                timed += len(batch)
            seen += len(batch)
    return timed / spent_s


def _replay() -> float:
    with stream_file(READINGS) as path:
        return float(measured(_HERE, "replayed_per_s", str(path), str(PASSES)))


def _plain() -> float:
    with stream_file(PLAIN_READINGS) as path:
        return float(measured(_HERE, "replayed_per_s", str(path), "1", NUMBA_DISABLE_JIT="1"))


def _gaussian() -> float:
    with stream_file(RIVER_READINGS) as path:
        return float(measured(_HERE, "gaussian_per_s", str(path)))


REPLAY: Final = Figure(
    "embedded.replay",
    "readings/s",
    "one core: Parquet file, quality tests, all installed detectors, findings, assessments, warnings; "
    f"10,000 sensors of five kinds, {READINGS:,} readings, best of {PASSES} passes, kernels compiled before",
    _replay,
)
PLAIN: Final = Figure(
    "embedded.plain_python",
    "readings/s",
    "one core: the same on the same numpy records, every kernel run as the plain Python it is written in "
    f"(NUMBA_DISABLE_JIT=1); the first {PLAIN_READINGS:,} readings",
    _plain,
    REPLAY.name,
)
GAUSSIAN: Final = Figure(
    "embedded.river_gaussian",
    "readings/s",
    "one core: river's anomaly.GaussianScorer, one a sensor, score_one and learn_one, nothing else; "
    "the same stream, timed once every scorer scores",
    _gaussian,
    REPLAY.name,
)
