"""Time to overflow, from the fill rate."""

from __future__ import annotations

import math

import numpy as np
import pytest
from pydantic import ValidationError

from detectors.tank.tank_overfill import TankOverfill, TankOverfillOptions, filled_m
from pipeline.model.finding import Finding
from pipeline.model.hazard import SensorKind
from pipeline.model.quantity import Quantity
from pipeline.model.site import Sensor
from tests.unit.detector_rig import START_S, Row, bind, feed, sensor, since_start_s, told

MINUTE = 60.0


def gauge(**thresholds: float) -> Sensor:
    own = {f"tank_overfill.{key}": value for key, value in thresholds.items()}
    return sensor(SensorKind.TANK, Quantity.TANK_LEVEL, 10, range_low=0.0, range_high=10.0, thresholds=own)


def found(rows: list[Row], watched: Sensor | None = None, **options: float) -> list[Finding]:
    return feed(bind(TankOverfill(TankOverfillOptions(**options)), watched or gauge()), rows)


def filling(m_per_min: float, overflow_min: float, until_min: float, noise_m: float = 0.0) -> list[Row]:
    """A steady fill that reaches critical high (9.8 m) at `overflow_min`; a reading every 10 s."""
    noise = np.random.default_rng(3).normal(0.0, 1.0, 10_000)
    return [
        (10.0 * k, 9.8 - m_per_min * (overflow_min - k / 6) + noise_m * float(noise[k]))
        for k in range(round(until_min * 6) + 1)
    ]


def test_colours_come_at_60_30_15_and_5_minutes_left() -> None:
    findings = found(filling(0.05, 90, 90), expected_tolerance_s=1e9)
    raised = [(one.level.word, since_start_s(one) / MINUTE) for one in findings]
    assert [colour for colour, _ in raised] == ["blue", "yellow", "orange", "red"]
    assert [at_min for _, at_min in raised] == pytest.approx([30, 60, 75, 85], abs=0.4)
    assert {one.criterion for one in findings} == {"time_left"}


def test_the_crossing_time_is_foreseen() -> None:
    findings = found(filling(0.05, 90, 80))
    assert all(one.expected_at is not None for one in findings)
    for one in findings:
        assert one.expected_at is not None
        assert one.expected_at.timestamp() - findings[0].at.timestamp() + since_start_s(findings[0]) == pytest.approx(
            90 * MINUTE, abs=2.0
        )
        assert one.value == pytest.approx(90 - since_start_s(one) / MINUTE, abs=0.1)


def test_the_crossing_time_is_foreseen_through_noise() -> None:
    findings = found(filling(0.05, 90, 80, noise_m=0.02))
    assert {one.level.word for one in findings} >= {"blue", "yellow", "orange"}
    last = findings[-1]
    assert last.expected_at is not None
    assert last.expected_at.timestamp() - last.at.timestamp() == pytest.approx(
        90 * MINUTE - since_start_s(last), abs=3 * MINUTE
    )


def test_one_wrong_value_hardly_moves_what_is_told() -> None:
    rows = filling(0.05, 90, 80)
    rows[-100] = (rows[-100][0], 0.0)
    disturbed, steady = (told(found(one, lower_after_s=0.0)) for one in (rows, filling(0.05, 90, 80)))
    assert [level for _, level, _ in disturbed] == [level for _, level, _ in steady]
    assert [at_s for at_s, _, _ in disturbed] == pytest.approx([at_s for at_s, _, _ in steady], abs=10.0)


QUIET: dict[str, list[Row]] = {
    "a still tank, nearly full": [(10.0 * k, 9.79) for k in range(500)],
    "a still tank with waves": [(10.0 * k, 9.5 + 0.03 * math.sin(k)) for k in range(500)],
    "a still tank with a noisy gauge": [
        (10.0 * k, 9.7 + 0.1 * float(noise)) for k, noise in enumerate(np.random.default_rng(5).normal(size=500))
    ],
    "a tank being emptied": [(10.0 * k, 9.8 - 0.001 * k) for k in range(500)],
    "a rise slower than the least rate": [(10.0 * k, 9.78 + 0.0001 * k) for k in range(100)],
    "a fill that ends in hours": filling(0.05, 180, 100),
    "one wrong value": [(10.0 * k, 9.7 if k == 50 else 5.0) for k in range(500)],
    "two readings": filling(0.5, 2, 0.2)[:2],
}


@pytest.mark.parametrize("name", QUIET)
def test_no_overfill(name: str) -> None:
    assert found(QUIET[name]) == []


@pytest.mark.parametrize("ends_m", [9.8, 9.95])
def test_the_onset_stays_where_the_critical_height_was_reached(ends_m: float) -> None:
    rows = [(at_s, min(level_m, ends_m)) for at_s, level_m in filling(0.05, 90, 150)]
    findings = found(rows, expected_tolerance_s=30.0)
    start_s = findings[0].at.timestamp() - since_start_s(findings[0])
    expected = [one.expected_at.timestamp() - start_s for one in findings if one.expected_at]
    assert expected == pytest.approx([90 * MINUTE] * len(expected), abs=60.0)


def test_a_fill_that_is_drawn_off_and_begins_again_has_an_onset_of_its_own() -> None:
    rows = filling(0.05, 90, 95)
    rows += [(5700.0 + 10.0 * k, 10.05 - 0.01 * k) for k in range(1, 301)]
    rows += [(8700.0 + 10.0 * k, 7.05 + 0.05 * k / 6) for k in range(1, 331)]
    findings = found(rows)
    start_s = findings[0].at.timestamp() - since_start_s(findings[0])
    expected = [one.expected_at.timestamp() - start_s for one in findings if one.expected_at]
    assert expected[-1] == pytest.approx(8700.0 + 55 * MINUTE, abs=300.0)


def test_a_slow_gauge_tells_when_the_critical_height_was_reached_between_two_readings() -> None:
    slow = gauge().model_copy(update={"interval_s": 900.0})
    rows = [(900.0 * k, 5.0 + 0.01 * 15 * k) for k in range(60)]
    late = [one for one in found(rows, slow) if since_start_s(one) >= 480 * MINUTE]
    assert {(one.expected_at or one.at).timestamp() - START_S for one in late} == {480 * MINUTE}


def test_a_state_of_before_tells_the_onset_from_the_rate() -> None:
    """One of version 3 does not know that the critical height has been reached."""
    rows = filling(0.05, 90, 100)
    bound = bind(TankOverfill(), gauge())
    feed(bound, rows[:570])
    bound._state["reached_ns"] = 0
    last = feed(bound, [(at_s, 2 * level - 9.8) for at_s, level in rows[570:]])
    assert all(abs((one.expected_at or one.at).timestamp() - START_S - 90 * MINUTE) < 120.0 for one in last)


def test_waves_about_the_critical_height_make_no_new_onset() -> None:
    rows = filling(0.05, 90, 90)
    rows += [(rows[-1][0] + 10.0 * k, 9.8 + 0.002 * math.sin(k) + 0.000_02 * k) for k in range(1, 1000)]
    onsets = {one.expected_at for one in found(rows) if one.expected_at and since_start_s(one) >= 91 * MINUTE}
    assert len(onsets) <= 1


def test_a_fill_that_stops_is_closed() -> None:
    rows = filling(0.05, 90, 70)
    full = rows[-1][1]
    rows += [(rows[-1][0] + 10.0 * k, full) for k in range(1, 1000)]
    assert found(rows)[-1].state == "closed"


def test_a_long_gap_starts_the_rate_afresh() -> None:
    rows = [*filling(0.05, 90, 70), (86_400.0, 9.0), (86_410.0, 9.0)]
    last = found(rows, lower_after_s=0.0)[-1]
    assert (last.state, since_start_s(last)) == ("closed", 86_400.0)


def test_a_rate_is_told_once_readings_span_half_the_window() -> None:
    first = found(filling(0.05, 20, 20))[0]
    assert since_start_s(first) == 10.0 + 300.0 + 10.0


def test_a_rate_is_told_once_a_slow_gauge_has_two_medians() -> None:
    slow = gauge().model_copy(update={"interval_s": 900.0})
    first = found([(900.0 * k, 8.0 + 0.45 * k) for k in range(5)], slow)[0]
    assert since_start_s(first) == 900.0 * 3


@pytest.mark.parametrize("interval_s", [60.0, 300.0, 900.0])
@pytest.mark.parametrize("m_h", [(0.0, 1.5), (0.6, 1.5), (3.0, 0.9)])
def test_a_change_of_pumping_is_followed_within_four_readings(interval_s: float, m_h: tuple[float, float]) -> None:
    """The window of a minute's gauge is ten readings; that of a slow one no bar to following its pumps."""
    noise = np.random.default_rng(4)
    at_s = np.arange(0.0, 30_000.0, interval_s)
    before_m, after_m = (
        one * np.clip(at_s - 20_000.0, lo, hi) / 3600 for one, lo, hi in zip(m_h, (-2e4, 0.0), (0.0, 1e4), strict=True)
    )
    level = 7.0 + before_m + after_m + noise.normal(0.0, 0.003, at_s.size)
    slow = gauge(blue_min=600.0, critical_high_m=9.5).model_copy(update={"interval_s": interval_s})
    late_s = 20_000.0 + max(4 * interval_s, 900.0)
    due_s = 20_000.0 + 2.5 / m_h[1] * 3600
    findings = found(list(zip(at_s.tolist(), level.tolist(), strict=True)), slow, expected_tolerance_s=1.0)
    told_s = [
        (one.expected_at.timestamp() - START_S)
        for one in findings
        if one.expected_at and late_s < since_start_s(one) < due_s
    ]
    assert told_s
    assert told_s == pytest.approx([due_s] * len(told_s), abs=0.15 * (due_s - 20_000.0))


def test_each_tank_has_its_own_overflow() -> None:
    rows = filling(0.05, 150, 60)
    assert found(rows) == []
    assert found(rows, gauge(critical_high_m=7.0))


def test_minutes_are_options() -> None:
    rows = filling(0.05, 90, 80)
    findings = found(rows, expected_tolerance_s=1e9, blue_min=80.0, yellow_min=50.0, orange_min=40.0, red_min=30.0)
    assert [one.level.word for one in findings] == ["blue", "yellow", "orange", "red"]
    assert [since_start_s(one) / MINUTE for one in findings] == pytest.approx([10, 40, 50, 60], abs=0.4)


def test_minutes_that_do_not_fall_are_refused() -> None:
    with pytest.raises(ValidationError, match=r"red_min must fall; they are 60, 30, 15, 20"):
        TankOverfillOptions(red_min=20.0)


def troubled(seed: int) -> tuple[list[Row], float]:
    """A filling with noise, gaps and often a change of pumping, a reading a minute; and when it reaches 9.8 m [s]."""
    draw = np.random.default_rng(seed)
    total_min, m_min = draw.uniform(90, 400), draw.uniform(0.3, 3.0) / 60
    minute = np.arange(-120.0, total_min)
    level = 9.8 - m_min * (total_min - np.maximum(minute, 0.0))
    if seed % 2:
        changes, factor = draw.uniform(0, total_min - 75), draw.uniform(0.4, 1.8)
        before = 9.8 - m_min * (total_min - changes) - m_min * factor * (changes - np.maximum(minute, 0.0))
        level = np.where(minute < changes, before, level)
    level += draw.normal(0.0, draw.choice([0.002, 0.005, 0.01]), minute.size)
    kept = draw.random(minute.size) > 0.02
    return list(zip((MINUTE * minute[kept] + 7200).tolist(), level[kept].tolist(), strict=True)), 60 * total_min + 7200


def test_an_hour_ahead_the_time_is_within_a_tenth_and_its_interval_holds() -> None:
    errors, held = [], []
    for seed in range(60):
        rows, full_s = troubled(seed)
        findings = found(rows, gauge().model_copy(update={"interval_s": 60.0}))
        first = next(one for one in findings if one.level and since_start_s(one) > full_s - 96 * MINUTE)
        assert first.expected_at is not None
        assert first.expected_earliest_at is not None
        assert first.expected_latest_at is not None
        left_s = full_s - since_start_s(first)
        errors.append((first.expected_at - first.at).total_seconds() / left_s - 1.0)
        due_s = full_s + START_S
        held.append(first.expected_earliest_at.timestamp() <= due_s <= first.expected_latest_at.timestamp())
    assert np.mean(np.abs(errors) <= 0.1) >= 0.87
    assert np.mean(held) >= 0.87


@pytest.mark.parametrize("level_m", [0.0, 0.5, 1.0, 1.7, 2.0])
def test_the_section_of_a_lying_cylinder(level_m: float) -> None:
    """Against the area under the circle, summed in thin strips."""
    heights = np.linspace(0.0, level_m, 20_001)
    widths = 2.0 * np.sqrt(np.maximum(heights * (2.0 - heights), 0.0))
    assert filled_m(level_m, 2.0) == pytest.approx(np.trapezoid(widths, heights) / 2.0, abs=1e-5)


def test_a_lying_cylinder_fills_the_slower_the_fuller_its_middle() -> None:
    """A steady flow into a cylinder of 10 m: its level is no straight line, yet the time is right from the first."""
    share = np.linspace(0.0, 1.0, 4001)
    sections = np.array([filled_m(10.0 * one, 10.0) for one in share])
    full_min, overflow = 200.0, filled_m(9.8, 10.0)
    rows = [(10.0 * k, float(np.interp(overflow * k / (6 * full_min), sections, 10.0 * share))) for k in range(1100)]
    first = found(rows, gauge(lying_diameter_m=10.0))[0]
    assert first.expected_at is not None
    assert first.expected_at.timestamp() - START_S == pytest.approx(full_min * MINUTE, abs=MINUTE)
    assert abs((found(rows)[0].expected_at or first.at).timestamp() - START_S - full_min * MINUTE) > 10 * MINUTE


def test_a_steady_rate_is_taken_over_more_than_one_window() -> None:
    def spread(factor: float) -> float:
        told_s = [
            one.expected_at.timestamp() - START_S
            for one in found(filling(0.02, 300, 290, noise_m=0.02), steady_factor=factor, expected_tolerance_s=1.0)
            if one.expected_at
        ]
        return float(np.ptp(told_s))

    assert spread(6.0) < spread(1.0)
