"""Tanks that were not looked at when figures were chosen: odd seeds of `tank_draws`, docs/detectors/tank.md."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from detectors.tank.tank_overfill import TankOverfill
from tests.unit.detector_rig import bind, feed
from tests.unit.tank_draws import an_hour_before, draw, sound_month


def test_an_hour_ahead_of_any_tank_the_time_is_within_a_tenth_and_its_interval_holds(tmp_path: Path) -> None:
    told = [an_hour_before(draw(seed), tmp_path) for seed in range(1, 241, 2)]
    known = [one for one in told if one is not None]
    assert len(known) >= 0.97 * len(told)
    assert np.mean([abs(error) <= 0.1 for error, _ in known]) >= 0.95
    assert np.mean([held for _, held in known]) >= 0.93


@pytest.mark.parametrize("seed", range(1, 12, 2))
def test_a_sound_month_is_quiet(seed: int) -> None:
    gauge, rows = sound_month(seed)
    assert feed(bind(TankOverfill(), gauge), rows) == []
