"""Episodes: when a level is raised, held, lowered and closed."""

from __future__ import annotations

from typing import Any

import pytest

from detectors.episode import CHANGED, CLOSED, EPISODE, OPENED, POLICY, QUIET, advance
from detectors.kernel import records
from pipeline.model.instant import NS_PER_S

Step = tuple[float, int, int]
"""Second, level of the evidence, verdict expected."""
HOLD = {"lower_after_ns": 600}
LAST = {"raise_after_ns": 60, "lower_after_ns": 600}

RUNS: dict[str, tuple[dict[str, int], list[Step]]] = {
    "quiet stays quiet": ({}, [(0, 0, QUIET), (60, 0, QUIET)]),
    "opened at once": ({}, [(0, 2, OPENED), (60, 2, QUIET)]),
    "closed at once": ({}, [(0, 2, OPENED), (60, 0, CLOSED), (120, 0, QUIET)]),
    "raised and lowered at once": ({}, [(0, 1, OPENED), (60, 3, CHANGED), (120, 2, CHANGED), (180, 0, CLOSED)]),
    "held for the hold-off": (HOLD, [(0, 2, OPENED), (60, 0, QUIET), (659, 0, QUIET), (660, 0, CLOSED)]),
    "a return restarts the hold-off": (
        HOLD,
        [(0, 2, OPENED), (60, 0, QUIET), (600, 2, QUIET), (660, 0, QUIET), (1259, 0, QUIET), (1260, 0, CLOSED)],
    ),
    "a higher level restarts the hold-off": (
        HOLD,
        [(0, 2, OPENED), (60, 0, QUIET), (600, 3, CHANGED), (660, 0, QUIET), (1260, 0, CLOSED)],
    ),
    "lowered to the highest seen meanwhile": (
        HOLD,
        [(0, 3, OPENED), (60, 0, QUIET), (300, 2, QUIET), (660, 0, CHANGED), (720, 0, QUIET), (1320, 0, CLOSED)],
    ),
    "raised when it has lasted": (LAST, [(0, 2, QUIET), (59, 2, QUIET), (60, 2, OPENED)]),
    "a break starts the waiting afresh": (LAST, [(0, 2, QUIET), (59, 0, QUIET), (60, 2, QUIET), (120, 2, OPENED)]),
    "raised to the lowest that has lasted": (LAST, [(0, 4, QUIET), (30, 1, QUIET), (60, 4, OPENED), (120, 4, QUIET)]),
    "no time, no close: silence is no evidence of safety": (HOLD, [(0, 2, OPENED), (10**6, 2, QUIET)]),
}


def episode() -> Any:
    return records(1, EPISODE)[0]


def policy(**seconds: int) -> Any:
    record = records(1, POLICY)[0]
    for name, value in seconds.items():
        record[name] = value * NS_PER_S
    return record


@pytest.mark.parametrize("name", RUNS)
def test_run(name: str) -> None:
    waits, steps = RUNS[name]
    one, rule = episode(), policy(**waits)
    verdicts = [advance(one, rule, round(at_s * NS_PER_S), level, 0) for at_s, level, _ in steps]
    assert verdicts == [verdict for _, _, verdict in steps]


def test_onset_is_the_first_reading_of_the_evidence() -> None:
    one, rule = episode(), policy(raise_after_ns=60)
    for at_s in (100, 130, 160):
        advance(one, rule, at_s * NS_PER_S, 2, 0)
    assert (one["level"], one["onset_ns"], one["revision"]) == (2, 100 * NS_PER_S, 0)


def test_peak_and_revisions_are_counted_and_a_new_episode_starts_them_afresh() -> None:
    one, rule, said = episode(), policy(), []
    for at_s, level in ((0, 1), (1, 4), (2, 2), (3, 0), (4, 1)):
        advance(one, rule, at_s * NS_PER_S, level, 0)
        said.append((int(one["level"]), int(one["peak"]), int(one["revision"])))
    assert said == [(1, 1, 0), (4, 4, 1), (2, 4, 2), (0, 4, 3), (1, 1, 0)]


EXPECTATIONS: dict[str, tuple[list[tuple[float, float]], list[int]]] = {
    "the same is not told again": ([(0, 1000), (60, 1000)], [OPENED, QUIET]),
    "within the tolerance": ([(0, 1000), (60, 1100)], [OPENED, QUIET]),
    "beyond the tolerance": ([(0, 1000), (60, 1101)], [OPENED, CHANGED]),
    "earlier beyond the tolerance": ([(0, 1000), (60, 899)], [OPENED, CHANGED]),
    "within a tenth of the time left": ([(0, 10_000), (60, 10_900)], [OPENED, QUIET]),
    "it comes": ([(0, 0), (60, 1000)], [OPENED, CHANGED]),
    "it goes": ([(0, 1000), (60, 0)], [OPENED, CHANGED]),
    "drifts are measured from what was told": ([(0, 1000), (1, 1060), (2, 1120)], [OPENED, QUIET, CHANGED]),
}


@pytest.mark.parametrize("name", EXPECTATIONS)
def test_expected_onset(name: str) -> None:
    steps, want = EXPECTATIONS[name]
    one, rule = episode(), policy(expected_tolerance_ns=100)
    said = [advance(one, rule, round(at_s * NS_PER_S), 2, round(to_s * NS_PER_S)) for at_s, to_s in steps]
    assert said == want
