"""What a rain gauge's reading says has fallen: an amount since the reading before, or a counter."""

from __future__ import annotations

import math
from typing import Any, Final

import numpy as np

from detectors.kernel import kernel
from detectors.rain.ring import minute_of, pour

COUNTER: Final = np.dtype([("total_um", "i8"), ("seen", "?")], align=True)
"""The last value of a counter, and whether there was one."""
DOUBT: Final = np.dtype([("held_um", "i8"), ("heavy", "?")], align=True)
"""What the last reading said beyond what one reading is believed, and whether it was heavy."""
_DOUBTFUL: Final = 0.2
"""Share of the most that can fall; about what falls once in a hundred years."""
_GOES_ON: Final = 0.25
"""Share of that from which on a reading is heavy."""
_PATIENCE_MIN: Final = 10
"""What a reading tells of a longer time is believed: to wait as long for the next would cost lead time."""
_NEVER_HEAVY_UM: Final = 3000
"""Less than that of any minutes, so that ordinary rain needs no power of them."""


@kernel
def take_rain(
    ring: Any,
    counter: Any,
    doubt: Any,
    is_counter: bool,  # noqa: FBT001  # a kernel's flag
    interval_min: int,
    at_ns: int,
    value_mm: float,
) -> int:
    """Pour what a reading says has fallen into the ring; how much that is [um].

    An amount fell in the interval before the reading, or since the reading before if that is later; what a counter
    rose by fell since the reading before.
    """
    minute = minute_of(at_ns)
    gap = max(1, minute - ring.minute) if ring.minute else interval_min
    minutes = gap if is_counter else min(gap, interval_min)
    amount_um = counted_um(counter, value_mm, gap) if is_counter else interval_um(value_mm, minutes)
    believed_um = _believed_um(doubt, amount_um, minutes)
    pour(ring, minute, minutes, believed_um)
    return believed_um


@kernel
def _believed_um(doubt: Any, amount_um: int, minutes: int) -> int:
    """An amount [um] that hardly ever falls is believed as a heavy one; the rest once a second is heavy."""
    if amount_um < _NEVER_HEAVY_UM or minutes > _PATIENCE_MIN:
        doubt.held_um, doubt.heavy = 0, False
        return amount_um
    doubtful_um = math.floor(1000.0 * _DOUBTFUL * possible_mm(minutes))
    held_um, began = doubt.held_um, not doubt.heavy
    heavy_um = math.floor(_GOES_ON * doubtful_um)
    doubt.held_um, doubt.heavy = 0, amount_um >= heavy_um
    if began and amount_um > doubtful_um:
        doubt.held_um = amount_um - heavy_um
        return heavy_um
    return amount_um + held_um if doubt.heavy else amount_um


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
