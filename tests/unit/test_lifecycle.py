from __future__ import annotations

from datetime import timedelta
from itertools import pairwise
from typing import Any

import msgspec
import pytest
from pydantic import ValidationError

from alerting.hazards import ROWS
from alerting.lifecycle import Lifecycle, LifecyclePolicy
from pipeline.model.finding import Finding
from pipeline.model.hazard import Hazard
from pipeline.model.level import Level
from pipeline.model.warning import HazardWarning, Report, WarningStatus
from tests.golden.cap.samples import CRITERIA, INVENTORY, START, assessment, finding, onset

GAS, FAULT = Hazard.GAS_LEAK, Hazard.SENSOR_FAULT


class Rig:
    """A life cycle of one hazard with its findings, driven by seconds after START."""

    def __init__(self, hazard: Hazard = GAS, **options: Any) -> None:
        self.hazard = hazard
        self.lifecycle = Lifecycle(INVENTORY, LifecyclePolicy(**options), CRITERIA)

    def say(self, after_s: float, level: Level, *subjects: str, **changes: Any) -> HazardWarning | None:
        cited = [
            fault(each) if self.hazard is FAULT else finding(self.hazard, level) for each in subjects or ("GAS-1",)
        ]
        return self.lifecycle.take(
            assessment(self.hazard, level, after_s, *cited, **changes), {each.id: each for each in cited}
        )

    def tick(self, after_s: float) -> list[HazardWarning]:
        return self.lifecycle.tick(START + timedelta(seconds=after_s))


def fault(subject: str) -> Finding:
    return finding(FAULT, Level.BLUE, id=f"fault of {subject}", subject=subject)


def described(report: HazardWarning | None) -> str:
    assert report
    return report.texts[1].description


def test_first_follow_up_final() -> None:
    rig = Rig()
    reports = [rig.say(0, Level.BLUE), rig.say(1, Level.RED), rig.say(2, Level.YELLOW), rig.say(3, Level.NONE)]
    told = [(each.report, each.level, each.peak_level, each.number) for each in reports if each]
    assert told == [
        (Report.FIRST, Level.BLUE, Level.BLUE, 1),
        (Report.FOLLOW_UP, Level.RED, Level.RED, 2),
        (Report.FOLLOW_UP, Level.YELLOW, Level.RED, 3),
        (Report.FINAL, Level.NONE, Level.RED, 4),
    ]
    assert rig.lifecycle.in_force() == ()


def test_ids_are_a_function_of_hazard_area_and_first_instant() -> None:
    first, again = Rig().say(0, Level.BLUE), Rig().say(0, Level.RED, confidence=0.1)
    assert first
    assert again
    assert first.id == again.id == "330203005201-gas_leak-" + first.chain + "-1"
    later = Rig().say(1e-6, Level.BLUE)
    assert later
    assert later.chain != first.chain


def test_a_chain_begun_anew_within_an_instant_is_another_one() -> None:
    rig = Rig()
    reports = [rig.say(0, level) for level in (Level.BLUE, Level.NONE, Level.BLUE, Level.NONE)]
    ids = [each.id for each in reports if each]
    assert len(set(ids)) == 4
    assert all(each.sent_at == START for each in reports if each)


@pytest.mark.parametrize(
    ("hazard", "min_level", "told"),
    [
        pytest.param(GAS, "yellow", False, id="public, below"),
        pytest.param(GAS, "blue", True, id="public, at"),
        pytest.param(FAULT, "red", True, id="maintenance hears from blue on"),
    ],
)
def test_min_level(hazard: Hazard, min_level: str, told: bool) -> None:  # noqa: FBT001  # a table's column
    assert (Rig(hazard, min_level=min_level).say(0, Level.BLUE) is not None) is told


def test_falling_below_min_level_is_the_end() -> None:
    rig = Rig(min_level="orange")
    rig.say(0, Level.RED)
    final = rig.say(1, Level.YELLOW)
    assert final
    assert (final.report, final.level) == (Report.FINAL, Level.NONE)


def test_an_unchanged_assessment_is_not_told_again() -> None:
    rig = Rig()
    rig.say(0, Level.BLUE)
    assert rig.say(1000, Level.BLUE, confidence=0.9) is None


@pytest.mark.parametrize(
    ("before", "after", "says"),
    [
        pytest.param({}, onset(5000), "can now be foreseen", id="comes"),
        pytest.param(onset(5000), {}, "no longer a forecast", id="goes"),
        pytest.param(onset(5000), onset(5601), "moved from", id="moves by more than the tolerance"),
        pytest.param(onset(5000), onset(4399), "moved from", id="moves ahead"),
        pytest.param(onset(5000), onset(5600), "", id="moves within the tolerance"),
    ],
)
def test_expected_onset(before: dict[str, Any], after: dict[str, Any], says: str) -> None:
    rig = Rig(onset_tolerance_s=600, onset_tolerance_share=0)
    rig.say(0, Level.BLUE, **before)
    report = rig.say(300, Level.BLUE, **after)
    assert (report is not None) is bool(says)
    assert not says or says in described(report)


@pytest.mark.parametrize(("moved_s", "told"), [(7_000, False), (7_500, True)])
def test_an_onset_far_away_may_move_further(moved_s: float, *, told: bool) -> None:
    rig = Rig(onset_tolerance_s=600, onset_tolerance_share=0.2)
    rig.say(0, Level.BLUE, **onset(36_300))
    assert (rig.say(300, Level.BLUE, **onset(36_300 + moved_s)) is not None) is told


def test_an_onset_that_moves_too_soon_waits_for_a_tick() -> None:
    rig = Rig(update_min_s=300)
    rig.say(0, Level.BLUE)
    assert rig.say(299, Level.BLUE, **onset(5000)) is None
    assert rig.tick(299.9) == []
    [report] = rig.tick(300)
    assert report.expected_onset_at == onset(5000)["expected_onset_at"]
    assert report.sent_at == START + timedelta(seconds=300)
    assert rig.tick(301) == []


def test_a_change_of_level_never_waits() -> None:
    rig = Rig(update_min_s=300)
    rig.say(0, Level.BLUE)
    assert rig.say(0.1, Level.YELLOW)


@pytest.mark.parametrize("level", [Level.BLUE, Level.YELLOW, Level.ORANGE, Level.RED])
@pytest.mark.parametrize("hazard", list(Hazard))
def test_a_report_is_renewed_before_it_expires(hazard: Hazard, level: Level) -> None:
    rig = Rig(hazard, renew_before_s=1800)
    first = rig.say(0, level)
    assert first
    valid_s = ROWS[hazard].valid_s[level - 1]
    assert first.expires_at == START + timedelta(seconds=valid_s)
    assert rig.tick(valid_s - 1801) == []
    [renewed] = rig.tick(valid_s - 1800)
    assert (renewed.report, renewed.level, renewed.expires_at > first.expires_at) == (Report.FOLLOW_UP, level, True)
    assert "goes on" in described(renewed)
    assert rig.tick(valid_s - 1799) == []


@pytest.mark.parametrize("level", [Level.BLUE, Level.YELLOW, Level.ORANGE, Level.RED])
@pytest.mark.parametrize("hazard", list(Hazard))
def test_what_goes_on_unchanged_is_renewed_ever_less_often_and_never_lapses(hazard: Hazard, level: Level) -> None:
    rig = Rig(hazard)
    first = rig.say(0, level)
    assert first
    told = [first]
    for at_s in range(540, 16 * 86_400, 540):
        assert told[-1].expires_at > START + timedelta(seconds=at_s)
        told += rig.tick(at_s)
    spans = [one.expires_at - one.sent_at for one in told]
    longest = max(timedelta(seconds=ROWS[hazard].longest_s), spans[0])
    assert all(later == min(2 * earlier, longest) for earlier, later in pairwise(spans))
    assert len(told) < 75  # in 16 days; 440 where each holds for an hour
    raised = rig.say(17 * 86_400, Level.RED if level < Level.RED else Level.ORANGE)
    assert raised
    assert raised.expires_at - raised.sent_at == ROWS[hazard].valid_for(raised.level)  # what changed holds as at first


def test_a_new_fault_joins_at_most_once_an_hour() -> None:
    rig = Rig(FAULT, fault_update_min_s=3600)
    rig.say(0, Level.BLUE, "GAS-1")
    assert rig.say(10, Level.BLUE, "GAS-1", "RAIN-1") is None
    assert rig.say(20, Level.BLUE, "GAS-1", "RAIN-1", "TEMP-1") is None
    [joined] = rig.tick(3600)
    assert "more devices have failed" in described(joined)
    assert all(name in described(joined) for name in ("GAS-1", "RAIN-1", "TEMP-1"))
    assert rig.say(7300, Level.BLUE, "GAS-1") is None, "a device that recovers is no news while others are at fault"
    assert rig.say(7400, Level.BLUE, "GAS-1", "RAIN-1"), "one that fails again is"


def test_faults_that_join_are_named_first_and_the_rest_counted() -> None:
    rig = Rig(FAULT, fault_update_min_s=0)
    many = [f"D{number:02}" for number in range(30)]
    rig.say(0, Level.BLUE, *many)
    text = described(rig.say(1, Level.BLUE, *many, "NEW"))
    assert "(NEW)" in text
    assert text.count("Faulty: ") == 10
    assert "Further devices: 21." in text


def test_a_new_sensor_is_no_news_of_a_public_hazard() -> None:
    rig = Rig()
    rig.say(0, Level.BLUE, "GAS-1")
    assert rig.say(4000, Level.BLUE, "GAS-1", "GAS-1") is None


def test_findings_that_are_not_at_hand_do_not_stop_a_report() -> None:
    lifecycle = Lifecycle(INVENTORY, LifecyclePolicy(), CRITERIA)
    report = lifecycle.take(assessment(GAS, Level.BLUE, 0, findings=("gone",)), {})
    assert report
    assert report.findings == ("gone",)
    assert "Measured" not in described(report)


def test_a_final_report_expects_nothing() -> None:
    rig = Rig()
    rig.say(0, Level.BLUE, **onset(5000))
    final = rig.say(1, Level.NONE, **onset(5000))
    assert final
    assert (final.expected_onset_at, final.expected_onset_earliest_at, final.expected_onset_latest_at) == (None,) * 3


def test_the_clock_of_lead_time_starts_at_the_earliest_evidence() -> None:
    rig = Rig()
    early = START - timedelta(hours=1)
    rig.say(0, Level.BLUE, first_evidence_at=early)
    report = rig.say(1, Level.RED, first_evidence_at=START)
    assert report
    assert report.first_evidence_at == early


def test_reports_never_step_back_in_time() -> None:
    rig = Rig()
    rig.say(100, Level.BLUE)
    report = rig.say(50, Level.RED)
    assert report
    assert report.sent_at == START + timedelta(seconds=100)


def test_in_force_is_ordered_by_area_and_hazard() -> None:
    lifecycle = Lifecycle(INVENTORY, LifecyclePolicy(status=WarningStatus.TEST))
    for hazard in (Hazard.RAINSTORM, Hazard.FIRE):
        lifecycle.take(assessment(hazard, Level.BLUE, 0), {})
    lifecycle.take(assessment(Hazard.RAINSTORM, Level.BLUE, 0, area="330203005000"), {})
    shown = [(each.area, each.hazard, each.status) for each in lifecycle.in_force()]
    assert shown == [
        ("330203005000", Hazard.RAINSTORM, WarningStatus.TEST),
        ("330203005201", Hazard.FIRE, WarningStatus.TEST),
        ("330203005201", Hazard.RAINSTORM, WarningStatus.TEST),
    ]


def test_a_snapshot_of_another_version_is_refused() -> None:
    lifecycle = Lifecycle(INVENTORY, LifecyclePolicy())
    with pytest.raises(ValueError, match="snapshot version 99 of report chains, this program reads 3"):
        lifecycle.restore(msgspec.msgpack.encode({"version": 99, "chains": [], "begun": []}))


@pytest.mark.parametrize(
    "options",
    [
        pytest.param({"sender": "two words"}, id="a space in the sender"),
        pytest.param({"sender": "a,b"}, id="a comma in the sender"),
        pytest.param({"min_level": "none"}, id="warnings of nothing"),
        pytest.param({"min_level": "purple"}, id="no such level"),
        pytest.param({"renew_before_s": 1801}, id="renewal as long as the shortest validity"),
        pytest.param({"update_min_s": -1}, id="a negative time"),
        pytest.param({"web": "ftp://x"}, id="a web address that is none"),
        pytest.param({"colour": "red"}, id="an unknown key"),
    ],
)
def test_options_that_cannot_be(options: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        LifecyclePolicy.model_validate(options)


def test_renewal_always_comes_before_the_shortest_validity_ends() -> None:
    longest_s = 1800
    assert LifecyclePolicy(renew_before_s=longest_s).renew_before_s == longest_s
    assert all(longest_s < valid_s for row in ROWS.values() for valid_s in row.valid_s)
