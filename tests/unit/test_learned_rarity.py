"""What is unusual by what came before: literal cases, and a slow twin."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

from detectors.evidence import EVIDENCE
from detectors.kernel import records
from detectors.learned.course import WINDOW
from detectors.learned.learned_rarity import PARAMS, STATE, LearnedRarity, RarityOptions, step
from detectors.learned.rank import BOTH, MEMORY, UPPER, p_value, remember
from detectors.learned.season import DAY_BINS, WEEK_BINS, surprise
from pipeline.model.finding import Finding
from pipeline.model.hazard import Hazard, SensorKind
from pipeline.model.instant import NS_PER_S
from pipeline.model.quantity import Quantity
from tests.unit.detector_rig import bind, feed, sensor

DAY_S = 86_400


def pump(days: int, seed: int = 1) -> NDArray[np.float64]:
    """A day of 10 minute values that rises and falls, with a little noise."""
    hours = np.arange(days * 144) / 6
    return 5 + 3 * np.sin(hours / 24 * 2 * np.pi) + 0.1 * np.random.default_rng(seed).standard_normal(len(hours))


def found(values: Sequence[float] | NDArray[np.float64], name: str = "a1", **options: object) -> list[Finding]:
    level = sensor(SensorKind.TANK, Quantity.TANK_LEVEL, 600.0, id=name)
    bound = bind(LearnedRarity(RarityOptions(**({"sensors": ("a*",)} | options))), level)
    return feed(bound, [(600.0 * row, float(value)) for row, value in enumerate(values)])


def test_a_value_far_beyond_all_others_is_told() -> None:
    values = pump(10)
    values[1300] = 20.0
    first = found(values)[0]
    assert (first.criterion, first.window_start_at.timestamp() % DAY_S) == (
        "unusual_hour",
        (1_760_000_400 + 780_000) % DAY_S,
    )
    assert first.hazard is Hazard.SENSOR_FAULT
    assert first.value >= first.threshold == 1.88


def test_a_value_that_is_usual_at_another_hour_is_told() -> None:
    values = pump(10)
    values[1296 + 36] = 2.1  # the depth of night at the height of day
    assert found(values)


def test_a_pump_that_does_not_start_is_told() -> None:
    values = pump(10)
    values[1296:1440] = 5.0 + 0.02 * np.random.default_rng(2).standard_normal(144)
    assert {one.state.value for one in found(values)} >= {"opened"}


def test_a_sunday_that_is_like_every_sunday_is_usual() -> None:
    noise = 0.1 * np.random.default_rng(9).standard_normal(6 * 144)
    weeks = np.concatenate([np.append(pump(6, seed), 5.0 + noise[144 * seed : 144 * seed + 144]) for seed in range(6)])
    last_s = 1_760_000_400 + 600 * (len(weeks) - 7 * 144)
    assert not [one for one in found(weeks) if one.onset_at.timestamp() >= last_s]


def test_nothing_is_told_while_it_warms_up_nor_of_sensors_that_are_not_named() -> None:
    values = pump(2)
    values[200] = 30.0
    assert found(values, warm_up=100)
    assert not found(values, warm_up=250)
    assert not found(values, name="b1", warm_up=100)
    assert not found(values, sensors=(), warm_up=100)


def test_how_rare_it_must_be_can_be_chosen() -> None:
    values = pump(10)
    values[1300] = 8.8
    assert len(found(values, rarity=0.8)) > len(found(values, rarity=1.88)) >= len(found(values, rarity=6.0)) == 0


def test_having_spoken_it_tells_only_what_is_rarer() -> None:
    values = pump(10)
    values[1300:1310] = 20.0
    opened = [one for one in found(values, lower_after_s=0.0) if one.state.value == "opened"]
    assert 1 <= len(opened) <= 3


@pytest.mark.parametrize(
    ("number", "side", "expected"),
    [
        pytest.param(100.0, BOTH, 1.0, id="the middle"),
        pytest.param(100.0, UPPER, 0.5025, id="half lie above; one that is like it counts half"),
        pytest.param(0.0, UPPER, 1.0, id="the other end"),
        pytest.param(200.0, UPPER, 0.005 / (1 + 1 / 3), id="a record by 1, on the scale of the last five"),
        pytest.param(203.0, BOTH, 0.01 / (1 + 4 / 3), id="a record by 4, of either end"),
        pytest.param(-3.0, BOTH, 0.01 / (1 + 4 / 3), id="the same below"),
    ],
)
def test_the_share_at_least_as_extreme(number: float, side: int, expected: float) -> None:
    ranked = np.zeros(MEMORY)
    ranked[:199] = np.arange(1.0, 200.0)
    assert p_value(number, ranked, 199, side, 0.0) == pytest.approx(expected)


def test_a_tail_is_no_finer_than_the_instrument() -> None:
    ranked = np.zeros(MEMORY)
    assert p_value(0.02, ranked, 199, UPPER, 0.01) == pytest.approx(0.005 / (1 + 2))
    assert p_value(0.02, ranked, 199, UPPER, 0.0) < 1e-9


def test_the_oldest_is_forgotten_first() -> None:
    ranked, ring = np.zeros(5), np.zeros(5)
    count = 0
    for turn, number in enumerate([9.0, 1.0, 5.0, 5.0, 2.0, 7.0, 0.0]):
        count = remember(number, ranked, ring, count, turn)
    assert (count, ranked.tolist()) == (5, [0.0, 2.0, 5.0, 5.0, 7.0])


def test_the_profile_that_comes_closer_explains_the_value() -> None:
    day, day_seen = np.zeros(DAY_BINS), np.zeros(DAY_BINS, np.int32)
    week, week_seen = np.zeros(WEEK_BINS), np.zeros(WEEK_BINS, np.int32)
    told = [
        surprise(day_of * DAY_S * NS_PER_S, value, day, day_seen, week, week_seen)
        for day_of, value in ((0, 1.0), (1, 9.0), (7, 1.5), (8, 9.5))
    ]
    assert np.isnan(told[0])
    assert told[1:] == [8.0, 0.5, 0.5]


def test_its_state_is_of_machine_numbers_and_as_large_as_its_page_says() -> None:
    assert STATE.itemsize // 1000 == 343


def twin(at_ns: NDArray[np.int64], values: NDArray[np.float64]) -> list[float]:
    """Rarity of each reading, by the words of the page."""
    left: list[float] = []
    new: list[float] = []
    by_hour: dict[int, list[float]] = {}
    by_week: dict[int, list[float]] = {}
    rarities: list[float] = []
    for row, (at, value) in enumerate(zip((at_ns // NS_PER_S).tolist(), values.tolist(), strict=True)):
        hour, weekly = at % DAY_S * 48 // DAY_S, at % (7 * DAY_S) // 3600
        decades = 0.0
        if hour in by_hour:
            rest = min(
                [value - _mean(seen[place]) for seen, place in ((by_hour, hour), (by_week, weekly)) if place in seen],
                key=abs,
            )
            decades += -np.log10(_share(rest, left, two_sided=True))
            left.append(rest)
        by_hour.setdefault(hour, []).append(value)
        by_week.setdefault(weekly, []).append(value)
        if row >= 3 * WINDOW:
            now = values[row - WINDOW + 1 : row + 1]
            past = [values[end - WINDOW + 1 : end + 1] for end in range(WINDOW, row - WINDOW + 1)]
            distance = float(np.sort([np.sqrt(((now - one) ** 2).sum()) for one in past])[2])
            decades += -np.log10(_share(distance, new, two_sided=False))
            new.append(distance)
        rarities.append(max(0.5 * decades - 0.75 * np.log10((row + 1) / 1000), 0.0))
    return rarities


def _mean(seen: list[float]) -> float:
    mean = 0.0
    for number, value in enumerate(seen, 1):
        mean += max(0.15, 1 / number) * (value - mean)
    return mean


def _share(number: float, known: list[float], *, two_sided: bool) -> float:
    upper = (sum(k > number for k in known) + 0.5 * sum(k == number for k in known) + 1) / (len(known) + 1)
    lower = (sum(k < number for k in known) + 0.5 * sum(k == number for k in known) + 1) / (len(known) + 1)
    if len(known) > 100:
        size = max(len(known) // 50, 5)
        ranked = sorted(known)
        high, low = ranked[-size - 1 :], ranked[: size + 1]
        upper /= 1 + max(number - high[-1], 0) / (sum(h - high[0] for h in high) / size + 1e-9 * abs(high[-1]) + 1e-12)
        lower /= 1 + max(low[0] - number, 0) / (sum(low[-1] - k for k in low) / size + 1e-9 * abs(low[0]) + 1e-12)
    return min(1.0, 2 * min(upper, lower)) if two_sided else upper


@pytest.mark.parametrize("seed", [0, 1])
def test_the_kernel_agrees_with_its_slow_twin(seed: int) -> None:
    values = pump(4, seed) + (np.random.default_rng(seed).random(576) > 0.98) * 4.0
    at_ns = (1_760_000_400 + 600 * np.arange(576)) * NS_PER_S
    state, params, evidence = records(1, STATE), records(1, PARAMS), records(1, EVIDENCE)
    params[0]["low"], params[0]["high"], params[0]["rarity"] = -1e6, 1e6, 1.0
    said = []
    for at, value in zip(at_ns.tolist(), values.tolist(), strict=True):
        step(state[0], params[0], 0, at, value, 0, evidence[0])
        said.append(float(evidence[0]["value"]))
    np.testing.assert_allclose(said, twin(at_ns, values), rtol=1e-6, atol=1e-6)
