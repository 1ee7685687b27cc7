"""The track of a displacement sensor against slow twins: lists, numpy's least squares, laws of settling."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy.optimize import least_squares

from detectors.kernel import records
from detectors.subsidence.curve import COLUMNS, HEAT_MM
from detectors.subsidence.history import HISTORY, REACH, listed, mark_step, remember
from detectors.subsidence.settle import BOTH, LATEST, SETTLER, settle
from detectors.subsidence.track import POINTS, TRACK, extend, slope
from detectors.subsidence.voight import FIT, Q_MEAN, Q_SPREAD, fit_failure

NS = 1_000_000_000
START_NS = 1_760_000_400 * NS
DAY_S = 86_400.0
DAY_NS = 86_400 * NS
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


def voight(age_d: Any, left_d: float, q: float) -> Any:
    ratio = 1.0 + age_d / left_d
    return np.log(ratio) if q == 0.0 else (ratio**q - 1.0) / q


def points_before_failure(left_d: float, alpha: float, noise: float, seed: int) -> Any:
    """Sixty points of four readings each over ten days, a step of 4 mm three days before the last, and 2 mm of heat."""
    age_d = np.linspace(0.0, 10.0, 60)
    after, angle = (age_d < 3.0).astype(float), -2.0 * np.pi * age_d
    value = -30.0 * voight(age_d, left_d, 1.0 - 1.0 / (alpha - 1.0)) + 4.0 * after + 2.0 * np.sin(angle)
    value += np.random.default_rng(seed).normal(0.0, noise / 2.0, 60)
    return np.column_stack([age_d, value - value[0], after, after, np.full(60, 4.0), np.cos(angle), np.sin(angle)])


@given(st.floats(0.3, 3.0), st.floats(1.55, 2.15), st.integers(0, 99))
@settings(max_examples=30, deadline=None)
def test_the_failure_time_is_that_of_scipys_least_squares(left_d: float, alpha: float, seed: int) -> None:
    """Against a reference that knows nothing of eliminated terms, from the same priors."""
    noise, points, fit = 0.7, points_before_failure(left_d, alpha, 0.7, seed), records(1, FIT)[0]
    fit["heat"][2] = HEAT_MM
    assert fit_failure(points, len(points), noise, fit)
    assume(np.isinf(fit["onset_d"]))

    def residuals(x: Any) -> Any:
        model = x[0] - x[1] * voight(points[:, 0], np.exp(x[3]), x[4]) + x[2] * points[:, 2]
        model += points[:, 5:7] @ x[5:7]
        return np.append((points[:, 1] - model) * 2.0 / noise, [(x[4] - Q_MEAN) / Q_SPREAD, *(x[5:7] / HEAT_MM)])

    start = [0.0, 30.0, 4.0, np.log(left_d), 1.0 - 1.0 / (alpha - 1.0), 0.0, 2.0]
    twin = least_squares(residuals, start, x_scale="jac", xtol=1e-12, ftol=1e-12)
    covariance = np.linalg.inv(twin.jac.T @ twin.jac)
    assert float(fit["squares"]) == pytest.approx(2.0 * twin.cost, rel=1e-3, abs=5e-2)
    assert np.log(fit["left_d"]) == pytest.approx(twin.x[3], abs=0.1 * float(fit["log_error"]))
    assert float(fit["log_error"]) == pytest.approx(float(np.sqrt(covariance[3, 3])), rel=0.02)


@given(st.lists(st.floats(-1e3, 1e3), min_size=1, max_size=400), st.integers(0, 399))
@settings(max_examples=40, deadline=None)
def test_a_history_forgets_no_reading_while_it_has_room(values: list[float], step_at: int) -> None:
    """Counts, means and shares after a step are those of the plain list; the latest points stand as they came."""
    history, into = records(1, HISTORY)[0], np.zeros((REACH, COLUMNS))
    for k, value in enumerate(values):
        if k == step_at:
            mark_step(history)
        remember(history, START_NS + k * STRETCH_S * NS, value, STRETCH_S * NS, 10**18)
    closed = values[:-1]
    count = listed(history, 10**18, into)
    assert into[:count, 4].sum() == len(closed)
    if not closed:
        return
    weights = into[:count, 4]
    assert (into[:count, 1] * weights).sum() / len(closed) + closed[-1] == pytest.approx(np.mean(closed), abs=1e-6)
    after = sum(k >= step_at for k in range(len(closed))) if step_at < len(values) else len(closed)
    assert (into[:count, 2] * weights).sum() == pytest.approx(after)
    angles = 2.0 * np.pi * np.array([START_NS // NS + k * STRETCH_S for k in range(len(closed))]) / DAY_S
    assert (into[:count, 5] * weights).sum() == pytest.approx(np.cos(angles).sum(), abs=1e-6)
    assert (into[:count, 6] * weights).sum() == pytest.approx(np.sin(angles).sum(), abs=1e-6)
    assert list(into[: min(count, 8), 0]) == pytest.approx([k * STRETCH_S / DAY_S for k in range(min(count, 8))])
    assert np.all(np.diff(into[:count, 0]) > 0)


def test_a_history_begins_anew_after_a_silence() -> None:
    history, into = records(1, HISTORY)[0], np.zeros((REACH, COLUMNS))
    for at_s in (0, 600, 1200, 80_000, 80_600):
        remember(history, START_NS + at_s * NS, 1.0, STRETCH_S * NS, DAY_NS)
    assert listed(history, 10**18, into) == 4
    for at_s in (200_000, 200_600):
        remember(history, START_NS + at_s * NS, 1.0, STRETCH_S * NS, DAY_NS)
    assert listed(history, 10**18, into) == 1


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
