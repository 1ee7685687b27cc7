"""The improved tangent angle: how steep the curve of displacement is against its own steady creep.

Xu Qiang et al. (2009, "Improved tangential angle and landslide forecasting criterion", Geological Bulletin of China):
displacement S divided by the mean velocity v0 of the stage of constant creep has the unit of time, so the angle of its
curve against time, arctan(v / v0), does not depend on the scales of a drawing. Constant creep is 45 degrees; between 45
and 80 the ground begins to accelerate (yellow), from 80 it is half-way (orange), from 85 it is about to fail (red).

v0 is given, or learned: the mean velocity of the window over a week, while the level is below yellow, no faster than
twice what was learned before. Ground that hardly creeps has no such stage; `least_creep_mm_d` stands in for its v0.
"""

from __future__ import annotations

from math import atan, degrees, hypot
from typing import Any, ClassVar, Final

import numpy as np
from pydantic import Field

from detectors.base import Criterion, Detector, Subject
from detectors.evidence import grade, levels
from detectors.kernel import kernel
from detectors.subsidence.ground import BASICS, GROUND, GroundOptions, clear, least_rise, move, repeat, subjects
from detectors.subsidence.track import age_d, rise, since_ns, slope, student
from pipeline.model.hazard import Hazard
from pipeline.model.inventory import Inventory

_S_PER_DAY: Final = 86_400.0
_QUARTER: Final = 16
_MEMORY_D: Final = 7.0
_CREEP_SWAYS: Final = 0.05
"""Share by which constant creep may change without being called acceleration."""
_SOURCE: Final = "Xu Qiang et al. (2009), improved tangent angle of landslides"


class TangentOptions(GroundOptions):
    """Angles of the colours, and the creep they refer to."""

    creep_mm_d: float = Field(default=0.0, ge=0, description="v0, the velocity of constant creep; 0: learn it")
    learn_s: float = Field(default=86_400.0, gt=0, description="how long creep is watched before v0 is believed")
    least_creep_mm_d: float = Field(default=2.0, gt=0, description="a smaller v0 is taken for this one")
    yellow_deg: float = Field(default=45.0, gt=0, lt=90, description="and only while it accelerates")
    orange_deg: float = Field(default=80.0, gt=0, lt=90, description="half-way to failure")
    red_deg: float = Field(default=85.0, gt=0, lt=90, description="about to fail")
    deadband: float = Field(default=0.02, ge=0, lt=1, description="share of an angle by which it must fall below")


STATE: Final = np.dtype([("ground", GROUND), ("creep_mm_d", "f8"), ("learned_d", "f8")], align=True)
PARAMS: Final = np.dtype(
    [
        ("basics", BASICS),
        ("angle", "f8", (4,)),
        ("creep_mm_d", "f8"),
        ("learn_d", "f8"),
        ("least_creep_mm_d", "f8"),
        ("deadband", "f8"),
    ],
    align=True,
)


@kernel
def step(state: Any, params: Any, channel: int, at_ns: int, value: float, level: int, evidence: Any) -> None:  # noqa: ARG001  # the contract's arguments
    """Follow the track; judge anew, and learn, when it has a new point."""
    ground = state.ground
    if move(ground, params.basics, at_ns, value):
        clear(ground.said, at_ns)
        creep = _creep_mm_d(state, params)
        if creep > 0.0 and ground.track.count >= 2 * _QUARTER:
            _judge(ground, params, creep, level, ground.said)
        if level < 2 and ground.said.level < 2:
            _learn(state, params)
    repeat(ground.said, evidence)


@kernel
def _creep_mm_d(state: Any, params: Any) -> float:
    """v0; 0 while it is not known."""
    if params.creep_mm_d > 0.0:
        return params.creep_mm_d  # type: ignore[no-any-return]  # a field of a record is Any
    return max(state.creep_mm_d, params.least_creep_mm_d) if state.learned_d >= params.learn_d else 0.0


@kernel
def _learn(state: Any, params: Any) -> None:
    """A running mean of the window's velocity, over `_MEMORY_D` once it is that old."""
    track = state.ground.track
    if track.count < 2 * _QUARTER:
        return
    velocity, _ = slope(track, 0, track.count)
    days = age_d(track, 1)
    if state.learned_d >= params.learn_d:
        velocity = min(velocity, 2.0 * max(state.creep_mm_d, params.least_creep_mm_d))
    state.learned_d += days
    state.creep_mm_d += days / min(state.learned_d, _MEMORY_D) * (velocity - state.creep_mm_d)


@kernel
def _judge(ground: Any, params: Any, creep: float, level: int, said: Any) -> None:
    track = ground.track
    velocity, error = slope(track, 0, _QUARTER)
    whole, whole_error = slope(track, 0, track.count)
    margin = student(_QUARTER, params.basics.errors)
    angle = degrees(atan(max(velocity - margin * error, 0.0) / creep))
    worst = grade(angle, params.angle, params.deadband, level)
    accelerates = velocity - whole > margin * hypot(error, whole_error) + _CREEP_SWAYS * abs(whole)
    if rise(track, 2 * _QUARTER) < least_rise(ground, params.basics) or (worst == 2 and level < 2 and not accelerates):
        worst = 0
    said.level = worst
    said.value, said.threshold = angle, params.angle[max(worst, 2) - 1]
    said.score = angle / said.threshold
    said.window_ns = since_ns(track, _QUARTER)


class GroundTangent(Detector):
    """Improved tangent angle of one displacement sensor."""

    kind: ClassVar[str] = "ground_tangent"
    version: ClassVar[int] = 3
    state_since: ClassVar[int | None] = 1
    hazard: ClassVar = Hazard.GROUND_MOVEMENT
    options_type: ClassVar = TangentOptions
    state: ClassVar = STATE
    params: ClassVar = PARAMS
    step: ClassVar = staticmethod(step)
    criteria: ClassVar = (
        Criterion(
            "tangent_angle",
            _SOURCE,
            "deg",
            "the curve of displacement has become steeper than its constant creep by the angle of this colour",
            "位移-时间曲线的改进切线角达到该等级的判据",
            "tangent angle",
            "改进切线角",
            standard_zh="许强等（2009），滑坡改进切线角",
        ),
    )

    def subjects(self, inventory: Inventory) -> list[Subject]:
        """Every displacement sensor of kind subsidence."""
        return subjects(inventory, self.options_for, _params)


def _params(options: TangentOptions) -> dict[str, Any]:
    return {
        "angle": levels(yellow=options.yellow_deg, orange=options.orange_deg, red=options.red_deg),
        "creep_mm_d": options.creep_mm_d,
        "learn_d": options.learn_s / _S_PER_DAY,
        "least_creep_mm_d": options.least_creep_mm_d,
        "deadband": options.deadband,
    }
