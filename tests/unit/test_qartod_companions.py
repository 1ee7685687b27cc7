"""QARTOD's multi-variate and neighbour tests against a plain twin written from the manual."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from detectors.bound import BoundDetector
from detectors.sensor_health.qartod_companions import CompanionOptions, QartodCompanions
from pipeline.model.hazard import Hazard, SensorKind
from pipeline.model.quantity import Quantity
from pipeline.model.site import Sensor
from tests.unit.detector_rig import bind, feed_many, since_start_s

STEP_S = 900.0
READINGS = 8
TEMPERATURE, HUMIDITY = Quantity.TEMPERATURE, Quantity.HUMIDITY


def probe(name: str, quantity: Quantity = TEMPERATURE, group: str = "mast") -> Sensor:
    return Sensor(
        id=name, site="site", kind=SensorKind.WEATHER, quantity=quantity, range_low=-1e6, range_high=1e6,
        interval_s=STEP_S, group=group,
    )  # fmt: skip


def mast(*sensors: Sensor, **options: Any) -> BoundDetector:
    base: dict[str, Any] = {"sensors": ("*",), "readings": READINGS, "raise_after_s": 0, "lower_after_s": 0}
    return bind(QartodCompanions(CompanionOptions(**(base | options))), *sensors)


def marks(bound: BoundDetector, *columns: NDArray[np.float64]) -> list[list[list[int]]]:
    """Flags by channel and reading, for each that has one after it: multi-variate, neighbour."""
    told: list[list[list[int]]] = [[] for _ in columns]
    for row in range(len(columns[0])):
        for slot, values in enumerate(columns):
            feed_many(bound, [(STEP_S * row, slot, float(values[row]))])
            if row:
                told[slot].append(bound._state["marks"][0, slot].tolist())
    return told


def plain(own: NDArray[np.float64], other: NDArray[np.float64], row: int, n: float, m: float) -> int:
    """The manual's table, of one companion that reports at the same instants."""
    if row < READINGS:
        return 2
    sd = np.std(own[row - READINGS : row], ddof=1)
    if not abs(own[row] - own[row - 1]) > n * sd:
        return 1
    shown = False
    for near in (row - 1, row, row + 1):  # about the same time: within an interval
        if near < READINGS or near >= len(other):
            continue
        companion = np.std(other[near - READINGS : near], ddof=1)
        shown = shown or abs(other[near] - other[near - 1]) > m * companion
    return 1 if shown else 3


series = st.lists(st.integers(-5, 5), min_size=14, max_size=30)


@settings(deadline=None, max_examples=60)
@given(series, series, st.booleans())
def test_the_flags_are_those_of_the_manual(first: list[int], second: list[int], same: bool) -> None:  # noqa: FBT001  # drawn
    size = min(len(first), len(second))
    a, b = np.array(first[:size], float), np.array(second[:size], float)
    bound = mast(probe("a"), probe("b", TEMPERATURE if same else HUMIDITY))
    told = marks(bound, a, b)[1]  # of the last to report: its companion has reported the next reading already
    for row in range(size - 1):
        wanted = plain(b, a, row, 3.0, 1.5)
        got = told[row][1 if same else 0]
        assert got == wanted or (wanted == 3 and got == 2 and row <= READINGS), (row, told[row])


CALM = np.array([10.0, 10.1, 9.9, 10.0, 10.1, 9.9, 10.0, 10.1] * 4)
JUMP = np.where(np.arange(32) >= 20, CALM + 5, CALM)


@pytest.mark.parametrize(
    ("columns", "quantities", "criterion"),
    [
        pytest.param((JUMP, CALM), (TEMPERATURE, TEMPERATURE), "qartod_neighbor", id="no neighbour"),
        pytest.param((JUMP, CALM), (TEMPERATURE, HUMIDITY), "qartod_multi_variate", id="no other variable"),
        pytest.param((JUMP, JUMP), (TEMPERATURE, TEMPERATURE), None, id="both neighbours"),
        pytest.param((JUMP, JUMP), (TEMPERATURE, HUMIDITY), None, id="both variables"),
        pytest.param((CALM, CALM), (TEMPERATURE, HUMIDITY), None, id="nobody"),
    ],
)
def test_it_is_told(columns: Any, quantities: Any, criterion: str | None) -> None:
    bound = mast(probe("a", quantities[0]), probe("b", quantities[1]))
    found = feed_many(bound, [(STEP_S * k, slot, float(one[k])) for k in range(32) for slot, one in enumerate(columns)])
    if criterion is None:
        assert found == []
        return
    first = found[0]
    assert (first.criterion, first.trigger, first.hazard) == (criterion, "a/temperature", Hazard.SENSOR_FAULT)
    assert (since_start_s(first), first.value) == (21 * STEP_S, 15.1)


def test_a_companion_that_is_silent_judges_nothing() -> None:
    bound = mast(probe("a"), probe("b"))
    rows = [(STEP_S * k, slot, float(JUMP[k])) for k in range(32) for slot in (0, 1) if slot == 0 or k < 16]
    assert feed_many(bound, rows) == []


OPTIONS: dict[str, Any] = {"sensors": ("b",), "deviations": 100.0, "companion_deviations": 1e-3, "readings": 25}


@pytest.mark.parametrize("option", OPTIONS)
def test_each_option_counts(option: str) -> None:
    rows = [(STEP_S * k, slot, float(one[k])) for k in range(32) for slot, one in enumerate((JUMP, CALM))]
    assert feed_many(mast(probe("a"), probe("b")), rows)
    assert not feed_many(mast(probe("a"), probe("b"), **{option: OPTIONS[option]}), rows)


def test_nobody_is_tested_alone() -> None:
    assert mast(probe("a"), probe("b", group="else"), probe("c", group="")).subjects == ()
