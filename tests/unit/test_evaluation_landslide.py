"""The threshold of the study of landslide days: chosen by other stations, above the one with most episodes."""

from __future__ import annotations

import pytest

from pipeline.evaluation.landslide import HOUR_S, LADDER_MM, chosen_mm, scored

HOUR_NS = HOUR_S * 10**9
DAY_H = 24
START_NS = 1_280_000_000 * 10**9


def storms(*amounts_mm: float) -> list[tuple[int, float]]:
    """A year of hours, dry but for a storm of one hour every thirtieth day."""
    rain = {30 * DAY_H * (k + 1): amount_mm for k, amount_mm in enumerate(amounts_mm)}
    return [(START_NS + hour * HOUR_NS, rain.get(hour, 0.0)) for hour in range(366 * DAY_H)]


@pytest.mark.parametrize(
    ("amounts_mm", "wanted_mm"),
    [
        pytest.param([30.0] * 3 + [50.0] * 7, 30.0, id="seven storms above 30 mm keep to seven a year"),
        pytest.param([30.0] * 2 + [50.0] * 8, 52.0, id="eight do not"),
        pytest.param([90.0] * 10, LADDER_MM[-1], id="none does: the highest"),
    ],
)
def test_the_lowest_threshold_within_the_budget(amounts_mm: list[float], wanted_mm: float) -> None:
    """What is left of a storm a month before is a twentieth."""
    assert chosen_mm([storms(*amounts_mm)]) == pytest.approx(wanted_mm, abs=4.0)


def test_a_day_is_found_by_an_alarm_that_stands_in_it() -> None:
    day_ns = DAY_H * HOUR_NS
    told = [(0, day_ns // 2), (5 * day_ns, 6 * day_ns)]
    found, false_per_year, share = scored(told, [0, 3 * day_ns], 10 * DAY_H * HOUR_S)
    assert found == 1
    assert false_per_year == pytest.approx(36.525)
    assert share == pytest.approx(0.15)
