from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from alerting.cap import cap_instant, to_cap
from alerting.cap_check import validate
from alerting.hazards import is_public
from alerting.lifecycle import Lifecycle, LifecyclePolicy
from pipeline.model.area import Area
from pipeline.model.assessment import Assessment
from pipeline.model.finding import Finding
from pipeline.model.hazard import Hazard
from pipeline.model.inventory import Inventory
from pipeline.model.level import Level
from pipeline.model.warning import HazardWarning, Report, WarningStatus
from tests.golden.cap.samples import AREAS, CRITERIA, RING, SITE, START, VILLAGE, assessment, finding, onset

UNLISTED = "330203999201"
HAZARDS = (Hazard.GAS_LEAK, Hazard.RAINSTORM, Hazard.SENSOR_FAULT)


@dataclass(frozen=True)
class Step:
    """Something that happens `after_s` after the step before: an assessment, or a tick where `hazard` is None."""

    after_s: float
    hazard: Hazard | None
    area: str
    level: Level
    onset_in_s: float | None
    subjects: tuple[str, ...]
    value: float


figures = st.floats(allow_nan=True, allow_infinity=True, width=32)
steps = st.lists(
    st.builds(
        Step,
        st.sampled_from([0.0, 1.0, 60.0, 299.5, 3600.0, 90_000.0]) | st.floats(0.001, 1e6),
        st.none() | st.sampled_from(HAZARDS),
        st.sampled_from([VILLAGE, UNLISTED]),
        st.sampled_from(Level),
        st.none() | st.floats(-3600, 20_000),
        st.lists(st.sampled_from(["GAS-1", "RAIN-1", "S1/room", "lost"]), unique=True).map(tuple),
        figures,
    ),
    max_size=25,
)
names = st.text(st.characters(exclude_categories=("Cs", "N"), exclude_characters="nN"), min_size=1, max_size=8)
policies = st.builds(
    LifecyclePolicy,
    status=st.sampled_from([WarningStatus.ACTUAL, WarningStatus.EXERCISE, WarningStatus.TEST]),
    min_level=st.sampled_from([Level.BLUE, Level.BLUE, Level.ORANGE]),
    onset_tolerance_s=st.sampled_from([0.0, 600.0]),
    update_min_s=st.sampled_from([0.0, 300.0]),
    fault_update_min_s=st.sampled_from([0.0, 3600.0]),
    sender_name_zh=names,
)


def play(lifecycle: Lifecycle, script: list[Step], at: datetime) -> Iterator[tuple[datetime, HazardWarning]]:
    for step in script:
        at += timedelta(seconds=step.after_s)
        yield from ((at, report) for report in one_step(lifecycle, step, at))


def one_step(lifecycle: Lifecycle, step: Step, at: datetime) -> list[HazardWarning]:
    if step.hazard is None:
        return lifecycle.tick(at)
    cited = {each.id: each for each in found(step.hazard, step)}
    report = lifecycle.take(said(step.hazard, step, at, tuple(cited)), cited)
    return [report] if report else []


def found(hazard: Hazard, step: Step) -> Iterator[Finding]:
    for subject in step.subjects:
        yield finding(hazard, Level.BLUE, id=f"of {subject}", subject=subject, value=step.value)


def said(hazard: Hazard, step: Step, at: datetime, cited: tuple[str, ...]) -> Assessment:
    after_s = (at - START).total_seconds()
    coming = onset(after_s + step.onset_in_s) if step.onset_in_s is not None else {}
    return assessment(hazard, step.level, after_s, findings=cited, area=step.area, at=at, **coming)


@settings(max_examples=60)
@given(steps, policies, names)
def test_chains(script: list[Step], policy: LifecyclePolicy, name: str) -> None:
    areas = (*AREAS[:2], Area(code=VILLAGE, name_zh=name, name_en=name, polygon=RING))
    inventory = Inventory(areas, (SITE,), ())
    lifecycle = Lifecycle(inventory, policy, CRITERIA)
    told: list[tuple[datetime, HazardWarning]] = []
    at = START
    for step in script:
        told += play(lifecycle, [step], at)
        at += timedelta(seconds=step.after_s)
        assert lifecycle.in_force() == in_force([report for _, report in told])
    chains: dict[str, list[HazardWarning]] = {}
    for decided_at, report in told:
        assert report.sent_at == decided_at
        chains.setdefault(report.chain, []).append(report)
        check_report(report, policy, inventory)
    for chain in chains.values():
        check_chain(chain)
    assert len({report.id for _, report in told}) == len(told)


def in_force(told: list[HazardWarning]) -> tuple[HazardWarning, ...]:
    latest = {(report.area, report.hazard): report for report in told}
    return tuple(latest[key] for key in sorted(latest) if latest[key].report is not Report.FINAL)


def check_report(report: HazardWarning, policy: LifecyclePolicy, inventory: Inventory) -> None:
    assert re.fullmatch(r"[0-9a-z_-]+", report.id)
    assert (report.level is Level.NONE) == (report.report is Report.FINAL)
    if is_public(report.hazard) and report.level:
        assert report.level >= policy.min_level
    assert report.expires_at > report.sent_at
    assert report.status is policy.status
    assert validate(to_cap(report, inventory, policy)) == []
    for text in report.texts:
        assert text.headline
        assert text.description
        assert text.instruction
        assert not re.search(r"\.\d*[1-9]\d{3}|nan|inf\b|None|Undefined", text.description.replace(report.area, ""))


def check_chain(chain: list[HazardWarning]) -> None:
    assert [report.number for report in chain] == list(range(1, len(chain) + 1))
    assert [report.report for report in chain[1:-1]] == [Report.FOLLOW_UP] * len(chain[1:-1])
    assert chain[0].report is Report.FIRST
    assert all(report.report is not Report.FIRST for report in chain[1:])
    for earlier, later in pairwise(chain):
        assert later.references == (*earlier.references, (earlier.id, earlier.sent_at))
        assert later.sent_at >= earlier.sent_at
        assert later.peak_level == max(report.level for report in chain[: later.number])
        assert later.first_evidence_at <= earlier.first_evidence_at
    assert len({(report.hazard, report.area) for report in chain}) == 1


@settings(max_examples=30)
@given(steps, policies, st.integers(0, 25))
def test_a_restored_life_cycle_goes_on_alike(script: list[Step], policy: LifecyclePolicy, cut: int) -> None:
    inventory = Inventory(AREAS, (SITE,), ())
    whole = Lifecycle(inventory, policy, CRITERIA)
    undisturbed = [report for _, report in play(whole, script, START)]
    first, second = (Lifecycle(inventory, policy, CRITERIA) for _ in range(2))
    told = [report for _, report in play(first, script[:cut], START)]
    second.restore(first.snapshot())
    assert second.in_force() == first.in_force()
    at = START + sum((timedelta(seconds=step.after_s) for step in script[:cut]), timedelta())
    told += [report for _, report in play(second, script[cut:], at)]
    assert told == undisturbed
    assert second.snapshot() == whole.snapshot()


@given(st.datetimes(datetime(1900, 1, 1), datetime(2200, 1, 1), timezones=st.timezones()))  # noqa: DTZ001  # bounds
def test_cap_instants(at: datetime) -> None:
    text = cap_instant(at)
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+08:00", text)
    assert timedelta() <= at - datetime.fromisoformat(text) < timedelta(seconds=1)
