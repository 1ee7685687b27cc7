"""A window of displacement as 64 means over equal stretches of time, and straight lines through them."""

from __future__ import annotations

from math import sqrt
from typing import Any, Final

import numpy as np

from detectors.kernel import kernel

POINTS: Final = 64
"""A power of two: a place in the ring is masked, not divided."""
_DAYS_PER_NS: Final = 1.0 / 86_400_000_000_000.0

TRACK: Final = np.dtype(
    [
        ("at_ns", "i8", (POINTS,)),
        ("value", "f8", (POINTS,)),
        ("stretch", "i8"),
        ("first_ns", "i8"),
        ("total_ns", "i8"),
        ("total", "f8"),
        ("readings", "i8"),
        ("head", "i8"),
        ("count", "i8"),
    ],
    align=True,
)
"""A ring of `count` points, the latest before `head`; and the stretch that is being filled: its number, the instant of
its first reading, and sums of its readings."""


@kernel
def extend(track: Any, at_ns: int, value: float, stretch_ns: int, window_ns: int) -> bool:
    """Take in one reading; says whether it closed a stretch, whose mean is then the latest point.

    After a silence longer than the window the track begins anew.
    """
    stretch = at_ns // stretch_ns
    closes = track.readings > 0 and stretch != track.stretch
    if closes:
        _close(track)
    if track.count > 0 and at_ns - track.at_ns[_place(track, 0)] > window_ns:
        track.count = 0
    if track.readings == 0:
        track.stretch, track.first_ns = stretch, at_ns
    track.readings += 1
    track.total_ns += at_ns - track.first_ns
    track.total += value
    return closes and track.count > 0  # type: ignore[no-any-return]  # a field of a record is Any


@kernel
def _close(track: Any) -> None:
    track.at_ns[track.head] = track.first_ns + track.total_ns // track.readings
    track.value[track.head] = track.total / track.readings
    track.head = (track.head + 1) & (POINTS - 1)
    track.count = min(track.count + 1, POINTS)
    track.readings, track.total_ns, track.total = 0, 0, 0.0


@kernel
def _place(track: Any, back: int) -> int:
    """Where in the ring the point is that lies `back` before the latest."""
    return (track.head - 1 - back) & (POINTS - 1)  # type: ignore[no-any-return]  # a field of a record is Any


@kernel
def age_d(track: Any, back: int) -> float:
    """Days from the point `back` before the latest to the latest."""
    return (track.at_ns[_place(track, 0)] - track.at_ns[_place(track, back)]) * _DAYS_PER_NS  # type: ignore[no-any-return]  # of a record


@kernel
def since_ns(track: Any, points: int) -> int:
    """The instant of the oldest of the latest `points` points."""
    return track.at_ns[_place(track, points - 1)]  # type: ignore[no-any-return]  # of a record


@kernel
def latest(track: Any) -> float:
    """The latest point."""
    return track.value[_place(track, 0)]  # type: ignore[no-any-return]  # of a record


@kernel
def rise(track: Any, points: int) -> float:
    """From the oldest to the latest of the latest `points` points."""
    return track.value[_place(track, 0)] - track.value[_place(track, points - 1)]  # type: ignore[no-any-return]  # of a record


@kernel
def slope(track: Any, back: int, points: int) -> tuple[float, float]:
    """Least squares through `points` (at least 3) points, the latest of them `back` before the latest of all.

    Returns:
        Velocity [unit/d] and its standard error from the residuals.
    """
    at_ns, values, place = track.at_ns, track.value, _place(track, back)
    latest_ns, latest = at_ns[place], values[place]
    t = v = tt = tv = vv = 0.0
    for k in range(points):
        at = (place - k) & (POINTS - 1)
        time = (at_ns[at] - latest_ns) * _DAYS_PER_NS
        value = values[at] - latest
        t, v = t + time, v + value
        tt, tv, vv = tt + time * time, tv + time * value, vv + value * value
    tt, tv, vv = tt - t * t / points, tv - t * v / points, vv - v * v / points
    residual = max(vv - tv * tv / tt, 0.0)
    return tv / tt, sqrt(residual / (points - 2) / tt)


@kernel
def student(points: int, errors: float) -> float:
    """By how many standard errors a slope through `points` points must differ to be as sure as `errors` of a known one.

    Few points know their own scatter badly: the factor follows Student's t for the tail beyond four normal deviations
    within an eighth, from 8 points on.
    """
    return errors * (1.0 + 8.0 / (points - 2))
