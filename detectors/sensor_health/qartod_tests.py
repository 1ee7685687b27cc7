"""QARTOD by an operator's own figures, on sensors that are named: for those who must report by the manual's tests.

The tests of every reading (`qualify`) are wide and made for warnings. These have the manual's flags, reading by reading
(`qartod`), and become a finding for those who look after sensors.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import inf, nan
from typing import Any, ClassVar, Final, Literal, Self

import numpy as np
from pydantic import Field

from detectors.base import Criterion, Detector, DetectorOptions, Subject
from detectors.calendar import month
from detectors.kernel import kernel
from detectors.sensor_health.qartod import (
    FAIL,
    RING,
    SUSPECT,
    attenuated,
    climatology,
    flat_line,
    gross_range,
    rate_of_change,
    spike,
)
from detectors.watched import named
from pipeline.model.hazard import Hazard
from pipeline.model.instant import NS_PER_S
from pipeline.model.inventory import Inventory
from pipeline.model.level import Level
from pipeline.model.site import Sensor

BLUE: Final = int(Level.BLUE)
TESTS: Final = ("gross_range", "climatology", "spike", "rate_of_change", "flat_line", "attenuated_signal")
"""In order of the flags, and of the criteria."""

STATE: Final = np.dtype(
    [("turn", "i8"), ("marks", "u1", (len(TESTS),)), ("values", "f8", (RING,)), ("times_ns", "i8", (RING,))], align=True
)
"""`marks`: the flags of the last reading; that of `spike` is of the reading before it."""
PARAMS: Final = np.dtype(
    [
        ("fail_low", "f8"), ("fail_high", "f8"), ("low", "f8"), ("high", "f8"),
        ("season_low", "f8", (4,)), ("season_high", "f8", (4,)),
        ("spike_suspect", "f8"), ("spike_fail", "f8"), ("average", "?"),
        ("rate_suspect", "f8"), ("rate_fail", "f8"),
        ("tolerance", "f8"), ("flat_suspect", "i8"), ("flat_fail", "i8"),
        ("period_ns", "i8"), ("least", "i8"), ("span_suspect", "f8"), ("span_fail", "f8"),
        ("told_from", "u1"),
    ],
    align=True,
)  # fmt: skip


class QartodOptions(DetectorOptions):
    """Limits in the quantity's unit; a test without its figures is off. Seasons are quarters of the year, UTC."""

    sensors: tuple[str, ...] = Field(default=(), description="sensors to test, by id; * and ? are wild")
    told_from: Literal["suspect", "fail"] = Field(default="fail", description="the flag from which on it is told")
    fail_low: float | None = Field(default=None, description="gross range: below it a value fails")
    fail_high: float | None = Field(default=None, description="the same above")
    suspect_low: float | None = Field(default=None, description="gross range: below it a value is suspect")
    suspect_high: float | None = Field(default=None, description="the same above")
    q1_low: float | None = Field(default=None, description="climatology, January to March: below it is suspect")
    q1_high: float | None = Field(default=None, description="the same above")
    q2_low: float | None = Field(default=None, description="climatology, April to June")
    q2_high: float | None = Field(default=None, description="the same above")
    q3_low: float | None = Field(default=None, description="climatology, July to September")
    q3_high: float | None = Field(default=None, description="the same above")
    q4_low: float | None = Field(default=None, description="climatology, October to December")
    q4_high: float | None = Field(default=None, description="the same above")
    spike_method: Literal["average", "differential"] = Field(default="average", description="how a spike is measured")
    spike_suspect: float | None = Field(default=None, gt=0, description="spike: beyond it the value is suspect")
    spike_fail: float | None = Field(default=None, gt=0, description="spike: beyond it the value fails")
    rate_suspect_per_s: float | None = Field(default=None, gt=0, description="rate of change: faster is suspect")
    rate_fail_per_s: float | None = Field(default=None, gt=0, description="rate of change: faster fails")
    flat_tolerance: float = Field(default=0.01, gt=0, description="flat line: within less than this nothing moves")
    flat_suspect_s: float | None = Field(default=None, gt=0, description="flat line: for how long is suspect")
    flat_fail_s: float | None = Field(default=None, gt=0, description="flat line: for how long fails")
    attenuated_s: float | None = Field(default=None, gt=0, description="attenuated signal: the time looked back")
    attenuated_readings: int = Field(default=3, ge=1, description="attenuated signal: readings that it needs")
    attenuated_suspect: float | None = Field(default=None, gt=0, description="a range below it is suspect")
    attenuated_fail: float | None = Field(default=None, gt=0, description="a range below it fails")


@kernel
def step(state: Any, params: Any, channel: int, at_ns: int, value: float, level: int, evidence: Any) -> None:  # noqa: ARG001  # one sensor; the hold-off is the episode's
    """All tests of one reading; the worst flag speaks."""
    turn, flags = state.turn, state.marks
    before, earlier = state.values[(turn - 1) % RING], state.values[(turn - 2) % RING]
    before_ns = state.times_ns[(turn - 1) % RING]
    state.values[turn % RING] = value
    state.times_ns[turn % RING] = at_ns
    state.turn = turn + 1
    season = month(at_ns) // 3
    flags[0] = gross_range(value, params.fail_low, params.fail_high, params.low, params.high)
    flags[1] = climatology(value, params.season_low[season], params.season_high[season])
    flags[2], flags[3], flags[5] = 2, 1, 2
    if turn >= 2:
        flags[2] = spike(earlier, before, value, params.spike_suspect, params.spike_fail, params.average)
    if turn >= 1:
        flags[3] = rate_of_change(value - before, at_ns - before_ns, params.rate_suspect, params.rate_fail)
    flags[4] = flat_line(state.values, turn, params.tolerance, params.flat_suspect, params.flat_fail)
    if params.period_ns > 0:
        spans = (params.span_suspect, params.span_fail)
        flags[5] = attenuated(state.values, state.times_ns, turn, params.period_ns, params.least, spans[0], spans[1])
    worst = 0
    for test in range(1, flags.size):
        if flags[test] > flags[worst]:
            worst = test
    evidence.criterion = worst
    evidence.value = before if worst == 2 else value
    evidence.threshold = float(flags[worst])
    evidence.score = 1.0 if flags[worst] == FAIL else 0.5
    evidence.level = BLUE if flags[worst] >= params.told_from else 0


class QartodTests(Detector):
    """One subject a sensor that is named. It speaks to those who look after sensors, never to the public."""

    kind: ClassVar[str] = "qartod_tests"
    version: ClassVar[int] = 1
    hazard: ClassVar[Hazard] = Hazard.SENSOR_FAULT
    options_type = QartodOptions
    state = STATE
    params = PARAMS
    step = staticmethod(step)
    criteria = tuple(
        Criterion(
            f"qartod_{key}",
            f"QARTOD T/S manual 2.1 (2020), test {number}",
            "",
            en,
            zh,
            "value; flag",
            "数值;标志",
            standard_zh=f"QARTOD温盐手册2.1版（2020）第{number}项",
        )
        for number, (key, en, zh) in enumerate(
            (
                ("gross_range", "outside the range", "超出量程检验"),
                ("climatology", "outside what the season has", "超出气候范围检验"),
                ("spike", "a spike", "尖峰检验"),
                ("rate_of_change", "changes too fast", "变化率检验"),
                ("flat_line", "does not move", "持续不变检验"),
                ("attenuated_signal", "moves too little", "信号衰减检验"),
            ),
            4,
        )
    )

    @classmethod
    def on_trial(cls) -> Self:
        """Testing everybody, and no change is slow enough."""
        return cls(QartodOptions(sensors=("*",), rate_fail_per_s=1e-7))

    def subjects(self, inventory: Inventory) -> Sequence[Subject]:
        """Every sensor whose id fits one of `sensors`."""
        return [
            Subject(sensor.id, sensor.site, (sensor.series,), _params(sensor, options), options)
            for sensor, options in named(self, inventory)
        ]


def _params(sensor: Sensor, options: QartodOptions) -> dict[str, Any]:
    def of(name: str, without: float) -> float:
        value = getattr(options, name)
        return without if value is None else float(value)

    return {
        "fail_low": of("fail_low", -inf),
        "fail_high": of("fail_high", inf),
        "low": of("suspect_low", -inf),
        "high": of("suspect_high", inf),
        "season_low": [of(f"q{number}_low", nan) for number in range(1, 5)],
        "season_high": [of(f"q{number}_high", nan) for number in range(1, 5)],
        "spike_suspect": of("spike_suspect", inf),
        "spike_fail": of("spike_fail", inf),
        "average": options.spike_method == "average",
        "rate_suspect": of("rate_suspect_per_s", inf),
        "rate_fail": of("rate_fail_per_s", inf),
        "tolerance": options.flat_tolerance,
        "flat_suspect": min(int(of("flat_suspect_s", 0.0) / sensor.interval_s), RING - 1),
        "flat_fail": min(int(of("flat_fail_s", 0.0) / sensor.interval_s), RING - 1),
        "period_ns": round(of("attenuated_s", 0.0) * NS_PER_S),
        "least": options.attenuated_readings,
        "span_suspect": of("attenuated_suspect", -inf),
        "span_fail": of("attenuated_fail", -inf),
        "told_from": FAIL if options.told_from == "fail" else SUSPECT,
    }
