"""The rolling baseline of one sensor of trace gas, and the noise about it.

The baseline follows falling values sixteen times faster than rising ones, so it settles near the lower edge of what
clean air gives and a leak of hours lifts it little; each correction is bounded by a multiple of the noise, so a plume
of any height pulls no harder than a small one. The noise is a slow mean of absolute departures, bounded in the same
way.

One reading is no mean. Where they come seldom, or after a gap, each counts for a quarter of its mean at most; and
before the eighth a record says nothing, for its noise is not known yet.
"""

from __future__ import annotations

from math import exp
from typing import Any, Final

from detectors.kernel import kernel
from pipeline.model.instant import NS_PER_S

_WARM_UP_S: Final = 60.0
"""Shortest time constant while the record is young; it grows with the record up to the one configured."""
_NOISE_BOUND: Final = 3.0
"""Departures beyond this many noises do not raise the estimate of the noise further."""
_LEAST: Final = 4.0
"""For so many readings a mean reaches back at least."""
READINGS: Final = 8
"""Fewer do not tell noise from gas."""


@kernel
def follow(track: Any, air: Any, at_ns: int, value: float) -> tuple[float, float]:
    """Move baseline and noise on by one reading.

    Args:
        track: a record with first_ns, at_ns, baseline, noise, heard, readings.
        air: a record with fall_s, rise_factor, noise_s, noise_floor, bound.

    Returns:
        What of the value stands above the baseline, at most `bound` noises, and seconds since the reading before.
    """
    if not track.heard:
        track.heard = True
        track.first_ns = at_ns
        track.baseline = value
        track.noise = air.noise_floor
    elif track.readings == 0:  # of a snapshot from before they were counted
        track.readings = READINGS
    track.readings = min(track.readings + 1, READINGS)
    passed_s = max(at_ns - track.at_ns, 0) / NS_PER_S if at_ns > track.first_ns else 0.0
    age_s = max((at_ns - track.first_ns) / NS_PER_S, _WARM_UP_S)
    track.at_ns = at_ns
    above = min(value - track.baseline, air.bound * track.noise)
    pull = max(above, -air.bound * track.noise)
    fall_s = min(max(air.fall_s, _LEAST * passed_s), age_s) * (air.rise_factor if above > 0.0 else 1.0)
    track.baseline += pull * share(passed_s, fall_s)
    apart = min(abs(above), _NOISE_BOUND * track.noise)
    track.noise += (apart - track.noise) * share(passed_s, min(air.noise_s, age_s))
    track.noise = max(track.noise, air.noise_floor)
    return above, passed_s


@kernel
def share(passed_s: float, constant_s: float) -> float:
    """What an exponential mean takes over of a value that has held for `passed_s`."""
    return 1.0 - exp(-passed_s / constant_s)


@kernel
def smoothed(passed_s: float, constant_s: float) -> float:
    """The same of a mean that is to still the noise: of several readings, however seldom they come."""
    return share(passed_s, max(constant_s, _LEAST * passed_s))
