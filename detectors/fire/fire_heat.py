"""Heat detectors: a fixed temperature, and a rate of rise that noise cannot fake.

The rise is what the temperature gains on a ramp of `rise_k_min` (see `ramp`); it counts when it is higher than the
instrument's own jitter, which is learned.

Responses to steady ramps from 25 degC lie within the limits of EN 54-5 for class A1 (table 4): at 10, 20 and 30 K/min
the alarm comes at a rise of 10 K, which is the earliest that the standard lets a detector respond.
"""

from __future__ import annotations

from typing import Any, ClassVar, Final

import numpy as np
from pydantic import Field

from detectors.base import Criterion, Detector, DetectorOptions, Subject
from detectors.evidence import grade, levels
from detectors.fire.confirm import confirmed, policy, wait_ns
from detectors.fire.cusum import READINGS_MAX
from detectors.fire.ramp import climb, jitter_k
from detectors.kernel import kernel
from pipeline.model.hazard import Hazard, SensorKind
from pipeline.model.inventory import Inventory
from pipeline.model.quantity import Quantity

_NS_PER_MIN: Final = 60_000_000_000
_FIXED, _RISE, _BOTH = 0, 1, 2
_OUTLOOK_MIN: Final = 60.0


class HeatOptions(DetectorOptions):
    """Levels of temperature and of its rise."""

    raise_after_s: float = Field(default=1.0, ge=0, description="a second reading confirms: one spike is no fire")
    fixed_c: float = Field(default=57.0, gt=0, description="orange; EN 54-5 class A1 responds between 54 and 65 degC")
    hot_c: float = Field(default=65.0, gt=0, description="red: by then every class A1 detector has responded")
    rise_k_min: float = Field(default=5.0, gt=0, description="a slower rise is none")
    early_k: float = Field(default=3.0, gt=0, description="yellow: this much gained on a ramp of rise_k_min")
    alarm_k: float = Field(default=10.0, gt=0, description="orange: this much risen since the ramp was left")


STATE: Final = np.dtype(
    [
        ("at_ns", "i8"),
        ("foot_ns", "i8"),
        ("value", "f8"),
        ("foot_value", "f8"),
        ("gained_k", "f8"),
        ("fall_k", "f8"),
        ("readings", "i8"),
        ("said", "i8"),
    ],
    align=True,
)
"""The reading before, the foot of the present rise, what was gained on the ramp since, the mean fall from one reading
to the next, how many there were, and the level of the reading before. at_ns 0: none yet."""
PARAMS: Final = np.dtype(
    [("fixed_c", "f8", (4,)), ("rise_k_min", "f8"), ("early_k", "f8"), ("alarm_k", "f8"), ("wait_ns", "i8")], align=True
)


@kernel
def step(state: Any, params: Any, channel: int, at_ns: int, value: float, level: int, evidence: Any) -> None:  # noqa: ARG001  # the contract's arguments
    """Follow the rise; say the worse of temperature and rise, and red where both say fire."""
    since_ns = at_ns - state.at_ns
    follow(state, at_ns, value, params.rise_k_min)
    fixed = grade(value, params.fixed_c, 0.0, level)
    rise = _rise_level(state, params, value)
    evidence.criterion = _FIXED
    evidence.level = max(fixed, rise)
    evidence.value, evidence.threshold = value, params.fixed_c[2]
    if fixed >= 3 and rise >= 3:
        evidence.criterion, evidence.level = _BOTH, 4
    elif rise > fixed:
        evidence.criterion = _RISE
        evidence.value = value - state.foot_value
        evidence.threshold = params.alarm_k if rise >= 3 else params.early_k
        evidence.window_ns = state.foot_ns
        evidence.expected_ns = _fixed_ns(state, params.fixed_c[2])
    evidence.score = evidence.value / evidence.threshold
    if params.wait_ns > 0:
        state.said, evidence.level = evidence.level, confirmed(evidence.level, state.said, since_ns, params.wait_ns)


@kernel
def follow(state: Any, at_ns: int, value: float, ramp_k_min: float) -> None:
    """Take one reading in; where nothing is gained on the ramp, the rise has its foot."""
    if state.at_ns:
        climb(state, at_ns, value, ramp_k_min)
    state.at_ns, state.value = at_ns, value
    state.readings = min(state.readings + 1, READINGS_MAX)
    if state.gained_k == 0.0:
        state.foot_ns, state.foot_value = at_ns, value


@kernel
def _rise_level(state: Any, params: Any, value: float) -> int:
    if state.gained_k < max(params.early_k, jitter_k(state)):
        return 0
    return 3 if value - state.foot_value >= params.alarm_k else 2


@kernel
def _fixed_ns(state: Any, fixed_c: float) -> int:
    """When the rise, going on as since its foot, reaches the fixed temperature; 0 if that is not within the hour."""
    minutes = (state.at_ns - state.foot_ns) / _NS_PER_MIN
    wait_min = (fixed_c - state.value) * minutes / (state.value - state.foot_value)
    return state.at_ns + int(wait_min * _NS_PER_MIN) if wait_min < _OUTLOOK_MIN else 0


class FireHeat(Detector):
    """Fixed temperature and rate of rise of one heat detector."""

    kind: ClassVar[str] = "fire_heat"
    version: ClassVar[int] = 2
    state_since: ClassVar[int | None] = 1
    hazard: ClassVar = Hazard.FIRE
    options_type: ClassVar = HeatOptions
    state: ClassVar = STATE
    params: ClassVar = PARAMS
    step: ClassVar = staticmethod(step)
    criteria: ClassVar = (
        Criterion(
            "fixed_temperature",
            "EN 54-5 / GB 4716 class A1, static response temperature 54-65 degC",
            "degC",
            "the temperature has reached the response temperature of a heat detector",
            "温度达到点型感温火灾探测器的动作温度",
            standard_zh="EN 54-5 / GB 4716 A1类，静态响应温度54—65 °C",
        ),
        Criterion(
            "rate_of_rise",
            "EN 54-5 / GB 4716 class A1, response to rising temperature",
            "K",
            "the temperature rises faster than a heat detector lets pass",
            "温升速率超过点型感温火灾探测器的响应限值",
            "rise in temperature",
            "温升",
            standard_zh="EN 54-5 / GB 4716 A1类，升温响应",
        ),
        Criterion(
            "hot_and_rising",
            "EN 54-5 / GB 4716 class A1",
            "degC",
            "the temperature has reached the response temperature and still rises fast",
            "温度达到动作温度且仍快速上升",
            standard_zh="EN 54-5 / GB 4716 A1类",
        ),
    )

    def subjects(self, inventory: Inventory) -> list[Subject]:
        """Every thermometer of kind fire."""
        return [
            Subject(
                sensor.id,
                sensor.site,
                (sensor.series,),
                {
                    "fixed_c": levels(orange=options.fixed_c, red=options.hot_c),
                    "rise_k_min": options.rise_k_min,
                    "early_k": options.early_k,
                    "alarm_k": options.alarm_k,
                    "wait_ns": wait_ns(sensor, options),
                },
                policy(sensor, options),
            )
            for sensor in inventory.sensors
            if sensor.kind is SensorKind.FIRE and sensor.quantity is Quantity.TEMPERATURE
            for options in [self.options_for(sensor)]
        ]
