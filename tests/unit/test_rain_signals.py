"""Rainstorm signals: amounts at and about each threshold, what is expected, counters, gaps, restarts."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from detectors.rain.gauge import possible_mm
from detectors.rain.rain_signals import RainOptions, RainSignals
from detectors.rain.tables import tables
from pipeline.model.hazard import SensorKind
from pipeline.model.level import Level
from pipeline.model.quantity import Quantity
from pipeline.model.site import Sensor
from tests.unit.detector_rig import Row, bind, feed, since_start_s, told

FALLEN_ONLY = {"horizon_s": 0.0}


def gauge(interval_s: float = 60.0, quantity: Quantity = Quantity.RAIN, **thresholds: float) -> Sensor:
    own = {f"rain_signals.{name}": value for name, value in thresholds.items()}
    return sensor_of(interval_s, quantity, own)


def sensor_of(interval_s: float, quantity: Quantity, thresholds: dict[str, float]) -> Sensor:
    return Sensor(
        id="r1",
        site="site",
        kind=SensorKind.RAIN,
        quantity=quantity,
        range_low=0,
        range_high=10_000,
        interval_s=interval_s,
        thresholds=thresholds,
    )


def detector(**options: Any) -> RainSignals:
    return RainSignals(RainOptions(**options))


def hours(*amounts_mm: float) -> list[Row]:
    """Hourly readings, the first at 01:00."""
    return [(3600.0 * (k + 1), amount_mm) for k, amount_mm in enumerate(amounts_mm)]


def minutes(rate_mm_h: float, first: int, last: int) -> list[Row]:
    return [(60.0 * k, rate_mm_h / 60) for k in range(first, last + 1)]


@pytest.mark.parametrize(
    ("rows", "level"),
    [
        pytest.param(hours(*[4.0] * 11, 5.999), Level.NONE, id="12 h, just below blue"),
        pytest.param(hours(*[4.0] * 11, 6.0), Level.BLUE, id="12 h, at blue"),
        pytest.param(hours(*[4.0] * 11, 6.001), Level.BLUE, id="12 h, just above blue"),
        pytest.param(hours(*[8.0] * 5, 9.999), Level.NONE, id="6 h, just below yellow"),
        pytest.param(hours(*[8.0] * 5, 10.0), Level.YELLOW, id="6 h, at yellow"),
        pytest.param(hours(16.0, 16.0, 17.999), Level.NONE, id="3 h, just below orange"),
        pytest.param(hours(16.0, 16.0, 18.0), Level.ORANGE, id="3 h, at orange"),
        pytest.param(hours(30.0, 30.0, 39.999), Level.ORANGE, id="3 h, just below red"),
        pytest.param(hours(30.0, 30.0, 40.0), Level.RED, id="3 h, at red"),
        pytest.param(hours(16.0, 0.0, 16.0, 18.0), Level.YELLOW, id="50 mm in 4 h are no orange"),
        pytest.param(hours(8.0, 0.0, *[8.0] * 4, 10.0), Level.BLUE, id="50 mm in 7 h are no yellow"),
        pytest.param(hours(4.0, 0.0, *[4.0] * 10, 6.0), Level.NONE, id="50 mm in 13 h are no blue"),
    ],
)
def test_national_signals(rows: list[Row], level: Level) -> None:
    findings = feed(bind(detector(**FALLEN_ONLY), gauge(3600)), rows)
    assert (findings[-1].level if findings else Level.NONE) is level


def test_a_signal_says_its_window_its_amount_and_its_source() -> None:
    finding = feed(bind(detector(**FALLEN_ONLY), gauge(3600)), hours(16.0, 16.0, 20.0))[-1]
    assert (finding.criterion, finding.value, finding.threshold, finding.score) == ("orange", 52.0, 50.0, 1.04)
    assert (finding.at - finding.window_start_at).total_seconds() == 3 * 3600
    assert {c.key for c in RainSignals.criteria} == {
        f"{colour}{kind}" for colour in ("blue", "yellow", "orange", "red") for kind in ("", "_expected")
    }


def test_a_steady_storm_is_told_before_its_amount_has_fallen() -> None:
    findings = feed(bind(detector(), gauge()), minutes(60, 1, 100))
    first = findings[0]
    assert (first.level, first.criterion, since_start_s(first)) == (Level.ORANGE, "orange_expected", 25 * 60)
    assert first.expected_at is not None
    red = next(f for f in findings if f.level is Level.RED)
    assert (since_start_s(red), red.criterion, red.value) == (50 * 60, "red_expected", 50.0)
    assert red.expected_at is not None
    assert (red.expected_at - red.at).total_seconds() == 60 * 60  # the last hour brought 50 mm


def test_the_time_expected_comes_true_when_the_rain_goes_on() -> None:
    findings = feed(bind(detector(outlook_s=0), gauge()), minutes(40, 1, 76))
    told_last = [f for f in findings if f.criterion == "orange_expected"][-1]
    fallen = findings[-1]
    assert (fallen.criterion, fallen.value, since_start_s(fallen)) == ("orange", 50.025, 75 * 60)
    assert told_last.expected_at is not None
    assert told_last.expected_at.timestamp() == pytest.approx(fallen.at.timestamp(), abs=300)


def test_the_next_colour_is_foreseen_beyond_the_horizon() -> None:
    rows = minutes(30, 1, 110)
    foreseen = feed(bind(detector(**FALLEN_ONLY), gauge()), rows)[0]
    unforeseen = feed(bind(detector(**FALLEN_ONLY, outlook_s=0), gauge()), rows)[0]
    assert (foreseen.criterion, foreseen.value, foreseen.expected_at) == ("orange", 50.0, None)  # 90 mm in 3 h: no red
    assert unforeseen.expected_at is None
    faster = feed(bind(detector(**FALLEN_ONLY), gauge()), minutes(40, 1, 80))[0]
    assert faster.expected_at is not None
    assert (faster.expected_at - faster.at).total_seconds() == 75 * 60
    assert feed(bind(detector(**FALLEN_ONLY, outlook_s=0), gauge()), minutes(40, 1, 80))[0].expected_at is None


@pytest.mark.parametrize(
    ("rows", "level"),
    [
        pytest.param([*minutes(0, 1, 30), *minutes(240, 31, 35), *minutes(0, 36, 90)], Level.NONE, id="20 mm in 5 min"),
        pytest.param([*minutes(0, 1, 30), *minutes(360, 31, 35)], Level.ORANGE, id="30 mm in 5 min"),
        pytest.param([*minutes(45, 1, 20), *minutes(0, 21, 90)], Level.NONE, id="15 mm, then it stops"),
        pytest.param(minutes(0, 1, 3000), Level.NONE, id="zeros"),
    ],
)
def test_one_burst_is_no_storm(rows: list[Row], level: Level) -> None:
    findings = feed(bind(detector(), gauge()), rows)
    assert max((f.peak_level for f in findings), default=Level.NONE) is level


def test_a_shorter_rate_window_tells_earlier() -> None:
    rows = minutes(60, 1, 60)
    (hour, *_), (quarter, *_) = (feed(bind(detector(rate_long_s=s), gauge()), rows) for s in (3600, 900))
    assert (since_start_s(hour), since_start_s(quarter)) == (25 * 60, 10 * 60)


def test_rain_of_a_long_interval_is_spread_over_its_minutes() -> None:
    """An hour's 30 mm leave a three-hour window by halves; put into one minute they would leave at once."""
    options = {"rules": [{"level": "red", "window_h": 1, "amount_mm": 30}], "lower_after_s": 0, "horizon_s": 0}
    findings = feed(bind(detector(**options), gauge(3600)), [(3600.0, 30.0), (3660.0, 0.0)])
    assert told(findings) == [(3600.0, "red", "red"), (3660.0, "none", "red")]
    assert findings[1].value == 29.5


def test_a_level_is_left_after_the_hold_off() -> None:
    rows = [(3000.0, 25.0), (3600.0, 25.0), *[(3600.0 + 600.0 * k, 0.0) for k in range(1, 90)]]
    findings = feed(bind(detector(**FALLEN_ONLY, outlook_s=0, lower_after_s=1200), gauge(600)), rows)
    assert [(f.level.word, round(since_start_s(f) / 60)) for f in findings] == [
        ("orange", 60),
        ("yellow", 230 + 20),
        ("blue", 410 + 20),
        ("none", 770 + 20),
    ]


COUNTER = Quantity.RAIN_TOTAL


@pytest.mark.parametrize(
    ("values", "fallen_mm"),
    [
        pytest.param([500.0, 510.0, 525.0], 25.0, id="rises"),
        pytest.param([500.0, 500.0, 500.0], 0.0, id="the same total is no rain"),
        pytest.param([500.0, 510.0, 2.0, 12.0], 20.0, id="a drop is a reset, not rain"),
        pytest.param([500.0, 0.0, 5000.0, 5010.0], 10.0, id="an impossible rise is no rain"),
        pytest.param([0.0, 0.0, 0.1, 0.2, 0.3], 0.3, id="tenths add up"),
    ],
)
def test_counter(values: list[float], fallen_mm: float) -> None:
    rules = [{"level": "blue", "window_h": 24, "amount_mm": 0.001}]
    bound = bind(detector(rules=rules, **FALLEN_ONLY), gauge(600, COUNTER))
    findings = feed(bound, [(600.0 * (k + 1), value) for k, value in enumerate(values)])
    assert (bound._state["ring"]["total_um"].max() / 1000, bool(findings)) == (fallen_mm, fallen_mm > 0)


def test_a_counter_keeps_what_fell_in_a_gap() -> None:
    bound = bind(detector(**FALLEN_ONLY), gauge(600, COUNTER))
    assert not feed(bound, [(600.0, 100.0)])
    assert told(feed(bound, [(600.0 + 3 * 3600, 150.0)])) == [(11400.0, "orange", "orange")]


def test_an_interval_gauge_tells_of_its_own_interval_after_a_gap() -> None:
    bound = bind(detector(**FALLEN_ONLY), gauge(3600))
    assert not feed(bound, hours(10.0))
    assert told(feed(bound, [(3600.0 * 40, 60.0)])) == [(144000.0, "orange", "orange")]


@pytest.mark.parametrize("gap_h", [23, 24, 25, 1000])
def test_rain_is_forgotten_a_day_later(gap_h: int) -> None:
    rules = [{"level": "blue", "window_h": 24, "amount_mm": 40}]
    bound = bind(detector(rules=rules, lower_after_s=0, **FALLEN_ONLY), gauge(60))
    findings = feed(bound, [*minutes(600, 1, 4), ((gap_h * 60 + 4) * 60.0, 0.0)])
    assert [f.level for f in findings] == [Level.BLUE] if gap_h < 24 else [Level.BLUE, Level.NONE]


@pytest.mark.parametrize("cut", [1, 24, 26, 49, 60])
def test_a_restart_changes_nothing(cut: int) -> None:
    rows = minutes(60, 1, 120)
    through = feed(bind(detector(), gauge()), rows)
    before, after = bind(detector(), gauge()), bind(detector(), gauge())
    told_before = feed(before, rows[:cut])
    after.restore(before.snapshot())
    assert told_before + feed(after, rows[cut:]) == through


@pytest.mark.parametrize(
    ("options", "amount_mm"),
    [
        ({}, 50.0),
        ({"blue_mm": 30.0}, 30.0),
        ({"table": "hourly"}, 20.0),
        ({"rules": [{"level": "blue", "window_h": 24, "amount_mm": 7}]}, 7.0),
    ],
)
def test_tables_and_overrides(options: dict[str, Any], amount_mm: float) -> None:
    below, at = (bind(detector(**options, **FALLEN_ONLY), gauge(3600)) for _ in range(2))
    assert not feed(below, hours(amount_mm - 0.001))
    assert feed(at, hours(amount_mm))[0].threshold == amount_mm


def test_of_two_rules_of_a_colour_the_sooner_is_told() -> None:
    blue = [{"level": "blue", "window_h": 12, "amount_mm": 30}, {"level": "blue", "window_h": 1, "amount_mm": 20}]
    findings = feed(bind(detector(rules=blue), gauge()), minutes(30, 1, 39))
    assert since_start_s(findings[-1]) > 30 * 60  # from here on either is expected within the hour
    assert {(finding.criterion, finding.threshold) for finding in findings} == {("blue_expected", 20.0)}


def test_a_sensor_overrides_one_colour() -> None:
    bound = bind(detector(), gauge(3600, blue_mm=12.0, horizon_s=0.0))
    assert told(feed(bound, hours(12.0))) == [(3600.0, "blue", "blue")]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"table": "nowhere"}, "table 'nowhere' is none of national, hourly"),
        ({"table": "hourly", "blue_mm": 30.0}, "blue_mm needs exactly one blue rule, the table has 2"),
        ({"rules": [{"level": "blue", "window_h": 48, "amount_mm": 7}]}, "window_h"),
        ({"rules": [{"level": "blue", "window_h": 1, "amount_mm": 7}] * 9}, "at most 8"),
        ({"rate_short_s": 60.0}, "rate_short_s"),
        ({"horizon_min": 60}, "horizon_min"),
    ],
)
def test_options_that_cannot_be_meant(options: dict[str, Any], words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        detector(**options)


def test_more_rain_than_the_world_has_seen_is_none() -> None:
    assert possible_mm(60) == pytest.approx(421.6)
    assert not feed(bind(detector(), gauge(3600)), hours(421.7, -3.0))
    assert feed(bind(detector(), gauge(3600)), hours(421.5))


def test_every_table_names_its_source() -> None:
    assert all(table.source for table in tables().values())
    assert tables()["national"].source == "CMA order No. 16 (2007), rainstorm signals"


def reaches(amount_mm: float, rows: list[Row], quantity: Quantity = Quantity.RAIN) -> bool:
    """Whether an hour of five-minute readings is ever held to have brought so much."""
    rules = [{"level": "blue", "window_h": 1, "amount_mm": amount_mm}]
    return bool(feed(bind(detector(rules=rules, horizon_s=0), gauge(300, quantity)), rows))


@pytest.mark.parametrize(
    ("after", "believed_mm"),
    [
        pytest.param([0.0, 0.0], 6.47, id="a dry reading after it: no more than a heavy one"),
        pytest.param([2.0, 0.0], 6.47 + 2.0, id="a little rain after it does not confirm it"),
        pytest.param([15.0, 0.0], 57.0 + 15.0, id="heavy rain after it does"),
        pytest.param([57.0, 57.0], 3 * 57.0, id="nor is what goes on doubted"),
    ],
)
def test_one_reading_of_what_hardly_ever_falls_waits_for_the_next(after: list[float], believed_mm: float) -> None:
    rows = [(300.0 * (k + 1), amount_mm) for k, amount_mm in enumerate([0.0, 57.0, *after])]
    assert reaches(believed_mm - 0.1, rows)
    assert not reaches(believed_mm + 0.1, rows)


def test_a_counter_that_jumps_and_comes_back_is_no_cloudburst() -> None:
    rows = [(300.0 * (k + 1), total_mm) for k, total_mm in enumerate([100.0, 100.2, 157.2, 100.4, 100.6])]
    assert reaches(6.0, rows, Quantity.RAIN_TOTAL)
    assert not reaches(7.0, rows, Quantity.RAIN_TOTAL)


@pytest.mark.parametrize("value_mm", [30.0, 40.0, 57.0])
@pytest.mark.parametrize("second", [20, 22, 40])
def test_wrong_readings_of_a_dry_gauge_raise_nothing(value_mm: float, second: int) -> None:
    rows = [(300.0 * k, value_mm if k in {20, second} else 0.0) for k in range(1, 60)]
    assert feed(bind(detector(), gauge(300)), rows) == []
