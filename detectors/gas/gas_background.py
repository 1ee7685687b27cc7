"""A small leak against the background: the smoothed excess over a rolling baseline, in units of the sensor's noise.

Baseline and noise are those of `baseline`; the excess is smoothed by an EWMA (Roberts 1959). Soft evidence: blue and
yellow only.
"""

from __future__ import annotations

from typing import Any, ClassVar, Final

import numpy as np
from pydantic import Field

from detectors.base import Criterion, Detector, DetectorOptions, Subject
from detectors.evidence import grade, levels
from detectors.gas.baseline import READINGS, follow, smoothed
from detectors.gas.limits import lel_ppm, limit_of
from detectors.kernel import kernel
from pipeline.model.hazard import Hazard, SensorKind
from pipeline.model.instant import NS_PER_S
from pipeline.model.inventory import Inventory
from pipeline.model.quantity import Quantity
from pipeline.model.site import Sensor


class GasBackgroundOptions(DetectorOptions):
    """Calibrated on the ADED 2022 controlled releases; docs/detectors/gas.md says how far."""

    lower_after_s: float = Field(default=1800.0, ge=0, description="hold-off: plumes come and go with the wind")
    excess_blue: float = Field(default=3.0, gt=0, description="smoothed excess [noises]: blue")
    excess_yellow: float = Field(default=12.0, gt=0, description="smoothed excess [noises]: yellow")
    deadband: float = Field(default=0.5, ge=0, lt=1, description="share of a threshold to fall below to leave it")
    smooth_s: float = Field(default=900.0, gt=0, description="time constant of the excess")
    fall_s: float = Field(default=3600.0, gt=0, description="time constant of a baseline that falls")
    rise_factor: float = Field(default=16.0, ge=1, description="how much slower it rises")
    noise_s: float = Field(default=86_400.0, gt=0, description="time constant of the noise")
    noise_floor_ppm: float = Field(default=0.05, gt=0, description="no sensor is believed to be quieter")
    excess_bound: float = Field(default=30.0, gt=1, description="departures count up to this many noises")


STATE: Final = np.dtype(
    [
        ("first_ns", "i8"),
        ("at_ns", "i8"),
        ("baseline", "f8"),
        ("noise", "f8"),
        ("excess", "f8"),
        ("heard", "?"),
        ("readings", "u1"),
    ],
    align=True,
)
"""Baseline, noise and smoothed excess in ppm; since when the record runs, its last reading, and how many there were."""
PARAMS: Final = np.dtype(
    [
        ("thresholds", "f8", (4,)),
        ("deadband", "f8"),
        ("smooth_s", "f8"),
        ("fall_s", "f8"),
        ("rise_factor", "f8"),
        ("noise_s", "f8"),
        ("noise_floor", "f8"),
        ("bound", "f8"),
    ],
    align=True,
)


@kernel
def step(state: Any, params: Any, channel: int, at_ns: int, value: float, level: int, evidence: Any) -> None:  # noqa: ARG001  # the contract's arguments
    """Move baseline, noise and excess on by one reading; grade the excess in noises."""
    above, passed_s = follow(state, params, at_ns, value)
    state.excess += (above - state.excess) * smoothed(passed_s, params.smooth_s)
    noises = state.excess / state.noise
    evidence.level = grade(noises, params.thresholds, params.deadband, level) if state.readings >= READINGS else 0
    evidence.value = state.excess
    evidence.threshold = params.thresholds[max(evidence.level, 1) - 1] * state.noise
    evidence.score = noises / params.thresholds[0]
    evidence.window_ns = at_ns - int(params.smooth_s * NS_PER_S)


class GasBackground(Detector):
    """Excess of a trace gas over its own rolling background."""

    kind: ClassVar[str] = "gas_background"
    version: ClassVar[int] = 2
    state_since: ClassVar[int | None] = 1
    hazard: ClassVar = Hazard.GAS_LEAK
    options_type: ClassVar = GasBackgroundOptions
    state: ClassVar = STATE
    params: ClassVar = PARAMS
    step: ClassVar = staticmethod(step)
    criteria: ClassVar = (
        Criterion(
            "excess",
            "EWMA of the excess over a rolling background; calibrated on ADED 2022 (METEC)",
            "ppm",
            "more gas than this place's background explains",
            "浓度高于本地背景值，疑似微量泄漏",
            "excess over the background",
            "高出背景值",
            below_alarm=True,
            standard_zh="滑动背景值之上超出量的指数加权平均，以ADED 2022（METEC）数据标定",
        ),
    )

    def subjects(self, inventory: Inventory) -> list[Subject]:
        """Gas sensors in ppm of a gas that burns and has no exposure limit: methane, propane, hydrogen."""
        return [self._subject(sensor) for sensor in inventory.sensors if is_trace(sensor)]

    def _subject(self, sensor: Sensor) -> Subject:
        options = self.options_for(sensor)
        params = {
            "thresholds": levels(blue=options.excess_blue, yellow=options.excess_yellow),
            "deadband": options.deadband,
            "smooth_s": options.smooth_s,
            "fall_s": options.fall_s,
            "rise_factor": options.rise_factor,
            "noise_s": options.noise_s,
            "noise_floor": options.noise_floor_ppm,
            "bound": options.excess_bound,
        }
        return Subject(sensor.id, sensor.site, (sensor.series,), params, options)


def is_trace(sensor: Sensor) -> bool:
    """Whether it measures a gas in ppm that burns and has no exposure limit."""
    return (
        sensor.kind is SensorKind.GAS
        and sensor.quantity is Quantity.GAS_PPM
        and limit_of(sensor).oel is None
        and lel_ppm(sensor.gas or "", 100.0) is not None
    )
