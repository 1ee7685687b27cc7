"""The weather of each noon from readings as they come: means about noon, rain from noon to noon."""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from detectors.kernel import kernel
from detectors.rain.gauge import COUNTER, counted_um, interval_um
from pipeline.model.instant import NS_PER_S

DAY_NS: Final = 86_400 * NS_PER_S
ABOUT_NS: Final = 1800 * NS_PER_S
"""What is measured within half an hour of noon is of noon; then the day is over."""
AIR: Final = 3
"""Temperature, humidity, wind."""
GAUGES_MAX: Final = 4
_MINUTE_NS: Final = 60 * NS_PER_S

GAUGE: Final = np.dtype(
    [("at_ns", "i8"), ("counter", COUNTER), ("fallen_um", "i8", (2,)), ("days", "i8", (2,))], align=True
)
"""Rain of the day under way and of the one before, and which days these are."""
NOON: Final = np.dtype(
    [("noon", "i8"), ("total", "f8", (AIR,)), ("count", "i8", (AIR,)), ("gauges", GAUGE, (GAUGES_MAX,))], align=True
)
"""`noon`: the one that the totals are of, in days since the noon of 1970-01-01."""


@kernel
def over_since(at_ns: int, noon_ns: int) -> int:
    """The latest noon that nothing more can be said of; noons are `noon_ns` after midnight UTC."""
    return (at_ns - noon_ns - ABOUT_NS - 1) // DAY_NS


@kernel
def blow(state: Any, air: int, at_ns: int, noon_ns: int, value: float) -> None:
    """Take in temperature, humidity or wind; far from noon it says nothing."""
    noon = (at_ns - noon_ns + DAY_NS // 2) // DAY_NS
    if abs(at_ns - noon_ns - noon * DAY_NS) > ABOUT_NS:
        return
    if noon != state.noon:
        state.noon = noon
        state.total[:] = 0.0
        state.count[:] = 0
    state.total[air] += value
    state.count[air] += 1


@kernel
def fall(gauge: Any, at_ns: int, noon_ns: int, value: float, is_counter: bool) -> None:  # noqa: FBT001  # one of two kinds
    """Take in what a gauge says; rain dated noon sharp fell before it."""
    minutes = max(1, (at_ns - gauge.at_ns) // _MINUTE_NS) if gauge.at_ns > 0 else 60
    amount_um = counted_um(gauge.counter, value, minutes) if is_counter else interval_um(value, minutes)
    gauge.at_ns = at_ns
    day = (at_ns - noon_ns - 1) // DAY_NS + 1
    slot = day % 2
    if gauge.days[slot] != day:
        gauge.days[slot], gauge.fallen_um[slot] = day, 0
    gauge.fallen_um[slot] += amount_um


@kernel
def rain_mm(state: Any, noon: int) -> float:
    """Mean over the gauges of what fell in the day up to a noon; NaN where none was heard."""
    total, heard = 0.0, 0
    for k in range(GAUGES_MAX):
        gauge = state.gauges[k]
        if gauge.days[noon % 2] == noon:
            total += gauge.fallen_um[noon % 2] / 1000.0
            heard += 1
    return total / heard if heard > 0 else np.nan


@kernel
def air_of(state: Any, noon: int, air: int) -> float:
    """Mean of temperature, humidity or wind about a noon; NaN where it was not measured."""
    if state.noon != noon or state.count[air] == 0:
        return np.nan
    return float(state.total[air] / state.count[air])
