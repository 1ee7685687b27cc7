"""An expected value, how far from it is rare, and a test that notices when the model is out of date.

Three parts, each chosen by configuration. What is expected: the `level` of late, a `trend` (Holt 1957), or the usual of
this hour and weekday (`season`). How rare what is left over is: a normal distribution (`gaussian`, as river's
GaussianScorer) or `rank` among the past. When the model no longer holds: Page and Hinkley's test or ADWIN on what is
left over; then it is told, and the model is learned anew.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, ClassVar, Final, Literal, Self

import numpy as np
from pydantic import Field

from detectors.base import Criterion, Detector, DetectorOptions, Subject
from detectors.kernel import kernel
from detectors.learned.adwin import WINDOW, adapt, empty
from detectors.learned.learned_drift import PAGE, clear, page_hinkley
from detectors.learned.rank import BOTH, p_value, remember
from detectors.learned.season import DAY_BINS, WEEK_BINS, surprise
from detectors.watched import named
from pipeline.model.hazard import Hazard
from pipeline.model.inventory import Inventory
from pipeline.model.level import Level
from pipeline.model.site import Sensor

BLUE: Final = int(Level.BLUE)
REMEMBERED: Final = 1024
"""What was left over, for ranks."""
LEVEL, TREND, SEASON = range(3)
GAUSSIAN, RANK = range(2)
NONE, PAGE_HINKLEY, ADWIN = range(3)
_EXPECTED: Final = {"level": LEVEL, "trend": TREND, "season": SEASON}
_TAIL: Final = {"gaussian": GAUSSIAN, "rank": RANK}
_DRIFT: Final = {"none": NONE, "page_hinkley": PAGE_HINKLEY, "adwin": ADWIN}
UNEXPECTED, DRIFTED = 0, 1
_CUT: Final = 4.0
"""Scatters at which what is learned and tested is cut: one jump is no drift."""

STATE: Final = np.dtype(
    [
        ("turn", "i8"),
        ("level", "f8"),
        ("trend", "f8"),
        ("day", "f8", (DAY_BINS,)),
        ("day_seen", "i4", (DAY_BINS,)),
        ("week", "f8", (WEEK_BINS,)),
        ("week_seen", "i4", (WEEK_BINS,)),
        ("left", "i8"),
        ("centre", "f8"),
        ("squares", "f8"),
        ("count", "i8"),
        ("ranked", "f8", (REMEMBERED,)),
        ("ring", "f8", (REMEMBERED,)),
        ("page", PAGE),
        ("window", WINDOW),
    ],
    align=True,
)
"""`left`: how many times something was left over; its mean and squared deviations; its ranks; the tests for drift."""
PARAMS: Final = np.dtype(
    [
        ("expected", "i8"), ("tail", "i8"), ("drift", "i8"), ("alpha", "f8"), ("beta", "f8"), ("rarity", "f8"),
        ("warm_up", "i8"), ("slack", "f8"), ("most", "f8"), ("delta", "f8"), ("finest", "f8"),
        ("low", "f8"), ("high", "f8"),
    ],
    align=True,
)  # fmt: skip


class ExpectedOptions(DetectorOptions):
    """Whom it watches, and of which parts its model is. It watches nobody until `sensors` says whom."""

    sensors: tuple[str, ...] = Field(default=(), description="sensors to watch, by id; * and ? are wild")
    expected: Literal["level", "trend", "season"] = Field(default="season", description="what the next value should be")
    tail: Literal["gaussian", "rank"] = Field(default="rank", description="how rare a departure is reckoned")
    drift: Literal["none", "page_hinkley", "adwin"] = Field(default="adwin", description="what resets the model")
    alpha: float = Field(default=0.3, gt=0, le=1, description="weight of the newest value in level and trend")
    beta: float = Field(default=0.1, gt=0, le=1, description="weight of the newest step in the trend")
    rarity: float = Field(default=4.5, gt=0, description="from which rarity on it is told [decades]")
    warm_up: int = Field(default=288, ge=20, description="readings before it says anything, and after a reset")
    slack: float = Field(default=0.5, ge=0, description="page_hinkley: a difference that counts as none [scatters]")
    drift_sum: float = Field(default=100.0, gt=0, description="page_hinkley: sum that is a drift [scatters]")
    delta: float = Field(default=1e-6, gt=0, lt=1, description="adwin: probability of a drift where there is none")
    finest_share: float = Field(default=1e-4, gt=0, description="least scatter believed, as a share of the span")


@kernel
def step(state: Any, params: Any, channel: int, at_ns: int, value: float, level: int, evidence: Any) -> None:  # noqa: ARG001  # the hold-off is the episode's
    """What is left over by the model, how rare that is, whether the model still holds."""
    value = min(max(value, params.low), params.high)
    left = _left(state, params, at_ns, value)
    if left != left:  # noqa: PLR0124  # NaN: nothing was expected yet
        return
    scatter = max(math.sqrt(state.squares / max(state.left - 1, 1)), params.finest)
    centred = (left - state.centre) / scatter
    rarity = _rarity(state, params, left, centred)
    ready = state.left >= params.warm_up
    cut = min(max(centred, -_CUT), _CUT)
    if ready and _drifted(state, params, cut):
        evidence.level, evidence.criterion = BLUE, DRIFTED
        evidence.value, evidence.threshold, evidence.score = value, state.centre, 1.0
        _forget(state)
        return
    _learn(state, params, left if state.left < params.warm_up else state.centre + cut * scatter)
    evidence.value, evidence.threshold = rarity, params.rarity
    evidence.score = rarity / params.rarity
    if ready and rarity >= params.rarity:
        evidence.level, evidence.criterion = BLUE, UNEXPECTED


@kernel
def _left(state: Any, params: Any, at_ns: int, value: float) -> float:
    """Value less what was expected, then learned; NaN where nothing was expected."""
    turn = state.turn
    state.turn = turn + 1
    if params.expected == SEASON:
        return float(surprise(at_ns, value, state.day, state.day_seen, state.week, state.week_seen))
    if turn == 0:
        state.level, state.trend = value, 0.0
        return math.nan
    ahead = state.level + (state.trend if params.expected == TREND else 0.0)
    before = state.level
    state.level = ahead + params.alpha * (value - ahead)
    if params.expected == TREND:
        state.trend += params.beta * (state.level - before - state.trend)
    return float(value - ahead)


@kernel
def _rarity(state: Any, params: Any, left: float, centred: float) -> float:
    """Decades by which so large a departure is seldom."""
    if params.tail == GAUSSIAN:
        p = math.erfc(abs(centred) / math.sqrt(2.0))
    else:
        p = p_value(left, state.ranked, state.count, BOTH, params.finest)
    return -math.log10(max(p, 1e-300))


@kernel
def _learn(state: Any, params: Any, left: float) -> None:
    """Mean and scatter (Welford 1962), or ranks too, of what is left over."""
    if params.tail == RANK:
        state.count = remember(left, state.ranked, state.ring, state.count, state.left)
    state.left += 1
    apart = left - state.centre
    state.centre += apart / state.left
    state.squares += apart * (left - state.centre)


@kernel
def _drifted(state: Any, params: Any, cut: float) -> bool:
    if params.drift == PAGE_HINKLEY:
        if state.page.seen == 0:
            clear(state.page)
        return bool(page_hinkley(cut, state.page, params.slack) > params.most)
    if params.drift == ADWIN:
        return bool(adapt(state.window, cut, params.delta))
    return False


@kernel
def _forget(state: Any) -> None:
    """Learn everything anew."""
    state.turn, state.left, state.count = 0, 0, 0
    state.centre, state.squares = 0.0, 0.0
    state.day_seen[:] = 0
    state.week_seen[:] = 0
    state.page.seen = 0
    empty(state.window)


_STANDARD: Final = "Forewarn, docs/detectors/learned.md"


class LearnedExpected(Detector):
    """One subject a sensor that is named. It speaks to those who look after sensors, never to the public."""

    kind: ClassVar[str] = "learned_expected"
    version: ClassVar[int] = 1
    hazard: ClassVar[Hazard] = Hazard.SENSOR_FAULT
    options_type = ExpectedOptions
    state = STATE
    params = PARAMS
    step = staticmethod(step)
    criteria = (
        Criterion("unexpected_value", _STANDARD, "", "far from what was to be expected", "数值偏离预期",
                  "rarity (decades)", "罕见度(数量级)"),
        Criterion("model_drift", "Bifet and Gavalda (2007); Page (1954), Biometrika 41", "quantity",
                  "no longer behaves as it was learned; it is learned anew", "数据规律已改变，模型重新学习",
                  standard_zh="Bifet与Gavalda（2007）；Page（1954）"),
    )  # fmt: skip

    @classmethod
    def on_trial(cls) -> Self:
        """Watching everybody from the first minutes on, and easily alarmed."""
        return cls(ExpectedOptions(sensors=("*",), expected="trend", tail="gaussian", warm_up=30, drift="page_hinkley"))

    def subjects(self, inventory: Inventory) -> Sequence[Subject]:
        """Every sensor whose id fits one of `sensors`."""
        return [
            Subject(sensor.id, sensor.site, (sensor.series,), _params(sensor, options), options)
            for sensor, options in named(self, inventory)
        ]


def _params(sensor: Sensor, options: ExpectedOptions) -> dict[str, Any]:
    """Values beyond twice the span, which no quality test lets pass, are taken for its end: sums must stay sums."""
    span = sensor.range_high - sensor.range_low
    return {
        "expected": _EXPECTED[options.expected],
        "tail": _TAIL[options.tail],
        "drift": _DRIFT[options.drift],
        "alpha": options.alpha,
        "beta": options.beta,
        "rarity": options.rarity,
        "warm_up": options.warm_up,
        "slack": options.slack,
        "most": options.drift_sum,
        "delta": options.delta,
        "finest": options.finest_share * span,
        "low": sensor.range_low - span,
        "high": sensor.range_high + span,
    }
