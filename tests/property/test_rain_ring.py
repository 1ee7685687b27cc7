"""The ring of rain against a plain twin: a dictionary of minutes, summed by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from detectors.kernel import records
from detectors.rain.ring import DAY_MIN, RING, crossing_min, pour, sum_um

FIRST_MIN = 29_000_000
WINDOWS_MIN = (0, 1, 15, 60, 180, 360, 720, 1440)
Pours = list[tuple[int, int, int]]

pours = st.lists(
    st.tuples(
        st.one_of(st.integers(0, 5), st.integers(0, 200), st.integers(1400, 1500), st.integers(0, 10_000)),
        st.one_of(st.integers(1, 60), st.integers(1, 3000)),
        st.one_of(st.just(0), st.integers(0, 20_000_000)),
    ),
    min_size=1,
    max_size=40,
)


class Twin:
    """Rain by minute [um], kept for ever."""

    def __init__(self) -> None:
        self.minute = 0
        self.bins: dict[int, int] = {}

    def pour(self, minute: int, minutes: int, amount_um: int) -> None:
        if not self.minute:
            self.minute = minute - minutes
        wet = min(minutes, minute - self.minute) or 1
        for k in range(wet):
            share = amount_um * (k + 1) // wet - amount_um * k // wet
            at = minute - wet + 1 + k
            self.bins[at] = self.bins.get(at, 0) + share
        self.minute = minute

    def sum_um(self, minutes: int) -> int:
        return sum(self.bins.get(self.minute - k, 0) for k in range(minutes))

    def crossing_min(self, behind: int, window: int, amount_um: int, rate_um_h: int, limit: int) -> int:
        for wait in range(min(limit, window) + 1):
            if (self.sum_um(max(window - wait - behind, 0)) - amount_um) * 60 + rate_um_h * wait >= 0:
                return wait
        return -1


def poured(rows: Pours) -> tuple[Any, Twin]:
    ring, twin = records(1, RING)[0], Twin()
    minute = FIRST_MIN
    for gap, minutes, amount_um in rows:
        minute += gap
        pour(ring, minute, minutes, amount_um)
        twin.pour(minute, minutes, amount_um)
    return ring, twin


@given(pours)
@settings(max_examples=100)
def test_every_window_sums_to_the_micrometre(rows: Pours) -> None:
    ring, twin = poured(rows)
    assert [sum_um(ring, n) for n in WINDOWS_MIN] == [twin.sum_um(n) for n in WINDOWS_MIN]


@given(
    pours,
    st.sampled_from((0, 0, 7, 90)),
    st.sampled_from((60, 180, 720)),
    *map(st.integers, (1, 0), (2 * 10**8, 10**8)),
)
@settings(max_examples=100)
def test_the_crossing_is_the_first_minute_that_reaches_the_amount(
    rows: Pours, behind: int, window: int, amount_um: int, rate_um_h: int
) -> None:
    ring, twin = poured(rows)
    for limit in (0, 60, 180):
        want = twin.crossing_min(behind, window, amount_um, rate_um_h, limit)
        assert crossing_min(ring, behind, window, amount_um, rate_um_h, limit) == want


@given(st.lists(st.integers(0, 2**40), min_size=2, max_size=8))
@settings(max_examples=25)
def test_a_day_beyond_the_capacity_is_cut_off_not_wrapped_round(amounts_um: list[int]) -> None:
    ring = records(1, RING)[0]
    for k, amount_um in enumerate(amounts_um):
        pour(ring, FIRST_MIN + k, 1, amount_um)
    assert sum_um(ring, DAY_MIN) == min(sum(amounts_um), 2**32 - 1)


def test_poured_fractions_do_not_drift() -> None:
    ring = records(1, RING)[0]
    for k in range(20_000):
        pour(ring, FIRST_MIN + 7 * k, 7, 100)
    assert sum_um(ring, 7 * 200) == 200 * 100
    assert ring["total_um"].dtype == np.uint32
