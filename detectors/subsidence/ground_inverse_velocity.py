"""When the slope will fail: the singular instant of the creep law that its displacement follows.

In the last stage of creep inverse velocity falls towards zero at the failure (Fukuzono 1985, "A new method for
predicting the failure time of a slope"), in a straight line where the exponent of Voight's law is 2, curved where it
is not; so the exponent is fitted too (see `voight`). The law is fitted to the displacement of the last `history_s`; a
slope has not always accelerated, so where it does not agree with the readings, half of that is tried, and half again.
What is told is the early edge of the interval of the failure time: nobody should be told too late.

Nothing is told unless the curve bends upwards by more than `errors` standard errors, the law leaves little more
scatter than the instrument has, the time left is known within `surest`, and the latest velocity is not less than half
of what the law says: ground that slows down is not about to fail.
"""

from __future__ import annotations

from math import exp, inf, sqrt
from typing import Any, ClassVar, Final

import numpy as np
from pydantic import Field

from detectors.base import Criterion, Detector, Subject
from detectors.evidence import EVIDENCE, grade, levels
from detectors.kernel import kernel
from detectors.subsidence.curve import COLUMNS, bend, learn_heat, recent_velocity
from detectors.subsidence.ground import BASICS, GroundOptions, clear, repeat, subjects
from detectors.subsidence.history import HISTORY, REACH, SPAN, listed, mark_step, newest_ns, remember
from detectors.subsidence.settle import BOTH, NOTHING, SETTLER, settle
from detectors.subsidence.voight import AGREES, FIT, fit_failure
from pipeline.model.hazard import Hazard
from pipeline.model.instant import NS_PER_S
from pipeline.model.inventory import Inventory

_NS_PER_DAY: Final = 86_400_000_000_000
_NS_PER_H: Final = 3_600_000_000_000
_EARLY: Final = 1.7
"""Standard errors between the failure time fitted and either edge of its interval."""
_WINDOWS: Final = 6
_PATIENCE: Final = 4
"""Stretches between fits while there is nothing to tell."""
_SOON_D, _SOONER = 0.5, 4.0 / 3.0
"""Less than this ahead more doubt is borne: early edge and fit are then still no more than 6 h apart."""
_LEAST_POINTS: Final = 16
_NOISE_SHARE: Final = 0.03
_NOISE_GROWTH: Final = 4.0
_SECOND_DIFFERENCE: Final = 1.954
"""Mean absolute second difference of white noise, in its standard deviations: sqrt(6 * 2 / pi)."""
_LEAST_NOISE: Final = 0.02
"""[mm]: no instrument is believed to be quieter."""


class InverseVelocityOptions(GroundOptions):
    """How much time left each colour means, and what makes a fit believable."""

    blue_h: float = Field(default=168.0, gt=0, description="hours to failure")
    yellow_h: float = Field(default=72.0, gt=0, description="hours to failure")
    orange_h: float = Field(default=24.0, gt=0, description="hours to failure")
    red_h: float = Field(default=6.0, ge=0, description="hours to failure")
    history_s: float = Field(default=1_728_000.0, ge=3600, description="the longest stretch that the law is fitted to")
    least_mm_d: float = Field(default=2.0, gt=0, description="slower ground tells no failure time")
    surest: float = Field(default=0.3, gt=0, description="standard error of log(time left) beyond which none is told")
    most_misfit: float = Field(default=10.0, ge=1, description="scatter about the law, in squares of the noise")
    deadband: float = Field(default=0.2, ge=0, lt=1, description="share of a time by which more must be left")


STATE: Final = np.dtype(
    [
        ("settler", SETTLER),
        ("history", HISTORY),
        ("fit", FIT),
        ("said", EVIDENCE),
        ("at_ns", "i8"),
        ("value", "f8"),
        ("before_ns", "i8"),
        ("before", "f8"),
        ("second", "f8"),
        ("readings", "i8"),
        ("waited", "i8"),
    ],
    align=True,
)
"""The last two readings of motion and the mean absolute second difference, from which the noise is reckoned; stretches
since the last fit."""
PARAMS: Final = np.dtype(
    [
        ("basics", BASICS),
        ("minus_h", "f8", (4,)),
        ("stretch_ns", "i8"),
        ("history_ns", "i8"),
        ("least_mm_d", "f8"),
        ("surest", "f8"),
        ("most_misfit", "f8"),
        ("deadband", "f8"),
    ],
    align=True,
)
"""`minus_h`: hours left, negated, so that they grow towards danger."""


@kernel
def step(state: Any, params: Any, channel: int, at_ns: int, value: float, level: int, evidence: Any) -> None:  # noqa: ARG001  # the contract's arguments
    """Follow the curve; fit anew when it has a new point."""
    settler, basics = state.settler, params.basics
    stepped_ns = settler.step_ns
    taken = settle(settler, at_ns, value, basics.jump_mm, basics.window_ns)
    if settler.step_ns != stepped_ns:
        mark_step(state.history)
    if taken != NOTHING:
        closed = False
        if taken == BOTH:
            closed = _take(state, params, settler.held_ns, settler.held)
        closed = _take(state, params, at_ns, settler.value) or closed
        state.waited += closed
        if closed and (state.said.level > 0 or state.waited >= _PATIENCE):
            state.waited = 0
            clear(state.said, at_ns)
            _judge(state, params, at_ns, level)
    repeat(state.said, evidence)


@kernel
def _take(state: Any, params: Any, at_ns: int, value: float) -> bool:
    """One reading of motion into noise and history; says whether it closed a stretch."""
    first_ns, second_ns = state.at_ns - state.before_ns, at_ns - state.at_ns
    if state.before_ns and 2 * first_ns < 3 * second_ns < 4 * first_ns + first_ns:
        difference = abs(value - 2.0 * state.value + state.before)
        state.readings += 1
        share = max(1.0 / state.readings, _NOISE_SHARE)
        limit = max(_NOISE_GROWTH * state.second, params.basics.jump_mm)
        state.second += share * (min(difference, limit) - state.second)
    state.before_ns, state.before = state.at_ns, state.value
    state.at_ns, state.value = at_ns, value
    return remember(state.history, at_ns, value, params.stretch_ns, params.basics.window_ns)


@kernel
def _judge(state: Any, params: Any, at_ns: int, level: int) -> None:
    """The surest believable fit of the windows, as evidence."""
    points = np.empty((REACH, COLUMNS))
    count = listed(state.history, params.history_ns, points)
    noise = max(state.second / _SECOND_DIFFERENCE, _LEAST_NOISE)
    fit, whole = state.fit, count
    surest, left_d, used = inf, -1.0, 0
    for _ in range(_WINDOWS):
        if count < _LEAST_POINTS:
            break
        learn_heat(points, count, whole, noise, fit.heat)
        if _bends(points, count, noise, fit, params) and _believed(points, count, noise, fit, params):
            misfit = max(fit.squares / (count - 4), 1.0)
            error = fit.log_error * sqrt(misfit)
            if error < min(surest, params.surest * (_SOONER if fit.left_d < _SOON_D else 1.0)):
                surest, left_d, used = error, fit.left_d, count
            if misfit <= AGREES:
                break
        half = 0.5 * points[count - 1, 0]
        while count > 0 and points[count - 1, 0] > half:
            count -= 1
    if left_d >= 0.0:
        _tell(state.said, params, at_ns, level, points, (newest_ns(state.history), left_d, surest, used))


@kernel
def _bends(points: Any, count: int, noise: float, fit: Any, params: Any) -> bool:
    return bend(points, count, noise, fit.heat) >= params.basics.errors * noise  # type: ignore[no-any-return]  # a field is Any


@kernel
def _believed(points: Any, count: int, noise: float, fit: Any, params: Any) -> bool:
    """Whether there is a fit, and it is one to speak of."""
    if -points[count - 1, 1] < params.basics.moved_mm or not fit_failure(points, count, noise, fit):
        return False
    velocity = fit.b / fit.left_d
    if velocity < params.least_mm_d or fit.squares > params.most_misfit * (count - 4):
        return False
    latest, error = recent_velocity(points, count, noise, fit.heat)
    return latest + params.basics.errors * error >= 0.5 * velocity  # type: ignore[no-any-return]  # a field of a record is Any


@kernel
def _tell(said: Any, params: Any, at_ns: int, level: int, points: Any, found: Any) -> None:
    latest_ns, left_d, error, used = found
    margin = exp(_EARLY * error)
    early_ns = latest_ns + int(left_d / margin * _NS_PER_DAY)
    left_h = max(early_ns - at_ns, 0) / _NS_PER_H
    worst = grade(-left_h, params.minus_h, params.deadband, level)
    said.level = worst
    said.value, said.threshold = left_h, -params.minus_h[max(worst, 1) - 1]
    said.score = said.threshold / max(left_h, 0.01)
    said.window_ns = at_ns - int(points[used - 1, 0] * _NS_PER_DAY)
    if worst > 0:
        said.expected_ns = early_ns
        said.earliest_ns = early_ns
        said.latest_ns = latest_ns + int(left_d * margin * _NS_PER_DAY)


class GroundInverseVelocity(Detector):
    """Failure time of the ground under one displacement sensor."""

    kind: ClassVar[str] = "ground_inverse_velocity"
    version: ClassVar[int] = 3
    hazard: ClassVar = Hazard.GROUND_MOVEMENT
    options_type: ClassVar = InverseVelocityOptions
    state: ClassVar = STATE
    params: ClassVar = PARAMS
    step: ClassVar = staticmethod(step)
    criteria: ClassVar = (
        Criterion(
            "inverse_velocity",
            "Fukuzono (1985); Voight (1988), Nature 332",
            "h",
            "the ground accelerates towards failure, which is expected not before the time told",
            "变形加速发展，按蠕变规律推算，最早可能在所示时刻失稳破坏",
            "time to failure",
            "距失稳破坏时间",
        ),
    )

    def subjects(self, inventory: Inventory) -> list[Subject]:
        """Every displacement sensor of kind subsidence."""
        intervals = {sensor.id: sensor.interval_s for sensor in inventory.sensors}
        found = subjects(inventory, self.options_for, _params)
        return [_with_stretch(subject, intervals[subject.id]) for subject in found]


def _with_stretch(subject: Subject, interval_s: float) -> Subject:
    history_s = subject.params["history_ns"] / NS_PER_S
    stretch_ns = round(max(history_s / SPAN, interval_s) * NS_PER_S)
    return Subject(
        subject.id, subject.site, subject.series, {**subject.params, "stretch_ns": stretch_ns}, subject.options
    )


def _params(options: InverseVelocityOptions) -> dict[str, Any]:
    left_h = levels(blue=-options.blue_h, yellow=-options.yellow_h, orange=-options.orange_h, red=-options.red_h)
    return {
        "minus_h": left_h,
        "history_ns": round(options.history_s * NS_PER_S),
        "least_mm_d": options.least_mm_d,
        "surest": options.surest,
        "most_misfit": options.most_misfit,
        "deadband": options.deadband,
    }
