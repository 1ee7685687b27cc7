"""What of a displacement is motion of the ground, and what a spike or a knock against the instrument.

A change between two readings that is out of the ordinary waits for the next reading, which tells what it was: if that
one is back where it was before, a spike, and dropped; if it stays at the new place, a step, and taken out of all that
follows; if it goes on, motion. Ground that moves in jerks is no instrument that is knocked: a second step within a
window counts as motion. So one step raises nothing, and a true collapse waits for one reading.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from detectors.kernel import kernel

NOISES: Final = 6.0
"""Mean changes between readings that a change must exceed to be out of the ordinary."""
_LEARNT: Final = 50
"""Readings after which the mean change is believed, and a step may be told from noise."""

SETTLER: Final = np.dtype(
    [
        ("at_ns", "i8"),
        ("held_ns", "i8"),
        ("step_ns", "i8"),
        ("value", "f8"),
        ("held", "f8"),
        ("offset", "f8"),
        ("noise", "f8"),
        ("readings", "i8"),
        ("holds", "?"),
    ],
    align=True,
)
"""The last reading taken (at_ns 0: none), the one that waits, when the last step was, all steps, the mean change."""

NOTHING: Final = 0
LATEST: Final = 1
BOTH: Final = 2


@kernel
def settle(settler: Any, at_ns: int, raw: float, jump: float, window_ns: int) -> int:
    """Take in one reading; says which are motion: NOTHING yet, the LATEST, or BOTH the one that waited and the latest.

    Args:
        jump: least change that is out of the ordinary, in the unit of `raw`.
        window_ns: within it only one step is taken for the instrument's; a change over a longer silence is motion.

    `settler.value` is then the latest reading without steps, `settler.held` the one that waited.
    """
    value = raw - settler.offset
    limit = max(jump, NOISES * settler.noise)
    if settler.at_ns == 0 or at_ns - settler.at_ns > window_ns:
        settler.holds = False
        settler.at_ns, settler.value = at_ns, value
        return LATEST
    if not settler.holds:
        if abs(value - settler.value) <= limit:
            return _take(settler, at_ns, value, limit)
        settler.holds = True
        settler.held_ns, settler.held = at_ns, value
        return NOTHING
    settler.holds = False
    if abs(value - settler.value) <= limit:
        return _take(settler, at_ns, value, limit)
    stays = abs(value - settler.held) <= limit
    if stays and settler.readings >= _LEARNT and at_ns - settler.step_ns > window_ns:
        step = settler.held - settler.value
        settler.offset += step
        settler.step_ns = at_ns
        settler.held -= step
        value -= step
    _take(settler, settler.held_ns, settler.held, limit)
    _take(settler, at_ns, value, limit)
    return BOTH


@kernel
def _take(settler: Any, at_ns: int, value: float, limit: float) -> int:
    settler.readings += 1
    settler.noise += (min(abs(value - settler.value), limit) - settler.noise) / min(settler.readings, _LEARNT)
    settler.at_ns, settler.value = at_ns, value
    return LATEST
