"""The instruments of one tank against each other: what no single one shows, their agreement does.

Level, pressure, temperatures and flows of a tank move together. Each row of readings is smoothed (EWMA), and what is
usual of smoothed rows is learned from the fault-free start of the record (Lowry et al. 1992, Technometrics 34): a
figure that wanders by itself stays wide, one that is only noise becomes narrow. Later rows are seen along the
principal axes of that start (Kourti and MacGregor 1995, Chemometrics and Intelligent Laboratory Systems 28):
Hotelling's T2 says how far a row lies along the axes that carry `share` of the variance, another along the rest, where
instruments that always agreed no longer do (Hawkins 1974, JASA 69). Both have a limit from a second stretch that was
not learned from, as a scaled chi-squared distribution with the mean and variance seen there (Box 1954), told in normal
deviations (Wilson and Hilferty 1931). A tank that is filled and emptied is learned over several fillings, however long
that takes: a stretch without one knows nothing of the next. A departure that lasts for `relearn_s` is how the tank is
run now, and the record starts afresh. Soft evidence: blue and yellow only.
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
from detectors.tank.usual import AVERAGES, CHANNELS_MAX, FIGURES, STATE, VECTOR, take_row
from pipeline.model.hazard import Hazard, SensorKind
from pipeline.model.instant import NS_PER_S
from pipeline.model.inventory import Inventory, InventoryError
from pipeline.model.quantity import Quantity
from pipeline.model.site import Sensor

_ROWS_EACH: Final = 10
"""Rows a channel that must at least be learned from."""
_LENGTHS: Final = (24, 12)
"""Lengths of the slow moving average that the two stretches must at least hold: its rows are not independent."""
_PERCENT: Final = 100.0
_SETTLING: Final = 3.0
"""Smoothed rows are learned from after so many lengths of the slow moving average."""
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
    fillings: int = Field(default=10, ge=1, description="that a tank must have been learned over, once it has one")
    filling_share: float = Field(
        default=0.1, gt=0, lt=1, description="of the gauge's span; a rise of more is a filling"
    )
    relearn_s: float = Field(default=604_800.0, gt=0, description="a departure of such length is the new usual")
    least_scatter: float = Field(default=1e-5, gt=0, lt=1, description="share of a span; no instrument is quieter")


PARAMS: Final = np.dtype(
    [
        ("channels", "i8"),
        ("row_ns", "i8"),
        ("settling_rows", "i8"),
        ("learn_rows", "i8"),
        ("limit_rows", "i8"),
        ("fillings", "i8"),
        ("gauge", "i8"),
        ("filling", "f8"),
        ("relearn_rows", "i8"),
        ("smooth", "f8", (AVERAGES,)),
        ("share", "f8"),
        ("deviations", "f8", (4,)),
        ("deadband", "f8"),
        ("least", *VECTOR),
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
            take_row(state, params)
    state.value[channel] = value
    worst = 0
    for k in range(1, AVERAGES * FIGURES):
        worst = k if state.departure[k] > state.departure[worst] else worst
    evidence.level = grade(state.departure[worst], params.deviations, params.deadband, level)
    evidence.criterion = worst % FIGURES
    evidence.score = state.departure[worst] / params.deviations[0]
    evidence.value, evidence.threshold = _PERCENT * evidence.score, _PERCENT
    evidence.window_ns = at_ns - int(params.row_ns / params.smooth[worst // FIGURES])


class TankProcess(Detector):
    """Agreement among the instruments of one tank."""

    kind: ClassVar[str] = "tank_process"
    version: ClassVar[int] = 4
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
            standard_zh="Hotelling（1947）T2；Kourti与MacGregor（1995）",
        ),
        Criterion(
            "t2_rest",
            "Hawkins (1974), T2 of the last principal components",
            "%",
            "the tank's instruments no longer agree with each other as they used to",
            "储罐液位、压力、温度之间的关系异常，请核查泄漏、阀门和仪表",
            *_FIGURE,
            standard_zh="Hawkins（1974），末位主成分的T2",
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
        gauge = next((k for k, one in enumerate(sensors) if one.quantity is Quantity.TANK_LEVEL), -1)
        least = [options.least_scatter * (sensor.range_high - sensor.range_low) for sensor in sensors]
        params = {
            "channels": count,
            "row_ns": round(row_s * NS_PER_S),
            "settling_rows": settling,
            "learn_rows": settling + max(round(options.learn_s / row_s) - settling, least_learned),
            "limit_rows": max(round(options.limits_s / row_s), round(_LENGTHS[1] * length)),
            "fillings": options.fillings,
            "gauge": gauge,
            "filling": 0.0
            if gauge < 0
            else options.filling_share * (sensors[gauge].range_high - sensors[gauge].range_low),
            "relearn_rows": round(options.relearn_s / row_s),
            "smooth": [options.smooth, options.slow],
            "share": options.share,
            "deviations": levels(blue=options.blue_deviations, yellow=options.yellow_deviations),
            "deadband": options.deadband,
            "least": [*least, *([0.0] * (CHANNELS_MAX - count))],
        }
        return Subject(name, sensors[0].site, tuple(sensor.series for sensor in sensors), params, options)
