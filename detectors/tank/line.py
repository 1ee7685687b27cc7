"""A straight line through what was lately measured: an exponentially weighted regression, one point at a time."""

from __future__ import annotations

from math import exp, sqrt
from typing import Any, Final

import numpy as np

from detectors.kernel import kernel
from pipeline.model.instant import NS_PER_S

LINE: Final = np.dtype(
    [
        ("first_ns", "i8"),
        ("fitted_ns", "i8"),
        ("weight", "f8"),
        ("weight_square", "f8"),
        ("mean_s", "f8"),
        ("mean_m", "f8"),
        ("tt", "f8"),
        ("tm", "f8"),
        ("mm", "f8"),
    ],
    align=True,
)
"""The moments since `first_ns`, times in seconds from `fitted_ns`."""


@kernel
def forget(line: Any) -> None:
    """Start afresh."""
    line.weight, line.weight_square = 0.0, 0.0
    line.mean_s, line.mean_m = 0.0, 0.0
    line.tt, line.tm, line.mm = 0.0, 0.0, 0.0


@kernel
def take_from(line: Any, other: Any) -> None:
    """Know what the other knows, and no more."""
    line.first_ns, line.fitted_ns = other.first_ns, other.fitted_ns
    line.weight, line.weight_square = other.weight, other.weight_square
    line.mean_s, line.mean_m = other.mean_s, other.mean_m
    line.tt, line.tm, line.mm = other.tt, other.tm, other.mm


@kernel
def fit(line: Any, window_s: float, at_ns: int, value: float) -> None:
    """Take one point into the weighted moments (West 1979), its time being the new origin."""
    if line.weight == 0.0:
        line.first_ns = at_ns
        line.fitted_ns = at_ns
    passed_s = (at_ns - line.fitted_ns) / NS_PER_S
    kept = exp(-passed_s / window_s)
    line.fitted_ns = at_ns
    line.weight = line.weight * kept + 1.0
    line.weight_square = line.weight_square * kept * kept + 1.0
    dt = passed_s - line.mean_s  # from the mean of the points so far to this one
    dm = value - line.mean_m
    share = 1.0 / line.weight
    line.mean_s = dt * share - dt  # seen from the new origin
    line.mean_m += dm * share
    line.tt = line.tt * kept + dt * dt * (1.0 - share)
    line.tm = line.tm * kept + dt * dm * (1.0 - share)
    line.mm = line.mm * kept + dm * dm * (1.0 - share)


@kernel
def rate(line: Any) -> tuple[float, float]:
    """Slope [m/s] and its standard error from the residuals; the error is infinite where there is no line yet."""
    if line.tt <= 0.0:
        return 0.0, np.inf
    slope = line.tm / line.tt
    unexplained = max(line.mm - slope * line.tm, 0.0) / max(line.weight - 2.0, 1.0)
    return slope, sqrt(unexplained / line.tt)


@kernel
def value_at(line: Any, slope: float, at_ns: int) -> float:
    """Where the line stands at an instant."""
    return line.mean_m + slope * ((at_ns - line.fitted_ns) / NS_PER_S - line.mean_s)  # type: ignore[no-any-return]  # of a record
