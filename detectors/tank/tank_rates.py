"""Pressure and temperature of a tank that change faster than weather and pumping make them.

The rate is the slope of an exponentially weighted regression, told in percent of the instrument's span an hour once it
exceeds its own standard error several times. A leap is no line: where two readings in a row lie `leap_share` of the
span from what was usual, that is told at once, as the rate that makes it within a window. Rising pressure or heat: a
fire outside, a reaction or a blocked vent; falling pressure: a leak or a vacuum; falling temperature: liquefied gas
that boils off through a leak. Where the value rises it says when it will reach `limit`, and once it has, when that was.
The colours and figures are ours.
"""

from __future__ import annotations

from math import exp, inf
from typing import Any, ClassVar, Final, Self

import numpy as np
from pydantic import Field, model_validator

from detectors.base import Criterion, Detector, DetectorOptions, Subject
from detectors.evidence import grade, levels
from detectors.kernel import kernel
from detectors.tank.line import LINE, fit, forget, rate, value_at
from pipeline.model.hazard import Hazard, SensorKind
from pipeline.model.instant import NS_PER_S
from pipeline.model.inventory import Inventory
from pipeline.model.quantity import Quantity
from pipeline.model.site import Sensor

_HOUR_S: Final = 3600.0
_LEAST_READINGS: Final = 5
_WINDOW_READINGS: Final = 5
_LEAP_READINGS: Final = 3
"""The window and that of a leap hold at least so many intervals."""
_LIMIT_SHARE: Final = 0.98
_AHEAD_S: Final = 86_400.0
_PERCENT: Final = 100.0
_CRITERIA: Final = {Quantity.PRESSURE: 0, Quantity.TEMPERATURE: 2}


class TankRatesOptions(DetectorOptions):
    """Rates as shares of the span an hour, and how they are reckoned."""

    raise_after_s: float = Field(default=120.0, ge=0, description="a valve that opens is over by then")
    window_s: float = Field(default=600.0, gt=0, description="time constant of the regression; at least 5 intervals")
    least_errors: float = Field(default=6.0, ge=0, description="standard errors that a rate must exceed")
    leap_share: float = Field(default=0.25, gt=0, description="share of the span that two readings leap by: at once")
    blue_share_h: float = Field(default=0.15, gt=0, description="share of the span an hour: blue")
    yellow_share_h: float = Field(default=0.3, gt=0, description="share of the span an hour: yellow")
    orange_share_h: float = Field(default=0.6, gt=0, description="share of the span an hour: orange")
    limit: float | None = Field(
        default=None, description="the value that must not be reached [kPa or degC]; None: 98 % of the range"
    )
    deadband: float = Field(default=0.2, ge=0, lt=1, description="share of a threshold to fall below to leave it")

    @model_validator(mode="after")
    def _shares_rise(self) -> Self:
        if not self.blue_share_h < self.yellow_share_h < self.orange_share_h:
            listed = f"{self.blue_share_h:g}, {self.yellow_share_h:g}, {self.orange_share_h:g}"
            message = f"blue_share_h, yellow_share_h, orange_share_h must rise; they are {listed}"
            raise ValueError(message)
        return self


STATE: Final = np.dtype(
    [
        ("line", LINE),
        ("at_ns", "i8"),
        ("count", "i8"),
        ("earlier", "f8"),
        ("before", "f8"),
        ("usual", "f8"),
        ("reached_ns", "i8"),
        ("settled", "?"),
    ],
    align=True,
)
"""The line; the two readings before and a moving average that ends there, once `settled`; since when the limit has been
reached, 0: it has not."""
PARAMS: Final = np.dtype(
    [
        ("span", "f8"), ("window_s", "f8"), ("leap_s", "f8"), ("leap", "f8"), ("least_errors", "f8"),
        ("shares", "f8", (4,)), ("deadband", "f8"), ("limit", "f8"), ("criterion", "i8"),
    ],
    align=True,
)  # fmt: skip
"""`leap` and `leap_s`: by how much, within how long. `criterion`: that of a rise; the next one is that of a fall."""


@kernel
def step(state: Any, params: Any, channel: int, at_ns: int, value: float, level: int, evidence: Any) -> None:  # noqa: ARG001  # one sensor, one channel
    """Fit, then grade the greater of slope and leap; after a gap longer than the window it starts afresh."""
    if at_ns - state.at_ns > params.window_s * NS_PER_S:
        forget(state.line)
        state.count, state.settled, state.reached_ns = 0, False, 0
    leap = _leap(state, params, at_ns, value)
    if value < params.limit and (state.reached_ns == 0 or state.before < params.limit):
        state.reached_ns = 0
    elif state.reached_ns == 0:
        state.reached_ns = at_ns
    state.at_ns, state.count, state.earlier, state.before = at_ns, state.count + 1, state.before, value
    fit(state.line, params.window_s, at_ns, value)
    slope, error = rate(state.line)
    few = state.count < _LEAST_READINGS or (at_ns - state.line.first_ns) / NS_PER_S < 0.5 * params.window_s
    believed = not few and abs(slope) > params.least_errors * error
    ends_at = value_at(state.line, slope, at_ns)
    if leap != 0.0 and (not believed or abs(leap) > abs(slope)):
        slope, ends_at, believed, few = leap, value, True, False
    evidence.threshold = _PERCENT * params.shares[0]
    if few:
        evidence.value = 0.0
        return
    share_h = slope * _HOUR_S / params.span
    evidence.criterion = params.criterion + (1 if slope < 0.0 else 0)
    evidence.value = _PERCENT * abs(share_h)
    evidence.score = abs(share_h) / params.shares[0]
    evidence.window_ns = at_ns - int(params.window_s * NS_PER_S)
    if believed:
        evidence.level = grade(abs(share_h), params.shares, params.deadband, level)
    evidence.threshold = _PERCENT * params.shares[max(evidence.level, 1) - 1]
    if evidence.level > 0 and slope > 0.0:
        left_s = max(params.limit - ends_at, 0.0) / slope
        if state.reached_ns != 0:
            evidence.expected_ns = state.reached_ns
        elif left_s <= _AHEAD_S:
            evidence.expected_ns = at_ns + int(left_s) * NS_PER_S


@kernel
def _leap(state: Any, params: Any, at_ns: int, value: float) -> float:
    """Rate that takes the nearer of the last two readings away from the usual within `leap_s`; 0: no leap.

    What is usual follows medians of three, so that a single reading is neither a leap nor the usual.
    """
    if not state.settled:
        state.settled, state.earlier, state.before, state.usual = True, value, value, value
        return 0.0
    passed_s = (at_ns - state.at_ns) / NS_PER_S
    low, high = min(value, state.before), max(value, state.before)
    apart = max(low - state.usual, 0.0) + min(high - state.usual, 0.0)
    state.usual += (1.0 - exp(-passed_s / params.leap_s)) * (max(low, min(high, state.earlier)) - state.usual)
    return apart / params.leap_s if abs(apart) >= params.leap else 0.0


class TankRates(Detector):
    """One subject a pressure gauge or thermometer of a tank."""

    kind: ClassVar[str] = "tank_rates"
    version: ClassVar[int] = 2
    state_since: ClassVar[int | None] = 1
    hazard: ClassVar[Hazard] = Hazard.TANK_LEAK
    options_type = TankRatesOptions
    state = STATE
    params = PARAMS
    step = staticmethod(step)
    criteria = tuple(
        Criterion(key, "Forewarn, docs/detectors/tank.md", "%", en, zh, "of the span an hour", "每小时变化（占量程）")
        for key, en, zh in (
            ("pressure_rise", "the pressure rises fast", "压力快速上升"),
            ("pressure_fall", "the pressure falls fast", "压力快速下降"),
            ("temperature_rise", "the temperature rises fast", "温度快速上升"),
            ("temperature_fall", "the temperature falls fast", "温度快速下降"),
        )
    )

    def subjects(self, inventory: Inventory) -> list[Subject]:
        """Every pressure gauge and thermometer of kind tank."""
        return [
            self._subject(sensor)
            for sensor in inventory.sensors
            if sensor.kind is SensorKind.TANK and sensor.quantity in _CRITERIA
        ]

    def _subject(self, sensor: Sensor) -> Subject:
        options = self.options_for(sensor)
        span = sensor.range_high - sensor.range_low
        params = {
            "span": span,
            "window_s": max(options.window_s, _WINDOW_READINGS * sensor.interval_s),
            "leap_s": max(options.window_s, _LEAP_READINGS * sensor.interval_s),
            "leap": options.leap_share * span,
            "least_errors": options.least_errors,
            "shares": levels(
                blue=options.blue_share_h, yellow=options.yellow_share_h, orange=options.orange_share_h, red=inf
            ),
            "deadband": options.deadband,
            "limit": sensor.range_low + _LIMIT_SHARE * span if options.limit is None else options.limit,
            "criterion": _CRITERIA[sensor.quantity],
        }
        if sensor.interval_s >= options.raise_after_s:  # what is told rests on two readings or more, which span that
            options = options.model_copy(update={"raise_after_s": 0.0})
        return Subject(sensor.id, sensor.site, (sensor.series,), params, options)
