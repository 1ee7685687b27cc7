"""Gas at or beyond the alarm settings of GB/T 50493-2019.

The standard has two levels: first and second. Their colours, and red above them, are ours: first is yellow, second is
orange, and red is where people are in immediate danger - the lower explosive limit, or IDLH for a toxic gas - or the
end of the instrument's range where that comes sooner, because a saturated instrument can no longer rule it out.
Oxygen is watched both ways; beyond 19.5 and 23.5 %VOL the steps are ours.

One reading may be a spike: the first at an alarm setting is yellow at once, whatever it reads, and each reading after
it may stand one colour above the one before or at its colour, so that a real excess is orange or red one reading later.
"""

from __future__ import annotations

from itertools import pairwise
from math import inf
from typing import Any, ClassVar, Final, Self

import numpy as np
from pydantic import Field, model_validator

from detectors.base import Criterion, Detector, DetectorOptions, Subject
from detectors.evidence import grade, levels
from detectors.gas.limits import lel_ppm, limit_of, ppm
from detectors.kernel import kernel
from pipeline.model.hazard import Hazard, SensorKind
from pipeline.model.inventory import Inventory
from pipeline.model.quantity import Quantity
from pipeline.model.site import Sensor

_COMBUSTIBLE, _TOXIC, _DEFICIENCY, _ENRICHMENT = range(4)
_NEVER: Final = levels()


class GasLevelsOptions(DetectorOptions):
    """Alarm settings; those of the standard are upper bounds, so a site may only set lower (oxygen: nearer to air)."""

    deadband: float = Field(default=0.1, ge=0, lt=1, description="share of a setting to fall below before it is left")
    first_lel: float = Field(default=25.0, gt=0, le=25, description="combustible, first level [%LEL]: yellow")
    second_lel: float = Field(default=50.0, gt=0, le=50, description="combustible, second level [%LEL]: orange")
    danger_lel: float = Field(default=100.0, gt=0, le=100, description="combustible, ours [%LEL]: red")
    first_lel_m: float = Field(default=1.0, gt=0, le=1, description="open path, first level [LEL m]: yellow")
    second_lel_m: float = Field(default=2.0, gt=0, le=2, description="open path, second level [LEL m]: orange")
    first_ppm: float | None = Field(default=None, gt=0, description="toxic, first level; None: 100 %OEL of the gas")
    second_ppm: float | None = Field(default=None, gt=0, description="toxic, second level; None: twice the first")
    danger_ppm: float | None = Field(default=None, gt=0, description="toxic, ours; None: IDLH of the gas")
    temperature_c: float = Field(default=25.0, ge=-40, le=60, description="at which mg/m3 becomes ppm")
    low_oxygen: float = Field(default=19.5, ge=19.5, lt=20.9, description="deficiency [%VOL]: yellow")
    very_low_oxygen: float = Field(default=18.0, gt=0, description="deficiency, ours [%VOL]: orange")
    danger_low_oxygen: float = Field(default=16.0, gt=0, description="deficiency, ours [%VOL]: red")
    high_oxygen: float = Field(default=23.5, gt=20.9, le=23.5, description="enrichment [%VOL]: yellow")
    very_high_oxygen: float = Field(default=25.0, lt=100, description="enrichment, ours [%VOL]: orange")
    danger_high_oxygen: float = Field(default=28.0, lt=100, description="enrichment, ours [%VOL]: red")

    @model_validator(mode="after")
    def _levels_rise(self) -> Self:
        rising = {
            "first_lel, second_lel, danger_lel": (self.first_lel, self.second_lel, self.danger_lel),
            "first_lel_m, second_lel_m": (self.first_lel_m, self.second_lel_m),
            "first_ppm, second_ppm, danger_ppm": (self.first_ppm, self.second_ppm, self.danger_ppm),
            "danger_low_oxygen, very_low_oxygen, low_oxygen, high_oxygen, very_high_oxygen, danger_high_oxygen": (
                self.danger_low_oxygen,
                self.very_low_oxygen,
                self.low_oxygen,
                self.high_oxygen,
                self.very_high_oxygen,
                self.danger_high_oxygen,
            ),
        }
        for names, values in rising.items():
            given = [value for value in values if value is not None]
            if any(a >= b for a, b in pairwise(given)):
                message = f"{names} must rise; they are {', '.join(f'{value:g}' for value in given)}"
                raise ValueError(message)
        return self


STATE: Final = np.dtype([("high", "u1"), ("low", "u1"), ("heard", "?")])
"""The colours that the reading before stood for by itself, both ways, if there was one."""
_YELLOW: Final = 2
PARAMS: Final = np.dtype(
    [("high", "f8", (4,)), ("low", "f8", (4,)), ("deadband", "f8"), ("high_criterion", "u1")], align=True
)
"""Thresholds of each colour upwards and, negated, downwards; inf where there is none."""


@kernel
def step(state: Any, params: Any, channel: int, at_ns: int, value: float, level: int, evidence: Any) -> None:  # noqa: ARG001  # the contract's arguments
    """The colour of one value, with hysteresis; a leap into orange or red waits for the next reading."""
    high = grade(value, params.high, params.deadband, level)
    low = grade(-value, params.low, 0.0, level)
    before_high, before_low = state.high, state.low
    state.high, state.low = grade(value, params.high, 0.0, 0), grade(-value, params.low, 0.0, 0)
    if state.heard:
        high = min(high, max(before_high + 1, level, _YELLOW))
        low = min(low, max(before_low + 1, level, _YELLOW))
    state.heard = True
    if low > high:
        evidence.level = low
        evidence.criterion = _DEFICIENCY
        evidence.threshold = -params.low[low - 1]
        evidence.score = evidence.threshold / max(value, 0.1)
        return
    evidence.level = high
    evidence.criterion = params.high_criterion
    evidence.threshold = params.high[max(high, 2) - 1]
    evidence.score = value / evidence.threshold


class GasLevels(Detector):
    """First and second level of combustible and toxic gas, and oxygen both ways."""

    kind: ClassVar[str] = "gas_levels"
    version: ClassVar[int] = 2
    state_since: ClassVar[int | None] = 1
    hazard: ClassVar = Hazard.GAS_LEAK
    options_type: ClassVar = GasLevelsOptions
    state: ClassVar = STATE
    params: ClassVar = PARAMS
    step: ClassVar = staticmethod(step)
    criteria: ClassVar = (
        Criterion(
            "combustible",
            "GB/T 50493-2019 5.5.2",
            "quantity",
            "combustible gas at its alarm setting",
            "可燃气体达到报警设定值",
        ),
        Criterion(
            "toxic",
            "GB/T 50493-2019 5.5.2; GBZ 2.1-2019",
            "ppm",
            "toxic gas at its alarm setting",
            "有毒气体达到报警设定值",
        ),
        Criterion(
            "oxygen_deficiency",
            "GB/T 50493-2019 5.5.2",
            "%VOL",
            "too little oxygen to breathe safely",
            "氧气浓度过低（缺氧）",
        ),
        Criterion(
            "oxygen_enrichment",
            "GB/T 50493-2019 5.5.2",
            "%VOL",
            "so much oxygen that fires start easily",
            "氧气浓度过高（富氧）",
        ),
    )

    def subjects(self, inventory: Inventory) -> list[Subject]:
        """Gas sensors with a setting: %LEL, oxygen, and ppm of a gas that has a limit or is given settings."""
        found = []
        for sensor in inventory.sensors:
            if sensor.kind is not SensorKind.GAS:
                continue
            options = self.options_for(sensor)
            params = _params(sensor, options)
            if params:
                found.append(Subject(sensor.id, sensor.site, (sensor.series,), params, options))
        return found


def _params(sensor: Sensor, options: GasLevelsOptions) -> dict[str, Any] | None:
    """The sensor's PARAMS, or None where nothing is known to compare it with."""
    match sensor.quantity:
        case Quantity.OXYGEN:
            high = levels(yellow=options.high_oxygen, orange=options.very_high_oxygen, red=options.danger_high_oxygen)
            low = levels(yellow=-options.low_oxygen, orange=-options.very_low_oxygen, red=-options.danger_low_oxygen)
            return {"high": high, "low": low, "deadband": 0.0, "high_criterion": _ENRICHMENT}
        case Quantity.GAS_LEL:
            high = _within(sensor, *_lel_settings(sensor, options), options.danger_lel)
            return {"high": high, "low": _NEVER, "deadband": options.deadband, "high_criterion": _COMBUSTIBLE}
        case Quantity.GAS_PPM:
            return _ppm_params(sensor, options)
    return None


def _lel_settings(sensor: Sensor, options: GasLevelsOptions) -> tuple[float, float]:
    """First and second level [%LEL]; of an open path those of the standard [LEL m], as means along it."""
    if sensor.path_m is None:
        return options.first_lel, options.second_lel
    return 100.0 * options.first_lel_m / sensor.path_m, 100.0 * options.second_lel_m / sensor.path_m


def _ppm_params(sensor: Sensor, options: GasLevelsOptions) -> dict[str, Any] | None:
    """By the exposure limits of the gas; else, for one that burns, by its explosive limit; own settings go first."""
    limit, gas = limit_of(sensor), sensor.gas or ""
    if limit.oel is not None:
        first: float | None = ppm(gas, limit.oel, options.temperature_c)
        second = None
        danger = None if limit.idlh is None else ppm(gas, limit.idlh, options.temperature_c)
    else:
        settings = (*_lel_settings(sensor, options), options.danger_lel)
        first, second, danger = (lel_ppm(gas, lel) for lel in settings)
    criterion = _COMBUSTIBLE if limit.oel is None and first is not None else _TOXIC
    first = options.first_ppm or first
    if first is None:
        return None
    second = options.second_ppm or second or 2 * first
    high = _within(sensor, first, second, options.danger_ppm or danger or inf)
    return {"high": high, "low": _NEVER, "deadband": options.deadband, "high_criterion": criterion}


def _within(sensor: Sensor, first: float, second: float, danger: float) -> tuple[float, ...]:
    """Colours of the settings; red no later than the end of the range, if that lies above the second level."""
    red = min(danger, sensor.range_high) if sensor.range_high > second else danger
    red = red if red > second else inf
    return levels(yellow=first, orange=second, red=red)
