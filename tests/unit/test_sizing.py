"""The page on sizes: its arithmetic, and that it is made from the figures there are."""

from __future__ import annotations

import pytest
from make_sizing import PAGE, USED, figures, page, reckon

FIGURES = dict(zip(USED, (1e6, 3e5, 10.0, 8e3), strict=True))


def test_a_small_town_has_two_of_each() -> None:
    size = reckon(10_000, FIGURES)
    assert (size.gateways, size.workers, size.partitions) == (2, 2, 16)
    assert size.state_bytes == 80e6


def test_a_hundred_million_sensors() -> None:
    size = reckon(100_000_000, FIGURES)
    assert size.readings_per_s == pytest.approx(1_666_667, rel=1e-6)
    assert (size.gateways, size.workers, size.partitions) == (12, 13, 52)  # 1.67 M/s x 2 / 300 k; 800 GB / 64 GB
    assert size.disk_bytes == pytest.approx(1_666_667 * 86_400 * 7 * 3 * 10, rel=1e-6)


def test_the_page_is_made_from_the_figures_that_were_measured() -> None:
    assert PAGE.read_text("utf-8") == page(figures()), "run scripts/make_sizing.py"
