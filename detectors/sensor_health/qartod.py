"""The tests of QARTOD with its own flags, reading by reading, as an operator's figures define them.

U.S. IOOS, Manual for Real-Time Quality Control of In-situ Temperature and Salinity Data 2.1 (2020), tests 4 to 9. Each
function gives the flag that `ioos_qc` gives to the same reading of the same regular series: 1 good, 2 not evaluated,
3 suspect, 4 fail. A limit that is infinite, or NaN for a span, is not tested.
"""

from __future__ import annotations

import math
from typing import Any, Final

from detectors.kernel import kernel
from pipeline.model.instant import NS_PER_S

GOOD, NOT_EVALUATED, SUSPECT, FAIL = 1, 2, 3, 4
RING: Final = 512
"""Readings kept for the tests that look back."""


@kernel
def gross_range(value: float, fail_low: float, fail_high: float, low: float, high: float) -> int:
    """Test 4: outside the instrument's span, outside the operator's."""
    if value < fail_low or value > fail_high:
        return FAIL
    return SUSPECT if value < low or value > high else GOOD


@kernel
def climatology(value: float, low: float, high: float) -> int:
    """Test 5: outside what this season has. Without a span for it nothing is evaluated."""
    if math.isnan(low) or math.isnan(high):
        return NOT_EVALUATED
    return SUSPECT if value < low or value > high else GOOD


@kernel
def spike(earlier: float, middle: float, value: float, suspect: float, fail: float, average: bool) -> int:  # noqa: FBT001  # one of two methods
    """Test 6, of the reading in the middle: known with the one after it.

    Args:
        average: against the mean of its neighbours; else the smaller of the two jumps, where they point apart.
    """
    if average:
        jump = abs(middle - (earlier + value) / 2.0)
    else:
        there, back = middle - earlier, value - middle
        jump = min(abs(there), abs(back)) if there * back < 0.0 else 0.0
    if jump > fail:
        return FAIL
    return SUSPECT if jump > suspect else GOOD


@kernel
def rate_of_change(change: float, lapse_ns: int, suspect_per_s: float, fail_per_s: float) -> int:
    """Test 7; the time between counts in whole seconds, at least one."""
    rate_per_s = abs(change) / max(lapse_ns // NS_PER_S, 1)
    if rate_per_s > fail_per_s:
        return FAIL
    return SUSPECT if rate_per_s > suspect_per_s else GOOD


@kernel
def flat_line(ring: Any, turn: int, tolerance: float, suspect_count: int, fail_count: int) -> int:
    """Test 8: so many intervals in which the value keeps within less than `tolerance`; 0 is not tested.

    Args:
        ring: f8[RING], values; that of reading k in place k % RING.
        turn: the reading, counted from 0; it stands in the ring.
    """
    flag = GOOD
    if 0 < suspect_count <= turn and _range(ring, turn, suspect_count) < tolerance:
        flag = SUSPECT
    if 0 < fail_count <= turn and _range(ring, turn, fail_count) < tolerance:
        flag = FAIL
    return flag


@kernel
def _range(ring: Any, turn: int, count: int) -> float:
    """Highest less lowest of the last `count` + 1 values."""
    low = high = ring[turn % RING]
    for back in range(1, min(count, RING - 1, turn) + 1):
        value = ring[(turn - back) % RING]
        low, high = min(low, value), max(high, value)
    return float(high - low)


@kernel
def attenuated(ring: Any, times_ns: Any, turn: int, period_ns: int, least: int, suspect: float, fail: float) -> int:
    """Test 9: over the last `period_ns`, in at least so many readings, the value keeps within less than the bounds.

    Args:
        times_ns: i8[RING], instants, placed like the values of `ring`.
    """
    back = 0
    while back + 1 < RING and back < turn and times_ns[turn % RING] - times_ns[(turn - back - 1) % RING] < period_ns:
        back += 1
    if back + 1 < least:
        return NOT_EVALUATED
    span = _range(ring, turn, back)
    if span < fail:
        return FAIL
    return SUSPECT if span < suspect else GOOD
