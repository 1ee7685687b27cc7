"""Failure times by Voight's law: near the truth, with an interval, withdrawn when the ground comes to rest."""

from __future__ import annotations

import math

import numpy as np
import pytest

from detectors.subsidence.ground_inverse_velocity import GroundInverseVelocity, InverseVelocityOptions
from pipeline.model.level import Level
from tests.unit.detector_rig import START_S, Row, feed, since_start_s
from tests.unit.ground_rig import DAY_S, FAILS_D, HOUR_S, Curve, bound, failing, rows, worst


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


def told_a_day_ahead(seed: int, *, heat_mm: float, creep_d: float) -> float:
    """Error [h] of what is told 24 h before, of a slope that crept for `creep_d` before, under daily heat."""
    readings, fails_d = sliding(seed, troubled=False)
    first = np.array(readings[:48])
    creep_mm_d = np.polyfit(first[:, 0], first[:, 1], 1)[0] * DAY_S
    start_s = creep_d * DAY_S
    before = [(at_s, creep_mm_d * (at_s / DAY_S - creep_d)) for at_s in np.arange(0.0, start_s, 1800.0).tolist()]
    noise = np.random.default_rng(seed).normal(0.0, 0.7, len(before))
    whole = [(at_s, value + float(error)) for (at_s, value), error in zip(before, noise, strict=True)]
    whole += [(start_s + at_s, value) for at_s, value in readings if at_s <= (fails_d - 1) * DAY_S]
    hot = [(at_s, value + heat_mm * math.sin(2 * math.pi * at_s / DAY_S)) for at_s, value in whole]
    last = feed(bound(GroundInverseVelocity(), 1800.0), hot)[-1]
    assert last.expected_at is not None
    return (last.expected_at.timestamp() - START_S) / HOUR_S - (fails_d + creep_d) * 24


@pytest.mark.parametrize(("heat_mm", "creep_d"), [(2.0, 0.0), (0.0, 12.0), (2.0, 12.0)])
def test_neither_daily_heat_nor_creep_before_misleads(heat_mm: float, creep_d: float) -> None:
    """As good as without them, for slopes that fail within hours of what is told."""
    errors_h = [told_a_day_ahead(seed, heat_mm=heat_mm, creep_d=creep_d) for seed in (1, 3, 5, 7)]
    assert max(map(abs, errors_h)) < 4.0


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
