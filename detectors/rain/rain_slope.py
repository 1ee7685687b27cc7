"""Rain that brings slopes down: intensity and duration, the ground's wetness, and recent rain against that before.

- Caine (1980, Geografiska Annaler 62A, 23): shallow slides follow where the mean intensity over D hours exceeds
  14.82 D**-0.39 mm/h, a lower bound over 73 slides of the world. Looked at for 1 to 24 hours.
- Antecedent index: rain that drains away by half in `half_life_d` (the factor 0.9 a day of Crozier and Eyles 1980 and
  others is 6.6 days); a local threshold.
- P3/P15: rain of three days, and a share of the fifteen days before them, against one amount (Chleborad 2000, USGS
  OFR 00-469, of Seattle: 88.9 mm and a share of 0.67); local too.

All are off until a threshold is set, here or for a sensor: most gauges stand where nothing can slide.
"""

from __future__ import annotations

from typing import Any, ClassVar, Final, Self

import numpy as np
from pydantic import Field

from detectors.base import Criterion, Detector, DetectorOptions, Subject
from detectors.kernel import kernel
from detectors.rain.gauge import COUNTER, DOUBT, take_rain
from detectors.rain.ring import RING, sum_um
from pipeline.model.hazard import Hazard, SensorKind
from pipeline.model.inventory import Inventory
from pipeline.model.quantity import Quantity
from pipeline.model.site import Sensor

HOURS: Final = 432
"""Of the hourly totals: 18 days."""
_HOUR_NS: Final = 3_600_000_000_000
_DAY_H: Final = 24
_RECENT_H: Final = 72
_OFF: Final = 1e12
_CAINE, _RECENT, _ANTECEDENT = 0, 1, 2


class SlopeOptions(DetectorOptions):
    """Which thresholds hold here."""

    lower_after_s: float = Field(default=86_400.0, ge=0, description="hold-off: slopes drain slowly")
    caine_share: float | None = Field(
        default=None, gt=0, le=10, description="share of Caine's intensity that is told; off without"
    )
    half_life_d: float = Field(default=6.6, gt=0, le=90, description="in which the ground loses half of its water")
    antecedent_mm: float | None = Field(
        default=None, gt=0, le=100_000, description="antecedent index that is told; off without"
    )
    recent_mm: float | None = Field(
        default=None, gt=0, le=100_000, description="amount of P3/P15 that is told; off without"
    )
    before_share: float = Field(default=0.67, ge=0, le=1, description="share of the 15 days before that counts")
    deadband: float = Field(default=0.2, ge=0, lt=1, description="share of a threshold to fall below to leave it")


STATE: Final = np.dtype(
    [
        ("ring", RING),
        ("counter", COUNTER),
        ("doubt", DOUBT),
        ("wet_mm", "f8"),
        ("last_ns", "i8"),
        ("hour", "i8"),
        ("hourly_mm", "f8", (HOURS,)),
    ],
    align=True,
)
PARAMS: Final = np.dtype(
    [
        ("interval_min", "i8"),
        ("caine_share", "f8"),
        ("half_life_ns", "f8"),
        ("antecedent_mm", "f8"),
        ("recent_mm", "f8"),
        ("before_share", "f8"),
        ("deadband", "f8"),
        ("is_counter", "?"),
    ],
    align=True,
)


@kernel
def step(state: Any, params: Any, channel: int, at_ns: int, value: float, level: int, evidence: Any) -> None:  # noqa: ARG001  # the contract's arguments
    """Take in the rain; say which threshold is exceeded most."""
    amount_um = take_rain(state.ring, state.counter, state.doubt, params.is_counter, params.interval_min, at_ns, value)
    _keep(state, params, at_ns, amount_um / 1000.0)
    kept = 1.0 - params.deadband
    blue, yellow = kept if level >= 1 else 1.0, kept if level >= 2 else 1.0
    fell, bound = _caine(state, params)
    _weigh(evidence, 2, _CAINE, fell, bound, yellow)
    recent, before = _days(state)
    _weigh(evidence, 1, _RECENT, recent + params.before_share * before, params.recent_mm, blue)
    _weigh(evidence, 1, _ANTECEDENT, state.wet_mm, params.antecedent_mm, blue)


@kernel
def _keep(state: Any, params: Any, at_ns: int, amount_mm: float) -> None:
    """The antecedent index, and the total of the hour; hours between are dry."""
    if state.last_ns:
        state.wet_mm *= 0.5 ** ((at_ns - state.last_ns) / params.half_life_ns)
    state.wet_mm += amount_mm
    state.last_ns = at_ns
    hour = -(-at_ns // _HOUR_NS)
    for one in range(max(state.hour + 1, hour - HOURS + 1), hour + 1):
        state.hourly_mm[one % HOURS] = 0.0
    state.hour = hour
    state.hourly_mm[hour % HOURS] += amount_mm


@kernel
def _caine(state: Any, params: Any) -> tuple[float, float]:
    """Rain and threshold [mm] of the duration that comes nearest to Caine's line, or goes farthest beyond it."""
    most, amount, threshold = -1.0, 0.0, 1.0
    for hours in range(1, _DAY_H + 1):
        fell = sum_um(state.ring, 60 * hours) / 1000.0
        bound = params.caine_share * 14.82 * hours ** (1.0 - 0.39)
        if fell / bound > most:
            most, amount, threshold = fell / bound, fell, bound
    return amount, threshold


@kernel
def _days(state: Any) -> tuple[float, float]:
    """Rain of the last 3 days, and of the 15 days before them [mm], by whole hours."""
    recent = before = 0.0
    for back in range(HOURS):
        if back < _RECENT_H:
            recent += state.hourly_mm[(state.hour - back) % HOURS]
        else:
            before += state.hourly_mm[(state.hour - back) % HOURS]
    return recent, before


@kernel
def _weigh(evidence: Any, level: int, criterion: int, amount_mm: float, threshold_mm: float, enough: float) -> None:
    """Let a threshold speak if it is exceeded by more than those before, at its level or above.

    Args:
        enough: share of the threshold that does: less while an alarm stands.
    """
    score = amount_mm / threshold_mm
    reached = level if score >= enough else 0
    if reached < evidence.level or (reached == evidence.level and score <= evidence.score):
        return
    evidence.level, evidence.criterion, evidence.score = reached, criterion, score
    evidence.value, evidence.threshold = amount_mm, threshold_mm


class RainSlope(Detector):
    """Slopes that rain may bring down, by one gauge."""

    kind: ClassVar[str] = "rain_slope"
    version: ClassVar[int] = 3
    state_since: ClassVar[int | None] = 2
    hazard: ClassVar = Hazard.GROUND_MOVEMENT
    options_type: ClassVar = SlopeOptions
    state: ClassVar = STATE
    params: ClassVar = PARAMS
    step: ClassVar = staticmethod(step)
    criteria: ClassVar = (
        Criterion(
            "caine",
            "Caine 1980, rainfall intensity and duration",
            "mm",
            "rain as intense and as lasting has brought slopes down elsewhere",
            "降雨强度和历时已达到诱发浅层滑坡的临界值（Caine）",
            standard_zh="Caine（1980），降雨强度—历时临界关系",
        ),
        Criterion(
            "recent",
            "three days and the fifteen before (Chleborad 2000), local threshold",
            "mm",
            "rain of three days and of the fifteen before has reached the local threshold of landslides",
            "近3日雨量与前15日雨量已达到当地滑坡临界值",
            standard_zh="近3日与前15日雨量（Chleborad 2000），当地临界值",
        ),
        Criterion(
            "antecedent",
            "antecedent precipitation index, local threshold",
            "mm",
            "the ground is as wet as when slopes came down here",
            "前期有效雨量已达到当地滑坡临界值",
            standard_zh="前期有效雨量，当地临界值",
        ),
    )

    def subjects(self, inventory: Inventory) -> list[Subject]:
        """Every gauge of kind rain for which a threshold is set, one by one."""
        gauges = (
            (sensor, self.options_for(sensor))
            for sensor in inventory.sensors
            if sensor.kind is SensorKind.RAIN and sensor.quantity in (Quantity.RAIN, Quantity.RAIN_TOTAL)
        )
        return [
            Subject(sensor.id, sensor.site, (sensor.series,), _params(sensor, options), options)
            for sensor, options in gauges
            if options.caine_share or options.antecedent_mm or options.recent_mm
        ]

    @classmethod
    def on_trial(cls) -> Self:
        """Caine's line for every gauge."""
        return cls(SlopeOptions(caine_share=1.0))


def _params(sensor: Sensor, options: SlopeOptions) -> dict[str, Any]:
    return {
        "interval_min": max(1, round(sensor.interval_s / 60)),
        "caine_share": options.caine_share or _OFF,
        "half_life_ns": options.half_life_d * 86_400e9,
        "antecedent_mm": options.antecedent_mm or _OFF,
        "recent_mm": options.recent_mm or _OFF,
        "before_share": options.before_share,
        "deadband": options.deadband,
        "is_counter": sensor.quantity is Quantity.RAIN_TOTAL,
    }
