from datetime import UTC, datetime, timedelta

import pytest

from pipeline.config.assessment import AssessmentPolicy, Rule
from pipeline.model.area import Area, AreaLevel
from pipeline.model.assessment import Assessment
from pipeline.model.finding import Finding, FindingState
from pipeline.model.hazard import Hazard
from pipeline.model.inventory import Inventory
from pipeline.model.level import Level
from pipeline.stages.assess import DISQUALIFYING, Assess

T0 = datetime(2026, 6, 1, tzinfo=UTC)
VILLAGE, OTHER, TOWNSHIP = "330212001001", "330212001002", "330212001000"
AREAS = Inventory(tuple(Area(code=code, name_zh="一", name_en="A") for code in (VILLAGE, OTHER, TOWNSHIP)), (), ())


def at(minutes: float) -> datetime:
    return T0 + timedelta(minutes=minutes)


def finding(
    sensor: str = "a",
    level: Level = Level.ORANGE,
    *,
    hazard: Hazard = Hazard.GAS_LEAK,
    state: FindingState = FindingState.OPENED,
    area: str = VILLAGE,
    detector: str = "gas_levels",
    criterion: str = "first",
    expected_at: datetime | None = None,
) -> Finding:
    return Finding(
        id=f"{detector}-{sensor}-{criterion}", revision=0, state=state, hazard=hazard, level=level, peak_level=level,
        detector=detector, detector_version=1, criterion=criterion, subject=sensor, trigger=f"{sensor}/gas_lel",
        site="s", area=area, at=T0, onset_at=T0, window_start_at=T0, expected_at=expected_at,
        value=1.0, threshold=1.0, score=1.0,
    )  # fmt: skip


def closed(sensor: str = "a") -> Finding:
    return finding(sensor, Level.NONE, state=FindingState.CLOSED)


def fault(sensor: str = "a", *, criterion: str = "gross_range", state: FindingState = FindingState.OPENED) -> Finding:
    level = Level.NONE if state is FindingState.CLOSED else Level.BLUE
    return finding(
        sensor, level, hazard=Hazard.SENSOR_FAULT, state=state, detector="sensor_health", criterion=criterion
    )


def gas(assessments: list[Assessment]) -> list[Level]:
    return [one.level for one in assessments if one.hazard is Hazard.GAS_LEAK]


class Stage(Assess):
    """Takes (minute, finding) rows, time moving on before each as the core does."""

    def __init__(self, policy: AssessmentPolicy | None = None) -> None:
        super().__init__(AREAS, policy or AssessmentPolicy())

    def play(self, *rows: tuple[float, Finding], until: float | None = None) -> list[Assessment]:
        made: list[Assessment] = []
        for minute, one in rows:
            made += [*self.expire(at(minute)), *self.take(one, at(minute))]
        return made + list(self.expire(at(until))) if until is not None else made


def test_a_level_is_raised_at_once_and_lowered_after_the_hold() -> None:
    made = Stage().play((0, finding()), (10, closed()), until=60)
    assert [(one.level, one.previous_level, one.at) for one in made] == [
        (Level.ORANGE, Level.NONE, at(0)),
        (Level.NONE, Level.ORANGE, at(15)),
    ]


def test_evidence_that_returns_within_the_hold_leaves_one_episode() -> None:
    made = Stage().play((0, finding()), (10, closed()), (12, finding()), until=14)
    assert gas(made) == [Level.ORANGE]


def test_evidence_at_the_very_end_of_the_hold_still_counts() -> None:
    assert gas(Stage().play((0, finding()), (10, closed()), (15, finding()), until=60)) == [Level.ORANGE]


def test_nothing_is_lowered_before_the_hold_is_over() -> None:
    assert gas(Stage().play((0, finding()), (10, closed()), until=15)) == [Level.ORANGE]


@pytest.mark.parametrize(
    ("votes", "sensors", "level"),
    [
        pytest.param(1, "a", Level.RED, id="no vote asked"),
        pytest.param(2, "a", Level.YELLOW, id="one of two: the highest level without a vote"),
        pytest.param(2, "ab", Level.RED, id="two of two"),
        pytest.param(3, "ab", Level.YELLOW, id="two of three"),
    ],
)
def test_grave_levels_take_votes(votes: int, sensors: str, level: Level) -> None:
    stage = Stage(AssessmentPolicy(gas_leak=Rule(votes=votes)))
    made = stage.play(*((0, finding(sensor, Level.RED)) for sensor in sensors))
    assert made[-1].level is level


def test_evidence_too_weak_to_be_told_leaves_nothing_behind() -> None:
    stage = Stage(AssessmentPolicy(gas_leak=Rule(votes=2, votes_from=Level.BLUE)))
    later = [finding(sensor).model_copy(update={"onset_at": at(600)}) for sensor in "bc"]
    made = stage.play((0, finding("a")), (10, closed("a")), *((600, one) for one in later))
    assert [one.first_evidence_at for one in made] == [at(600)]


def test_a_finding_ends_where_it_is_held_also_when_its_area_is_listed_no_more() -> None:
    before, after = (
        Stage(AssessmentPolicy(gas_leak=Rule(area_level=AreaLevel.TOWNSHIP))),
        Assess(Inventory((), (), ()), AssessmentPolicy()),
    )
    before.play((0, finding()))
    after.restore(before.snapshot())
    assert gas([*after.take(closed(), at(1)), *after.expire(at(60))]) == [Level.NONE]


def test_two_detectors_of_one_sensor_are_one_vote() -> None:
    stage = Stage(AssessmentPolicy(gas_leak=Rule(votes=2)))
    made = stage.play((0, finding("a", Level.RED)), (0, finding("a", Level.RED, detector="gas_exposure")))
    assert made[-1].level is Level.YELLOW


def test_confidence_grows_with_independent_witnesses() -> None:
    policy = AssessmentPolicy(reliability={"gas_levels": 0.8})
    made = Stage(policy).play((0, finding("a")), (1, finding("b")), (2, finding("b", detector="gas_exposure")))
    assert [one.confidence for one in made] == [0.8, 0.944, 0.944]


def test_the_first_expected_onset_of_the_witnesses_counts_with_its_interval() -> None:
    made = Stage().play((0, finding("a", expected_at=at(50))), (1, finding("b", expected_at=at(40))))
    last = made[-1]
    assert (last.expected_onset_at, last.expected_onset_earliest_at, last.expected_onset_latest_at) == (
        at(40),
        at(40),
        at(50),
    )


def onsets(made: list[Assessment]) -> list[tuple[datetime, datetime | None]]:
    return [(one.at, one.expected_onset_at) for one in made]


def test_an_onset_that_has_passed_gives_way_to_the_next_that_is_expected() -> None:
    rows = [(0, finding("a", expected_at=at(40))), (1, finding("b", expected_at=at(90)))]
    assert onsets(Stage().play(*rows, until=40)) == [(at(0), at(40)), (at(1), at(40))]
    made = Stage().play(*rows, until=300)
    assert onsets(made)[2:] == [(at(40), at(90))]
    assert (made[-1].expected_onset_earliest_at, made[-1].trigger) == (at(90), "")


def test_a_passed_onset_that_nobody_corrects_is_the_last_one_and_is_told_once() -> None:
    stage = Stage()
    assert len(stage.play((0, finding("a", expected_at=at(40))), until=300)) == 1
    joined = stage.play((300, finding("b", expected_at=at(20))), until=600)
    assert onsets(joined) == [(at(300), at(40))]


def test_an_interval_that_is_not_over_still_counts() -> None:
    wide = finding("a", expected_at=at(40)).model_copy(update={"expected_latest_at": at(500)})
    last = Stage().play((0, wide), (60, finding("b", expected_at=at(90))))[-1]
    told = (last.expected_onset_at, last.expected_onset_earliest_at, last.expected_onset_latest_at)
    assert told == (at(90), at(40), at(500))


def test_a_level_about_to_be_lowered_is_not_lowered_by_a_passing_onset() -> None:
    stage = Stage(AssessmentPolicy(gas_leak=Rule(votes=2)))
    made = stage.play((0, finding("a", expected_at=at(12))), (0, finding("b", expected_at=at(90))), (10, closed("a")))
    assert [(one.at, one.level) for one in (*made[1:], *stage.expire(at(60)))] == [
        (at(0), Level.ORANGE),
        (at(15), Level.YELLOW),
    ]


def test_a_faulty_sensor_raises_nothing() -> None:
    assert gas(Stage().play((0, fault()), (1, finding()))) == []


@pytest.mark.parametrize("criterion", sorted(DISQUALIFYING))
def test_a_fault_clears_nothing(criterion: str) -> None:
    made = Stage().play((0, finding()), (1, fault(criterion=criterion)), (2, closed()), until=60)
    assert gas(made) == [Level.ORANGE]


def test_what_was_withheld_counts_when_the_sensor_is_sound_again() -> None:
    over = fault(state=FindingState.CLOSED)
    assert gas(Stage().play((0, finding()), (1, fault()), (2, closed()), (3, over), until=60)) == [
        Level.ORANGE,
        Level.NONE,
    ]
    assert gas(Stage().play((0, fault()), (1, finding()), (2, over))) == [Level.ORANGE]


def test_a_sensor_with_two_faults_is_sound_after_the_second_is_over() -> None:
    over = fault(state=FindingState.CLOSED)
    both_over = fault(criterion="clock", state=FindingState.CLOSED)
    rows = [(0, fault()), (0, fault(criterion="clock")), (1, finding()), (2, over)]
    assert gas(Stage().play(*rows)) == []
    assert gas(Stage().play(*rows, (3, both_over))) == [Level.ORANGE]


@pytest.mark.parametrize("criterion", ["spike", "flat_line", "gap"])
def test_what_a_fire_or_a_leak_may_look_like_takes_no_witness_away(criterion: str) -> None:
    assert gas(Stage().play((0, fault(criterion=criterion)), (1, finding()))) == [Level.ORANGE]


def test_rain_is_assessed_by_township_and_gas_by_village() -> None:
    made = Stage().play((0, finding()), (0, finding(hazard=Hazard.RAINSTORM, detector="rain_signals", area=OTHER)))
    assert [one.area for one in made] == [VILLAGE, TOWNSHIP]


def test_areas_do_not_share_evidence() -> None:
    made = Stage().play((0, finding("a")), (0, finding("b", area=OTHER)), (5, closed("a")), until=60)
    assert [(one.area, one.level) for one in made] == [
        (VILLAGE, Level.ORANGE),
        (OTHER, Level.ORANGE),
        (VILLAGE, Level.NONE),
    ]


def test_ids_are_a_function_of_content() -> None:
    first, second = (Stage().play((0, finding()), (10, closed()), until=60) for _ in range(2))
    assert first == second
    assert len({one.id for one in first}) == len(first)


@pytest.mark.parametrize("cut", range(6))
def test_a_restart_anywhere_changes_nothing(cut: int) -> None:
    rows = [
        (0, fault("b")),
        (1, finding("b")),
        (2, finding("a")),
        (4, closed("a")),
        (6, fault("b", state=FindingState.CLOSED)),
        (7, closed("b")),
    ]
    undisturbed = Stage().play(*rows, until=60)
    before = Stage()
    made = before.play(*rows[:cut])
    after = Stage()
    after.restore(before.snapshot())
    assert made + after.play(*rows[cut:], until=60) == undisturbed
