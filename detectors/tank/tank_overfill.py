"""When a tank that is being filled will overflow, from its fill rate.

The rate is the slope of an exponentially weighted regression of level on time over medians of three readings, so that
one wrong value does not count; a rate is believed only where it exceeds its own standard error several times and a
least rate. The time left is to critical high; API 2350 sizes the alarm by the response time that people and valves
need, and the colours here are times left: 60, 30, 15 and 5 minutes are ours, 5 being the least response time of the
standard's example.
"""

from __future__ import annotations

from math import exp, sqrt
from typing import Any, ClassVar, Final, Self

import numpy as np
from pydantic import Field, model_validator

from detectors.base import Criterion, Detector, DetectorOptions, Subject
from detectors.evidence import grade, levels
from detectors.kernel import kernel
from detectors.tank.heights import CRITICAL_HIGH_SHARE, gauges, height_m
from pipeline.model.hazard import Hazard
from pipeline.model.instant import NS_PER_S
from pipeline.model.inventory import Inventory
from pipeline.model.site import Sensor

_MIN_S: Final = 60.0
_LEAST_SPAN: Final = 0.5
"""Share of the window that readings must span before a rate is told: fewer do not know their own noise."""
_HORIZON_MIN: Final = 7 * 24 * 60.0
"""Beyond a week a filling is no forecast."""


class TankOverfillOptions(DetectorOptions):
    """How the rate is reckoned, and how many minutes left each colour means."""

    critical_high_m: float | None = Field(default=None, description="CH, where it overflows; None: 98 % of the range")
    window_s: float = Field(default=600.0, gt=0, description="time constant of the regression; at least 10 intervals")
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
        ("first_ns", "i8"),
        ("fitted_ns", "i8"),
        ("before", "f8"),
        ("earlier", "f8"),
        ("weight", "f8"),
        ("mean_s", "f8"),
        ("mean_m", "f8"),
        ("tt", "f8"),
        ("tm", "f8"),
        ("mm", "f8"),
        ("heard", "u1"),
    ],
    align=True,
)
"""The last two readings, and the moments of the regression since `first_ns`, times in seconds from `fitted_ns`."""
PARAMS: Final = np.dtype(
    [
        ("overflow_m", "f8"),
        ("window_s", "f8"),
        ("least_rate", "f8"),
        ("least_errors", "f8"),
        ("left_min", "f8", (4,)),
        ("deadband", "f8"),
    ],
    align=True,
)
"""`least_rate` in m/s; `left_min` negated, so that it grows towards danger."""


@kernel
def step(state: Any, params: Any, channel: int, at_ns: int, value: float, level: int, evidence: Any) -> None:  # noqa: ARG001  # the contract's arguments
    """Fit the rate, and grade the time left."""
    if at_ns - state.at_ns > params.window_s * NS_PER_S:
        _forget(state)
    if state.heard == 2:
        _fit(state, params, state.at_ns, _median(state.earlier, state.before, value))
    rate = _rate(state, params) if state.heard == 2 else 0.0
    state.heard = min(state.heard + 1, 2)
    state.earlier = state.before
    state.before = value
    state.at_ns = at_ns
    evidence.threshold = -params.left_min[0]
    evidence.value = _HORIZON_MIN
    if rate <= 0.0:
        return
    passed_s = (at_ns - state.fitted_ns) / NS_PER_S
    now_m = state.mean_m + rate * (passed_s - state.mean_s)
    left_min = min(max(params.overflow_m - now_m, 0.0) / rate / _MIN_S, _HORIZON_MIN)
    evidence.level = grade(-left_min, params.left_min, params.deadband, level)
    evidence.value = left_min
    evidence.threshold = -params.left_min[max(evidence.level, 1) - 1]
    evidence.score = -params.left_min[0] / max(left_min, 1.0)
    evidence.window_ns = at_ns - int(params.window_s * NS_PER_S)
    if evidence.level > 0:
        evidence.expected_ns = at_ns + int(left_min * _MIN_S) * NS_PER_S


@kernel
def _forget(state: Any) -> None:
    """Start afresh: what was known before a gap as long as the window says nothing of the rate now."""
    state.heard = 0
    state.weight = 0.0
    state.mean_s = 0.0
    state.mean_m = 0.0
    state.tt = 0.0
    state.tm = 0.0
    state.mm = 0.0


@kernel
def _median(a: float, b: float, c: float) -> float:
    return max(min(a, b), min(max(a, b), c))


@kernel
def _fit(state: Any, params: Any, at_ns: int, value: float) -> None:
    """Take one point into the weighted moments (West 1979), its time being the new origin."""
    if state.weight == 0.0:
        state.first_ns = at_ns
        state.fitted_ns = at_ns
    passed_s = (at_ns - state.fitted_ns) / NS_PER_S
    kept = exp(-passed_s / params.window_s)
    state.fitted_ns = at_ns
    state.weight = state.weight * kept + 1.0
    dt = passed_s - state.mean_s  # from the mean of the points so far to this one
    dm = value - state.mean_m
    share = 1.0 / state.weight
    state.mean_s = dt * share - dt  # seen from the new origin
    state.mean_m += dm * share
    state.tt = state.tt * kept + dt * dt * (1.0 - share)
    state.tm = state.tm * kept + dt * dm * (1.0 - share)
    state.mm = state.mm * kept + dm * dm * (1.0 - share)


@kernel
def _rate(state: Any, params: Any) -> float:
    """Fill rate [m/s], 0 where it is negligible, negative or lost in the noise."""
    span_s = (state.fitted_ns - state.first_ns) / NS_PER_S
    if span_s < _LEAST_SPAN * params.window_s:
        return 0.0
    rate = state.tm / state.tt
    unexplained = max(state.mm - rate * state.tm, 0.0) / max(state.weight - 2.0, 1.0)
    error = sqrt(unexplained / state.tt)
    return rate if rate >= max(params.least_rate, params.least_errors * error) else 0.0


class TankOverfill(Detector):
    """Time to overflow at the present fill rate."""

    kind: ClassVar[str] = "tank_overfill"
    version: ClassVar[int] = 1
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
        ),
    )

    def subjects(self, inventory: Inventory) -> list[Subject]:
        """Every level gauge of a tank."""
        return [self._subject(sensor) for sensor in gauges(inventory)]

    def _subject(self, sensor: Sensor) -> Subject:
        options = self.options_for(sensor)
        params = {
            "overflow_m": height_m(sensor, options.critical_high_m, CRITICAL_HIGH_SHARE),
            "window_s": max(options.window_s, 10 * sensor.interval_s),
            "least_rate": options.least_rate_m_h / 3600.0,
            "least_errors": options.least_errors,
            "left_min": levels(
                blue=-options.blue_min, yellow=-options.yellow_min, orange=-options.orange_min, red=-options.red_min
            ),
            "deadband": options.deadband,
        }
        return Subject(sensor.id, sensor.site, (sensor.series,), params, options)
