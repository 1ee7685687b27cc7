"""Grades: which level a value stands for."""

from __future__ import annotations

from math import inf, nan

import numpy as np
import pytest

from detectors.evidence import grade, levels

FOUR = (10.0, 20.0, 30.0, 40.0)
BELOW_ZERO = (-40.0, -30.0, -20.0, -10.0)
TWO = levels(yellow=10.0, orange=20.0)

CASES: dict[str, tuple[float, tuple[float, ...], float, int, int]] = {
    "far below": (0.0, FOUR, 0.0, 0, 0),
    "just below blue": (9.999, FOUR, 0.0, 0, 0),
    "at blue": (10.0, FOUR, 0.0, 0, 1),
    "just above blue": (10.001, FOUR, 0.0, 0, 1),
    "at red": (40.0, FOUR, 0.0, 0, 4),
    "far above": (1e9, FOUR, 0.0, 0, 4),
    "a colour not used is passed over": (10.0, TWO, 0.0, 0, 2),
    "no colour beyond the last one used": (inf, TWO, 0.0, 0, 4),
    "not a number is no level": (nan, FOUR, 0.1, 2, 0),
    "a threshold that is not a number is not used": (100.0, (10.0, nan, 30.0, nan), 0.0, 0, 3),
    "held within the deadband": (18.0, FOUR, 0.1, 2, 2),
    "left below the deadband": (17.9, FOUR, 0.1, 2, 1),
    "the deadband raises nothing": (19.0, FOUR, 0.1, 1, 1),
    "a deadband and a colour not used": (9.5, TWO, 0.1, 4, 2),
    "below zero the deadband lies below too": (-31.0, BELOW_ZERO, 0.1, 2, 2),
    "and is left below that": (-33.5, BELOW_ZERO, 0.1, 2, 1),
}


@pytest.mark.parametrize("name", CASES)
def test_grade(name: str) -> None:
    value, thresholds, deadband, current, want = CASES[name]
    assert grade(value, np.array(thresholds), deadband, current) == want


def test_levels_are_named() -> None:
    assert levels(blue=1.0, red=4.0) == (1.0, inf, inf, 4.0)
