"""The study of made-up slopes: what is made keeps to the law, and what is counted is what the detector said."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from pipeline.evaluation import runaway
from pipeline.evaluation.made_slopes import BEFORE_D, DAY_S, KINDS, PER_DAY, Kind, Track, creeping, failing
from pipeline.evaluation.runaway import JUDGED, error_h, study
from pipeline.evaluation.studies import MADE_UP, STUDIES

LAW, EVERYTHING = KINDS[0], KINDS[-1]


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_a_slope_is_told_until_a_day_before_it_fails(kind: Kind) -> None:
    track = failing(7, kind)
    left_d = (track.fails_s - track.at_s[-1]) / DAY_S
    assert BEFORE_D <= left_d < BEFORE_D + 1.0
    assert np.all(np.diff(track.at_s) > 0)


def test_a_slope_accelerates_as_voight_says() -> None:
    track = failing(3, LAW)
    days = track.at_s / DAY_S
    velocity = np.polyfit(days[-PER_DAY:], track.value_mm[-PER_DAY:], 1)[0]
    before = np.polyfit(days[:PER_DAY], track.value_mm[:PER_DAY], 1)[0]
    assert velocity > 3 * before


def test_each_is_made_from_its_number_alone() -> None:
    again, other = failing(5, EVERYTHING), failing(6, EVERYTHING)
    assert np.array_equal(failing(5, EVERYTHING).value_mm, again.value_mm)
    assert len(other.at_s) != len(again.at_s)


def test_gaps_lose_readings() -> None:
    whole, torn = failing(5, LAW), failing(5, KINDS[1])
    assert 0.9 * len(whole.at_s) < len(torn.at_s) < len(whole.at_s)


def test_ground_that_creeps_never_fails_and_is_told_no_time() -> None:
    year = creeping(1)
    assert len(year.at_s) == 365 * PER_DAY
    month = Track(year.at_s[: 30 * PER_DAY], year.value_mm[: 30 * PER_DAY], year.fails_s)
    assert month.fails_s == np.inf
    assert error_h(month) is None


def test_the_time_told_is_held_against_the_failure() -> None:
    told = [one for number in range(4) if (one := error_h(failing(number, LAW))) is not None]
    assert told
    assert all(-24.0 < first <= last for first, last in told)


def test_the_study_needs_no_recordings_and_judges_steps_and_gaps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runaway, "SLOPES", 3)
    monkeypatch.setattr(runaway, "YEARS", 1)
    found = study(Path("nowhere"), None)
    assert found.name in MADE_UP < set(STUDIES)
    assert [row[0] for row in found.tables[0].rows] == [kind.name for kind in KINDS]
    assert [(one.part, one.goal) for one in found.bounds] == [(JUDGED, 0.9), (JUDGED, 0), ("creep", 0.05)]
