"""Tanks that were not looked at when figures were chosen: odd numbers of `made_tanks`, docs/detectors/tank.md."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from pipeline.evaluation import fills
from pipeline.evaluation.fills import an_hour_before, opened, study
from pipeline.evaluation.made_tanks import SHAPES, draw, sound_month


def test_an_hour_ahead_of_any_tank_the_time_is_within_a_tenth_and_its_interval_holds(tmp_path: Path) -> None:
    told = [an_hour_before(draw(number), tmp_path) for number in range(1, 241, 2)]
    known = [one for one in told if one is not None]
    assert len(known) >= 0.97 * len(told)
    assert np.mean([abs(error) <= 0.1 for error, _ in known]) >= 0.95
    assert np.mean([held for _, held in known]) >= 0.93


@pytest.mark.parametrize("number", range(1, 12, 2))
def test_a_sound_month_is_quiet(number: int) -> None:
    assert opened(sound_month(number)) == 0


def test_the_study_needs_no_recordings_and_tells_what_was_told_too_late(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fills, "FILLINGS", range(1, 17, 2))
    monkeypatch.setattr(fills, "MONTHS", range(1, 3, 2))
    found = study(Path("nowhere"), None)
    whole, *groups = found.tables[0].rows
    assert whole[:2] == ("all", "8 of 8")
    assert {row[0] for row in groups} >= set(SHAPES)
    assert [one.goal for one in found.bounds] == [0.9, 0.9, 0]
    monkeypatch.setattr(fills, "LATE_S", fills.EARLY_S)
    assert study(Path("nowhere"), None).tables[0].rows[0][1] == "0 of 8"
