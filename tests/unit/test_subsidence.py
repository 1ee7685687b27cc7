"""Ground movement: each colour at and about its threshold, and what must raise nothing."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from detectors.base import Detector
from detectors.subsidence.ground_inverse_velocity import GroundInverseVelocity, InverseVelocityOptions
from detectors.subsidence.ground_tangent import GroundTangent, TangentOptions
from detectors.subsidence.ground_velocity import GroundVelocity, VelocityOptions
from pipeline.model.finding import Finding
from pipeline.model.hazard import SensorKind
from pipeline.model.level import Level
from pipeline.model.quantity import Quantity
from tests.unit.detector_rig import START_S, Row, bind, feed, sensor, since_start_s, told

DAY_S = 86_400.0
HOUR_S = 3600.0
ALL: tuple[type[Detector], ...] = (GroundVelocity, GroundTangent, GroundInverseVelocity)
Curve = Callable[[float], float]


def bound(detector: Detector, interval_s: float = 600.0, **thresholds: float) -> Any:
    own = {f"{detector.kind}.{name}": value for name, value in thresholds.items()}
    return bind(detector, sensor(SensorKind.SUBSIDENCE, Quantity.DISPLACEMENT, interval_s, thresholds=own))


def rows(curve: Curve, days: float, interval_s: float = 600.0, noise_mm: float = 0.0, seed: int = 1) -> list[Row]:
    noise = np.random.default_rng(seed).normal(0.0, noise_mm, int(days * DAY_S / interval_s) + 1)
    return [(k * interval_s, curve(k * interval_s / DAY_S) + float(error)) for k, error in enumerate(noise)]


def worst(findings: list[Finding]) -> Level:
    return max((finding.level for finding in findings), default=Level.NONE)


@pytest.mark.parametrize("interval_s", [60.0, 600.0, HOUR_S])
@pytest.mark.parametrize(
    ("mm_d", "level"),
    [
        (1.999, Level.NONE),
        (2.001, Level.BLUE),
        (4.399, Level.BLUE),
        (4.401, Level.YELLOW),
        (43.999, Level.YELLOW),
        (44.001, Level.ORANGE),
        (432.99, Level.ORANGE),
        (433.01, Level.RED),
    ],
)
def test_velocities(mm_d: float, level: Level, interval_s: float) -> None:
    findings = feed(
        bound(GroundVelocity(VelocityOptions(moved_mm=0)), interval_s), rows(lambda d: mm_d * d, 4, interval_s)
    )
    assert worst(findings) is level


def test_a_velocity_is_believed_less_its_standard_error() -> None:
    clean, noisy = (
        feed(bound(GroundVelocity(VelocityOptions(moved_mm=0))), rows(lambda d: 6.0 * d, 4, noise_mm=noise))[0]
        for noise in (0.0, 3.0)
    )
    assert clean.value == pytest.approx(6.0)
    assert noisy.value < 6.0
    assert clean.at < noisy.at


@pytest.mark.parametrize("detector", ALL)
@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize(
    ("curve", "noise_mm"),
    [
        pytest.param(lambda d: 0.0, 0.0, id="zeros"),  # noqa: ARG005  # a curve of time
        pytest.param(lambda d: 0.0, 0.7, id="noise"),  # noqa: ARG005
        pytest.param(lambda d: 0.0, 5.0, id="GNSS of one epoch"),  # noqa: ARG005
        pytest.param(lambda d: 1.5 * math.sin(2 * math.pi * d), 0.7, id="warm by day, cold by night"),
        pytest.param(lambda d: 1.0 * d, 0.7, id="slow creep"),
        pytest.param(lambda d: 300.0 if d > 5.003 else 0.0, 0.7, id="a knock of 300 mm"),
        pytest.param(lambda d: -80.0 if d > 5.003 else 0.0, 0.7, id="a knock the other way"),
        pytest.param(lambda d: 500.0 if 5.0 < d < 5.007 else 0.0, 0.7, id="a spike"),
        pytest.param(lambda d: -20.0 * d, 0.7, id="away from failure"),
    ],
)
def test_what_is_no_danger(detector: type[Detector], curve: Curve, noise_mm: float, seed: int) -> None:
    assert not feed(bound(detector()), rows(curve, 9, noise_mm=noise_mm, seed=seed))


def test_few_points_are_not_taken_at_their_word() -> None:
    """Even without a least displacement, eight noisy points seldom tell a velocity: Student's t, not the normal one."""
    detector = GroundVelocity(VelocityOptions(moved_mm=0, window_s=DAY_S))
    still = [rows(lambda d: 0.0, 9, noise_mm=5.0, seed=seed) for seed in range(10)]  # noqa: ARG005  # a curve of time
    assert sum(bool(feed(bound(detector), one)) for one in still) <= 1


def test_two_steps_within_a_window_are_motion() -> None:
    once = feed(bound(GroundVelocity()), rows(lambda d: 60.0 * (d > 5.003), 8))
    twice = feed(bound(GroundVelocity()), rows(lambda d: 60.0 * ((d > 5.003) + (d > 5.3)), 8))
    assert (worst(once), worst(twice) >= Level.YELLOW) == (Level.NONE, True)


def test_motion_that_doubles_is_acceleration() -> None:
    findings = feed(
        bound(GroundVelocity(VelocityOptions(yellow_mm_d=40))), rows(lambda d: 2.2 * d + 8 * max(0, d - 5), 7)
    )
    assert [(finding.level.word, finding.criterion) for finding in findings[:2]] == [
        ("blue", "velocity"),
        ("yellow", "acceleration"),
    ]
    assert 5.0 < since_start_s(findings[1]) / DAY_S < 6


@pytest.mark.parametrize(
    ("ratio_deg", "level"),
    [
        (44.0, Level.NONE),
        (50.0, Level.YELLOW),
        (79.9, Level.YELLOW),
        (80.1, Level.ORANGE),
        (84.9, Level.ORANGE),
        (85.1, Level.RED),
    ],
)
def test_tangent_angles_of_a_creep_of_20_mm_d(ratio_deg: float, level: Level) -> None:
    fast = 20.0 * math.tan(math.radians(ratio_deg))

    def curve(day: float) -> float:
        return 20.0 * day + (fast - 20.0) * max(0.0, day - 6.0)

    for options in ({}, {"creep_mm_d": 20.0}):
        findings = feed(bound(GroundTangent(TangentOptions(**options))), rows(curve, 6.7))
        assert worst(findings) is level
    if findings:
        assert findings[-1].value <= ratio_deg + 0.01


def test_constant_creep_is_no_danger_however_fast() -> None:
    assert not feed(bound(GroundTangent()), rows(lambda d: 30.0 * d, 12, noise_mm=0.7))


def test_creep_is_not_believed_before_it_was_watched() -> None:
    def curve(day: float) -> float:
        return 5.0 * day + 200.0 * max(0.0, day - 1.0)

    assert not feed(bound(GroundTangent()), rows(curve, 1.45))
    assert worst(feed(bound(GroundTangent(TangentOptions(learn_s=20_000))), rows(curve, 1.45))) is Level.RED
    assert worst(feed(bound(GroundTangent(TangentOptions(creep_mm_d=5))), rows(curve, 1.45))) is Level.RED


def test_ground_that_hardly_creeps_is_measured_against_a_least_creep() -> None:
    def curve(day: float) -> float:
        return 0.1 * day + 10.5 * max(0.0, day - 6.0)

    assert worst(feed(bound(GroundTangent()), rows(curve, 8))) is Level.YELLOW
    assert worst(feed(bound(GroundTangent(TangentOptions(least_creep_mm_d=0.5))), rows(curve, 8))) is Level.RED


FAILS_D = 9.5


def failing(day: float, lasts_d: float = 2.0, scale_mm: float = 60.0) -> float:
    """Fukuzono's curve: rest, then a velocity of scale / time left; still from two minutes before failure on."""
    gone = min(max(day - FAILS_D + lasts_d, 0.0), lasts_d - 120 / DAY_S)
    return -scale_mm * math.log1p(-gone / lasts_d)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("lasts_d", [1.0, 2.0, 4.0])
def test_failure_is_foreseen(lasts_d: float, seed: int) -> None:
    findings = feed(
        bound(GroundInverseVelocity()), rows(lambda d: failing(d, lasts_d), FAILS_D, noise_mm=0.7, seed=seed)
    )
    red = next(finding for finding in findings if finding.level is Level.RED)
    assert red.expected_at is not None
    lead_h = FAILS_D * 24 - since_start_s(red) / HOUR_S
    error_h = (red.expected_at.timestamp() - START_S) / HOUR_S - FAILS_D * 24
    assert 3.0 < lead_h < 16.0
    assert -8.0 < error_h < 0.5


@pytest.mark.parametrize(
    ("left_h", "level"),
    [(200, Level.NONE), (160, Level.BLUE), (60, Level.YELLOW), (20, Level.ORANGE), (5, Level.RED)],
)
def test_hours_left(left_h: float, level: Level) -> None:
    """A noiseless hyperbola, seen until `left_h` before its failure; each colour the moment it is due."""
    fails_d = 20.0

    def curve(day: float) -> float:
        return -200.0 * math.log(fails_d - day)

    findings = feed(bound(GroundInverseVelocity()), rows(curve, fails_d - left_h / 24))
    assert worst(findings) is level
    for finding in findings:
        assert finding.expected_at is not None
        assert finding.expected_at.timestamp() - START_S == pytest.approx(fails_d * DAY_S, abs=HOUR_S)


@pytest.mark.parametrize(
    "curve",
    [
        pytest.param(lambda d: 20.0 * d, id="steady"),
        pytest.param(lambda d: 100.0 * math.log1p(d), id="slowing down"),
        pytest.param(lambda d: 20.0 * d if d < 5 else 100.0 + 5.0 * (d - 5), id="braked"),
    ],
)
def test_what_does_not_run_away_has_no_failure_time(curve: Curve) -> None:
    assert not feed(bound(GroundInverseVelocity()), rows(curve, 9, noise_mm=0.3))


@pytest.mark.parametrize(
    ("options", "level"),
    [
        ({}, Level.ORANGE),
        ({"red_h": 23.0}, Level.RED),
        ({"orange_h": 7.0}, Level.YELLOW),
        ({"orange_h": 7.0, "yellow_h": 8.0}, Level.BLUE),
        ({"orange_h": 7.0, "yellow_h": 8.0, "blue_h": 9.0}, Level.NONE),
        ({"least_mm_d": 1000.0}, Level.NONE),
        ({"surest": 1e-6}, Level.NONE),
        ({"history_s": 3600.0}, Level.NONE),
        ({"moved_mm": 1000.0}, Level.NONE),
    ],
)
def test_options_of_inverse_velocity(options: dict[str, float], level: Level) -> None:
    findings = feed(bound(GroundInverseVelocity(InverseVelocityOptions(**options))), rows(failing, FAILS_D - 10 / 24))
    assert worst(findings) is level


def sliding(seed: int, *, troubled: bool = True) -> tuple[list[Row], float]:
    """Creep that runs away by Voight's law: exponent 1.5 to 2.2, 0.7 mm of noise, half-hourly, steps and gaps.

    Returns:
        Readings up to the failure, and the day of the failure.
    """
    draw = np.random.default_rng(seed)
    alpha, fails_d, creep = draw.uniform(1.5, 2.2), draw.uniform(4, 30), draw.uniform(2, 5)
    q = 1.0 - 1.0 / (alpha - 1.0)
    day = np.arange(0.0, fails_d, 1 / 48)
    moved = creep * fails_d * (1.0 - (1.0 - day / fails_d) ** q) / q + draw.normal(0.0, 0.7, day.size)
    kept = np.ones(day.size, bool)
    if troubled:
        moved += draw.uniform(8, 50) * (day > draw.uniform(0, fails_d)) * draw.choice([-1, 1])
        gap_d = draw.uniform(0, fails_d - 2.0)
        kept = ((day < gap_d) | (day > gap_d + 0.3)) & (draw.random(day.size) > 0.02)
    return list(zip((day[kept] * DAY_S).tolist(), moved[kept].tolist(), strict=True)), float(fails_d)


def test_failure_times_a_day_ahead() -> None:
    """What is told 24 h before: for nine in ten within 6 h, hardly ever after the failure."""
    errors_h = []
    for seed in range(20):
        readings, fails_d = sliding(seed)
        findings = feed(
            bound(GroundInverseVelocity(), 1800.0), [row for row in readings if row[0] <= (fails_d - 1) * DAY_S]
        )
        for last in findings[-1:]:
            assert last.expected_at is not None
            assert last.expected_latest_at is not None
            assert last.expected_earliest_at == last.expected_at < last.expected_latest_at
            errors_h.append((last.expected_at.timestamp() - START_S) / HOUR_S - fails_d * 24)
    assert len(errors_h) >= 18
    assert np.mean(np.abs(errors_h) < 6.0) >= 0.9
    assert np.mean(np.array(errors_h) > 0.0) <= 0.1
    assert max(errors_h) < 3.0


def test_a_failure_time_is_withdrawn_when_the_ground_slows_down() -> None:
    readings, fails_d = sliding(3, troubled=False)
    stop_s = (fails_d - 1.0) * DAY_S
    running = [row for row in readings if row[0] <= stop_s]
    braked = [(stop_s + k * 1800.0, running[-1][1] + 5.0 * k / 48) for k in range(1, 97)]
    findings = feed(bound(GroundInverseVelocity(), 1800.0), running + braked)
    assert worst(findings) >= Level.YELLOW
    assert findings[-1].state == "closed"
    assert since_start_s(findings[-1]) - stop_s < 1.5 * DAY_S


def test_creep_with_season_never_tells_a_failure_time() -> None:
    def curve(day: float) -> float:
        return 2.0 * day + 60.0 * math.sin(day / 58.0) + 1.5 * math.sin(2 * math.pi * day)

    assert not feed(bound(GroundInverseVelocity(), 1800.0), rows(curve, 200, 1800.0, noise_mm=0.7))


@pytest.mark.parametrize(
    ("options", "level"),
    [
        ({}, Level.YELLOW),
        ({"yellow_mm_d": 30.0}, Level.BLUE),
        ({"blue_mm_d": 25.0, "yellow_mm_d": 30.0}, Level.NONE),
        ({"orange_mm_d": 19.0}, Level.ORANGE),
        ({"red_mm_d": 19.0}, Level.RED),
        ({"moved_mm": 100.0}, Level.NONE),
        ({"errors": 1e5}, Level.NONE),
        ({"moved_mm": 10.0}, Level.YELLOW),
        ({"moved_mm": 10.0, "window_s": 14_400.0}, Level.NONE),
    ],
)
def test_options_of_velocity_per_sensor(options: dict[str, float], level: Level) -> None:
    findings = feed(bound(GroundVelocity(), **options), rows(lambda d: 20.0 * d, 3, noise_mm=0.2))
    assert worst(findings) is level


@pytest.mark.parametrize(("jump_mm", "level"), [(9.0, Level.YELLOW), (5.0, Level.NONE)])
def test_the_least_jump_divides_moves_from_knocks(jump_mm: float, level: Level) -> None:
    findings = feed(bound(GroundVelocity(VelocityOptions(jump_mm=jump_mm))), rows(lambda d: 8.0 * (d > 4.003), 6))
    assert worst(findings) is level


def test_the_hold_off_bridges_a_rest() -> None:
    def curve(day: float) -> float:
        return 20.0 * min(day, 3.0)

    short, long = (
        feed(bound(GroundVelocity(VelocityOptions(lower_after_s=hold))), rows(curve, 8.0)) for hold in (0, 10 * DAY_S)
    )
    assert (short[-1].level, long[-1].level) == (Level.NONE, Level.YELLOW)


@pytest.mark.parametrize("detector", ALL)
def test_a_long_silence_begins_anew(detector: type[Detector]) -> None:
    before = rows(lambda d: 0.5 * d, 6, noise_mm=0.3)
    after = [(at_s + 20 * DAY_S, value + 400.0) for at_s, value in before]
    assert not feed(bound(detector()), before + after)


@pytest.mark.parametrize("detector", ALL)
@pytest.mark.parametrize("cut", [200, 1150, 1340])
def test_a_restart_changes_nothing(detector: type[Detector], cut: int) -> None:
    readings = rows(failing, FAILS_D, noise_mm=0.7)
    through = feed(bound(detector()), readings)
    first, second = bound(detector()), bound(detector())
    told_first = feed(first, readings[:cut])
    second.restore(first.snapshot())
    assert through
    assert told(told_first + feed(second, readings[cut:])) == told(through)


@pytest.mark.parametrize("detector", ALL)
def test_only_displacement_of_kind_subsidence_is_watched(detector: type[Detector]) -> None:
    tilt = sensor(SensorKind.SUBSIDENCE, Quantity.TILT, 600, id="t1")
    other = sensor(SensorKind.TANK, Quantity.DISPLACEMENT, 600, id="t2")
    assert bind(detector(), tilt, other).subjects == ()
