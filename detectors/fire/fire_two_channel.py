"""Heat, smoke and carbon monoxide of one room together: what two of them agree on needs no third witness.

Each channel runs a cumulative sum of its own (see `cusum`). One quantity alone, however many sensors of it, may be
dust, steam or a draught: it must reach `alone_sum`, and is yellow at most, from `strong_sum` on; heat alone counts only
if it is much or quick, as heaters start every morning. Two different quantities within `agree_s` of each other agree as
soon as their sums together come to twice `alarm_sum`, the lesser one to half of it.

People who cook, shower and weld raise two or three quantities as well, so agreement alone is yellow. Orange takes what
they do not do: heat that outruns a ramp of `flame_k_min` by `flame_k`, in two readings, or comes to `hot_k`; or carbon
monoxide of `smoulder_ppm` with smoke of `smoulder_smoke`. Red takes amounts: two of `hot_k`, `dense_smoke` and
`heavy_ppm`. Of an amount three times the channel's own noise is taken off.

A room whose other instruments have fallen silent has only its smoke to go by: there `lone_smoke` is orange.

On four room fires of NIST (TN 1455; one group of ceiling sensors a room; scales set on SDC02 and SDC05, `alone_sum`
on SDC02, the other two looked at six times; 30 ppm for the laboratory's coarse gas analysers) orange came 22, 27, 50
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
from detectors.fire.amounts import HEAT, SMOKE, amounts, only_smoke_left
from detectors.fire.cusum import CHANNEL, SUM_MAX, accumulate, silent
from detectors.fire.ramp import climb, jitter_k
from detectors.kernel import kernel
from detectors.watched import together
from pipeline.model.hazard import Hazard, SensorKind
from pipeline.model.inventory import Inventory, InventoryError
from pipeline.model.quantity import Quantity
from pipeline.model.site import Sensor

CHANNELS_MAX: Final = 16
"""Sensors that one group may hold."""
_QUANTITIES: Final = (Quantity.TEMPERATURE, Quantity.SMOKE, Quantity.GAS_PPM)
_ALONE, _TOGETHER, _SMALL = 0, 1, 2
_INTERVALS: Final = 2.5
"""A sensor is silent when it missed two of its readings, however slow it is."""
_PERCENT: Final = 100.0
"""A sum is told as a share of what it needs, `alarm_sum` or `alone_sum`: it has no unit that people know."""
_PAGE: Final = "Page (1954), Biometrika 41: cumulative sum; EN 54-29/-30 principle of combined phenomena"
_PAGE_ZH: Final = "Page（1954），累积和检验；EN 54-29/-30复合探测原理"
_FIGURE: Final = ("evidence of fire", "火灾迹象强度")


class TwoChannelOptions(DetectorOptions):
    """Scales of the channels, and what their sums mean."""

    raise_after_s: float = Field(default=0.0, ge=0, description="a sum outlasts a spike by itself")
    heat_scale_k: float = Field(default=1.0, gt=0, description="least noise of temperature")
    smoke_scale: float = Field(default=1.0, gt=0, description="least noise of obscuration [%/m]")
    co_scale_ppm: float = Field(default=3.0, gt=0, description="least noise of carbon monoxide")
    alarm_sum: float = Field(default=6.0, gt=0, le=SUM_MAX, description="a channel's sum that agrees with another's")
    alone_sum: float = Field(default=12.0, gt=0, le=SUM_MAX, description="one that speaks without another's word")
    strong_sum: float = Field(default=24.0, gt=0, le=SUM_MAX, description="one that is yellow without another's word")
    agree_s: float = Field(default=120.0, gt=0, description="how old another channel's word may be")
    flame_k_min: float = Field(default=5.0, gt=0, description="a slower rise of heat is no flame's")
    flame_k: float = Field(default=2.0, gt=0, description="gained on that ramp: a flame, with another's word orange")
    hot_k: float = Field(default=20.0, gt=0, description="heat above the background that no cook leaves")
    smoulder_ppm: float = Field(default=30.0, gt=0, description="carbon monoxide above the background, likewise")
    smoulder_smoke: float = Field(default=1.6, gt=0, description="smoke that makes this a smouldering fire [%/m]")
    heavy_ppm: float = Field(default=60.0, gt=0, description="carbon monoxide that counts for red")
    dense_smoke: float = Field(default=12.4, gt=0, description="smoke that counts for red [%/m]: UL 217, 4 %/ft")
    lone_smoke: float = Field(default=4.5, gt=0, description="orange where the others are silent [%/m]: EN 54-7")


_PLAIN: Final = (
    "alarm_sum",
    "alone_sum",
    "strong_sum",
    "flame_k_min",
    "flame_k",
    "hot_k",
    "smoulder_ppm",
    "smoulder_smoke",
    "heavy_ppm",
    "dense_smoke",
    "lone_smoke",
)
"""Options that the kernel takes as they are."""
STATE: Final = np.dtype([("channels", CHANNEL, (CHANNELS_MAX,))], align=True)
PARAMS: Final = np.dtype(
    [
        ("scale", "f8", (CHANNELS_MAX,)),
        ("quantity", "i8", (CHANNELS_MAX,)),
        ("channels", "i8"),
        ("quantities", "i8"),
        ("agree_ns", "i8"),
        *((name, "f8") for name in _PLAIN),
    ],
    align=True,
)


@kernel
def step(state: Any, params: Any, channel: int, at_ns: int, value: float, level: int, evidence: Any) -> None:  # noqa: ARG001  # the contract's arguments
    """Move the reading's channel on, then ask all channels."""
    one = state.channels[channel]
    if params.quantity[channel] == HEAT and not silent(one, at_ns):
        one.gained_before_k = one.gained_k
        climb(one, at_ns, value, params.flame_k_min)
    accumulate(one, at_ns, value, params.scale[channel])
    twice_k = min(one.gained_k, one.gained_before_k)
    if twice_k >= max(params.flame_k, jitter_k(one)):
        one.steep_ns = at_ns
    first, second, unheated = _strongest(state, params, at_ns, evidence)
    agreed = min(0.5 * (first + second), 2.0 * second)  # evidence of independent channels adds up
    together = agreed >= params.alarm_sum
    flames, hot, smoky, dense, smoulders, heavy = amounts(state, params, at_ns)
    alone = first if flames or hot else unheated
    evidence.score = agreed / params.alarm_sum if together else alone / params.alone_sum
    evidence.value, evidence.threshold = _PERCENT * evidence.score, _PERCENT
    if together:
        evidence.level = 3 if flames or hot or (smoulders and smoky) else 2
        evidence.criterion = _TOGETHER if evidence.level > 2 else _SMALL
        if int(hot) + int(dense) + int(heavy) > 1:
            evidence.level, evidence.criterion = 4, _TOGETHER
    elif alone >= params.alone_sum:
        evidence.criterion = _ALONE
        evidence.level = 2 if alone >= params.strong_sum else 1
        if unheated >= params.strong_sum and only_smoke_left(state, params, at_ns):
            evidence.level = 3


@kernel
def _strongest(state: Any, params: Any, at_ns: int, evidence: Any) -> tuple[float, float, float]:
    """The two greatest sums of the three quantities, each its strongest channel, and the greatest but heat's."""
    heat = smoke = gas = 0.0
    for k in range(params.channels):
        one = state.channels[k]
        if one.total <= 0.0 or at_ns - one.at_ns > params.agree_ns:
            continue  # silent channels say nothing
        if one.total >= params.alarm_sum:
            evidence.window_ns = min(evidence.window_ns, one.foot_ns)
        if params.quantity[k] == HEAT:
            heat = max(heat, one.total)
        elif params.quantity[k] == SMOKE:
            smoke = max(smoke, one.total)
        else:
            gas = max(gas, one.total)
    first = max(heat, smoke, gas)
    return first, max(min(heat, smoke), min(max(heat, smoke), gas)), max(smoke, gas)


class FireTwoChannel(Detector):
    """Agreement among the channels of one group of fire sensors."""

    kind: ClassVar[str] = "fire_two_channel"
    version: ClassVar[int] = 4
    state_since: ClassVar[int | None] = 3
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
            standard_zh=_PAGE_ZH,
        ),
        Criterion(
            "two_channels",
            _PAGE,
            "%",
            "heat, smoke or carbon monoxide agree: two or more have risen as only a fire does",
            "温度、烟雾、一氧化碳中至少两项同时上升，且幅度或速度超出日常活动",
            *_FIGURE,
            standard_zh=_PAGE_ZH,
        ),
        Criterion(
            "small_amounts",
            _PAGE,
            "%",
            "heat, smoke or carbon monoxide agree, yet slowly and little, as when people cook, shower or weld",
            "温度、烟雾、一氧化碳中至少两项同时上升，但缓慢且幅度小，与烹饪、蒸汽、焊接等日常活动相似",
            *_FIGURE,
            standard_zh=_PAGE_ZH,
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
            "quantities": len({sensor.quantity for sensor in sensors}),
            "agree_ns": round(max(options.agree_s, _INTERVALS * max(one.interval_s for one in sensors)) * 1e9),
            **{name: getattr(options, name) for name in _PLAIN},
        }
        return Subject(name, sensors[0].site, tuple(sensor.series for sensor in sensors), params, options)


def _scale(sensor: Sensor, options: TwoChannelOptions) -> float:
    scales = (options.heat_scale_k, options.smoke_scale, options.co_scale_ppm)
    return scales[_QUANTITIES.index(sensor.quantity)]
