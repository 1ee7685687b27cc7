"""The instruments of one tank against each other: what no single one shows, their agreement does.

Level, pressure, temperatures and flows of a tank move together. Each row of readings is smoothed (EWMA), and what is
usual of smoothed rows is learned from the fault-free start of the record (Lowry et al. 1992, Technometrics 34): a
figure that wanders by itself stays wide, one that is only noise becomes narrow. Later rows are seen along the
principal axes of that start (Kourti and MacGregor 1995, Chemometrics and Intelligent Laboratory Systems 28):
Hotelling's T2 says how far a row lies along the axes that carry `share` of the variance, another along the rest, where
instruments that always agreed no longer do (Hawkins 1974, JASA 69). Both have a limit from a second stretch that was
not learned from, as a scaled chi-squared distribution with the mean and variance seen there (Box 1954), told in normal
deviations (Wilson and Hilferty 1931). A departure that lasts for `relearn_s` is how the tank is run now, and the record
starts afresh. Soft evidence: blue and yellow only.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any, ClassVar, Final, Self

import numpy as np
from pydantic import Field

from detectors.base import Criterion, Detector, DetectorOptions, Subject
from detectors.evidence import grade, levels
from detectors.kernel import kernel
from detectors.tank.axes import principal_axes
from pipeline.model.hazard import Hazard, SensorKind
from pipeline.model.instant import NS_PER_S
from pipeline.model.inventory import Inventory, InventoryError
from pipeline.model.site import Sensor

CHANNELS_MAX: Final = 32
"""Instruments that one group may hold."""
_ROWS_EACH: Final = 10
"""Rows a channel that must at least be learned from."""
_LENGTHS: Final = (24, 12)
"""Lengths of the slow moving average that the two stretches must at least hold: its rows are not independent."""
_PERCENT: Final = 100.0
_FIGURES: Final = 2
"""T2 along the first axes, and along the rest: places of the criteria."""
_AVERAGES: Final = 2
_SETTLING: Final = 3.0
"""Smoothed rows are learned from after so many lengths of the slow moving average."""
_LEAST_SPREAD: Final = 0.01
"""Of an instrument's own variance; an axis that carries less would make much of rounding."""
_FIGURE: Final = ("departure from the learned state, of the limit", "偏离正常工况程度（占限值）")


class TankProcessOptions(DetectorOptions):
    """From how much of the record the tank is learned, and how far from it is too far."""

    learn_s: float = Field(default=86_400.0, gt=0, description="fault-free start that correlations are learned from")
    limits_s: float = Field(default=43_200.0, gt=0, description="and the stretch after it that the limits come from")
    smooth: float = Field(default=0.4, ge=0.001, le=1, description="weight of the newest row in the moving average")
    slow: float = Field(default=0.1, ge=0.001, le=1, description="and in a slower one beside it, for what creeps")
    share: float = Field(default=0.7, gt=0, lt=1, description="of the variance that T2 sees; the rest is seen apart")
    blue_deviations: float = Field(default=5.1, gt=0, description="normal deviations of either: blue")
    yellow_deviations: float = Field(default=10.0, gt=0, description="normal deviations of either: yellow")
    deadband: float = Field(default=0.2, ge=0, lt=1, description="share of a threshold to fall below to leave it")
    relearn_s: float = Field(default=604_800.0, gt=0, description="a departure of such length is the new usual")
    least_scatter: float = Field(default=1e-5, gt=0, lt=1, description="share of a span; no instrument is quieter")


_VECTOR: Final = ("f8", (CHANNELS_MAX,))
_VECTORS: Final = ("f8", (_AVERAGES, CHANNELS_MAX))
_MATRICES: Final = ("f8", (_AVERAGES, CHANNELS_MAX, CHANNELS_MAX))
STATE: Final = np.dtype(
    [
        ("row", "i8"),
        ("seen", "i8"),
        ("last_row", "i8", (CHANNELS_MAX,)),
        ("value", *_VECTOR),
        ("rows", "i8"),
        ("centre", *_VECTORS),
        ("products", *_MATRICES),
        ("scatter", *_VECTORS),
        ("axes", *_MATRICES),
        ("spreads", *_VECTORS),
        ("kept", "i8", (_AVERAGES,)),
        ("smoothed", *_VECTORS),
        ("limit_mean", "f8", (_AVERAGES * _FIGURES,)),
        ("limit_square", "f8", (_AVERAGES * _FIGURES,)),
        ("departure", "f8", (_AVERAGES * _FIGURES,)),
        ("away", "i8"),
    ],
    align=True,
)
"""The row being filled, and each channel's last value and the row it came in; by moving average, means and products
learned, then axes and their variances; by moving average and figure, mean and squares in the second stretch, and normal
deviations in the last row; for how many rows it has been away from what was learned."""
PARAMS: Final = np.dtype(
    [
        ("channels", "i8"),
        ("row_ns", "i8"),
        ("settling_rows", "i8"),
        ("learn_rows", "i8"),
        ("limit_rows", "i8"),
        ("relearn_rows", "i8"),
        ("smooth", "f8", (_AVERAGES,)),
        ("share", "f8"),
        ("deviations", "f8", (4,)),
        ("deadband", "f8"),
        ("least", *_VECTOR),
    ],
    align=True,
)


@kernel
def step(state: Any, params: Any, channel: int, at_ns: int, value: float, level: int, evidence: Any) -> None:
    """Put the reading into its row, which is judged once all have reported in it; without one it is passed over."""
    row = at_ns // params.row_ns
    if row != state.row:
        state.row, state.seen = row, 0
    if state.last_row[channel] != row:
        state.last_row[channel] = row
        state.seen += 1
        if state.seen == params.channels:
            state.value[channel] = value
            _close(state, params)
    state.value[channel] = value
    worst = 0
    for k in range(1, _AVERAGES * _FIGURES):
        worst = k if state.departure[k] > state.departure[worst] else worst
    evidence.level = grade(state.departure[worst], params.deviations, params.deadband, level)
    evidence.criterion = worst % _FIGURES
    evidence.score = state.departure[worst] / params.deviations[0]
    evidence.value, evidence.threshold = _PERCENT * evidence.score, _PERCENT
    evidence.window_ns = at_ns - int(params.row_ns / params.smooth[worst // _FIGURES])


@kernel
def _close(state: Any, params: Any) -> None:
    """Learn from a row, or judge it."""
    state.rows += 1
    for which in range(_AVERAGES):
        weight = params.smooth[which] if state.rows > 1 else 1.0
        for i in range(params.channels):
            state.smoothed[which, i] += weight * (state.value[i] - state.smoothed[which, i])
        if state.rows > params.learn_rows:
            _depart(state, params, which)
        elif state.rows > params.settling_rows:
            _learn(state, params, which)
            if state.rows == params.learn_rows:
                _settle(state, params, which)
    seen = state.rows - params.learn_rows
    for k in range(_AVERAGES * _FIGURES):
        if 0 < seen <= params.limit_rows:
            delta = state.departure[k] - state.limit_mean[k]
            state.limit_mean[k] += delta / seen
            state.limit_square[k] += delta * (state.departure[k] - state.limit_mean[k])
            state.departure[k] = 0.0
        elif seen > params.limit_rows:
            variance = state.limit_square[k] / max(params.limit_rows - 1, 1)
            state.departure[k] = _deviations(state.departure[k], state.limit_mean[k], variance)
    near = params.deviations[0] * (1.0 - params.deadband)
    state.away = state.away + 1 if state.departure.max() >= near else 0
    if state.away > params.relearn_rows:
        _forget(state)


@kernel
def _forget(state: Any) -> None:
    """Start afresh; averages go on."""
    state.rows, state.away = 0, 0
    state.centre[:], state.products[:], state.spreads[:], state.kept[:] = 0.0, 0.0, 0.0, 0
    state.limit_mean[:], state.limit_square[:], state.departure[:] = 0.0, 0.0, 0.0


@kernel
def _learn(state: Any, params: Any, which: int) -> None:
    """Running means and sums of products (Welford 1962); `spreads` lends its room to distances from the old mean."""
    smoothed, centre, apart = state.smoothed[which], state.centre[which], state.spreads[which]
    for i in range(params.channels):
        apart[i] = smoothed[i] - centre[i]
        centre[i] += apart[i] / (state.rows - params.settling_rows)
    for i in range(params.channels):
        for j in range(i + 1):
            state.products[which, i, j] += apart[i] * (smoothed[j] - centre[j])


@kernel
def _settle(state: Any, params: Any, which: int) -> None:
    """From products to principal axes; the products are used up."""
    count, free = params.channels, max(state.rows - params.settling_rows - 1, 1)
    products, scatter, spreads = state.products[which], state.scatter[which], state.spreads[which]
    for i in range(count):
        scatter[i] = max((products[i, i] / free) ** 0.5, params.least[i])
    for i in range(count):
        for j in range(i + 1):
            share = products[i, j] / free / (scatter[i] * scatter[j])
            products[i, j] = products[j, i] = share
    principal_axes(products, count, state.axes[which], spreads)
    whole = 0.0
    for k in range(count):
        whole += spreads[k]
    part = 0.0
    while state.kept[which] < count - 1 and part < params.share * whole:
        part += spreads[state.kept[which]]
        state.kept[which] += 1


@kernel
def _depart(state: Any, params: Any, which: int) -> None:
    """T2 of the smoothed row, along the first axes and along the rest, into `departure`."""
    count, first = params.channels, _FIGURES * which
    smoothed, centre, scatter = state.smoothed[which], state.centre[which], state.scatter[which]
    state.departure[first] = state.departure[first + 1] = 0.0
    for k in range(count):
        along = 0.0
        for i in range(count):
            along += state.axes[which, i, k] * (smoothed[i] - centre[i]) / scatter[i]
        place = first if k < state.kept[which] else first + 1
        state.departure[place] += along * along / (state.spreads[which, k] + _LEAST_SPREAD)


@kernel
def _deviations(value: float, mean: float, variance: float) -> float:
    """How many normal deviations a value of a scaled chi-squared distribution stands for."""
    mean = max(mean, 1e-6)
    ninth = 2.0 / 9.0 * max(variance, 1e-4 * mean * mean) / (2.0 * mean * mean)
    return ((value / mean) ** (1.0 / 3.0) - 1.0 + ninth) / ninth**0.5  # type: ignore[no-any-return]  # a kernel is Any


class TankProcess(Detector):
    """Agreement among the instruments of one tank."""

    kind: ClassVar[str] = "tank_process"
    version: ClassVar[int] = 3
    state_since: ClassVar[int | None] = 2
    hazard: ClassVar = Hazard.TANK_OVERFILL
    options_type: ClassVar = TankProcessOptions
    state: ClassVar = STATE
    params: ClassVar = PARAMS
    step: ClassVar = staticmethod(step)
    criteria: ClassVar = (
        Criterion(
            "t2",
            "Hotelling (1947), T2; Kourti and MacGregor (1995)",
            "%",
            "the tank's instruments are far from the state they were learned in",
            "储罐多参数整体偏离正常工况，请核查进出料、压力和温度",
            *_FIGURE,
        ),
        Criterion(
            "t2_rest",
            "Hawkins (1974), T2 of the last principal components",
            "%",
            "the tank's instruments no longer agree with each other as they used to",
            "储罐液位、压力、温度之间的关系异常，请核查泄漏、阀门和仪表",
            *_FIGURE,
        ),
    )

    @classmethod
    def on_trial(cls) -> Self:
        """One that has learned in the hour that the field of the checks is calm."""
        return cls(TankProcessOptions(learn_s=1500.0, limits_s=900.0, smooth=0.8, slow=0.8))

    def subjects(self, inventory: Inventory) -> list[Subject]:
        """Every group of tank instruments that measures two quantities or more.

        Raises:
            InventoryError: a group of more than CHANNELS_MAX instruments.
        """
        groups: dict[tuple[str, str], list[Sensor]] = defaultdict(list)
        for sensor in inventory.sensors:
            if sensor.kind is SensorKind.TANK and sensor.group:
                groups[sensor.site, sensor.group].append(sensor)
        return [
            self._subject(f"{site}/{group}", sensors)
            for (site, group), sensors in sorted(groups.items())
            if len({sensor.quantity for sensor in sensors}) > 1
        ]

    def _subject(self, name: str, sensors: Sequence[Sensor]) -> Subject:
        count = len(sensors)
        if count > CHANNELS_MAX:
            raise InventoryError(f"group {name}", f"{count} tank instruments, at most {CHANNELS_MAX} in one group")
        options = self.options_for(sensors[0])
        row_s = max(sensor.interval_s for sensor in sensors)
        length = 1.0 / min(options.smooth, options.slow)
        settling = round(_SETTLING * length)
        least_learned = max(_ROWS_EACH * count, round(_LENGTHS[0] * length))
        least = [options.least_scatter * (sensor.range_high - sensor.range_low) for sensor in sensors]
        params = {
            "channels": count,
            "row_ns": round(row_s * NS_PER_S),
            "settling_rows": settling,
            "learn_rows": settling + max(round(options.learn_s / row_s) - settling, least_learned),
            "limit_rows": max(round(options.limits_s / row_s), round(_LENGTHS[1] * length)),
            "relearn_rows": round(options.relearn_s / row_s),
            "smooth": [options.smooth, options.slow],
            "share": options.share,
            "deviations": levels(blue=options.blue_deviations, yellow=options.yellow_deviations),
            "deadband": options.deadband,
            "least": [*least, *([0.0] * (CHANNELS_MAX - count))],
        }
        return Subject(name, sensors[0].site, tuple(sensor.series for sensor in sensors), params, options)
