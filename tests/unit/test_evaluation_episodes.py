"""Episodes and events: when one opens, what it finds, what is false."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from pipeline.evaluation.episodes import Episode, Who, episodes, of_assessments, of_findings, of_warnings
from pipeline.evaluation.event import Event
from pipeline.model.finding import FindingState
from pipeline.model.hazard import Hazard
from pipeline.model.level import Level
from pipeline.model.warning import Report
from pipeline.runners.replay import replay
from tests.district import batches, inventory
from tests.unit.test_replay import plan

WHO = Who("a", "990101001001")
N, B, Y, O = Level.NONE, Level.BLUE, Level.YELLOW, Level.ORANGE  # noqa: E741  # the letters of the colours

TIMELINES = {
    "never reached": ([(1, B), (5, N)], Y, []),
    "opens and closes": ([(1, Y), (5, N)], Y, [(1, 5)]),
    "still open at the end": ([(1, Y)], Y, [(1, None)]),
    "a higher level is no new episode": ([(1, Y), (2, O), (3, Y), (5, N)], Y, [(1, 5)]),
    "counts from its own level on": ([(1, B), (2, O), (3, B), (5, N)], O, [(2, 3)]),
    "comes back within the hold-off": ([(1, Y), (5, N), (15, Y), (20, N)], Y, [(1, 20)]),
    "comes back after it": ([(1, Y), (5, N), (16, Y), (20, N)], Y, [(1, 5), (16, 20)]),
    "the hold-off counts from the last close": ([(1, Y), (5, N), (9, Y), (12, N), (20, Y)], Y, [(1, None)]),
    "nothing told": ([], B, []),
}


@pytest.mark.parametrize("name", TIMELINES)
def test_episodes_of_a_timeline(name: str) -> None:
    timeline, level, expected = TIMELINES[name]
    found = episodes({WHO: timeline}, level, hold_off_ns=10)
    assert [(one.opened_ns, one.closed_ns) for one in found] == expected


def test_subjects_do_not_hold_each_other_off() -> None:
    found = episodes({Who(name, "990101001001"): [(1, Y), (2, N)] for name in "ba"}, B, 10)
    assert [one.subject for one in found] == ["a", "b"]


def test_what_a_core_says_becomes_timelines() -> None:
    replayed = replay(plan(), batches())
    leaks = [one for one in replayed.findings if one.detector == "gas_levels"]
    (told,) = episodes(of_findings(leaks), Level.YELLOW, 0)
    assert told.subject == "gas-1"
    assert [one.at for one in leaks if one.state is FindingState.OPENED] == [instant(told.opened_ns)]
    for made in (of_assessments(a for a in replayed.assessments if a.hazard is Hazard.GAS_LEAK),):
        assert [one.opened_ns for one in episodes(made, Level.BLUE, 0)] == [told.opened_ns]
    warned = [one for one in replayed.warnings if one.hazard is Hazard.GAS_LEAK]
    (chain,) = episodes(of_warnings(warned), Level.BLUE, 0)
    final = next(one for one in warned if one.report is Report.FINAL)
    assert (chain.opened_ns, instant(chain.closed_ns or 0)) == (told.opened_ns, final.sent_at)
    assert inventory().area_of("gas-1").code == told.area


def test_every_chain_of_warnings_counts() -> None:
    warned = [one for one in replay(plan(), batches()).warnings if one.hazard is Hazard.GAS_LEAK]
    first, final = warned[0], warned[-1]
    again = first.model_copy(update={"chain": "another", "sent_at": final.sent_at})
    found = episodes(of_warnings([*warned, again]), Level.BLUE, 10**12)
    assert [instant(one.opened_ns) for one in found] == [first.sent_at, final.sent_at]


def test_two_episodes_of_one_subject_count_as_the_worst() -> None:
    replayed = replay(plan(), batches())
    leak = next(one for one in replayed.findings if one.detector == "gas_levels")
    other = {"id": "other", "level": Level.RED, "at": leak.at + timedelta(minutes=1)}
    lines = of_findings([leak, leak.model_copy(update=other), leak.model_copy(update={**other, "state": "closed"})])
    (line,) = lines.values()
    assert max(level for _, level in line) is Level.RED


def instant(ns: int) -> datetime:
    return datetime.fromtimestamp(ns / 1e9, UTC)


EVENT = Event("leak", 100, 110, 160, 200, "990101001001")
OPENED = {
    "before anything could be seen": (109, "990101001001", False, False),
    "at the first instant": (110, "990101001001", True, True),
    "at the last instant that finds it": (160, "990101001001", True, True),
    "too late to find it, no false one": (161, "990101001001", False, True),
    "in the afterglow": (220, "990101001001", False, True),
    "after the afterglow": (221, "990101001001", False, False),
    "in the next village": (120, "990101001002", False, False),
    "for the whole township": (120, "990101001000", True, True),
}


@pytest.mark.parametrize("name", OPENED)
def test_what_an_episode_has_to_do_with_an_event(name: str) -> None:
    at_ns, area, finds, excused = OPENED[name]
    episode = Episode(at_ns, "a", area, None)
    assert EVENT.found_by(episode) is finds
    assert EVENT.excuses(episode, afterglow_ns=20) is excused


def test_an_event_without_an_area_is_everywhere() -> None:
    assert Event("leak", 100, 100, 160, 200).found_by(Episode(120, "a", "330000000000", None))


@pytest.mark.parametrize(("closed_ns", "meets"), [(None, True), (111, True), (110, False)])
def test_a_premature_episode_still_stands_when_the_event_begins(closed_ns: int | None, *, meets: bool) -> None:
    assert EVENT.meets(Episode(90, "a", "990101001001", closed_ns)) is meets
