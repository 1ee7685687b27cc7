"""Rain ahead from gauges alone: the motion by lags, the amounts, the stage, and what becomes of it in the core."""

from __future__ import annotations

import numpy as np
import pytest

from detectors.rain.rain_forecast import RainForecast
from pipeline.config.assessment import AssessmentPolicy
from pipeline.config.plan import Plan
from pipeline.config.rain_network import lonely_divisions
from pipeline.forecast.lags import LAGS_MIN, motion_km_h
from pipeline.forecast.network import Network, usual_spacing_km
from pipeline.model.area import Area, AreaLevel
from pipeline.model.entry import Entry, Tick
from pipeline.model.finding import Finding
from pipeline.model.forecast import RainAhead
from pipeline.model.instant import NS_PER_S
from pipeline.model.inventory import Inventory
from pipeline.model.level import Level
from pipeline.stages.core import NO_COLUMNS, Core
from pipeline.stages.forecast import NetworkForecast
from pipeline.stages.shards import Shards
from pipeline.stages.ticks import with_ticks
from tests.unit.rain_rig import START_NS, VELOCITY_KM_H, fallen_mm, gauges, network, reported

PLACES = gauges(9)
CENTRE = 40


def had(minute: float) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    return fallen_mm(PLACES[:, 0], PLACES[:, 1], minute)


def test_the_lags_between_gauges_tell_the_motion() -> None:
    found = motion_km_h(PLACES, had(125), {lag: had(125 - lag) for lag in LAGS_MIN}, 9.0)
    assert found is not None
    assert found == pytest.approx(VELOCITY_KM_H, abs=4.0)


def test_too_little_rain_tells_no_motion() -> None:
    dry = np.zeros(len(PLACES))
    assert motion_km_h(PLACES, dry, {15: dry}, 9.0) is None
    one = np.where(np.arange(len(PLACES)) == 3, 5.0, 0.0)
    assert motion_km_h(PLACES, one, {15: one}, 9.0) is None


def test_gauges_that_are_silent_are_left_out() -> None:
    silent = np.arange(len(PLACES)) % 3 == 0
    now, before = had(125).copy(), {lag: had(125 - lag).copy() for lag in LAGS_MIN}
    for values in (now, *before.values()):
        values[silent] = np.nan
    found = motion_km_h(PLACES, now, before, 9.0)
    assert found is not None
    assert found == pytest.approx(VELOCITY_KM_H, abs=8.0)
    ahead = Network(PLACES, PLACES[[CENTRE]], usual_spacing_km(PLACES)).ahead_mm(now, found, 60)
    assert np.isfinite(ahead).all()


def test_an_hour_ahead_is_better_than_persistence() -> None:
    centre = PLACES[[CENTRE]]
    fell = sum(float(fallen_mm(centre[:, 0], centre[:, 1], 55 + k)[0]) for k in range(5, 61, 5))
    near, wide = Network(PLACES, centre, 12.0).ahead_mm(had(55), VELOCITY_KM_H, 60)
    still, _ = Network(PLACES, centre, 12.0).ahead_mm(had(55), np.zeros(2), 60)
    assert abs(near[0] - fell) < 0.35 * fell
    assert abs(still[0] - fell) > 0.6 * fell
    assert wide[0] > 0


def test_spacing_is_the_usual_distance() -> None:
    assert usual_spacing_km(PLACES) == pytest.approx(12.0)
    assert usual_spacing_km(np.vstack([PLACES, PLACES[:5]])) == pytest.approx(12.0)  # two at one place count once


def entries(last_min: int = 150) -> list[Entry]:
    return list(with_ticks(reported(network(PLACES, CENTRE), PLACES, range(5, last_min, 5)), 60.0))


def played(core: Core, log: list[Entry]) -> list[Finding]:
    return [finding for entry in log for finding in core.process(entry).made.findings]


def core() -> Core:
    return Core(Plan(network(PLACES, CENTRE), [RainForecast()]))


def test_a_signal_is_foreseen_an_hour_before_it_has_fallen() -> None:
    centre = PLACES[[CENTRE]]
    sums = np.cumsum([float(fallen_mm(centre[:, 0], centre[:, 1], minute)[0]) for minute in range(5, 300, 5)])
    crossed_ns = START_NS + (5 + 5 * int(np.argmax(sums >= 8.0))) * 60 * NS_PER_S
    blue, *later = [one for one in played(core(), entries()) if one.level >= Level.BLUE]
    assert (blue.detector, blue.criterion, blue.subject) == ("rain_forecast", "blue_likely", "g040/forecast")
    assert crossed_ns / NS_PER_S / 60 - blue.at.timestamp() / 60 >= 45
    told = [one.expected_at for one in (blue, *later) if one.expected_at]
    assert told[-1].timestamp() == pytest.approx(crossed_ns / NS_PER_S, abs=20 * 60)


def test_a_restart_in_the_middle_changes_nothing() -> None:
    log = entries()
    whole = played(core(), log)
    first, second = core(), core()
    found = played(first, log[: len(log) // 3])
    second.restore(first.snapshot())
    assert found + played(second, log[len(log) // 3 :]) == whole
    assert len(whole) > 1


def test_without_sensors_that_want_it_nothing_is_forecast() -> None:
    stage = NetworkForecast(network(PLACES, CENTRE, group="radar"))
    stage.take(NO_COLUMNS)
    assert stage.tick(START_NS) is None


def test_forecasts_wait_for_the_gauges() -> None:
    inventory = network(PLACES, CENTRE)
    machine = Core(Plan(inventory, [RainForecast()]))
    issued = [
        (entry.at.timestamp(), machine.process(entry).columns)
        if not hasattr(entry, "value")
        else machine.process(entry)
        for entry in entries(60)
    ]
    told = [(at_s, columns) for at_s, columns in (one for one in issued if isinstance(one, tuple)) if len(columns)]
    assert len(told) >= 8
    assert all(at_s * NS_PER_S - columns.at_ns[0] >= 60 * NS_PER_S for at_s, columns in told)
    assert {len(columns) for _, columns in told} == {4}


def two_cities() -> Inventory:
    """The western gauges stand in another city, where a site wants forecasts too."""
    whole = network(PLACES, CENTRE)
    west = {site.id for site, (east, _) in zip(whole.sites, PLACES.tolist(), strict=True) if east < -6.0}
    area = Area(code="330602000000", name_zh="越城区", name_en="Yuecheng")
    sites = tuple(one.model_copy(update={"area": area.code}) if one.id in west else one for one in whole.sites)
    asked = tuple(
        one.model_copy(update={"id": f"west-{one.id}", "site": "g038"})
        for one in whole.sensors
        if one.group == "gauges"
    )
    return Inventory((*whole.areas, area), sites, (*whole.sensors, *asked))


def foreseen(level: AreaLevel, sensor: str) -> list[float]:
    place, values = two_cities(), []
    machine = Core(Plan(place, [], assessment=AssessmentPolicy(rain_network=level)))
    slot = [one.id for one in place.sensors].index(sensor)
    for entry in with_ticks(reported(place, PLACES, range(5, 110, 5)), 60.0):
        columns = machine.process(entry).columns
        values += columns.value[columns.slot == slot].tolist()
    return values


def test_each_division_foresees_with_its_own_gauges() -> None:
    assert foreseen(AreaLevel.CITY, "rain_1h") != foreseen(AreaLevel.PROVINCE, "rain_1h")
    assert len(foreseen(AreaLevel.CITY, "west-rain_1h")) == len(foreseen(AreaLevel.PROVINCE, "west-rain_1h")) > 10


@pytest.mark.parametrize("partitions", [2, 5])
def test_partitions_foresee_what_one_process_does(partitions: int) -> None:
    plan = Plan(two_cities(), [RainForecast()])
    log = list(with_ticks(reported(plan.inventory, PLACES, range(5, 150, 5)), 60.0))
    shards = Shards(plan, partitions)
    whole = Core(plan)
    wanted = {one.id: one for entry in log for one in whole.process(entry).made.forecasts}
    found: dict[str, RainAhead] = {}
    for number in range(partitions):
        machine = Core(shards.plan_of(number))
        for entry in log:
            pieces = [entry] if isinstance(entry, Tick) else [p for n, p in shards.split(entry) if n == number]
            for piece in pieces:
                found |= {one.id: one for one in machine.process(piece).made.forecasts}
    assert found == wanted
    assert len({one.site for one in found.values()}) == 2


def test_too_few_gauges_of_a_division_are_told_of() -> None:
    assert lonely_divisions(two_cities(), AreaLevel.CITY) == {}
    few = network(gauges(9)[[0, 40, 80]], 1)
    assert lonely_divisions(few, AreaLevel.CITY) == {"330200000000": 3}
    assert not lonely_divisions(network(PLACES, CENTRE, group="radar"), AreaLevel.CITY)
