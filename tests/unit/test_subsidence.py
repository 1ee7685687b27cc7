"""Ground movement: each colour at and about its threshold, and what must raise nothing."""

from __future__ import annotations

import math

import pytest

from detectors.base import Detector
from detectors.subsidence.ground_inverse_velocity import GroundInverseVelocity
from detectors.subsidence.ground_tangent import GroundTangent, TangentOptions
from detectors.subsidence.ground_velocity import GroundVelocity, VelocityOptions
from pipeline.model.hazard import SensorKind
from pipeline.model.level import Level
from pipeline.model.quantity import Quantity
from tests.unit.detector_rig import bind, feed, sensor, since_start_s, told
from tests.unit.ground_rig import DAY_S, FAILS_D, HOUR_S, Curve, bound, failing, rows, worst

ALL: tuple[type[Detector], ...] = (GroundVelocity, GroundTangent, GroundInverseVelocity)


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
@pytest.mark.parametrize("heat_mm", [3.0, 6.0])
def test_what_comes_back_every_day_is_heat_however_large(detector: type[Detector], heat_mm: float) -> None:
    def curve(day: float) -> float:
        return 0.3 * day + heat_mm * math.sin(2 * math.pi * day)

    assert feed(bound(detector()), rows(curve, 12, noise_mm=0.7)) == []


@pytest.mark.parametrize(("detector", "level"), [(GroundVelocity, Level.ORANGE), (GroundTangent, Level.RED)])
def test_a_slope_that_swings_is_seen_to_fail(detector: type[Detector], level: Level) -> None:
    def curve(day: float) -> float:
        return failing(day) + 3.0 * math.sin(2 * math.pi * day)

    calm, swinging = (
        next(one for one in feed(bound(detector()), rows(each, FAILS_D, noise_mm=0.7)) if one.level >= level)
        for each in (failing, curve)
    )
    assert since_start_s(swinging) <= since_start_s(calm) + 6 * HOUR_S
    assert since_start_s(swinging) < FAILS_D * DAY_S


@pytest.mark.parametrize("heat_mm", [3.0, 10.0])
@pytest.mark.parametrize("begins_h", [0, 4, 8, 12, 16, 20])
def test_whatever_hour_the_first_day_begins(heat_mm: float, begins_h: int) -> None:
    """What rises on a sensor's first day may be motion: only a second day shows that it is heat."""

    def curve(day: float) -> float:
        return 0.3 * day + heat_mm * math.sin(2 * math.pi * (day + begins_h / 24.0))

    findings = feed(bound(GroundVelocity()), rows(curve, 12, noise_mm=0.7))
    assert all(since_start_s(one) < 0.75 * DAY_S for one in findings if one.state == "opened")
    assert not feed(bound(GroundTangent()), rows(curve, 12, noise_mm=0.7))


def _rebound(day: float) -> float:
    return -60.0 * min(max(day - 5.0, 0.0), 1.0)


def _shifted(day: float) -> float:
    return -40.0 * ((day >= 5.0) + (day >= 5.25))


def _jacked(day: float) -> float:
    """Down by 40 mm and up again within half a day."""
    return -160.0 * (min(max(day - 5.0, 0.0), 0.25) - min(max(day - 5.25, 0.0), 0.25))


@pytest.mark.parametrize("fell", [_rebound, _shifted, _jacked])
@pytest.mark.parametrize(("mm_d", "tangent"), [(20.0, Level.ORANGE), (10.0, Level.YELLOW)])
def test_motion_after_ground_fell_once_is_told_as_soon(fell: Curve, mm_d: float, tangent: Level) -> None:
    def moves(day: float) -> float:
        return mm_d * max(day - 8.0, 0.0)

    def falls_and_moves(day: float) -> float:
        return fell(day) + moves(day)

    for detector, level in ((GroundVelocity, Level.YELLOW), (GroundTangent, tangent)):
        after, alone = (
            next(
                since_start_s(one)
                for one in feed(bound(detector()), rows(curve, 11, noise_mm=0.3))
                if one.level >= level and since_start_s(one) > 8 * DAY_S
            )
            for curve in (falls_and_moves, moves)
        )
        assert after <= alone + HOUR_S, detector.kind


@pytest.mark.parametrize("detector", [GroundVelocity, GroundTangent])
def test_a_day_that_does_not_swing_takes_the_bound_off(detector: type[Detector]) -> None:
    """Ten days of heat, two without, then motion: as soon as without the heat."""
    told_at = [
        next(since_start_s(one) for one in feed(bound(detector()), rows(curve, 15, noise_mm=0.3)) if one.level >= 2)
        for curve in (
            lambda d: 20.0 * max(d - 12.0, 0.0),
            lambda d: 20.0 * max(d - 12.0, 0.0) + 8.0 * math.sin(2 * math.pi * min(d, 10.0)),
        )
    ]
    assert told_at[1] <= told_at[0] + HOUR_S


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
