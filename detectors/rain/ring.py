"""A day of rain in one-minute bins, as running totals: any window's sum is one subtraction.

Amounts are whole micrometres, so sums never drift. The ring keeps the total up to the end of each of the last 1441
minutes, modulo 2**32; a difference of two totals is exact as long as a day brings less than 4294 mm (the most ever
measured in 24 h is 1825 mm, La Reunion 1966, WMO archive of extremes). A bin is the minute that ends at a full minute;
a window of n minutes is the n bins up to and with the one that holds the latest reading.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from detectors.kernel import kernel

DAY_MIN: Final = 1440
SIZE: Final = DAY_MIN + 1
_MODULUS: Final = 2**32
_MINUTE_NS: Final = 60_000_000_000

RING: Final = np.dtype([("minute", "i8"), ("total_um", "u4", (SIZE,))], align=True)
"""`minute` is the latest bin, in minutes since 1970; 0 before the first reading."""


@kernel
def minute_of(at_ns: int) -> int:
    """The bin of an instant: the first full minute that is not before it."""
    return -(-at_ns // _MINUTE_NS)


@kernel
def sum_um(ring: Any, minutes: int) -> int:
    """Rain of the last `minutes` bins [um], 0 to 1440 of them."""
    newest = int(ring.total_um[ring.minute % SIZE])
    oldest = int(ring.total_um[(ring.minute - minutes) % SIZE])
    return (newest - oldest) % _MODULUS


@kernel
def pour(ring: Any, minute: int, minutes: int, amount_um: int) -> None:
    """Move on to bin `minute` and spread `amount_um` evenly over the last `minutes` bins.

    Bins that were reached before are closed, except the latest: what does not fit goes to the bins after it. What
    would bring a day beyond the ring's capacity is cut off. At most 1441 bins are written, however long the gap.
    """
    if ring.minute == 0:
        ring.minute = minute - minutes
    amount = min(amount_um, _MODULUS - 1 - sum_um(ring, DAY_MIN))
    gap = minute - ring.minute
    before = int(ring.total_um[ring.minute % SIZE])
    if gap == 0:
        ring.total_um[minute % SIZE] = np.uint32((before + amount) % _MODULUS)
        return
    wet = min(minutes, gap)
    first = max(1, gap - DAY_MIN)
    _spread(ring, first, gap, gap - wet, before, amount)
    ring.minute = minute


@kernel
def _spread(ring: Any, first: int, last: int, dry: int, before: int, amount: int) -> None:
    """Totals of the bins `first` to `last` after the latest, of which the first `dry` bring nothing.

    Bin k holds before + amount * (k - dry) // wet, carried along as quotient and remainder: division is slow.
    """
    wet = last - dry
    each, rest = amount // wet, amount % wet
    gone = amount * max(0, first - 1 - dry)
    total, carry = before + gone // wet, gone % wet
    place = (ring.minute + first) % SIZE
    for k in range(first, last + 1):
        if k > dry:
            total += each
            carry += rest
            if carry >= wet:
                total += 1
                carry -= wet
        ring.total_um[place] = np.uint32(total % _MODULUS)
        place = place + 1 if place < DAY_MIN else 0


@kernel
def crossing_min(ring: Any, behind: int, window: int, amount_um: int, rate_um_h: int, limit: int) -> int:
    """In how many minutes the sum over `window` minutes reaches `amount_um` if rain goes on at `rate_um_h`.

    `behind` is how many minutes ago the latest bin ended. Each guess counts the rain that will have left the window by
    the guess before; guesses rise to the least solution.

    Returns:
        0 if it is reached now, -1 if it is not within `limit` minutes.
    """
    wait = 0
    while wait <= min(limit, window):
        lack = amount_um - sum_um(ring, max(window - wait - behind, 0))
        if lack <= 0:
            return wait
        if rate_um_h <= 0:
            return -1
        needed = -(-60 * lack // rate_um_h)
        if needed <= wait:
            return wait
        wait = needed
    return -1
