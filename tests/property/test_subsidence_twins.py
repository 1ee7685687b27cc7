"""The track of a displacement sensor against slow twins: lists, numpy's least squares, laws of settling."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detectors.kernel import records
from detectors.subsidence.ground_inverse_velocity import failure_d
from detectors.subsidence.settle import BOTH, LATEST, SETTLER, settle
from detectors.subsidence.track import POINTS, TRACK, extend, slope

NS = 1_000_000_000
START_NS = 1_760_000_400 * NS
DAY_S = 86_400.0
STRETCH_S = 600
WINDOW_S = STRETCH_S * POINTS
Rows = list[tuple[int, float]]

moves = st.lists(st.tuples(st.integers(1, 2000), st.floats(-50, 50, width=32)), min_size=80, max_size=200)


def rows_of(gaps: Rows) -> Rows:
    second, rows = 0, []
    for gap, value in gaps:
        second += gap
        rows.append((second, value))
    return rows


def tracked(rows: Rows) -> Any:
    track = records(1, TRACK)[0]
    for second, value in rows:
        extend(track, START_NS + second * NS, value, STRETCH_S * NS, WINDOW_S * NS)
    return track


def points_of(rows: Rows) -> list[tuple[float, float]]:
    """Mean time [d] and mean value of every closed stretch, from plain lists."""
    stretches: dict[int, Rows] = {}
    for second, value in rows:
        stretches.setdefault((START_NS // NS + second) // STRETCH_S, []).append((second, value))
    closed = list(stretches.values())[:-1]
    return [
        (float(np.mean([second for second, _ in part])) / DAY_S, float(np.mean([value for _, value in part])))
        for part in closed
    ][-POINTS:]


def fitted(points: list[tuple[float, float]]) -> tuple[float, float]:
    """Slope and standard error by numpy."""
    time, value = np.array(points).T
    (gradient, _), covariance = np.polyfit(time - time[-1], value, 1, cov="unscaled")
    residual = value - np.polyval(np.polyfit(time - time[-1], value, 1), time - time[-1])
    return float(gradient), float(np.sqrt(covariance[0, 0] * (residual**2).sum() / (len(points) - 2)))


@given(moves, st.sampled_from((3, 8, 16, 32)), st.integers(0, 20))
@settings(max_examples=60)
def test_lines_are_those_of_least_squares(gaps: Rows, points: int, back: int) -> None:
    rows = rows_of(gaps)
    want = points_of(rows)
    track = tracked(rows)
    assert track["count"] == len(want)
    if len(want) < points + back:
        return
    here = want[len(want) - back - points : len(want) - back]
    assert slope(track, back, points) == pytest.approx(fitted(here), rel=1e-6, abs=1e-6)


@given(st.floats(0.5, 50), st.floats(0.1, 3.0), st.integers(0, 40))
@settings(max_examples=40)
def test_the_failure_time_is_that_of_a_weighted_regression(scale: float, left_d: float, steady_mm_d: int) -> None:
    """Against numpy.polyfit, which squares its weights, over slopes that numpy fitted too."""
    seconds = range(0, 70 * STRETCH_S, STRETCH_S)
    end_d = 70 * STRETCH_S / DAY_S + left_d
    rows = [(s, float(-scale * np.log(end_d - s / DAY_S) + steady_mm_d * s / DAY_S)) for s in seconds]
    points = points_of(rows)[::-1]
    parts = [points[k : k + 8] for k in range(0, POINTS, 8)]
    velocity = np.array([fitted(part)[0] for part in parts])
    time = np.array([(part[0][0] + part[-1][0]) / 2 - points[0][0] for part in parts])
    gradient, level = np.polyfit(time, 1 / velocity, 1, w=velocity**2)
    found, zero_d, fit = failure_d(tracked(rows), 0.0)
    assert found == 8
    assert zero_d == pytest.approx(-level / gradient, rel=1e-5)
    assert 0.8 < fit <= 1.0 + 1e-9


def settled(values: list[float]) -> list[float]:
    """What of the values, one a minute, is motion."""
    settler = records(1, SETTLER)[0]
    out: list[float] = []
    for k, value in enumerate(values):
        taken = settle(settler, START_NS + k * 60 * NS, value, 5.0, 7200 * NS)
        if taken == BOTH:
            out.append(float(settler["held"]))
        if taken in (LATEST, BOTH):
            out.append(float(settler["value"]))
    return out


calm = st.lists(st.floats(-2.4, 2.4), min_size=6, max_size=60)


@given(calm)
@settings(max_examples=50)
def test_calm_readings_pass_unchanged(values: list[float]) -> None:
    assert settled(values) == values


@given(calm, st.integers(1, 59), st.floats(45, 1e4) | st.floats(-1e4, -45))
@settings(max_examples=50)
def test_one_spike_leaves_no_trace(values: list[float], place: int, height: float) -> None:
    at = min(place, len(values) - 2)
    assert settled([*values[:at], values[at] + height, *values[at:]]) == values


@given(calm, st.integers(1, 59), st.floats(45, 1e4) | st.floats(-1e4, -45))
@settings(max_examples=50)
def test_one_step_is_taken_out(values: list[float], place: int, height: float) -> None:
    at = min(place, len(values) - 2)
    known = [0.0] * 50
    after = settled([*known, *values[:at], *(value + height for value in values[at:])])
    assert len(after) == len(known) + len(values)
    assert max(abs(new - old) for old, new in pairwise(after)) < 5.0


def test_a_step_before_the_noise_is_known_is_motion() -> None:
    assert settled([0.0] * 20 + [100.0] * 20) == [0.0] * 20 + [100.0] * 20


def test_a_second_step_within_the_window_is_motion() -> None:
    values = [0.0] * 60 + [100.0] * 60 + [150.0] * 60
    assert settled(values) == [0.0] * 120 + [50.0] * 60
    later = [0.0] * 60 + [100.0] * 130 + [150.0] * 60
    assert settled(later) == [0.0] * 250


@given(st.integers(3, 40), st.floats(8, 1e3))
@settings(max_examples=30)
def test_what_goes_on_is_motion(count: int, each: float) -> None:
    values = [0.0, *(each * k for k in range(1, 2 * count))]
    assert settled(values)[-1] in values[-2:]  # the last may wait for the next
