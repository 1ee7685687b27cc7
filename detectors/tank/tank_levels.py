"""The level of a tank against its levels of concern, API 2350 5th edition.

Colours are ours: above maximum working is blue (the operation is out of its plan), high-high is orange (the alarm that
the standard requires; filling must stop), critical high is red (it overflows). Yellow lies half-way between the first
two. A low level is watched only where the site sets one. One wrong reading is no overfill: a leap that no pump makes
raises nothing before the next reading confirms it, one that the last rise did not announce nothing above yellow.
"""

from __future__ import annotations

from math import inf
from typing import Any, ClassVar, Final

import numpy as np
from pydantic import Field

from detectors.base import Criterion, Detector, DetectorOptions, Subject
from detectors.evidence import grade, levels
from detectors.kernel import kernel
from detectors.tank.heights import CRITICAL_HIGH_SHARE, HIGH_HIGH_SHARE, MAXIMUM_WORKING_SHARE, gauges, height_m
from pipeline.model.hazard import Hazard
from pipeline.model.instant import NS_PER_S
from pipeline.model.inventory import Inventory
from pipeline.model.site import Sensor

_MAXIMUM_WORKING, _HIGH, _HIGH_HIGH, _CRITICAL_HIGH, _LOW = range(5)


class TankLevelsOptions(DetectorOptions):
    """Heights in metres above the datum, and how far the level must fall below one to leave it."""

    maximum_working_m: float | None = Field(default=None, description="MW: blue; None: 90 % of the range")
    high_m: float | None = Field(default=None, description="a high alarm: yellow; None: half-way from MW to HH")
    high_high_m: float | None = Field(default=None, description="HH, required by API 2350: orange; None: 95 %")
    critical_high_m: float | None = Field(default=None, description="CH, where it overflows: red; None: 98 %")
    low_m: float | None = Field(default=None, description="minimum working level: blue below it; None: not watched")
    deadband: float = Field(default=0.005, ge=0, lt=1, description="share of a height, against waves")
    fastest_m_h: float = Field(default=60.0, gt=0, description="no tank fills faster; a second reading confirms")


STATE: Final = np.dtype([("at_ns", "i8"), ("height", "f8"), ("rise_m_ns", "f8")], align=True)
"""The reading before, and how fast it had risen; at_ns 0: none."""
PARAMS: Final = np.dtype(
    [("high", "f8", (4,)), ("low", "f8"), ("low_left", "f8"), ("deadband", "f8"), ("fastest_m_h", "f8")], align=True
)
_LEAST_RISE_M: Final = 0.1
"""So much is a wave."""
_ANNOUNCED: Final = 2.0
"""So many times as fast as the last rise may the next be without a doubt."""
_YELLOW: Final = 2
_HOUR_NS: Final = 3600 * NS_PER_S
"""`low_left`: the height above which a low level is left; both low heights are -inf where none is watched."""


@kernel
def step(state: Any, params: Any, channel: int, at_ns: int, value: float, level: int, evidence: Any) -> None:  # noqa: ARG001  # the contract's arguments
    """The colour of one height, with hysteresis; a leap waits for the reading that confirms it."""
    high = grade(value, params.high, params.deadband, level)
    passed_ns = at_ns - state.at_ns
    if state.at_ns != 0:
        leap_m = value - state.height - _LEAST_RISE_M
        if leap_m > params.fastest_m_h * passed_ns / _HOUR_NS:
            high = min(high, level)
        elif leap_m > _ANNOUNCED * state.rise_m_ns * passed_ns:
            high = min(high, max(level, _YELLOW))
        state.rise_m_ns = max(value - state.height, 0.0) / max(passed_ns, 1)
    state.at_ns, state.height = at_ns, value
    if high == 0 and value <= (params.low_left if level > 0 else params.low):
        evidence.level = 1
        evidence.criterion = _LOW
        evidence.threshold = params.low
        evidence.score = 1.0
        return
    evidence.level = high
    evidence.criterion = max(high, 1) - 1
    evidence.threshold = params.high[evidence.criterion]
    evidence.score = value / evidence.threshold


class TankLevels(Detector):
    """Maximum working, high, high-high and critical high level of a tank; low on request."""

    kind: ClassVar[str] = "tank_levels"
    version: ClassVar[int] = 3
    state_since: ClassVar[int | None] = 1
    hazard: ClassVar = Hazard.TANK_OVERFILL
    options_type: ClassVar = TankLevelsOptions
    state: ClassVar = STATE
    params: ClassVar = PARAMS
    step: ClassVar = staticmethod(step)
    criteria: ClassVar = (
        Criterion(
            "maximum_working",
            "API 2350:2020, MW",
            "m",
            "above the maximum working level",
            "液位超过最高工作液位",
        ),
        Criterion(
            "high",
            "GB 50074-2014 15.1, high alarm",
            "m",
            "at the high alarm",
            "液位达到高报警值",
            standard_zh="GB 50074-2014第15.1节，高液位报警",
        ),
        Criterion("high_high", "API 2350:2020, HH; GB 50074-2014 15.1", "m", "at high-high", "液位达到高高报警值"),
        Criterion("critical_high", "API 2350:2020, CH", "m", "at the overflow level", "液位达到溢流临界液位"),
        Criterion(
            "low",
            "GB 50074-2014 15.1, low alarm",
            "m",
            "at the low alarm",
            "液位达到低报警值",
            standard_zh="GB 50074-2014第15.1节，低液位报警",
        ),
    )

    def subjects(self, inventory: Inventory) -> list[Subject]:
        """Every level gauge of a tank."""
        return [self._subject(sensor) for sensor in gauges(inventory)]

    def _subject(self, sensor: Sensor) -> Subject:
        options = self.options_for(sensor)
        low, low_left = _low(options)
        params = {
            "high": _heights(sensor, options),
            "low": low,
            "low_left": low_left,
            "deadband": options.deadband,
            "fastest_m_h": options.fastest_m_h,
        }
        return Subject(sensor.id, sensor.site, (sensor.series,), params, options)


def _low(options: TankLevelsOptions) -> tuple[float, float]:
    """At which height a low level is reached, and above which it is left."""
    if options.low_m is None:
        return -inf, -inf
    return options.low_m, options.low_m + abs(options.low_m) * options.deadband


def _heights(sensor: Sensor, options: TankLevelsOptions) -> tuple[float, ...]:
    """Heights by colour.

    Raises:
        ValueError: they do not rise.
    """
    working = height_m(sensor, options.maximum_working_m, MAXIMUM_WORKING_SHARE)
    high_high = height_m(sensor, options.high_high_m, HIGH_HIGH_SHARE)
    critical = height_m(sensor, options.critical_high_m, CRITICAL_HIGH_SHARE)
    high = (working + high_high) / 2 if options.high_m is None else options.high_m
    if not working < high < high_high < critical:
        names = "maximum_working_m, high_m, high_high_m, critical_high_m"
        message = f"sensor {sensor.id}: {names} must rise; they are {working:g}, {high:g}, {high_high:g}, {critical:g}"
        raise ValueError(message)
    return levels(blue=working, yellow=high, orange=high_high, red=critical)
