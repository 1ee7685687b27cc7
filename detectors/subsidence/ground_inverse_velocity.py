"""When the slope will fail: where the line through its inverse velocities reaches zero.

In the last stage of creep 1/v falls towards zero at the failure, in a straight line for most slopes (Fukuzono 1985, "A
new method for predicting the failure time of a slope"; Voight 1988, Nature 332, with exponent alpha = 2). The window is
cut into eight, each with the velocity of its own straight line; the regression goes through the latest of them for as
long as a velocity exceeds its standard error enough to be inverted, at least four. An error of v is one of 1/v that is
v**2 times smaller, so each counts by v**4. No failure time is told unless the
line explains `least_fit` of the scatter, falls, and the ground moves at least at `least_mm_d`.
"""

from __future__ import annotations

from typing import Any, ClassVar, Final

import numpy as np
from pydantic import Field

from detectors.base import Criterion, Detector, Subject
from detectors.evidence import grade, levels
from detectors.kernel import kernel
from detectors.subsidence.ground import BASICS, GROUND, GroundOptions, clear, move, repeat, subjects
from detectors.subsidence.track import POINTS, age_d, rise, since_ns, slope
from pipeline.model.hazard import Hazard
from pipeline.model.inventory import Inventory

_PARTS: Final = 8
_PART: Final = POINTS // _PARTS
_LEAST_PARTS: Final = 4
_NS_PER_DAY: Final = 86_400_000_000_000
_H_PER_DAY: Final = 24.0


class InverseVelocityOptions(GroundOptions):
    """How much time left each colour means, and what makes a line believable."""

    blue_h: float = Field(default=168.0, gt=0, description="hours to failure")
    yellow_h: float = Field(default=72.0, gt=0, description="hours to failure")
    orange_h: float = Field(default=24.0, gt=0, description="hours to failure")
    red_h: float = Field(default=6.0, ge=0, description="hours to failure")
    least_mm_d: float = Field(default=4.4, gt=0, description="slower ground tells no failure time")
    least_fit: float = Field(default=0.8, gt=0, le=1, description="share of the scatter that the line explains, R2")
    deadband: float = Field(default=0.2, ge=0, lt=1, description="share of a time by which more must be left")


PARAMS: Final = np.dtype(
    [("basics", BASICS), ("minus_h", "f8", (4,)), ("least_mm_d", "f8"), ("least_fit", "f8"), ("deadband", "f8")],
    align=True,
)
"""`minus_h`: hours left, negated, so that they grow towards danger."""


@kernel
def step(state: Any, params: Any, channel: int, at_ns: int, value: float, level: int, evidence: Any) -> None:  # noqa: ARG001  # the contract's arguments
    """Follow the track; reckon anew when it has a new point."""
    if move(state, params.basics, at_ns, value):
        clear(state.said, at_ns)
        _judge(state.track, params, at_ns, level, state.said)
    repeat(state.said, evidence)


@kernel
def _judge(track: Any, params: Any, at_ns: int, level: int, said: Any) -> None:
    latest, _ = slope(track, 0, _PART) if track.count >= _PART else (0.0, 0.0)
    parts, left_d, fit = failure_d(track, params.basics.errors)
    if fit < params.least_fit or latest < params.least_mm_d or left_d < 0.0:
        return
    if rise(track, parts * _PART) < params.basics.moved_mm:
        return
    fails_ns = since_ns(track, 1) + int(left_d * _NS_PER_DAY)
    left_h = max(fails_ns - at_ns, 0) / _NS_PER_DAY * _H_PER_DAY
    worst = grade(-left_h, params.minus_h, params.deadband, level)
    said.level = worst
    said.value, said.threshold = left_h, -params.minus_h[max(worst, 1) - 1]
    said.score = said.threshold / max(left_h, 0.01)
    said.window_ns = since_ns(track, parts * _PART)
    if worst > 0:
        said.expected_ns = max(fails_ns, at_ns)


@kernel
def failure_d(track: Any, errors: float) -> tuple[int, float, float]:
    """The regression of inverse velocity on time.

    Returns:
        The parts it goes through, the days from the latest point to where it reaches zero (-1 where it does not fall
        by more than `errors` of its own standard errors), and the share of the scatter that it explains.
    """
    parts, ee = 0, 0.0
    n = st = si = stt = sti = sii = 0.0
    while parts < min(track.count // _PART, _PARTS):
        velocity, error = slope(track, parts * _PART, _PART)
        if velocity <= errors * error or velocity <= 0.0:
            break
        time = -0.5 * (age_d(track, parts * _PART) + age_d(track, (parts + 1) * _PART - 1))
        inverse, weight = 1.0 / velocity, velocity**4
        n, st, si = n + weight, st + weight * time, si + weight * inverse
        stt, sti, sii = stt + weight * time * time, sti + weight * time * inverse, sii + weight * inverse * inverse
        parts, ee = parts + 1, ee + error * error
    if parts < _LEAST_PARTS:
        return parts, -1.0, 0.0
    tt, ti, ii = stt - st * st / n, sti - st * si / n, sii - si * si / n
    if ti >= 0.0 or ti * ti < errors * errors * ee / parts * tt:
        return parts, -1.0, 0.0
    return parts, (st - si * tt / ti) / n, ti * ti / (tt * ii)


class GroundInverseVelocity(Detector):
    """Failure time of the ground under one displacement sensor."""

    kind: ClassVar[str] = "ground_inverse_velocity"
    version: ClassVar[int] = 1
    hazard: ClassVar = Hazard.GROUND_MOVEMENT
    options_type: ClassVar = InverseVelocityOptions
    state: ClassVar = GROUND
    params: ClassVar = PARAMS
    step: ClassVar = staticmethod(step)
    criteria: ClassVar = (
        Criterion(
            "inverse_velocity",
            "Fukuzono (1985); Voight (1988), Nature 332",
            "h",
            "inverse velocity falls in a straight line towards zero: failure is expected at the time told",
            "速率倒数随时间线性下降，预计在所示时刻失稳破坏",
            "time to failure",
            "距失稳破坏时间",
        ),
    )

    def subjects(self, inventory: Inventory) -> list[Subject]:
        """Every displacement sensor of kind subsidence."""
        return subjects(inventory, self.options_for, _params)


def _params(options: InverseVelocityOptions) -> dict[str, Any]:
    left_h = levels(blue=-options.blue_h, yellow=-options.yellow_h, orange=-options.orange_h, red=-options.red_h)
    return {
        "minus_h": left_h,
        "least_mm_d": options.least_mm_d,
        "least_fit": options.least_fit,
        "deadband": options.deadband,
    }
