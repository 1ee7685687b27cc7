"""Heat, smoke and carbon monoxide of one room together: what two of them agree on needs no third witness.

Each channel runs a cumulative sum of its own (see `cusum`). One quantity alone, however many sensors of it, may be
dust, steam or a heater: it must reach `alone_sum`, and is yellow at most. Two different quantities within `agree_s` of
each other are orange as soon as their sums together come to twice `alarm_sum`, the lesser one to half of it; red when
both sums are `strong` or a third quantity joins.

On four room fires of NIST (TN 1455; one group of ceiling sensors a room; scales set on SDC02 and SDC05, `alone_sum`
on SDC02, the other two looked at four times; 30 ppm for the laboratory's coarse gas analysers) orange came 22, 27, 50
and 28 s after the start of the recording (SDC02, 05, 10, 33), 6, 10, 42 and 20 s after the first flame thermocouple
rose; the first of the commercial ionisation alarms sounded at 24, 32, 40 and 20 s, the first photoelectric one at 66,
42, 108 and 106 s. In SDC10 no ceiling sensor shows anything before 36 s, and no second one before 42. No yellow or
worse stood before ignition.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar, Final

import numpy as np
from pydantic import Field

from detectors.base import Criterion, Detector, DetectorOptions, Subject
from detectors.fire.cusum import CHANNEL, SUM_MAX, accumulate
from detectors.kernel import kernel
from detectors.watched import together
from pipeline.model.hazard import Hazard, SensorKind
from pipeline.model.inventory import Inventory, InventoryError
from pipeline.model.quantity import Quantity
from pipeline.model.site import Sensor

CHANNELS_MAX: Final = 16
"""Sensors that one group may hold."""
_QUANTITIES: Final = (Quantity.TEMPERATURE, Quantity.SMOKE, Quantity.GAS_PPM)
_ALONE, _TOGETHER = 0, 1
_PERCENT: Final = 100.0
"""A sum is told as a share of what it needs, `alarm_sum` or `alone_sum`: it has no unit that people know."""
_PAGE: Final = "Page (1954), Biometrika 41: cumulative sum; EN 54-29/-30 principle of combined phenomena"
_FIGURE: Final = ("evidence of fire", "火灾迹象强度")


class TwoChannelOptions(DetectorOptions):
    """Scales of the channels, and what their sums mean."""

    raise_after_s: float = Field(default=0.0, ge=0, description="a sum outlasts a spike by itself")
    heat_scale_k: float = Field(default=1.0, gt=0, description="least noise of temperature")
    smoke_scale: float = Field(default=1.0, gt=0, description="least noise of obscuration [%/m]")
    co_scale_ppm: float = Field(default=3.0, gt=0, description="least noise of carbon monoxide")
    alarm_sum: float = Field(default=6.0, gt=0, le=SUM_MAX, description="a channel's sum that agrees with another's")
    alone_sum: float = Field(default=12.0, gt=0, le=SUM_MAX, description="one that speaks without another's word")
    strong_sum: float = Field(default=24.0, gt=0, le=SUM_MAX, description="a channel's sum that leaves no doubt")
    agree_s: float = Field(default=120.0, gt=0, description="how old another channel's word may be")


STATE: Final = np.dtype([("channels", CHANNEL, (CHANNELS_MAX,))], align=True)
PARAMS: Final = np.dtype(
    [
        ("scale", "f8", (CHANNELS_MAX,)),
        ("quantity", "i8", (CHANNELS_MAX,)),
        ("channels", "i8"),
        ("agree_ns", "i8"),
        ("alarm_sum", "f8"),
        ("alone_sum", "f8"),
        ("strong_sum", "f8"),
    ],
    align=True,
)


@kernel
def step(state: Any, params: Any, channel: int, at_ns: int, value: float, level: int, evidence: Any) -> None:  # noqa: ARG001  # the contract's arguments
    """Move the reading's channel on, then ask all channels."""
    accumulate(state.channels[channel], at_ns, value, params.scale[channel])
    first, second, third = _strongest(state, params, at_ns, evidence)
    agreed = min(0.5 * (first + second), 2.0 * second)  # evidence of independent channels adds up
    together = agreed >= params.alarm_sum
    evidence.criterion = _TOGETHER if together else _ALONE
    evidence.score = agreed / params.alarm_sum if together else first / params.alone_sum
    evidence.value, evidence.threshold = _PERCENT * evidence.score, _PERCENT
    if together:
        evidence.level = 4 if second >= params.strong_sum or third >= params.alarm_sum else 3
    elif first >= params.alone_sum:
        evidence.level = 2 if first >= params.strong_sum else 1


@kernel
def _strongest(state: Any, params: Any, at_ns: int, evidence: Any) -> tuple[float, float, float]:
    """The sums of the three quantities, each its strongest channel, in falling order; silent channels say nothing."""
    heat = smoke = gas = 0.0
    for k in range(params.channels):
        one = state.channels[k]
        if one.total <= 0.0 or at_ns - one.at_ns > params.agree_ns:
            continue
        if one.total >= params.alarm_sum:
            evidence.window_ns = min(evidence.window_ns, one.foot_ns)
        if params.quantity[k] == 0:
            heat = max(heat, one.total)
        elif params.quantity[k] == 1:
            smoke = max(smoke, one.total)
        else:
            gas = max(gas, one.total)
    first, third = max(heat, smoke, gas), min(heat, smoke, gas)
    return first, max(min(heat, smoke), min(max(heat, smoke), gas)), third


class FireTwoChannel(Detector):
    """Agreement among the channels of one group of fire sensors."""

    kind: ClassVar[str] = "fire_two_channel"
    version: ClassVar[int] = 3
    hazard: ClassVar = Hazard.FIRE
    options_type: ClassVar = TwoChannelOptions
    state: ClassVar = STATE
    params: ClassVar = PARAMS
    step: ClassVar = staticmethod(step)
    criteria: ClassVar = (
        Criterion(
            "one_channel",
            _PAGE,
            "%",
            "one of heat, smoke and carbon monoxide has risen above its background",
            "温度、烟雾、一氧化碳中有一项持续高于背景值",
            *_FIGURE,
        ),
        Criterion(
            "two_channels",
            _PAGE,
            "%",
            "heat, smoke or carbon monoxide agree: two or more have risen above their backgrounds",
            "温度、烟雾、一氧化碳中至少两项同时持续高于背景值",
            *_FIGURE,
        ),
    )

    def subjects(self, inventory: Inventory) -> list[Subject]:
        """Every group of a site that has fire sensors; a sensor without a group is one of its own.

        Raises:
            InventoryError: a group of more than CHANNELS_MAX sensors.
        """
        channels = (one for one in inventory.sensors if one.kind is SensorKind.FIRE and one.quantity in _QUANTITIES)
        return [self._subject(name, members) for name, members in together(channels)]

    def _subject(self, name: str, sensors: Sequence[Sensor]) -> Subject:
        if len(sensors) > CHANNELS_MAX:
            raise InventoryError(f"group {name}", f"{len(sensors)} fire sensors, at most {CHANNELS_MAX} in one group")
        unused = [0] * (CHANNELS_MAX - len(sensors))
        options = self.options_for(sensors[0])
        params = {
            "scale": [_scale(sensor, self.options_for(sensor)) for sensor in sensors] + unused,
            "quantity": [_QUANTITIES.index(sensor.quantity) for sensor in sensors] + unused,
            "channels": len(sensors),
            "agree_ns": round(options.agree_s * 1e9),
            "alarm_sum": options.alarm_sum,
            "alone_sum": options.alone_sum,
            "strong_sum": options.strong_sum,
        }
        return Subject(name, sensors[0].site, tuple(sensor.series for sensor in sensors), params, options)


def _scale(sensor: Sensor, options: TwoChannelOptions) -> float:
    scales = (options.heat_scale_k, options.smoke_scale, options.co_scale_ppm)
    return scales[_QUANTITIES.index(sensor.quantity)]
