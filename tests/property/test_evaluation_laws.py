"""Laws of episodes and figures."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.evaluation.episodes import Who, episodes
from pipeline.evaluation.event import Event
from pipeline.evaluation.exact import ALPHA, at_least, interval
from pipeline.evaluation.score import Span, score
from pipeline.model.level import Level

WHO = Who("a", "990101001001")
TIMELINE = st.lists(st.tuples(st.integers(0, 1000), st.sampled_from(Level)), max_size=30).map(
    lambda told: sorted(told, key=lambda one: one[0])
)
few = settings(max_examples=100, deadline=None)


@few
@given(TIMELINE, st.sampled_from([Level.BLUE, Level.RED]), st.integers(0, 200))
def test_episodes_of_one_subject_stand_apart_by_more_than_the_hold_off(
    timeline: list[tuple[int, Level]], level: Level, hold_off_ns: int
) -> None:
    found = episodes({WHO: timeline}, level, hold_off_ns)
    for earlier, later in pairwise(found):
        assert earlier.closed_ns is not None
        assert later.opened_ns - earlier.closed_ns > hold_off_ns


@few
@given(TIMELINE, st.integers(0, 200), st.integers(0, 1000))
def test_what_comes_later_never_changes_when_an_episode_opened(
    timeline: list[tuple[int, Level]], hold_off_ns: int, until_ns: int
) -> None:
    whole = [one.opened_ns for one in episodes({WHO: timeline}, Level.YELLOW, hold_off_ns)]
    known = [told for told in timeline if told[0] <= until_ns]
    so_far = [one.opened_ns for one in episodes({WHO: known}, Level.YELLOW, hold_off_ns)]
    assert so_far == whole[: len(so_far)]
    assert all(opened_ns > until_ns for opened_ns in whole[len(so_far) :])


@few
@given(TIMELINE, st.integers(0, 200), st.integers(0, 200))
def test_a_longer_hold_off_gives_no_more_episodes(timeline: list[tuple[int, Level]], one: int, other: int) -> None:
    counts = [len(episodes({WHO: timeline}, Level.BLUE, hold_off_ns)) for hold_off_ns in sorted((one, other))]
    assert counts[1] <= counts[0]


@few
@given(st.integers(1, 60).flatmap(lambda trials: st.tuples(st.integers(0, trials), st.just(trials))))
def test_the_interval_ends_where_the_tails_hold_half_of_alpha(counted: tuple[int, int]) -> None:
    hits, trials = counted
    low, high = interval(hits, trials)
    assert low <= hits / trials <= high
    if hits:
        assert abs(at_least(hits, trials, low) - ALPHA / 2) < 1e-6
    if hits < trials:
        assert abs(1 - at_least(hits + 1, trials, high) - ALPHA / 2) < 1e-6


@few
@given(TIMELINE, st.lists(st.integers(0, 990), max_size=5))
def test_figures_stay_within_their_bounds(timeline: list[tuple[int, Level]], begins: list[int]) -> None:
    events = [Event(f"{number}", begin, begin, begin + 10, begin + 10) for number, begin in enumerate(begins)]
    figures = score(episodes({WHO: timeline}, Level.BLUE, 5), events, Span(0, 1001, 1.0), 3)
    assert 0 <= figures.hits <= figures.events == len(events)
    assert 0 <= figures.premature <= figures.false <= figures.episodes
    for share in (figures.pod, figures.far, figures.csi, figures.chance, figures.under_alarm):
        assert share is None or 0 <= share <= 1
    assert 0 <= figures.in_force <= len(figures.missed)
    assert len(figures.missed) == figures.events - figures.hits
