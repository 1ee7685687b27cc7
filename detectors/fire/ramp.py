"""By how much a temperature outran a ramp, and how much of that its jitter may have feigned.

    gained = max(0, gained + (value - value before) - ramp * minutes between)
is the height above the steepest such ramp that could have led up to the value. Jitter adds its own height to it and no
more, whatever the sampling interval; a slow warming adds nothing.

The jitter is learned from falls alone: of white noise the mean fall from one reading to the next is 1/sqrt(pi) standard
deviations, and a fire, which only rises, teaches nothing.
"""

from __future__ import annotations

from math import pi, sqrt
from typing import Any, Final

from detectors.kernel import kernel

_NS_PER_MIN: Final = 60e9
_SIGMA_PER_FALL: Final = sqrt(pi)
_QUIET_K: Final = 0.25
"""Noise that every thermometer is granted."""
_SPAN: Final = 6.0
"""Standard deviations of white noise between its lowest reading of a minute and two high ones in succession."""
_DOUBT: Final = 6.0
"""After so many readings the noise is taken for twice what they show."""
_FALL_MOST: Final = 8.0
_FALL_MOST_K: Final = 2.0
"""What one fall may teach, in mean falls and at least: a hot instrument that is cooled is no noise."""


@kernel
def climb(record: Any, at_ns: int, value: float, ramp_k_min: float) -> None:
    """Take in one reading; the caller then writes its `at_ns` and `value` and counts it in `readings`.

    Args:
        record: with the fields at_ns (of the reading before), value, gained_k, fall_k and readings (their
            number up to some bound, which is how many the noise is a mean of).
        at_ns: instant of the reading.
        value: temperature.
        ramp_k_min: the slope that is none.
    """
    minutes = (at_ns - record.at_ns) / _NS_PER_MIN
    record.gained_k = max(0.0, record.gained_k + (value - record.value) - ramp_k_min * minutes)
    fall_k = min(max(record.value - value, 0.0), max(_FALL_MOST_K, _FALL_MOST * record.fall_k))
    record.fall_k += (fall_k - record.fall_k) / max(record.readings, 1)


@kernel
def jitter_k(record: Any) -> float:
    """What jitter alone may have gained: little evidence is needed of a quiet thermometer, more of a wild one."""
    noise = max(_QUIET_K, record.fall_k * _SIGMA_PER_FALL)
    return _SPAN * noise * (1.0 + _DOUBT / max(record.readings, 1))  # type: ignore[no-any-return]  # a record's field
