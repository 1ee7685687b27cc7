"""The records of a sensor's health."""

from __future__ import annotations

from typing import Final

import numpy as np

HEALTH: Final = np.dtype(
    [
        ("last_ns", "i8"),
        ("watched_ns", "i8"),
        ("before_ns", "i8"),
        ("flat_ns", "i8"),
        ("recent_ns", "i8", (3, 3)),
        ("before", "f8"),
        ("earlier", "f8"),
        ("fast_per_s", "f8"),
        ("flat_value", "f8"),
        ("saturated_ns", "i8"),
        ("flat_count", "i4"),
        ("repeats", "i4"),
        ("active", "u2"),
        ("usable", "u1"),
        ("heard", "?"),
    ],
    align=True,
)
"""What is remembered of one sensor.

last_ns: instant of the last reading taken in, once `heard`; watched_ns: the first tick, 0 before it.
before, before_ns, earlier: the last two measured values and the instant of the last; `usable` counts them up to 2.
fast_per_s: rate of the last change where it was too fast and may yet prove to be a spike, else 0.
recent_ns: instants of the last three spikes, changes and gaps, newest first, 0 for none.
saturated_ns: since when it is at the upper end, 0 for not. repeats: how often the last reading came again.
flat_*: the value that has not moved, since when, and how often it was read.
active: one bit a fault whose episode is open or about to be; the other episodes need no look.
"""

LIMITS: Final = np.dtype(
    [
        ("low", "f8"),
        ("high", "f8"),
        ("spike", "f8"),
        ("rate_per_s", "f8"),
        ("flat_tolerance", "f8"),
        ("rest", "f8"),
        ("full", "f8"),
        ("full_ns", "i8"),
        ("repeats", "i4"),
        ("flat_ns", "i8"),
        ("silence_ns", "i8"),
        ("gap_ns", "i8"),
        ("repeat_ns", "i8"),
        ("ahead_ns", "i8"),
        ("behind_ns", "i8"),
    ],
    align=True,
)

FACTS: Final = np.dtype(
    [("judged", "u2"), ("seen", "u2"), ("at_ns", "i8", (10,)), ("value", "f8", (10,)), ("threshold", "f8", (10,))],
    align=True,
)
"""What one reading says of each fault, in order of Fault: whether the test could be made, whether the fault was seen
(one bit each), when, and the two values that its criterion compares."""
