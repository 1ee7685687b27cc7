"""How fast the ground moves, and whether it moves faster and faster.

The velocity is that of straight lines through the last eighth, quarter, half and whole of the window, each taken at the
least it can be given its standard error; the greatest of them counts, if the line has moved enough. So a fast motion
is seen within an eighth of the window, and noise of any size raises nothing.

Blue lies within the 1 to 3 mm/d at which GB 50497-2019 has the settlement of buildings beside an excavation reported.
Yellow and red are the bounds of the class "slow" of Cruden and Varnes (1996, Landslide types and processes, TRB special
report 247): 1.6 m a year and 13 m a month; orange is the geometric mean between them.
"""

from __future__ import annotations

from math import hypot
from typing import Any, ClassVar, Final

import numpy as np
from pydantic import Field

from detectors.base import Criterion, Detector, Subject
from detectors.evidence import grade, levels
from detectors.kernel import kernel
from detectors.subsidence.ground import BASICS, GROUND, GroundOptions, clear, least_rise, move, repeat, subjects
from detectors.subsidence.track import rise, since_ns, slope, student
from pipeline.model.hazard import Hazard
from pipeline.model.inventory import Inventory

_VELOCITY, _ACCELERATION = 0, 1
_FIGURE: Final = ("velocity", "位移速率")
_HALF: Final = 16
"""Points of each of the two halves that are compared for acceleration: together half of the window."""
_FASTER: Final = 2.0


class VelocityOptions(GroundOptions):
    """Velocities of the colours."""

    window_s: float = Field(default=259_200.0, ge=60, description="three days: what is daily cancels out")
    blue_mm_d: float = Field(default=2.0, gt=0, description="GB 50497-2019")
    yellow_mm_d: float = Field(default=4.4, gt=0, description="1.6 m a year: slow, Cruden and Varnes 1996")
    orange_mm_d: float = Field(default=44.0, gt=0, description="between yellow and red")
    red_mm_d: float = Field(default=433.0, gt=0, description="13 m a month: moderate, Cruden and Varnes 1996")
    deadband: float = Field(default=0.2, ge=0, lt=1, description="share of a velocity by which it must fall below")


PARAMS: Final = np.dtype([("basics", BASICS), ("velocity", "f8", (4,)), ("deadband", "f8")], align=True)


@kernel
def step(state: Any, params: Any, channel: int, at_ns: int, value: float, level: int, evidence: Any) -> None:  # noqa: ARG001  # the contract's arguments
    """Follow the track; judge anew when it has a new point."""
    if move(state, params.basics, at_ns, value):
        clear(state.said, at_ns)
        _judge(state, params, level, state.said)
    repeat(state.said, evidence)


@kernel
def _judge(ground: Any, params: Any, level: int, said: Any) -> None:
    track = ground.track
    least, points = _fastest(track, params.basics, least_rise(ground, params.basics))
    if points == 0:
        return
    worst = grade(least, params.velocity, params.deadband, level)
    said.level, said.criterion = worst, _VELOCITY
    said.value, said.threshold = least, params.velocity[max(worst, 1) - 1]
    said.window_ns = since_ns(track, points)
    if worst == 1 and track.count >= 2 * _HALF:
        new, new_error = slope(track, 0, _HALF)
        old, old_error = slope(track, _HALF, _HALF)
        before = _FASTER * max(old, 0.0) + student(_HALF, params.basics.errors) * hypot(new_error, old_error)
        if new >= before:
            said.level, said.criterion = 2, _ACCELERATION
            said.value, said.threshold = new, before
    said.score = said.value / said.threshold


@kernel
def _fastest(track: Any, basics: Any, least_mm: float) -> tuple[float, int]:
    """The greatest of the least velocities [mm/d], and the points of its line; no points if none has moved enough."""
    fastest, best = 0.0, 0
    for points in (8, 16, 32, 64):
        if track.count < points:
            break
        velocity, error = slope(track, 0, points)
        least = velocity - student(points, basics.errors) * error
        if least > fastest and rise(track, points) >= least_mm:
            fastest, best = least, points
    return fastest, best


class GroundVelocity(Detector):
    """Velocity and acceleration of one displacement sensor."""

    kind: ClassVar[str] = "ground_velocity"
    version: ClassVar[int] = 3
    state_since: ClassVar[int | None] = 1
    hazard: ClassVar = Hazard.GROUND_MOVEMENT
    options_type: ClassVar = VelocityOptions
    state: ClassVar = GROUND
    params: ClassVar = PARAMS
    step: ClassVar = staticmethod(step)
    criteria: ClassVar = (
        Criterion(
            "velocity",
            "GB 50497-2019; velocity classes of Cruden and Varnes (1996)",
            "mm/d",
            "the ground moves faster than the velocity of this colour",
            "位移速率超过该等级的阈值",
            *_FIGURE,
            standard_zh="GB 50497-2019；Cruden与Varnes（1996）速率分级",
        ),
        Criterion(
            "acceleration",
            "Saito (1965), third stage of creep",
            "mm/d",
            "the ground moves at more than twice its velocity of before",
            "位移速率较前一时段增大一倍以上，变形呈加速趋势",
            *_FIGURE,
            standard_zh="斋藤迪孝（1965），蠕变第三阶段",
        ),
    )

    def subjects(self, inventory: Inventory) -> list[Subject]:
        """Every displacement sensor of kind subsidence."""
        return subjects(inventory, self.options_for, _params)


def _params(options: VelocityOptions) -> dict[str, Any]:
    colours = levels(
        blue=options.blue_mm_d, yellow=options.yellow_mm_d, orange=options.orange_mm_d, red=options.red_mm_d
    )
    return {"velocity": colours, "deadband": options.deadband}
