"""What a rain gauge's reading says has fallen: an amount since the reading before, or a counter."""

from __future__ import annotations

import math
from typing import Any, Final

import numpy as np

from detectors.kernel import kernel
from detectors.rain.ring import minute_of, pour

COUNTER: Final = np.dtype([("total_um", "i8"), ("seen", "?")], align=True)
"""The last value of a counter, and whether there was one."""


@kernel
def take_rain(ring: Any, counter: Any, is_counter: bool, interval_min: int, at_ns: int, value_mm: float) -> int:  # noqa: FBT001  # a kernel's flag
    """Pour what a reading says has fallen into the ring; how much that is [um].

    An amount fell in the interval before the reading, or since the reading before if that is later; what a counter
    rose by fell since the reading before.
    """
    minute = minute_of(at_ns)
    gap = max(1, minute - ring.minute) if ring.minute else interval_min
    minutes = gap if is_counter else min(gap, interval_min)
    amount_um = counted_um(counter, value_mm, gap) if is_counter else interval_um(value_mm, minutes)
    pour(ring, minute, minutes, amount_um)
    return amount_um


@kernel
def possible_mm(minutes: int) -> float:
    """The most rain that `minutes` can bring.

    The envelope of the world's greatest point rainfalls, 421.6 mm * (hours) ** 0.475 (Paulhus 1965, Monthly Weather
    Review 93; in WMO-No. 1045): what lies above it is a fault of the gauge or of its counter.
    """
    return 421.6 * (minutes / 60.0) ** 0.475  # type: ignore[no-any-return]  # float ** float is Any to the checker


@kernel
def interval_um(value_mm: float, minutes: int) -> int:
    """Rain of a reading that tells the amount since the reading before [um]; impossible amounts count as none."""
    if not 0.0 < value_mm <= possible_mm(minutes):
        return 0
    return math.floor(value_mm * 1000.0 + 0.5)


@kernel
def counted_um(counter: Any, value_mm: float, minutes: int) -> int:
    """Rain of a reading of a counter [um]: its rise. A fall is a reset, and no rain, as is an impossible rise."""
    if not abs(value_mm) < 1e9:
        return 0
    total_um = math.floor(value_mm * 1000.0 + 0.5)
    rise_um = total_um - counter.total_um
    known = counter.seen
    counter.total_um = total_um
    counter.seen = True
    if not known or not 0 < rise_um <= 1000.0 * possible_mm(minutes):
        return 0
    return rise_um  # type: ignore[no-any-return]  # a field of a record is Any
