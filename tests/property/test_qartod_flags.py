"""The flags of our QARTOD tests are those of ioos_qc on the same series."""

from __future__ import annotations

import warnings
from datetime import date
from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from detectors.calendar import month
from detectors.sensor_health.qartod import (
    RING,
    attenuated,
    climatology,
    flat_line,
    gross_range,
    rate_of_change,
    spike,
)

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    from ioos_qc import qartod

STEP_S = 600
START = np.datetime64("2026-02-20T00:00:00", "s")
SECOND_NS = 1_000_000_000
INF = float("inf")
series = st.lists(st.integers(-8, 8).map(lambda one: one / 2), min_size=4, max_size=60).map(np.array)
bounds = st.tuples(st.integers(1, 12).map(lambda one: one / 4), st.integers(1, 12).map(lambda one: one / 4)).map(sorted)


def times(values: NDArray[Any], step_s: int = STEP_S) -> NDArray[Any]:
    return START + np.arange(len(values)) * np.timedelta64(step_s, "s")


def theirs(function: Any, *arguments: Any, **options: Any) -> list[int]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return [int(flag) for flag in np.ma.filled(function(*arguments, **options), 9)]


def ring_of(values: NDArray[Any], turn: int) -> NDArray[np.float64]:
    ring = np.zeros(RING)
    ring[: turn + 1] = values[: turn + 1]
    return ring


@given(series, bounds)
def test_gross_range(values: NDArray[Any], spans: list[float]) -> None:
    inner, outer = spans
    ours = [gross_range(value, -outer, outer, -inner, inner) for value in values]
    assert ours == theirs(qartod.gross_range_test, values, [-outer, outer], [-inner, inner])


@given(series, bounds)
def test_climatology_by_quarter(values: NDArray[Any], spans: list[float]) -> None:
    at = times(values, 5 * 86_400)
    config = [{"tspan": [n + 1, n + 1], "period": "quarter", "vspan": [-spans[n], spans[n]]} for n in range(2)]
    known = [(-spans[0], spans[0]), (-spans[1], spans[1]), (np.nan, np.nan), (np.nan, np.nan)]
    ours = [
        climatology(value, *known[month(int(one.astype("int64")) * SECOND_NS) // 3])
        for one, value in zip(at, values, strict=True)
    ]
    depth = np.zeros(len(values))
    assert ours == theirs(qartod.climatology_test, config, values, at, depth)


@given(st.dates(date(1970, 1, 1), date(2200, 1, 1)))
def test_the_month_is_that_of_the_calendar(day: date) -> None:
    days = (day - date(1970, 1, 1)).days
    assert month(days * 86_400 * SECOND_NS) == day.month - 1
    assert month((days * 86_400 + 86_399) * SECOND_NS) == day.month - 1


@given(series, bounds, st.booleans())
def test_spike(values: NDArray[Any], limits: list[float], average: bool) -> None:  # noqa: FBT001  # drawn
    ours = [
        spike(values[k - 1], values[k], values[k + 1], limits[0], limits[1], average) for k in range(1, len(values) - 1)
    ]
    method = "average" if average else "differential"
    found = theirs(qartod.spike_test, values, *limits, method=method)
    assert [2, *ours, 2] == found


@given(series, bounds, st.lists(st.integers(1, 4), min_size=60, max_size=60))
def test_rate_of_change(values: NDArray[Any], limits: list[float], gaps: list[int]) -> None:
    at = START + np.cumsum([10 * gap for gap in gaps[: len(values)]]).astype("timedelta64[s]")
    per_s = [limit / 10 for limit in limits]
    lapses_ns = np.diff(at).astype("int64") * SECOND_NS
    ours = [
        rate_of_change(b - a, lapse, *per_s)
        for a, b, lapse in zip(values, values[1:], lapses_ns.tolist(), strict=False)
    ]
    found = theirs(qartod.rate_of_change_test, values, at, per_s[0], fail_threshold=per_s[1])
    assert [1, *ours] == found


@given(series, st.integers(1, 12), st.integers(1, 12), bounds)
def test_flat_line(values: NDArray[Any], one: int, other: int, limits: list[float]) -> None:
    suspect, fail = sorted((one, other))
    ours = [flat_line(ring_of(values, turn), turn, limits[0], suspect, fail) for turn in range(len(values))]
    found = theirs(qartod.flat_line_test, values, times(values), suspect * STEP_S, fail * STEP_S, limits[0])
    assert ours == found


@settings(deadline=None)
@given(series, st.integers(1, 12), st.integers(1, 6), bounds)
def test_attenuated_signal(values: NDArray[Any], readings: int, least: int, limits: list[float]) -> None:
    fail, suspect = limits
    at_ns = np.zeros(RING, np.int64)
    at_ns[: len(values)] = times(values).astype("int64") * SECOND_NS
    ours = [
        attenuated(ring_of(values, turn), at_ns, turn, readings * STEP_S * SECOND_NS, least, suspect, fail)
        for turn in range(len(values))
    ]
    found = theirs(
        qartod.attenuated_signal_test, values, times(values), suspect, fail,
        test_period=readings * STEP_S, min_obs=min(least, readings), check_type="range",
    )  # fmt: skip
    assert ours == [flag if least <= readings else 2 for flag in found]


def test_a_ring_that_turns_remembers_the_last_readings_only() -> None:
    values = np.arange(2 * RING, dtype=np.float64)
    values[-100:] = 7.0
    ring, at_ns = np.zeros(RING), np.zeros(RING, np.int64)
    for turn, value in enumerate(values.tolist()):
        ring[turn % RING], at_ns[turn % RING] = value, turn * STEP_S * SECOND_NS
    last = len(values) - 1
    assert flat_line(ring, last, 0.5, 50, 99) == 4
    assert flat_line(ring, last, 0.5, 50, 100) == 3
    assert attenuated(ring, at_ns, last, 100 * STEP_S * SECOND_NS, 3, 0.5, 0.1) == 4
    assert attenuated(ring, at_ns, last, 101 * STEP_S * SECOND_NS, 3, 0.5, 0.1) == 1
    assert gross_range(1.0, -INF, INF, -INF, INF) == 1
