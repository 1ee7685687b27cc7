"""Drift and offset: a sensor that leaves its companions, or itself as it was, slowly or by a step that stays.

What is watched is the mean, day by day, of the sensor less the median of its companions (same site, group and
quantity); without a companion, of the sensor itself. The first days give its level and its scatter. Then the means, in
scatters, go through Page's test (Page 1954, Biometrika 41; in the form of Page and Hinkley, as `river.drift` has it).
A drift found is told once, and everything is learned anew: what stays is the new normal, and somebody was told.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any, ClassVar, Final, Self

import numpy as np
from pydantic import Field

from detectors.base import Criterion, Detector, DetectorOptions, Subject
from detectors.kernel import kernel
from detectors.watched import named
from pipeline.model.hazard import Hazard
from pipeline.model.instant import NS_PER_S
from pipeline.model.inventory import Inventory
from pipeline.model.level import Level
from pipeline.model.site import Sensor

BLUE: Final = int(Level.BLUE)
COMPANIONS: Final = 8
FRESH_INTERVALS: Final = 2.5
"""How old a companion's value may be."""
ALPHA: Final = 1 - 0.0001
"""Forgetting of Page and Hinkley's sums."""

PAGE: Final = np.dtype(
    [("seen", "i8"), ("centre", "f8"), ("up", "f8"), ("down", "f8"), ("least", "f8"), ("most", "f8")], align=True
)
"""The test's sums."""
STATE: Final = np.dtype(
    [
        ("last_ns", "i8", (COMPANIONS,)),
        ("value", "f8", (COMPANIONS,)),
        ("day", "i8", (COMPANIONS,)),
        ("total", "f8", (COMPANIONS,)),
        ("count", "i8", (COMPANIONS,)),
        ("days", "i8", (COMPANIONS,)),
        ("level", "f8", (COMPANIONS,)),
        ("squares", "f8", (COMPANIONS,)),
        ("page", PAGE, (COMPANIONS,)),
    ],
    align=True,
)
"""By channel: the day under way, its total and count; the days learned, their mean and squared deviations."""
PARAMS: Final = np.dtype(
    [
        ("mean_ns", "i8", (COMPANIONS,)),
        ("learn_days", "i8", (COMPANIONS,)),
        ("slack", "f8", (COMPANIONS,)),
        ("drift", "f8", (COMPANIONS,)),
        ("finest", "f8", (COMPANIONS,)),
        ("interval_ns", "i8", (COMPANIONS,)),
    ],
    align=True,
)


class DriftOptions(DetectorOptions):
    """Whom it watches and what it tells. It watches nobody until `sensors` says whom."""

    sensors: tuple[str, ...] = Field(default=(), description="sensors to watch, by id; * and ? are wild")
    mean_s: float = Field(default=86_400.0, gt=0, description="over which time a mean is taken: a day has no hours")
    learn_days: int = Field(default=14, ge=3, description="means that are learned before anything is said")
    slack: float = Field(default=0.5, ge=0, description="a difference that counts as none [scatters]")
    drift: float = Field(default=8.0, gt=0, description="sum of differences beyond it that is a drift [scatters]")
    finest_share: float = Field(default=0.002, gt=0, description="least scatter believed, as a share of the span")
    lower_after_s: float = Field(default=86_400.0, ge=0, description="hold-off: how long quiet must last to lower one")


@kernel
def step(state: Any, params: Any, channel: int, at_ns: int, value: float, level: int, evidence: Any) -> None:  # noqa: ARG001  # the hold-off is the episode's
    """Add the reading to its day; a day that is over is judged."""
    state.last_ns[channel] = at_ns
    state.value[channel] = value
    day = at_ns // params.mean_ns[channel]
    if day != state.day[channel] and state.count[channel] > 0:
        mean = state.total[channel] / state.count[channel]
        sum_of = _judge(state, params, channel, mean)
        if sum_of > params.drift[channel]:
            evidence.level = BLUE
            evidence.value = sum_of
            evidence.threshold = params.drift[channel]
            evidence.score = sum_of / params.drift[channel]
            evidence.window_ns = state.day[channel] * params.mean_ns[channel]
            state.days[channel], state.level[channel], state.squares[channel] = 0, 0.0, 0.0
            clear(state.page[channel])
        state.total[channel], state.count[channel] = 0.0, 0
    state.day[channel] = day
    state.total[channel] += value - _companions(state, params, channel, at_ns)
    state.count[channel] += 1


@kernel
def _companions(state: Any, params: Any, channel: int, at_ns: int) -> float:
    """Median of what the others say now; 0 where nobody does."""
    others = np.empty(COMPANIONS)
    count = 0
    for other in range(COMPANIONS):
        fresh_ns = FRESH_INTERVALS * params.interval_ns[other]
        if other != channel and state.last_ns[other] > 0 and at_ns - state.last_ns[other] <= fresh_ns:
            others[count] = state.value[other]
            count += 1
    return float(np.median(others[:count])) if count > 0 else 0.0


@kernel
def _judge(state: Any, params: Any, channel: int, mean: float) -> float:
    """Page and Hinkley's sum after this day; 0 while it is learned what is usual."""
    days = state.days[channel]
    if days < params.learn_days[channel]:
        state.days[channel] = days + 1
        apart = mean - state.level[channel]
        state.level[channel] += apart / (days + 1)
        state.squares[channel] += apart * (mean - state.level[channel])
        clear(state.page[channel])
        return 0.0
    scatter = max(math.sqrt(state.squares[channel] / (days - 1)), params.finest[channel])
    return page_hinkley((mean - state.level[channel]) / scatter, state.page[channel], params.slack[channel])


@kernel
def clear(page: Any) -> None:
    """The test before its first number."""
    page.seen, page.centre, page.up, page.down = 0, 0.0, 0.0, 0.0
    page.least, page.most = math.inf, -1.0


@kernel
def page_hinkley(number: float, page: Any, slack: float) -> float:
    """Take a number in; the larger of the two sums, for a mean that has risen and one that has fallen."""
    page.seen += 1
    page.centre += (number - page.centre) / page.seen
    page.up = ALPHA * page.up + number - page.centre - slack
    page.down = ALPHA * page.down + number - page.centre + slack
    page.least = min(page.least, page.up)
    page.most = max(page.most, page.down)
    return float(max(page.up - page.least, page.most - page.down))


class LearnedDrift(Detector):
    """One subject a group of sensors of one quantity. It speaks to those who look after sensors, not to the public."""

    kind: ClassVar[str] = "learned_drift"
    version: ClassVar[int] = 1
    hazard: ClassVar[Hazard] = Hazard.SENSOR_FAULT
    options_type = DriftOptions
    state = STATE
    params = PARAMS
    step = staticmethod(step)
    criteria = (
        Criterion("drift", "Page 1954, Biometrika 41; Forewarn, docs/detectors/learned.md", "", "has drifted away",
                  "数值漂移", "sum of differences (scatters)", "累积偏差(标准差)"),
    )  # fmt: skip

    @classmethod
    def on_trial(cls) -> Self:
        """Watching everybody, with days of ten seconds."""
        return cls(DriftOptions(sensors=("*",), mean_s=10.0, learn_days=20))

    def subjects(self, inventory: Inventory) -> Sequence[Subject]:
        """Sensors whose ids fit one of `sensors`, by site, group and quantity, at most eight together."""
        watched = sorted(named(self, inventory), key=lambda one: (*_place(one), one[0].id))
        return [_subject(members) for _, every in groupby(watched, key=_place) for members in _eights(list(every))]


Member = tuple[Sensor, DriftOptions]


def _place(member: Member) -> tuple[str, str, str]:
    """Companions share it; a sensor without a group is alone."""
    sensor = member[0]
    return sensor.site, sensor.group or f"/{sensor.id}", sensor.quantity


def _eights(members: Sequence[Member]) -> Iterator[Sequence[Member]]:
    for start in range(0, len(members), COMPANIONS):
        yield members[start : start + COMPANIONS]


def _subject(members: Sequence[Member]) -> Subject:
    """Called after its first sensor, whose hold-off counts for all."""
    none = [0.0] * (COMPANIONS - len(members))
    columns: dict[str, list[float]] = {
        "mean_ns": [round(options.mean_s * NS_PER_S) for _, options in members],
        "learn_days": [options.learn_days for _, options in members],
        "slack": [options.slack for _, options in members],
        "drift": [options.drift for _, options in members],
        "finest": [options.finest_share * (sensor.range_high - sensor.range_low) for sensor, options in members],
        "interval_ns": [round(sensor.interval_s * NS_PER_S) for sensor, _ in members],
    }
    params = {name: column + none for name, column in columns.items()}
    first, options = members[0]
    return Subject(first.id, first.site, tuple(sensor.series for sensor, _ in members), params, options)
