"""Smoke detectors: obscuration above clean air, with a compensation for dirt that a slow fire cannot hide behind.

Obscuration o [%/m] and EN 54's absorbance index m [dB/m] are one measure: o = 100 * (1 - 10 ** (-m / 10)).
The background follows the readings, but rises by no more than 0.09 of the alarm threshold A an hour, and never above
0.6 A. EN 54-7 (response to slowly developing fires) asks that an increase of R > A/4 an hour give alarm after no more
than 1.6 A/R: A / (R - 0.09 A) is within that for every such R; and that compensation never raise the threshold above
1.6 A.

Steam, dust and burnt toast obscure as much as a young fire does. Where the room also measures heat or carbon monoxide,
these can tell (`fire_two_channel`), and smoke alone is orange only beyond what such things leave, or where it lasts
longer than they do: a mattress may smoulder long with little heat and carbon monoxide.
"""

from __future__ import annotations

from typing import Any, ClassVar, Final

import numpy as np
from pydantic import Field

from detectors.base import Criterion, Detector, DetectorOptions, Subject
from detectors.evidence import grade, levels
from detectors.fire.confirm import confirmed, policy, wait_ns
from detectors.fire.cusum import SILENCE_S
from detectors.kernel import kernel
from pipeline.model.hazard import Hazard, SensorKind
from pipeline.model.inventory import Inventory
from pipeline.model.quantity import Quantity
from pipeline.model.site import Sensor

_NS_PER_S: Final = 1e9
_NS_PER_H: Final = 3_600_000_000_000
_DRIFT_SHARE_H: Final = 0.09
_COMPENSATION_SHARE: Final = 0.6
_BACKING: Final = (Quantity.TEMPERATURE, Quantity.GAS_PPM)
_ORANGE: Final = 3
_FALL_FACTOR: Final = 20.0
"""Air clears faster than a detector soils; a single low reading must not undo the compensation."""


class SmokeOptions(DetectorOptions):
    """Levels of obscuration above the background."""

    raise_after_s: float = Field(default=1.0, ge=0, description="a second reading confirms: an insect is no fire")
    clean_air: float = Field(default=0.0, ge=0, description="what this instrument reads in clean air [%/m]")
    early_obscuration: float = Field(default=1.6, gt=0, description="yellow [%/m]: UL 217, most sensitive, 0.5 %/ft")
    alarm_obscuration: float = Field(
        default=4.5, gt=0, description="orange where the room measures only smoke [%/m]: EN 54-7, 0.2 dB/m"
    )
    backed_obscuration: float = Field(
        default=15.5, gt=0, description="orange where it measures heat or CO too [%/m]: UL 217, flaming foam, 5 %/ft"
    )
    backed_lasts_s: float = Field(
        default=1800.0, gt=0, description="so long at alarm_obscuration, orange there too: longer than people broil"
    )
    dense_obscuration: float = Field(default=34.3, gt=0, description="red [%/m]: UL 217, smouldering foam, 12 %/ft")


STATE: Final = np.dtype([("at_ns", "i8"), ("background", "f8"), ("said", "i8"), ("lasting_s", "f8")], align=True)
PARAMS: Final = np.dtype(
    [("excess", "f8", (4,)), ("clean_air", "f8"), ("alarm", "f8"), ("lasts_s", "f8"), ("wait_ns", "i8")], align=True
)


@kernel
def step(state: Any, params: Any, channel: int, at_ns: int, value: float, level: int, evidence: Any) -> None:  # noqa: ARG001  # the contract's arguments
    """Grade what stands above the background, then let the background follow."""
    since_ns = at_ns - state.at_ns
    excess = follow(state, at_ns, value - params.clean_air, params.alarm)
    worst = grade(excess, params.excess, 0.0, level)
    evidence.threshold = params.excess[max(worst - 1, 1)]
    if lasts(state, params, excess, since_ns / _NS_PER_S) and worst < _ORANGE:
        worst, evidence.threshold = _ORANGE, params.alarm
    evidence.level = worst
    evidence.value = excess
    evidence.score = excess / evidence.threshold
    if params.wait_ns > 0:
        state.said, evidence.level = worst, confirmed(worst, state.said, since_ns, params.wait_ns)


@kernel
def lasts(state: Any, params: Any, excess: float, since_s: float) -> bool:
    """Whether smoke was at the alarm threshold for long; time below it counts back, so noise does not begin anew."""
    if since_s > SILENCE_S:
        state.lasting_s = 0.0
    elif excess >= params.alarm:
        state.lasting_s = min(state.lasting_s + since_s, params.lasts_s)
    else:
        state.lasting_s = max(state.lasting_s - since_s, 0.0)
    return excess >= params.alarm and state.lasting_s >= params.lasts_s  # type: ignore[no-any-return]  # Any


@kernel
def follow(state: Any, at_ns: int, value: float, alarm: float) -> float:
    """Move the background towards `value`, as far as the time since the reading before allows.

    Returns:
        What of the value stands above the background.
    """
    bound = min(max(value, 0.0), _COMPENSATION_SHARE * alarm)
    if state.at_ns == 0:
        state.background = bound
    else:
        rise = _DRIFT_SHARE_H * alarm * (at_ns - state.at_ns) / _NS_PER_H
        state.background += min(max(bound - state.background, -_FALL_FACTOR * rise), rise)
    state.at_ns = at_ns
    return value - state.background  # type: ignore[no-any-return]  # a field of a record is Any


class FireSmoke(Detector):
    """Obscuration above the background of one smoke detector."""

    kind: ClassVar[str] = "fire_smoke"
    version: ClassVar[int] = 2
    state_since: ClassVar[int | None] = 1
    hazard: ClassVar = Hazard.FIRE
    options_type: ClassVar = SmokeOptions
    state: ClassVar = STATE
    params: ClassVar = PARAMS
    step: ClassVar = staticmethod(step)
    criteria: ClassVar = (
        Criterion(
            "smoke",
            "EN 54-7 / GB 4715 response threshold; UL 217 sensitivity 0.5-4 %/ft",
            "%/m",
            "smoke obscures more light than clean air, beyond the response threshold of a smoke detector",
            "烟雾减光率高于背景值，超过点型感烟火灾探测器的响应阈值",
            standard_zh="EN 54-7 / GB 4715响应阈值；UL 217灵敏度0.5—4 %/ft",
        ),
    )

    def subjects(self, inventory: Inventory) -> list[Subject]:
        """Every smoke detector of kind fire."""
        sensors = [one for one in inventory.sensors if one.kind is SensorKind.FIRE]
        backed = {(one.site, one.group) for one in sensors if one.group and one.quantity in _BACKING}
        return [
            self._subject(one, (one.site, one.group) in backed) for one in sensors if one.quantity is Quantity.SMOKE
        ]

    def _subject(self, sensor: Sensor, backed: bool) -> Subject:  # noqa: FBT001  # whether others of the room can tell
        options = self.options_for(sensor)
        params = {
            "excess": levels(
                yellow=options.early_obscuration,
                orange=options.backed_obscuration if backed else options.alarm_obscuration,
                red=options.dense_obscuration,
            ),
            "clean_air": options.clean_air,
            "alarm": options.alarm_obscuration,
            "lasts_s": options.backed_lasts_s,
            "wait_ns": wait_ns(sensor, options),
        }
        return Subject(sensor.id, sensor.site, (sensor.series,), params, policy(sensor, options))
