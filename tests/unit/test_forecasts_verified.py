"""Forecasts of rain are told when issued, verified when due, kept with their verdict, and scored from counts."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from alerting.report.forecasts import ANY, ForecastScore, scores
from alerting.store.forecasts import KEEP_S
from alerting.store.record import Record
from alerting.store.store import Store
from pipeline.cli.forecasts import in_force
from pipeline.config.influx import InfluxOptions
from pipeline.config.plan import Plan
from pipeline.connectors.kafka.results import messages
from pipeline.connectors.kafka.topics import Topic
from pipeline.model.batch import ReadingBatch
from pipeline.model.entry import Entry, Yield
from pipeline.model.forecast import ForecastState, RainAhead
from pipeline.model.hazard import SensorKind
from pipeline.model.instant import NS_PER_S, from_ns
from pipeline.model.inventory import Inventory
from pipeline.model.quality import Quality
from pipeline.model.quantity import Quantity
from pipeline.model.reading import Reading, Series
from pipeline.model.site import Sensor
from pipeline.runners.sink_points import Points
from pipeline.stages.core import Core
from pipeline.stages.ticks import with_ticks
from pipeline.telemetry import Telemetry
from tests.unit.detector_rig import START_S, inventory, sensor

START_NS = START_S * NS_PER_S
HALVES = {"1h": Quantity.RAIN_1H, "1h-high": Quantity.RAIN_1H_HIGH}
LAST_MIN = 200


def rain(name: str, quantity: Quantity, group: str = "") -> Sensor:
    return sensor(SensorKind.RAIN, quantity, 300.0, id=name, group=group)


def field(*groups: str, gauge: bool = True) -> Inventory:
    stand = [rain(f"{group}-{name}", quantity, group) for group in groups for name, quantity in HALVES.items()]
    return inventory(*([rain("gauge", Quantity.RAIN)] if gauge else []), *stand)


def reading(minute: float, name: str, quantity: Quantity, value: float) -> Reading:
    return Reading(Series(name, quantity), START_NS + round(minute * 60 * NS_PER_S), value, Quality.NOT_EVALUATED)


def said(minute: float, group: str, median_mm: float, high_mm: float) -> list[Reading]:
    pairs = zip(HALVES.items(), (median_mm, high_mm), strict=True)
    return [reading(minute, f"{group}-{name}", quantity, value) for (name, quantity), value in pairs]


def fallen(first: int, last: int, mm: float, silent: range = range(0)) -> list[Reading]:
    minutes = (minute for minute in range(first, last + 1, 5) if minute not in silent)
    return [reading(minute, "gauge", Quantity.RAIN, mm) for minute in minutes]


def log(readings: list[Reading]) -> list[Entry]:
    ordered = sorted(readings, key=lambda one: (one.observed_at_ns, one.series.sensor))
    return list(with_ticks([ReadingBatch.of([one]) for one in ordered], 60.0))


def told(core: Core, entries: list[Entry]) -> list[RainAhead]:
    return [one for entry in entries for one in core.process(entry).made.forecasts]


def played(field_: Inventory, readings: list[Reading]) -> list[RainAhead]:
    return told(Core(Plan(field_, [])), log(readings))


def test_a_forecast_is_told_when_issued_and_verified_when_due() -> None:
    rows = [*fallen(5, LAST_MIN, 1.0), *said(30, "radar", 9.0, 20.0)]
    issued, verdict = played(field("radar"), rows)
    assert (issued.state, issued.fell_mm, issued.in_force) == (ForecastState.PENDING, None, True)
    assert (verdict.id, verdict.state, verdict.fell_mm) == (issued.id, ForecastState.VERIFIED, 12.0)
    one, five, twenty = verdict.amounts
    assert verdict.due_at == from_ns(START_NS + 90 * 60 * NS_PER_S)
    after = [
        (each.reached_at - verdict.issued_at).total_seconds() / 60 if each.reached_at else None
        for each in verdict.amounts
    ]
    assert after == [5, 25, None]
    assert five.expected_at is not None
    assert (five.expected_at - verdict.issued_at).total_seconds() == pytest.approx(3600 * 5 / 9)
    assert one.probability > five.probability > twenty.probability
    assert twenty.expected_at is None


@pytest.mark.parametrize(
    ("readings", "state", "fell_mm"),
    [
        pytest.param(fallen(5, LAST_MIN, 1.0, silent=range(50, 70)), ForecastState.UNVERIFIED, None, id="a gap within"),
        pytest.param(fallen(5, LAST_MIN, 1.0, silent=range(10, 25)), ForecastState.VERIFIED, 12.0, id="a gap before"),
        pytest.param(fallen(35, LAST_MIN, 1.0), ForecastState.VERIFIED, 12.0, id="the gauge began with the forecast"),
        pytest.param(fallen(40, LAST_MIN, 1.0), ForecastState.UNVERIFIED, None, id="the gauge began later"),
        pytest.param(fallen(5, 60, 1.0), ForecastState.UNVERIFIED, None, id="the gauge went silent"),
    ],
)
def test_what_nobody_measured_is_not_verified(
    readings: list[Reading], state: ForecastState, fell_mm: float | None
) -> None:
    clock = [one for minute in range(100, LAST_MIN, 5) for one in said(minute, "later", 0.0, 0.0)]
    rows = [*readings, *said(30, "radar", 9.0, 20.0), *clock]
    verdict = [one for one in played(field("radar", "later"), rows) if one.source == "radar"][-1]
    assert (verdict.state, verdict.fell_mm) == (state, fell_mm)


def test_while_it_may_still_be_reported_a_verdict_waits() -> None:
    rows = [*fallen(5, 60, 1.0), *said(30, "radar", 9.0, 20.0), *said(120, "radar", 0.0, 0.0)]
    assert {one.state for one in played(field("radar"), rows)} == {ForecastState.PENDING}
    late = [*rows, *fallen(65, 120, 1.0)]
    assert [one.fell_mm for one in played(field("radar"), late) if one.state is ForecastState.VERIFIED] == [12.0]


def test_of_several_sources_the_best_that_is_fresh_counts() -> None:
    rows = [
        *(*said(30, "service", 1.0, 2.0), *said(31, "radar", 1.0, 2.0), *said(32, "gauges", 1.0, 2.0)),
        *(*said(35, "service", 1.0, 2.0), *said(52, "service", 1.0, 2.0), *said(73, "gauges", 1.0, 2.0)),
    ]
    found = played(field("radar", "service", "gauges"), rows)
    assert [(one.source, one.in_force) for one in found] == [
        *(("service", True), ("radar", True), ("gauges", False), ("service", False)),
        *(("service", True), ("gauges", True)),
    ]


def test_half_a_forecast_and_one_that_failed_its_tests_are_none() -> None:
    halves = [one for minute in (30, 35) for one in said(minute, "radar", 9.0, 20.0)]
    assert not played(field("radar"), [*fallen(5, 100, 1.0), halves[0], halves[3]])
    beyond = said(30, "radar", 9.0, 2e7)
    assert not played(field("radar"), [*fallen(5, 100, 1.0), *beyond])


@pytest.mark.parametrize("cut", [3, 40, 90, 130])
def test_a_restart_changes_nothing(cut: int) -> None:
    rows = fallen(5, LAST_MIN, 1.0) + [one for minute in range(15, 120, 15) for one in said(minute, "radar", 3.0, 8.0)]
    entries, place = log(rows), field("radar")
    whole = told(Core(Plan(place, [])), entries)
    first, second = Core(Plan(place, [])), Core(Plan(place, []))
    before = told(first, entries[:cut])
    second.restore(first.snapshot())
    assert before + told(second, entries[cut:]) == whole
    assert len(whole) == 14


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    one = Store(f"sqlite:///{tmp_path / 'store.db'}")
    yield one
    one.close()


def scored(store: Store, rows: list[RainAhead]) -> dict[tuple[str, float], ForecastScore]:
    for one in rows:
        store.save(Record(forecasts=[one]), one.due_at)
    tallies = store.forecast_tallies(rows[0].due_at - timedelta(days=1), rows[0].due_at + timedelta(days=1))
    return {(one.source, one.amount_mm): one for one in scores(tallies)}


def storm() -> list[RainAhead]:
    """Of two sources: radar is right both times, the other once; radar is in force."""
    rain_ = [*fallen(5, 100, 1.0), *fallen(105, 260, 0.0)]
    ahead = [*said(30, "radar", 9.0, 12.0), *said(31, "other", 9.0, 12.0)]
    dry = [*said(130, "radar", 0.0, 0.0), *said(131, "other", 9.0, 12.0)]
    return played(field("radar", "other"), [*rain_, *ahead, *dry])


def test_scores_by_source_and_amount(store: Store) -> None:
    rows = storm()
    found = scored(store, rows)
    radar, other, both = found["radar", 5.0], found["other", 5.0], found[ANY, 5.0]
    likely = rows[0].amounts[1].probability
    assert likely > 0.9
    assert radar.brier == pytest.approx((1 - likely) ** 2 / 2)
    assert other.brier == pytest.approx(((1 - likely) ** 2 + likely**2) / 2)
    assert (radar.csi, other.csi, radar.came, radar.climatology) == (1.0, 0.5, 0.5, 0.25)
    assert radar.said == pytest.approx(likely / 2)
    assert (both.count, both.brier) == (2, radar.brier)
    assert [(round(p, 2), came, count) for p, came, count in radar.reliability] == [
        (0.0, 0, 1),
        (round(likely, 2), 1, 1),
    ]
    assert (radar.error_min, radar.late_min) == (8.0, 8.0)  # 33 min told, 25 came
    assert store.forecasts(10)[0].issued_at >= store.forecasts(10)[-1].issued_at


def test_what_is_said_again_after_a_crash_is_counted_once(store: Store) -> None:
    rows = storm()
    once = scored(store, rows)
    assert scored(store, rows) == once
    assert {one.state for one in store.forecasts(10)} == {ForecastState.VERIFIED}


def test_a_verdict_that_comes_before_its_forecast_stands(store: Store) -> None:
    assert scored(store, storm()[::-1])["radar", 5.0].count == 2
    assert {one.state for one in store.forecasts(10)} == {ForecastState.VERIFIED}


def test_forecasts_are_let_go_and_their_counts_stay(store: Store) -> None:
    rows = storm()
    kept = scored(store, rows)
    later = {"issued_at": rows[0].issued_at + timedelta(seconds=KEEP_S + 7200), "id": "later"}
    due = {"due_at": rows[0].due_at + timedelta(seconds=KEEP_S + 7200)}
    store.save(Record(forecasts=[rows[0].model_copy(update={**later, **due})]), rows[0].due_at)
    assert [one.id for one in store.forecasts(10) if one.due_at < rows[0].due_at + timedelta(hours=1)] == []
    assert scored(store, rows[:0] or [rows[0]]).keys() >= kept.keys()


def test_of_an_area_the_site_with_the_greatest_bound_stands() -> None:
    rows = storm()
    second = rows[0].model_copy(update={"site": "second", "high_mm": 40.0, "id": "x"})
    stale = rows[0].model_copy(
        update={"site": "stale", "high_mm": 90.0, "issued_at": rows[0].issued_at - timedelta(hours=1)}
    )
    assert [(one.site, one.high_mm) for one in in_force([rows[0], second, stale])] == [("second", 40.0)]
    assert in_force([]) == []


def test_over_kafka_a_forecast_comes_as_it_was_said_and_goes_to_influxdb() -> None:
    issued, verdict = storm()[0], next(one for one in storm() if one.state is ForecastState.VERIFIED)
    sent = list(messages(Yield(forecasts=(issued, verdict))))
    assert [(one.topic, one.key) for one in sent] == [(Topic.FORECASTS, "site")] * 2
    assert [RainAhead.model_validate_json(one.value or b"") for one in sent] == [issued, verdict]
    points = Points(field("radar"), InfluxOptions(), Telemetry())
    first, second = (points.of_message(Topic.FORECASTS, one.value)[0].decode() for one in sent)
    assert first.startswith("rain_ahead,area=330212000000,horizon_min=60,site=site,source=radar ")
    assert "fell_mm" not in first
    assert "fell_mm=12" in second
    assert all(part in second for part in ("reached_1=1i", "reached_2=1i", "reached_3=0i"))
    assert first.rsplit(" ", 1)[1] == second.rsplit(" ", 1)[1], "the verdict goes to the place of the forecast"
