"""Record: the last readings of every sensor, for people who look."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from detectors.kernel import kernel, records
from pipeline.model.instant import NS_PER_S
from pipeline.model.inventory import Inventory
from pipeline.stages.qualify import Columns

POINTS: Final = 120
GAP_MIN_S: Final = 30.0
"""Points lie at least this far apart, so that a fast sensor's plot still covers an hour."""

_RECENT: Final = np.dtype(
    [
        ("at_ns", "i8", (POINTS,)),
        ("value", "f4", (POINTS,)),
        ("last_ns", "i8"),
        ("last_value", "f8"),
        ("gap_ns", "i8"),
        ("count", "i8"),
        ("quality", "u1"),
    ],
    align=True,
)


@kernel
def _push(recent: Any, slot: Any, at_ns: Any, value: Any, quality: Any) -> None:
    """Keep each reading as its sensor's last; a reading within the gap replaces the newest point."""
    for row in range(slot.size):
        one = recent[slot[row]]
        one.last_ns = at_ns[row]
        one.last_value = value[row]
        one.quality = quality[row]
        newest = (one.count - 1) % POINTS
        if one.count == 0 or at_ns[row] - one.at_ns[newest] >= one.gap_ns:
            newest = one.count % POINTS
            one.count += 1
            one.at_ns[newest] = at_ns[row]
        one.value[newest] = value[row]


class Recent:
    """A ring of points a sensor, and its last reading."""

    def __init__(self, inventory: Inventory) -> None:
        self._recent = records(len(inventory.sensors), _RECENT)
        for slot, sensor in enumerate(inventory.sensors):
            self._recent[slot]["gap_ns"] = round(max(sensor.interval_s * 0.9, GAP_MIN_S) * NS_PER_S)

    def take(self, columns: Columns) -> None:
        """Take in qualified readings."""
        _push(self._recent, columns.slot, columns.at_ns, columns.value, columns.quality)

    def last(self, slot: int) -> tuple[int, float, int]:
        """(observed_at_ns, value, quality) of a sensor's last reading; 0 ns where it has none."""
        one = self._recent[slot]
        return int(one["last_ns"]), float(one["last_value"]), int(one["quality"])

    def points(self, slot: int) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """Instants [ns] and values of a sensor's points, oldest first."""
        one = self._recent[slot]
        held = min(int(one["count"]), POINTS)
        order = np.arange(int(one["count"]) - held, int(one["count"])) % POINTS
        return one["at_ns"][order], one["value"][order]
