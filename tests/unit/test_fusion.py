"""Fusion, hazard chains and the sentence that explains: what several witnesses of several hazards come to."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from detectors.base import Criterion
from pipeline.config.assessment import AssessmentPolicy, Rule
from pipeline.config.chains import CHAINS, Chain
from pipeline.model.area import Area, AreaLevel
from pipeline.model.assessment import Assessment
from pipeline.model.finding import Finding, FindingState, Upwind
from pipeline.model.hazard import Hazard
from pipeline.model.inventory import Inventory
from pipeline.model.level import Level
from pipeline.stages.explain import explained
from pipeline.stages.fusion import probability
from tests.unit.test_assess import OTHER, T0, TOWNSHIP, VILLAGE, Stage, at, closed, finding

SLOPE, RAIN = Hazard.GROUND_MOVEMENT, Hazard.RAINSTORM


def witness(sensor: str, detector: str = "gas_levels", quantity: str = "gas_lel") -> Finding:
    return finding(sensor, detector=detector).model_copy(update={"trigger": f"{sensor}/{quantity}"})


POLICY = AssessmentPolicy(reliability={"gas_levels": 0.8, "gas_site": 0.6}, common_cause=0.1)


@pytest.mark.parametrize(
    ("witnesses", "sure"),
    [
        pytest.param([], 0.0, id="nobody"),
        pytest.param([witness("a")], 0.8, id="one: its detector's reliability"),
        pytest.param([witness("a"), witness("a", "gas_site")], 0.8, id="two detectors of one sensor: the better"),
        pytest.param([witness("a"), witness("b")], 0.944, id="two of a kind: 1 - (0.1 * 0.2 + 0.9 * 0.04)"),
        pytest.param([witness("a"), witness("b", "gas_site")], 0.908, id="1 - (0.1 * 0.2 + 0.9 * 0.08)"),
        pytest.param([witness("a"), witness("b", quantity="smoke")], 0.96, id="two quantities: 1 - 0.04"),
        pytest.param([witness(f"s{k}") for k in range(50)], 0.98, id="fifty of a kind: the common cause stays"),
    ],
)
def test_fusion(witnesses: list[Finding], sure: float) -> None:
    assert probability(witnesses, POLICY) == pytest.approx(sure)


def test_without_a_common_cause_it_is_a_noisy_or() -> None:
    independent = POLICY.model_copy(update={"common_cause": 0.0})
    assert probability([witness("a"), witness("b")], independent) == pytest.approx(0.96)


@given(
    st.lists(st.tuples(st.sampled_from("abcd"), st.sampled_from(["gas_levels", "gas_site"]), st.sampled_from("pq"))),
    st.randoms(),
)
def test_more_witnesses_never_make_it_less_sure_and_their_order_does_not_matter(
    rows: list[tuple[str, str, str]], order: object
) -> None:
    found = [witness(f"{quantity}{name}", detector, quantity) for name, detector, quantity in rows]
    sure = [probability(found[:count], POLICY) for count in range(len(found) + 1)]
    assert sure == sorted(sure)
    assert all(0.0 <= one < 1.0 for one in sure)
    mixed = list(found)
    order.shuffle(mixed)  # type: ignore[attr-defined]  # of random.Random
    assert probability(mixed, POLICY) == sure[-1]


def slope(level: Level = Level.YELLOW, *, area: str = VILLAGE) -> Finding:
    return finding("slope", level, hazard=SLOPE, detector="ground_velocity", area=area)


def rain(level: Level = Level.ORANGE, *, area: str = OTHER) -> Finding:
    state = FindingState.OPENED if level else FindingState.CLOSED
    return finding("gauge", level, hazard=RAIN, detector="rain_signals", area=area, state=state)


def levels(made: list[Assessment], hazard: Hazard = SLOPE) -> list[tuple[str, str]]:
    return [(one.level.word, one.raised_by.value if one.raised_by else "") for one in made if one.hazard is hazard]


def test_rain_over_the_township_raises_a_slope_in_its_village() -> None:
    made = Stage().play((0, slope()), (10, rain()))
    assert levels(made) == [("yellow", ""), ("orange", "rainstorm")]
    assert made[-1].trigger == rain().id
    assert made[-1].findings == (slope().id,)


def test_a_slope_that_moves_while_it_rains_is_raised_at_once() -> None:
    assert levels(Stage().play((0, rain()), (10, slope()))) == [("orange", "rainstorm")]


def test_when_the_rain_is_over_the_slope_is_lowered_after_its_hold() -> None:
    made = Stage().play((0, rain()), (10, slope()), (20, rain(Level.NONE)), until=60)
    assert levels(made) == [("orange", "rainstorm"), ("yellow", "")]
    assert made[-1].at == at(25)


@pytest.mark.parametrize(
    ("rows", "level"),
    [
        pytest.param([(0, rain())], [], id="rain alone says nothing of slopes"),
        pytest.param([(0, slope()), (1, rain(Level.YELLOW))], ["yellow"], id="too little rain"),
        pytest.param([(0, slope(Level.ORANGE)), (1, rain())], ["orange"], id="not beyond most_level"),
        pytest.param([(0, slope()), (1, rain(area="330213001001"))], ["yellow"], id="rain elsewhere"),
        pytest.param(
            [(0, slope().model_copy(update={"trigger": "gauge/rain"})), (1, rain())],
            ["yellow"],
            id="what the gauge itself says of the slope is no second evidence",
        ),
    ],
)
def test_what_a_chain_does_not_raise(rows: list[tuple[float, Finding]], level: list[str]) -> None:
    assert [word for word, _ in levels(Stage().play(*rows))] == level


def test_chains_do_not_hold_each_other_up() -> None:
    """Fire and gas raise each other; either goes back to its own evidence when the other's is gone."""
    policy = AssessmentPolicy(
        chains=(
            Chain(cause=Hazard.FIRE, cause_level=Level.ORANGE, effect=Hazard.GAS_LEAK, reason="a"),
            Chain(cause=Hazard.GAS_LEAK, cause_level=Level.ORANGE, effect=Hazard.FIRE, reason="b"),
        )
    )
    yellow = finding("a", Level.YELLOW), finding("f", Level.YELLOW, hazard=Hazard.FIRE, detector="fire_heat")
    made = Stage(policy).play((0, yellow[0]), (1, yellow[1]))
    assert [(one.level, one.raised_by) for one in made] == [(Level.YELLOW, None), (Level.YELLOW, None)]


def test_no_chains_no_raise() -> None:
    assert levels(Stage(AssessmentPolicy(chains=())).play((0, slope()), (10, rain()))) == [("yellow", "")]


def test_a_raised_level_survives_a_restart() -> None:
    first, second = Stage(), Stage()
    first.play((0, rain()), (10, slope()))
    second.restore(first.snapshot())
    made = list(second.take(rain(Level.NONE), at(20))) + list(second.expire(at(60)))
    assert levels(made) == [("yellow", "")]


def test_a_chain_links_two_hazards_by_colours() -> None:
    with pytest.raises(ValidationError, match="a chain links two hazards"):
        Chain(cause=RAIN, effect=RAIN, reason="x")
    with pytest.raises(ValidationError, match="blue, yellow, orange or red"):
        Chain(cause=RAIN, effect=SLOPE, most_level=Level.NONE, reason="x")
    assert all(one.reason for one in CHAINS)


def test_the_interval_is_that_of_all_who_expect() -> None:
    def due(hours: float) -> object:
        return T0 + timedelta(hours=hours)

    one = slope().model_copy(
        update={"expected_at": due(24), "expected_earliest_at": due(20), "expected_latest_at": due(40)}
    )
    two = slope().model_copy(update={"id": "z", "subject": "toe", "expected_at": due(22)})
    last = Stage().play((0, one), (1, two))[-1]
    told = (last.expected_onset_at, last.expected_onset_earliest_at, last.expected_onset_latest_at)
    assert told == (due(22), due(20), due(40))


PLACES = Inventory((Area(code=VILLAGE, name_zh="沙河村", name_en="Shahe"),), (), ())
WORDS = Criterion("first", "a standard", "mm/d", "the ground moves fast", "位移速率超过阈值")


def told(level: Level, *rows: tuple[float, Finding]) -> Assessment:
    policy = AssessmentPolicy(rainstorm=Rule(area_level=AreaLevel.TOWNSHIP))
    stage = Stage(policy)
    last = next(one for one in reversed(stage.play(*rows, until=600)) if one.hazard is SLOPE and one.level is level)
    evidence = {one.id: one for _, one in rows}
    return explained(last, evidence, PLACES, {("ground_velocity", "first"): WORDS})


def test_a_sentence_says_where_the_wind_brought_it_from() -> None:
    smelt = slope().model_copy(update={"upwind": Upwind(sensor="a1", bearing_deg=10.0, spread_deg=25.0)})
    one = told(Level.YELLOW, (0, smelt))
    assert one.explanation_en.endswith(", threshold 1 mm/day), upwind of a1, at 10° (345° to 35°).")
    assert one.explanation_zh.endswith("，来自a1的上风方向10°（345°至35°）。")


def test_a_sentence_says_that_an_expected_instant_has_passed() -> None:
    late = slope().model_copy(update={"expected_at": T0 + timedelta(minutes=5)})
    more = slope().model_copy(update={"id": "z", "subject": "toe"})
    one = told(Level.YELLOW, (0, late), (10, more))
    assert one.explanation_en.endswith(", was expected at 08:05 on 1 June 2026 (UTC+8), which has passed.")
    assert one.explanation_zh.endswith("，原预计2026年6月1日08:05（北京时间），已过。")


def test_a_sentence_says_what_why_and_when() -> None:
    moving = slope().model_copy(update={"value": 6.0, "threshold": 4.4, "expected_at": T0 + timedelta(hours=24)})
    one = told(Level.ORANGE, (0, moving), (1, rain(area=TOWNSHIP)))
    assert one.explanation_en == (
        "Shahe: ground movement orange, 1 witness by 1 method, confidence 70%; slope: the ground moves fast "
        "(6 mm/day, threshold 4.4 mm/day), one level higher because of rainstorm, "
        "expected at 08:00 on 2 June 2026 (UTC+8)."
    )
    assert one.explanation_zh == (
        "沙河村：地质灾害橙色，1处监测、1种方法一致判定，置信度70%；slope：位移速率超过阈值（6毫米/天，阈值4.4毫米/天）"
        "，因暴雨上调一级，预计2026年6月2日08:00（北京时间）。"
    )


def test_a_sentence_ends_it() -> None:
    over = closed("slope").model_copy(update={"id": slope().id, "hazard": SLOPE, "detector": "ground_velocity"})
    assert (
        told(Level.NONE, (0, slope()), (1, over)).explanation_en == "Shahe: nothing speaks of ground movement any more."
    )
