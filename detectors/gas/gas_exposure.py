"""Exposure to toxic gas over time: the mean over fifteen minutes (STEL) and over eight hours (TWA).

GBZ 2.1-2019: C_TWA = sum(C_i * T_i) / 8 h, C_STEL the same over 15 min. A value holds from its reading to the next, but
no longer than `hold_s`, or than the sensor's own interval up to an hour; time that nobody measured counts as clean, so
a mean is never more than what was evidenced. One wrong reading can lift a mean of fifteen minutes to its limit by
itself: as long as no second one of the window was at the limit too, that is yellow, not orange.
"""

from __future__ import annotations

from math import inf
from typing import Any, ClassVar, Final

import numpy as np
from pydantic import Field

from detectors.base import Criterion, Detector, DetectorOptions, Subject
from detectors.evidence import grade, levels
from detectors.gas.limits import limit_of, ppm
from detectors.kernel import kernel
from pipeline.model.hazard import Hazard, SensorKind
from pipeline.model.instant import NS_PER_S
from pipeline.model.inventory import Inventory
from pipeline.model.quantity import Quantity
from pipeline.model.site import Sensor

_STEL, _TWA = 0, 1
_YELLOW: Final = 2
_STEL_BIN_NS: Final = 60 * NS_PER_S
_STEL_BINS: Final = 15
_TWA_BIN_NS: Final = 900 * NS_PER_S
_TWA_BINS: Final = 32
_HOLD_MOST_S: Final = 3600.0
"""For so long a value may hold that is measured no more often."""
_ROUNDING: Final = 1.0 + 1e-9
"""A mean of equal values may fall short of them by rounding; a limit that is met counts as met."""


class GasExposureOptions(DetectorOptions):
    """Limits of the means; None takes those of the sensor's gas."""

    deadband: float = Field(default=0.05, ge=0, lt=1, description="share of a limit to fall below before it is left")
    stel_ppm: float | None = Field(default=None, gt=0, description="limit of the 15-minute mean: orange")
    twa_ppm: float | None = Field(default=None, gt=0, description="limit of the 8-hour mean: yellow")
    action_share: float = Field(default=0.5, gt=0, lt=1, description="share of the 8-hour limit: blue (action level)")
    hold_s: float = Field(default=300.0, gt=0, le=900, description="how long a value holds without a new one")
    temperature_c: float = Field(default=25.0, ge=-40, le=60, description="at which mg/m3 becomes ppm")


STATE: Final = np.dtype(
    [
        ("at_ns", "i8"),
        ("stel_bin", "i8"),
        ("twa_bin", "i8"),
        ("value", "f8"),
        ("stel", "f8", (_STEL_BINS + 1,)),
        ("twa", "f8", (_TWA_BINS + 1,)),
        ("heard", "?"),
        ("high_ns", "i8"),
        ("twice_ns", "i8"),
    ],
    align=True,
)
"""The reading before, and rings of ppm * ns: a full window of bins and the one being filled. `*_bin` is that one's
number since 1970. When a reading was last at the limit of STEL, and when the second of two in a window; 0: never."""
PARAMS: Final = np.dtype([("stel", "f8", (4,)), ("twa", "f8", (4,)), ("deadband", "f8"), ("hold_ns", "i8")], align=True)


@kernel
def step(state: Any, params: Any, channel: int, at_ns: int, value: float, level: int, evidence: Any) -> None:  # noqa: ARG001  # the contract's arguments
    """Add what was breathed since the reading before, and grade both means."""
    if state.heard:
        until_ns = min(at_ns, state.at_ns + params.hold_ns)
        dose = max(state.value, 0.0)
        state.stel_bin = _breathe(state.stel, state.stel_bin, _STEL_BIN_NS, state.at_ns, until_ns, dose)
        state.twa_bin = _breathe(state.twa, state.twa_bin, _TWA_BIN_NS, state.at_ns, until_ns, dose)
    state.stel_bin = _turn(state.stel, state.stel_bin, at_ns // _STEL_BIN_NS)
    state.twa_bin = _turn(state.twa, state.twa_bin, at_ns // _TWA_BIN_NS)
    state.heard = True
    state.at_ns = at_ns
    state.value = value
    _count(state, params, at_ns, value)
    stel = _mean(state.stel, _STEL_BIN_NS, at_ns)
    twa = _mean(state.twa, _TWA_BIN_NS, at_ns)
    stel_level = grade(stel * _ROUNDING, params.stel, params.deadband, level)
    if stel_level > _YELLOW and not _seen_twice(state, params, at_ns):
        stel_level = max(_YELLOW, level)
    twa_level = grade(twa * _ROUNDING, params.twa, params.deadband, level)
    by_stel = params.twa[1] == inf or (params.stel[2] < inf and stel_level > 0 and stel_level >= twa_level)
    evidence.level = max(stel_level, twa_level)
    evidence.criterion = _STEL if by_stel else _TWA
    evidence.value = stel if by_stel else twa
    evidence.threshold = params.stel[2] if by_stel else params.twa[max(twa_level, 1) - 1]
    evidence.score = evidence.value / evidence.threshold
    evidence.window_ns = at_ns - (_STEL_BINS * _STEL_BIN_NS if by_stel else _TWA_BINS * _TWA_BIN_NS)


@kernel
def _count(state: Any, params: Any, at_ns: int, value: float) -> None:
    """Remember readings at the limit."""
    if value * _ROUNDING >= params.stel[2]:
        if state.high_ns != 0 and at_ns - state.high_ns <= _STEL_BINS * _STEL_BIN_NS + params.hold_ns:
            state.twice_ns = at_ns
        state.high_ns = at_ns


@kernel
def _seen_twice(state: Any, params: Any, at_ns: int) -> bool:
    """Whether two readings of what the mean was reckoned from were at the limit."""
    return state.twice_ns != 0 and at_ns - state.twice_ns <= _STEL_BINS * _STEL_BIN_NS + params.hold_ns  # type: ignore[no-any-return]  # of a record


@kernel
def _breathe(ring: Any, bin_now: int, bin_ns: int, from_ns: int, until_ns: int, value: float) -> int:
    """Add `value` over a span of time to the bins it falls into; returns the number of the last one."""
    while from_ns < until_ns:
        bin_now = _turn(ring, bin_now, from_ns // bin_ns)
        end_ns = min(until_ns, (bin_now + 1) * bin_ns)
        ring[bin_now % ring.size] += value * (end_ns - from_ns)
        from_ns = end_ns
    return bin_now


@kernel
def _turn(ring: Any, bin_now: int, bin_next: int) -> int:
    """Clear the bins between the one being filled and the next one to fill."""
    for offset in range(1, min(bin_next - bin_now, ring.size) + 1):
        ring[(bin_now + offset) % ring.size] = 0.0
    return max(bin_now, bin_next)


@kernel
def _mean(ring: Any, bin_ns: int, at_ns: int) -> float:
    """Mean over the full window that ends at `at_ns`: of the oldest bin only the part that still lies in it."""
    bin_now = at_ns // bin_ns
    elapsed = (at_ns - bin_now * bin_ns) / bin_ns
    total = -ring[(bin_now + 1) % ring.size] * elapsed
    for k in range(ring.size):
        total += ring[k]
    return total / ((ring.size - 1) * bin_ns)  # type: ignore[no-any-return]  # of a record


class GasExposure(Detector):
    """Means over 15 minutes and 8 hours against the occupational exposure limits of the gas."""

    kind: ClassVar[str] = "gas_exposure"
    version: ClassVar[int] = 2
    state_since: ClassVar[int | None] = 1
    hazard: ClassVar = Hazard.GAS_LEAK
    options_type: ClassVar = GasExposureOptions
    state: ClassVar = STATE
    params: ClassVar = PARAMS
    step: ClassVar = staticmethod(step)
    criteria: ClassVar = (
        Criterion(
            "stel",
            "GBZ 2.1-2019, PC-STEL",
            "ppm",
            "15-minute mean at its limit",
            "15分钟平均浓度达到短时间接触容许浓度",
        ),
        Criterion(
            "twa",
            "GBZ 2.1-2019, PC-TWA and action level (half of it)",
            "ppm",
            "8-hour mean at the action level or its limit",
            "8小时平均浓度达到行动水平或时间加权平均容许浓度",
            standard_zh="GBZ 2.1-2019，PC-TWA及行动水平（其一半）",
        ),
    )

    def subjects(self, inventory: Inventory) -> list[Subject]:
        """Gas sensors in ppm whose gas, or whose own settings, have a limit of either mean."""
        found = []
        for sensor in inventory.sensors:
            if sensor.kind is not SensorKind.GAS or sensor.quantity is not Quantity.GAS_PPM:
                continue
            options = self.options_for(sensor)
            stel = _limit(sensor, options.stel_ppm, limit_of(sensor).stel, options.temperature_c)
            twa = _limit(sensor, options.twa_ppm, limit_of(sensor).twa, options.temperature_c)
            if min(stel, twa) < inf:
                params = {
                    "stel": levels(orange=stel),
                    "twa": levels(blue=options.action_share * twa, yellow=twa),
                    "deadband": options.deadband,
                    "hold_ns": round(max(options.hold_s, min(sensor.interval_s, _HOLD_MOST_S)) * NS_PER_S),
                }
                found.append(Subject(sensor.id, sensor.site, (sensor.series,), params, options))
        return found


def _limit(sensor: Sensor, own_ppm: float | None, mg_m3: float | None, temperature_c: float) -> float:
    """The sensor's own limit, else that of its gas, else none."""
    if own_ppm is not None:
        return own_ppm
    return inf if mg_m3 is None else ppm(sensor.gas or "", mg_m3, temperature_c)
