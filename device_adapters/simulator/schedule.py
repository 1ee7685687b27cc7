"""What the devices of a story report after a given instant, and how they go on when the recordings end."""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import count, cycle
from typing import Any, Final, NamedTuple

import numpy as np
import pyarrow.compute as pc
from numpy.typing import NDArray

from pipeline.model.instant import NS_PER_S

TAIL: Final = 30
"""So many last readings of a sensor stand for its last regime."""
ALIVE_INTERVALS: Final = 3
"""A sensor that missed more than so many reports before the recordings end has fallen silent, and stays so."""


class Report(NamedTuple):
    """One reading as a device sends it: instant (ns UTC), sensor, value in `unit`. Ordered by time, then sensor."""

    at_ns: int
    sensor: str
    value: float
    unit: str


@dataclass(frozen=True, slots=True)
class Track:
    """What is recorded of one sensor: at_ns i8[n] rising, value f8[n] in `unit`, n >= 1."""

    sensor: str
    unit: str
    at_ns: NDArray[np.int64]
    value: NDArray[np.float64]


def tracks(table: Any, shift_ns: int) -> list[Track]:
    """One track a sensor of a story's table, moved by `shift_ns`, in order of sensor."""
    names = sorted(pc.unique(table["sensor"]).to_pylist())
    return [_track(name, table.filter(pc.equal(table["sensor"], name)), shift_ns) for name in names]


def reports(recorded: list[Track], since_ns: int, interval_s: Mapping[str, float]) -> Iterator[Report]:
    """Every report after `since_ns`, in order of time; without end where a sensor is alive at the end.

    A living sensor goes on at its interval, its last readings walked back and forth: the regime it ended in, with the
    noise it had, and no step that was not recorded.

    Args:
        interval_s: seconds between the reports of each sensor.
    """
    end_ns = max(int(track.at_ns[-1]) for track in recorded)
    streams = (_stream(track, since_ns, end_ns, round(interval_s[track.sensor] * NS_PER_S)) for track in recorded)
    return heapq.merge(*streams)


def _track(name: str, rows: Any, shift_ns: int) -> Track:
    at_ns = rows["observed_at"].cast("int64").to_numpy() * 1000 + shift_ns
    return Track(name, rows["unit"][0].as_py(), at_ns, rows["value"].to_numpy())


def _stream(track: Track, since_ns: int, end_ns: int, interval_ns: int) -> Iterator[Report]:
    first = int(np.searchsorted(track.at_ns, since_ns, side="right"))
    for at_ns, value in zip(track.at_ns[first:].tolist(), track.value[first:].tolist(), strict=True):
        yield Report(at_ns, track.sensor, value, track.unit)
    last_ns = int(track.at_ns[-1])
    if end_ns - last_ns > ALIVE_INTERVALS * interval_ns:
        return
    missed = max(0, (since_ns - last_ns) // interval_ns)
    for step, value in enumerate(_regime(track.value[-TAIL:].tolist()), start=1):
        if step > missed:
            yield Report(last_ns + step * interval_ns, track.sensor, value, track.unit)


def _regime(tail: list[float]) -> Iterator[float]:
    """Back from the last but one, forth again, and so on."""
    if len(tail) == 1:
        return (tail[0] for _ in count())
    return cycle([*tail[-2::-1], *tail[1:]])
