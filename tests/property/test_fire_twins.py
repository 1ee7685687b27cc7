"""The recursions of the fire detectors against the definitions they stand for, written out slowly."""

from __future__ import annotations

import math
import random
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from detectors.fire import fire_heat
from detectors.fire.cusum import BACKGROUND_S, CHANNEL, SLACK, Z_MAX, accumulate
from detectors.fire.fire_heat import follow
from detectors.kernel import records

NS = 1_000_000_000
START_NS = 1_760_000_400 * NS
steps = st.lists(
    st.tuples(st.integers(1, 600), st.floats(-20, 120, allow_nan=False, width=32)), min_size=1, max_size=15
)


def at_seconds(gaps: list[tuple[int, float]]) -> list[tuple[int, float]]:
    second, rows = 0, []
    for gap, value in gaps:
        second += gap
        rows.append((second, value))
    return rows


@given(steps, st.sampled_from((1.0, 5.0, 20.0)))
@settings(max_examples=100)
def test_the_gain_is_the_height_above_the_steepest_ramp_that_led_here(
    gaps: list[tuple[int, float]], ramp_k_min: float
) -> None:
    rows = at_seconds(gaps)
    state = records(1, fire_heat.STATE)[0]
    for second, value in rows:
        follow(state, START_NS + second * NS, value, ramp_k_min)
    now, here = rows[-1]
    want = max(here - value - ramp_k_min * (now - second) / 60 for second, value in rows)
    assert state["gained_k"] == pytest.approx(want, abs=1e-9)


def test_white_noise_beyond_the_scale_is_no_evidence_from_the_first_reading_on() -> None:
    draw, alarms = random.Random(5), 0  # noqa: S311  # noise, not a secret
    for _ in range(300):
        channel = records(1, CHANNEL)[0]
        most = 0.0
        for number in range(60):
            accumulate(channel, START_NS + number * 2 * NS, draw.gauss(20.0, 3.0), 1.0)
            most = max(most, channel["total"])
        alarms += most >= 12.0
    assert alarms < 0.05 * 300, "`alone_sum`; a noise and a background trusted from the first reading give 0.4"


@given(steps, st.sampled_from((0.5, 3.0)))
@settings(max_examples=100)
def test_the_sum_is_the_largest_run_of_excess(gaps: list[tuple[int, float]], scale: float) -> None:
    rows = at_seconds(gaps)
    channel = records(1, CHANNEL)[0]
    for second, value in rows:
        accumulate(channel, START_NS + second * NS, value, scale)
    gains, background, differences = [], rows[0][1], scale * 2 / math.sqrt(math.pi)
    for number, ((before_s, before), (second, value)) in enumerate(pairwise(rows), 1):
        limit = 3 * max(scale, differences * math.sqrt(math.pi) / 2)
        differences += (min(abs(value - before), limit) - differences) / (number + 2)
        noise = max(scale, differences * math.sqrt(math.pi) / 2)
        z = (value - background) / noise
        gains.append(min(z, Z_MAX) - SLACK)
        share = max((second - before_s) / BACKGROUND_S, 1 / (number + 2))
        background += max(-2.0, min(z, 2.0)) * noise * share
    want = max(sum(gains[k:]) for k in range(len(gains) + 1))
    assert channel["total"] == pytest.approx(want, rel=1e-2, abs=1e-2)
