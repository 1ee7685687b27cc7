"""The figures: hits, intervals, rates, chance."""

from __future__ import annotations

import numpy as np
import pytest

from pipeline.evaluation.baselines import THRESHOLD, baselines, crossings, gaussian_scores
from pipeline.evaluation.episodes import Episode, Who, episodes
from pipeline.evaluation.event import Event
from pipeline.evaluation.exact import interval
from pipeline.evaluation.score import MONTH_S, Score, Span, score
from pipeline.evaluation.suite import Baseline
from pipeline.evaluation.voices import Voice
from pipeline.model.instant import NS_PER_S
from pipeline.model.level import Level
from pipeline.model.quantity import Quantity
from pipeline.model.reading import Series
from tests.district import inventory

AREA = "990101001001"

# Johnson, Kotz, Kemp: Univariate Discrete Distributions; the same figures stand in every statistics package.
INTERVALS = {
    (0, 10): (0.0, 0.3085),
    (10, 10): (0.6915, 1.0),
    (5, 10): (0.1871, 0.8129),
    (10, 11): (0.5872, 0.9977),
    (1, 1): (0.025, 1.0),
    (0, 0): (0.0, 1.0),
    (940, 1000): (0.9234, 0.9539),
}


@pytest.mark.parametrize("trials", INTERVALS)
def test_exact_interval(trials: tuple[int, int]) -> None:
    assert interval(*trials) == pytest.approx(INTERVALS[trials], abs=1e-4)


@pytest.mark.parametrize("trials", [(2, 1), (-1, 3)])
def test_an_impossible_count_is_refused(trials: tuple[int, int]) -> None:
    with pytest.raises(ValueError, match="hits of"):
        interval(*trials)


def alarm(at_s: float, until_s: float | None = None, subject: str = "a") -> Episode:
    return Episode(round(at_s * NS_PER_S), subject, AREA, None if until_s is None else round(until_s * NS_PER_S))


def event(name: str, begin_s: float, end_s: float, onset_s: float | None = None) -> Event:
    begin_ns, end_ns = round(begin_s * NS_PER_S), round(end_s * NS_PER_S)
    return Event(name, begin_ns, begin_ns, end_ns, end_ns, AREA, None if onset_s is None else round(onset_s * NS_PER_S))


SPAN = Span(0, 10_000 * NS_PER_S, 2 * MONTH_S)
EVENTS = (event("one", 1000, 2000, 5000), event("two", 4000, 5000, 9000), event("three", 7000, 8000, 7900))


def told(*alarms: Episode, by_chance: bool = True, early_s: float | None = None) -> Score:
    return score(alarms, EVENTS, SPAN, 100 * NS_PER_S, by_chance=by_chance, early_s=early_s)


def test_figures_of_hits_misses_and_false_alarms() -> None:
    figures = told(alarm(500, 600), alarm(900, 1500), alarm(1300), alarm(1400), alarm(5050), alarm(7200), early_s=3600)
    assert (figures.events, figures.hits, figures.missed) == (3, 2, ("two",))
    assert [one.delay_s for one in figures.found] == [300, None, 200]
    assert [one.lead_s for one in figures.found] == [3700, None, 700]
    assert figures.pod == pytest.approx(2 / 3)
    assert figures.pod_interval == pytest.approx((0.0943, 0.9916), abs=1e-4)
    assert figures.pod_early == pytest.approx(1 / 3)
    assert figures.delays_s == pytest.approx((210, 250, 290))
    assert (figures.episodes, figures.false, figures.premature) == (6, 2, 1)
    assert figures.false_per_sensor_month == pytest.approx(1.0)
    assert figures.far == pytest.approx(2 / 6)
    assert figures.csi == pytest.approx(2 / 5)


@pytest.mark.parametrize(
    ("until_s", "stood_s"), [(None, 1000), (9000, 1000), (4300, 300), (4000, None)], ids=["open", "on", "part", "over"]
)
def test_an_alarm_in_force_is_told_apart_from_a_miss(until_s: float | None, stood_s: float | None) -> None:
    figures = told(alarm(3000, until_s), alarm(3500, 3600))
    assert (figures.hits, figures.missed) == (0, ("one", "two", "three"))
    assert figures.found[1].stood_s == stood_s
    assert figures.found[0].stood_s is None
    assert figures.in_force == sum(one.stood_s is not None for one in figures.found)
    assert told(alarm(3000, 4300), alarm(4100, 4200)).in_force == 0  # found after all


def test_time_under_alarm_counts_overlaps_once_and_ends_with_the_part() -> None:
    alarms = [alarm(-500, 500), alarm(1000, 3000), alarm(1500, 2000), alarm(2500, 3500), alarm(9000), alarm(20_000)]
    assert told(*alarms).under_alarm == pytest.approx((500 + 2500 + 1000) / 10_000)
    assert told().under_alarm == 0
    assert told(alarm(1), by_chance=False).under_alarm is None


def test_figures_without_a_meaning_are_none() -> None:
    quiet = score([], [], SPAN, 0)
    assert (quiet.pod, quiet.pod_interval, quiet.pod_early, quiet.far, quiet.csi, quiet.chance) == (None,) * 6
    assert told().skill == 0.0
    assert told(by_chance=False).chance is None
    assert told().pod_early is None


def test_a_part_counts_what_begins_in_it() -> None:
    part = Span(4000 * NS_PER_S, 7000 * NS_PER_S, MONTH_S)
    figures = score([alarm(500), alarm(4100), alarm(9000)], EVENTS, part, 0)
    assert (figures.events, figures.hits, figures.episodes, figures.false) == (1, 1, 1, 0)


def test_chance_is_the_share_of_the_ring_that_finds() -> None:
    assert told(alarm(1)).chance == pytest.approx(0.1, abs=0.002)  # one alarm, each event a tenth of the recording
    everywhere = told(*(alarm(at_s) for at_s in range(0, 10_000, 500)))
    assert everywhere.chance == pytest.approx(1.0)
    assert everywhere.skill is None


def test_crossings_of_a_threshold() -> None:
    track = (np.arange(6), np.array([0.0, 2.0, 3.0, 1.0, 2.0, 2.0]))
    assert crossings(track, 2.0) == [(1, Level.BLUE), (3, Level.NONE), (4, Level.BLUE)]
    assert crossings(track, 9.0) == []


def test_the_threshold_is_the_lowest_that_the_budget_pays_for() -> None:
    series, values = Series("gas-1", Quantity.GAS_LEL), np.arange(100, dtype=np.float64) % 50.0
    tracks = {
        series: (np.arange(100, dtype=np.int64), values),
        Series("rain-1", Quantity.RAIN): (np.arange(1, dtype=np.int64), np.ones(1)),
    }

    def rate(voice: Voice) -> float:
        return 1.0 if _lowest(voice) < 46.0 else 0.0

    wanted = Baseline(quantity=Quantity.GAS_LEL, budget_per_sensor_month=0.5)
    (voice,) = baselines(wanted, tracks, inventory(), (0, 100), rate)
    assert voice.name.startswith(THRESHOLD)
    assert _lowest(voice) == pytest.approx(np.quantile(values, 0.95), abs=0.01)
    assert voice.series == {series}
    (fixed,) = baselines(wanted.model_copy(update={"threshold": 10.0}), tracks, inventory(), (0, 100), rate)
    assert [one.opened_ns for one in episodes(fixed.timelines, Level.BLUE, 0)] == [10, 60]
    assert set(fixed.timelines) == {Who("gas-1/gas_lel", AREA)}


def _lowest(voice: Voice) -> float:
    return float(voice.name.removeprefix(THRESHOLD))


def test_river_scores_a_value_by_what_came_before_it() -> None:
    pytest.importorskip("river")
    values = np.concatenate([np.random.default_rng(3).normal(10, 1, 300), [30.0]])
    scores = gaussian_scores(values)
    assert scores[-1] == pytest.approx(1.0)
    assert (gaussian_scores(values[:200]) == scores[:200]).all()
