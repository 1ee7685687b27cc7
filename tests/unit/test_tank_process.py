"""The instruments of a tank against each other: what is learned, what is a departure, and what is not judged."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from detectors.tank.axes import principal_axes
from detectors.tank.tank_process import TankProcess, TankProcessOptions
from detectors.tank.usual import CHANNELS_MAX
from pipeline.model.finding import Finding
from pipeline.model.hazard import SensorKind
from pipeline.model.inventory import InventoryError
from pipeline.model.level import Level
from pipeline.model.quantity import Quantity
from tests.unit.detector_rig import bind, feed_many, sensor, since_start_s

MINUTE_S = 60.0
LEARN, LIMITS = 600, 300
OPTIONS: dict[str, float] = {"learn_s": LEARN * MINUTE_S, "limits_s": LIMITS * MINUTE_S, "lower_after_s": 60.0}
KINDS = (Quantity.PRESSURE, Quantity.TANK_LEVEL, Quantity.TEMPERATURE)


def watched(group: str = "tank-1", **options: float) -> Any:
    sensors = [
        sensor(SensorKind.TANK, kind, MINUTE_S, id=f"a{k}", group=group, range_low=0.0, range_high=100.0)
        for k, kind in enumerate(KINDS)
    ]
    return bind(TankProcess(TankProcessOptions(**(OPTIONS | options))), *sensors)


def record(rows: int, seed: int = 1) -> Any:
    """f8[rows, 3]: pressure and temperature follow the level, with a little noise of their own."""
    draw = np.random.default_rng(seed)
    level = draw.normal(0.0, 1.0, rows)
    own = draw.normal(0.0, 0.2, (rows, 3))
    return 50.0 + level[:, None] * [1.0, 1.0, -1.0] + own


def told(bound: Any, values: Any, skip: tuple[int, int, int] | None = None) -> list[Finding]:
    rows = [
        (row * MINUTE_S, slot, float(value))
        for row, three in enumerate(values)
        for slot, value in enumerate(three)
        if skip is None or not (slot == skip[0] and skip[1] <= row < skip[2])
    ]
    return feed_many(bound, rows)


def departing(by: tuple[float, float, float], rows: int = 1200, at: int = 1000) -> Any:
    values = record(rows)
    values[at:] += by
    return values


def test_a_calm_tank_is_no_news() -> None:
    assert not told(watched(), record(3000))


@pytest.mark.parametrize(
    ("by", "criterion"),
    [((8.0, 8.0, -8.0), "t2"), ((2.5, 0.0, 2.5), "t2_rest")],
    ids=["far along what is usual", "against each other"],
)
def test_departures(by: tuple[float, float, float], criterion: str) -> None:
    first = told(watched(), departing(by))[0]
    assert first.criterion == criterion
    assert first.level >= Level.BLUE
    assert 1000 * MINUTE_S <= since_start_s(first) <= 1010 * MINUTE_S
    assert first.value >= first.threshold == 100.0


def test_nothing_is_said_while_it_learns() -> None:
    assert not told(watched(), departing((30.0, 0.0, 0.0), 850, 800))
    assert told(watched(learn_s=400 * MINUTE_S), departing((30.0, 0.0, 0.0), 850, 800))


def test_far_departures_are_yellow() -> None:
    far = told(watched(), departing((20.0, 0.0, 0.0)))
    assert max(one.level for one in far) is Level.YELLOW
    assert max(one.level for one in told(watched(yellow_deviations=1e6), departing((20.0, 0.0, 0.0)))) is Level.BLUE
    assert not told(watched(blue_deviations=1e6, yellow_deviations=1e6), departing((20.0, 0.0, 0.0)))


def test_nothing_is_said_while_an_instrument_is_silent() -> None:
    values = departing((8.0, 8.0, -8.0))
    assert not told(watched(), values, skip=(1, 980, 1200))


def test_rows_that_lack_a_reading_are_passed_over() -> None:
    assert not told(watched(), record(3000), skip=(1, 1502, 1555))
    late = told(watched(), departing((8.0, 8.0, -8.0)), skip=(1, 990, 1050))[0]
    assert since_start_s(late) >= 1050 * MINUTE_S


def test_only_groups_of_two_quantities_or_more_are_watched() -> None:
    alone = [sensor(SensorKind.TANK, Quantity.TANK_LEVEL, 60, id=f"b{k}", group="pair") for k in range(2)]
    assert not bind(TankProcess(), *alone).subjects
    assert not watched(group="").subjects
    assert [one.id for one in watched().subjects] == ["site/tank-1"]


def test_a_group_too_large_is_refused() -> None:
    kinds = (Quantity.TANK_LEVEL, Quantity.PRESSURE)
    many = [sensor(SensorKind.TANK, kinds[k % 2], 60, id=f"c{k}", group="all") for k in range(CHANNELS_MAX + 1)]
    with pytest.raises(InventoryError, match="33 tank instruments, at most 32 in one group"):
        bind(TankProcess(), *many)


def test_rows_that_come_seldom_are_learned_from_for_longer() -> None:
    """24 and 12 lengths of the slow average, whatever the hours say."""
    (one,) = watched(learn_s=60.0, limits_s=60.0).subjects
    assert (one.params["learn_rows"], one.params["limit_rows"]) == (30 + 240, 120)
    (one,) = watched(learn_s=60.0, limits_s=60.0, slow=0.01).subjects
    assert (one.params["learn_rows"], one.params["limit_rows"]) == (300 + 2400, 1200)
    (one,) = watched().subjects
    assert (one.params["learn_rows"], one.params["limit_rows"]) == (LEARN, LIMITS)


def test_a_departure_that_lasts_is_learned_as_the_new_usual() -> None:
    values = record(4000, 2)
    values[1000:] += (8.0, 8.0, -8.0)
    values[3900:] -= (8.0, 8.0, -8.0)
    for_ever = told(watched(), values[:3900])
    assert for_ever[-1].level >= Level.BLUE
    learned = told(watched(relearn_s=1000 * MINUTE_S, filling_share=0.2), values)
    closed = [round(since_start_s(one) / MINUTE_S) for one in learned if one.state == "closed"]
    opened = [round(since_start_s(one) / MINUTE_S) for one in learned if one.state == "opened"]
    assert 2000 <= closed[0] <= 2010
    assert len(opened) == 2  # it has learned the new one, so the old one is a departure
    assert 3900 <= opened[1] <= 3910


def batches(days: int, seed: int = 3) -> Any:
    """f8[rows, 3]: once a day a tank is filled, which raises its pressure, and emptied, which lowers it."""
    draw = np.random.default_rng(seed)
    corners = [(0.0, 30.0)]
    for day in range(days):
        full = 75.0 + draw.uniform(-8.0, 8.0)
        hours = np.array([3.0, 5.0, 11.0, 13.0]) + draw.uniform(-1, 1, 4)
        corners += [(day + hour / 24, to) for hour, to in zip(hours, (30.0, full, full, 30.0), strict=True)]
    level = np.interp(np.arange(days * 1440) / 1440, *np.array(corners).T)
    pumped = np.sign(np.gradient(level))[:, None] * [3.0, 0.0, 0.0]
    return level[:, None] * [0.5, 1.0, -0.3] + [20.0, 0.0, 60.0] + pumped + draw.normal(0.0, 0.3, (len(level), 3))


def test_a_tank_that_is_filled_once_a_day_is_learned_over_several_fillings() -> None:
    calm, late, early = batches(12), batches(12), batches(12)
    late[-700:, 0] += 10.0
    early[1500:2200, 0] += 60.0
    short: dict[str, Any] = {"learn_s": 240 * MINUTE_S, "limits_s": 120 * MINUTE_S}
    assert not told(watched(**short, fillings=4), calm)
    assert told(watched(**short, fillings=4), late)
    assert not told(watched(**short, fillings=4), early), "on the second day it still learns"
    assert not told(watched(**short, fillings=40), late), "on the twelfth too"
    assert told(watched(**short, fillings=4, filling_share=0.9), early), "no rise is large enough to wait for others"


def smoothed(values: Any, weight: float) -> Any:
    rows = [values[0]]
    for row in values[1:]:
        rows.append(rows[-1] + weight * (row - rows[-1]))
    return np.array(rows)


@pytest.mark.parametrize("smooth", [1.0, 0.4])
def test_both_figures_are_those_of_numpy(smooth: float) -> None:
    values = record(LEARN + LIMITS + 1, 4)
    bound = watched(smooth=smooth, slow=0.2, share=0.9)
    told(bound, values)
    state = bound._state[0]
    settled = round(3 / 0.2)
    for which, weight in enumerate((smooth, 0.2)):
        rows = smoothed(values, weight)
        learned, held = rows[settled:LEARN], rows[LEARN : LEARN + LIMITS]
        standard = (held - learned.mean(0)) / learned.std(0, ddof=1)
        spreads, axes = np.linalg.eigh(np.corrcoef(learned.T))
        order = np.argsort(-spreads)
        kept = int(np.searchsorted(np.cumsum(spreads[order]) / 3.0, 0.9)) + 1
        each = (standard @ axes[:, order]) ** 2 / (spreads[order] + 0.01)
        figures = each[:, :kept].sum(1), each[:, kept:].sum(1)
        places = slice(2 * which, 2 * which + 2)
        assert state["kept"][which] == kept
        assert list(state["limit_mean"][places]) == pytest.approx([one.mean() for one in figures])
        assert list(state["limit_square"][places] / (LIMITS - 1)) == pytest.approx([one.var(ddof=1) for one in figures])


def test_the_slower_average_finds_what_creeps_sooner() -> None:
    values = record(2000, 6)
    values[1000:, 1] += np.linspace(0.0, 2.0, 1000)
    sooner, later = (since_start_s(told(watched(slow=slow), values)[0]) for slow in (0.1, 0.4))
    assert 1000 * MINUTE_S < sooner < later - 30 * MINUTE_S


def test_what_wanders_by_itself_is_usual_and_what_is_only_noise_is_not() -> None:
    draw = np.random.default_rng(5)
    values = record(1600, 5)
    slow = smoothed(draw.normal(0.0, 1.0, (1600, 1)), 0.02)[:, 0]
    values[:, 0] += 3.0 * (slow - slow.mean()) / slow.std()
    wandering, noisy = values.copy(), values.copy()
    wandering[1000:, 0] += 3.0
    noisy[1000:, 2] += 3.0
    assert not told(watched(), wandering)
    assert told(watched(), noisy)


@given(st.integers(2, 12), st.integers(0, 1000))
@settings(max_examples=30, deadline=None)
def test_axes_are_those_of_numpy(size: int, seed: int) -> None:
    data = np.random.default_rng(seed).normal(size=(40, size)) @ np.random.default_rng(seed + 1).normal(
        size=(size, size)
    )
    matrix = np.corrcoef(data.T)
    axes, spreads = np.zeros((size, size)), np.zeros(size)
    principal_axes(matrix.copy(), size, axes, spreads)
    assert list(spreads) == pytest.approx(sorted(np.linalg.eigvalsh(matrix), reverse=True), abs=1e-6)
    assert axes @ np.diag(spreads) @ axes.T == pytest.approx(matrix, abs=1e-5)
    assert axes.T @ axes == pytest.approx(np.eye(size), abs=1e-9)


@pytest.mark.parametrize("average", ["smooth", "slow"])
def test_an_average_that_never_settles_is_refused(average: str) -> None:
    """It would be learned for longer than there is time."""
    with pytest.raises(ValidationError, match=average):
        TankProcessOptions.model_validate({average: 1e-300})
