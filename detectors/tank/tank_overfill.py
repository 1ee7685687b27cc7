"""When a tank that is being filled will overflow, from its fill rate.

The rate is the slope of an exponentially weighted regression of level on time over medians of three readings, so that
one wrong value does not count; a rate is believed only where it exceeds its own standard error several times and a
least rate. A second regression with a window `steady_factor` times as long is more exact while pumping is steady; once
the two differ by more than their errors, as when a pump starts, the long one forgets all that the short one does not
know; and where two readings in a row leave the long one by several times the gauge's noise, which is learned, both
begin with these two, so that a gauge that is read every 15 minutes follows its pumps too. In a lying cylinder the area
of the liquid's section stands in for the level, for it is that which grows evenly.

The time left is to critical high; API 2350 sizes the alarm by the response time that people and valves need, and the
colours here are times left: 60, 30, 15 and 5 minutes are ours, 5 being the least response time of the standard's
example.
"""

from __future__ import annotations

from math import acos, sqrt
from pathlib import Path
from typing import Any, ClassVar, Final, Self

import numpy as np
from pydantic import Field, model_validator

from detectors.base import Criterion, Detector, DetectorOptions, Subject
from detectors.evidence import grade, levels
from detectors.kernel import kernel
from detectors.tank.fill_rate import GRAIN_M, believed, follow
from detectors.tank.heights import CRITICAL_HIGH_SHARE, gauges, height_m
from detectors.tank.line import LINE, forget, value_at
from detectors.tank.shape import NO_SHAPE, TABLE, Strapped, evenly, strapped, volume_m3
from pipeline.model.hazard import Hazard
from pipeline.model.instant import NS_PER_S
from pipeline.model.inventory import Inventory
from pipeline.model.site import Sensor

_MIN_S: Final = 60.0
_WINDOW_READINGS: Final = 4
"""Intervals that the window holds at least."""
_LEAST_SPAN: Final = 0.5
"""Share of `window_s` that readings must span before a rate is told; at least one interval."""
_JITTER: Final = 0.1
"""Share of its interval by which a gauge may come early."""
_HORIZON_MIN: Final = 7 * 24 * 60.0
"""Beyond a week a filling is no forecast."""


class TankOverfillOptions(DetectorOptions):
    """How the rate is reckoned, and how many minutes left each colour means."""

    critical_high_m: float | None = Field(default=None, description="CH, where it overflows; None: 98 % of the range")
    window_s: float = Field(default=600.0, gt=0, description="time constant of the regression; at least 4 intervals")
    steady_factor: float = Field(default=6.0, ge=1, description="windows that a steady rate is taken over")
    strapping: Path | None = Field(
        default=None, description="CSV of all tanks: sensor,level_m,volume_m3; a gauge it does not name has no table"
    )
    lying_diameter_m: float = Field(default=0.0, ge=0, description="of a lying cylinder; 0: a tank of even section")
    least_rate_m_h: float = Field(default=0.05, gt=0, description="a slower rise is none")
    least_errors: float = Field(default=4.0, ge=0, description="standard errors that a rate must exceed")
    blue_min: float = Field(default=60.0, gt=0, description="minutes left: blue")
    yellow_min: float = Field(default=30.0, gt=0, description="minutes left: yellow")
    orange_min: float = Field(default=15.0, gt=0, description="minutes left: orange")
    red_min: float = Field(default=5.0, gt=0, description="minutes left: red")
    deadband: float = Field(default=0.1, ge=0, lt=1, description="share of a time by which more must be left")

    @model_validator(mode="after")
    def _minutes_fall(self) -> Self:
        minutes = (self.blue_min, self.yellow_min, self.orange_min, self.red_min)
        if not minutes[0] > minutes[1] > minutes[2] > minutes[3]:
            listed = ", ".join(f"{value:g}" for value in minutes)
            message = f"blue_min, yellow_min, orange_min, red_min must fall; they are {listed}"
            raise ValueError(message)
        return self


STATE: Final = np.dtype(
    [
        ("at_ns", "i8"),
        ("before", "f8"),
        ("earlier", "f8"),
        ("short", LINE),
        ("long", LINE),
        ("heard", "u1"),
        ("parted", "i1"),
        ("noise_square", "f8"),
        ("apart_ns", "i8"),
        ("apart", "f8"),
        ("reached_ns", "i8"),
    ],
    align=True,
)
"""The last two readings, the two lines; whether the last median lay far above (1) or below (-1) the long one, when and
where that was, and the variance of medians about it; since when the critical height has been reached, 0: it has not."""
PARAMS: Final = np.dtype(
    [
        ("overflow_m", "f8"),
        ("lying_m", "f8"),
        ("strapping", TABLE),
        ("section_m2", "f8"),
        ("window_s", "f8"),
        ("steady_s", "f8"),
        ("span_s", "f8"),
        ("least_rate", "f8"),
        ("least_errors", "f8"),
        ("left_min", "f8", (4,)),
        ("deadband", "f8"),
    ],
    align=True,
)
"""`overflow_m` as `filled_m` gives it, `lying_m` the diameter of a lying cylinder or 0, `section_m2` the mean one of a
strapping table or 0, `least_rate` in m/s; `left_min`
negated, so that it grows towards danger."""


@kernel
def step(state: Any, params: Any, channel: int, at_ns: int, value: float, level: int, evidence: Any) -> None:  # noqa: ARG001  # the contract's arguments
    """Fit the rates, and grade the time left."""
    value = (
        volume_m3(params.strapping, value) / params.section_m2
        if params.section_m2 > 0.0
        else filled_m(value, params.lying_m)
    )
    if at_ns - state.at_ns > params.window_s * NS_PER_S:
        state.heard = 0
        forget(state.short)
        forget(state.long)
    if state.heard == 2:
        follow(state, params, _median(state.earlier, state.before, value))
    rate_m_s, share = believed(state, params) if state.heard == 2 else (0.0, 0.0)
    state.heard = min(state.heard + 1, 2)
    state.earlier = state.before
    state.before = value
    state.at_ns = at_ns
    evidence.threshold = -params.left_min[0]
    evidence.value = _HORIZON_MIN
    if rate_m_s <= 0.0:
        _leave(state, params)
        return
    above_m = value_at(state.long, rate_m_s, at_ns) - params.overflow_m
    left_min = min(max(-above_m, 0.0) / rate_m_s / _MIN_S, _HORIZON_MIN)
    evidence.level = grade(-left_min, params.left_min, params.deadband, level)
    evidence.value = left_min
    evidence.threshold = -params.left_min[max(evidence.level, 1) - 1]
    evidence.score = -params.left_min[0] / max(left_min, 1.0)
    evidence.window_ns = at_ns - int(params.window_s * NS_PER_S)
    if left_min <= 0.0 and state.reached_ns == 0:
        state.reached_ns = max(at_ns - int(above_m / rate_m_s) * NS_PER_S, state.long.first_ns)
    elif left_min > -params.left_min[3]:
        _leave(state, params)
    if evidence.level > 0:
        _expect(state, at_ns, left_min * _MIN_S, share, evidence)


@kernel
def _leave(state: Any, params: Any) -> None:
    """Forget that the critical height was reached once both last readings lie below it."""
    if max(state.before, state.earlier) < params.overflow_m - GRAIN_M:
        state.reached_ns = 0


@kernel
def _expect(state: Any, at_ns: int, left_s: float, share: float, evidence: Any) -> None:
    """When it overflows, and between which instants; once it has, that instant for good."""
    if state.reached_ns != 0:
        evidence.expected_ns = evidence.earliest_ns = evidence.latest_ns = state.reached_ns
        return
    evidence.expected_ns = at_ns + int(left_s) * NS_PER_S
    evidence.earliest_ns = at_ns + int(left_s / (1.0 + share)) * NS_PER_S
    evidence.latest_ns = at_ns + int(left_s * (1.0 + share)) * NS_PER_S


@kernel
def filled_m(level_m: float, lying_m: float) -> float:
    """The level itself; in a lying cylinder the section of the liquid, divided by the diameter."""
    if lying_m <= 0.0:
        return level_m
    radius = 0.5 * lying_m
    height = min(max(level_m, 0.0), lying_m)
    chord = sqrt(max(height * (lying_m - height), 0.0))
    return (radius * radius * acos((radius - height) / radius) - (radius - height) * chord) / lying_m


@kernel
def _median(a: float, b: float, c: float) -> float:
    return max(min(a, b), min(max(a, b), c))


class TankOverfill(Detector):
    """Time to overflow at the present fill rate."""

    kind: ClassVar[str] = "tank_overfill"
    version: ClassVar[int] = 4
    state_since: ClassVar[int | None] = 3
    hazard: ClassVar = Hazard.TANK_OVERFILL
    options_type: ClassVar = TankOverfillOptions
    state: ClassVar = STATE
    params: ClassVar = PARAMS
    step: ClassVar = staticmethod(step)
    criteria: ClassVar = (
        Criterion(
            "time_left",
            "API 2350:2020, response time to CH",
            "min",
            "at this fill rate the tank overflows soon",
            "按当前进料速率即将溢罐",
            "time to overflow",
            "距溢罐时间",
            standard_zh="API 2350:2020，距临界高液位（CH）的响应时间",
        ),
    )

    def subjects(self, inventory: Inventory) -> list[Subject]:
        """Every level gauge of a tank."""
        tables = strapped(self.options.strapping)  # type: ignore[attr-defined]  # of TankOverfillOptions
        return [self._subject(sensor, tables) for sensor in gauges(inventory)]

    def _subject(self, sensor: Sensor, tables: Strapped) -> Subject:
        options = self.options_for(sensor)
        overflow_m = height_m(sensor, options.critical_high_m, CRITICAL_HIGH_SHARE)
        shape, section_m2 = _strapping(sensor, tables)
        window_s = max(options.window_s, _WINDOW_READINGS * sensor.interval_s)
        params = {
            "overflow_m": float(
                np.interp(overflow_m, *tables[sensor.id]) / section_m2
                if section_m2
                else filled_m(overflow_m, options.lying_diameter_m)
            ),
            "strapping": shape,
            "section_m2": section_m2,
            "lying_m": options.lying_diameter_m,
            "window_s": window_s,
            "steady_s": options.steady_factor * window_s,
            "span_s": max(_LEAST_SPAN * options.window_s, sensor.interval_s * (1.0 - _JITTER)),
            "least_rate": options.least_rate_m_h / 3600.0,
            "least_errors": options.least_errors,
            "left_min": levels(
                blue=-options.blue_min, yellow=-options.yellow_min, orange=-options.orange_min, red=-options.red_min
            ),
            "deadband": options.deadband,
        }
        return Subject(sensor.id, sensor.site, (sensor.series,), params, options)


def _strapping(sensor: Sensor, tables: Strapped) -> tuple[Any, float]:
    """A TABLE record of the gauge's strapping table and its mean section [m2]; 0 where it has none."""
    if sensor.id not in tables:
        return NO_SHAPE, 0.0
    heights, volumes = tables[sensor.id]
    return evenly(heights, volumes), max(float((volumes[-1] - volumes[0]) / (heights[-1] - heights[0])), 1e-9)
