"""Laws of merged warnings, for any storm over a row of towns."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given, settings
from hypothesis import strategies as st

from alerting.stages.borders import Borders
from alerting.stages.merge import Joint, MergeOptions, home, merged
from pipeline.model.hazard import Hazard
from pipeline.model.level import Level
from pipeline.model.warning import HazardWarning, Report
from tests.alerting_rig import LI, desk_rig
from tests.merge_rig import storm, town, towns

COUNT = 6
INVENTORY = towns(COUNT)
BORDERS = Borders(INVENTORY, 100.0)
OPTIONS = MergeOptions(hazards=(Hazard.RAINSTORM,), max_areas=4, window_s=900)
STEPS = st.lists(
    st.tuples(st.integers(1, COUNT), st.sampled_from(list(Level)), st.integers(0, 250)), min_size=1, max_size=40
)


def reports(steps: Sequence[tuple[int, Level, int]]) -> list[HazardWarning]:
    """Chains of towns as the life cycle makes them: a level opens or changes one, none ends it; then all end."""
    numbers: dict[int, int] = {}
    begun: dict[int, int] = {}
    made, at_s = [], 0
    for place, level, wait_s in [*steps, *((place, Level.NONE, 1) for place in range(1, COUNT + 1))]:
        at_s += wait_s
        number = numbers.get(place, 0)
        if number == 0 and level is Level.NONE:
            continue
        begun[place] = begun.get(place, 0) + (number == 0)
        chain = f"{place}-{begun[place]}"
        one = storm(place, number + 1, at_s, level)
        made.append(one.model_copy(update={"chain": chain, "id": f"{chain}-{number + 1}"}))
        numbers[place] = 0 if level is Level.NONE else number + 1
    return made


@given(STEPS)
def test_every_area_is_in_one_warning_as_long_as_it_is_in_danger(steps: Sequence[tuple[int, Level, int]]) -> None:
    open_ones: list[Joint] = []
    told: dict[str, list[HazardWarning]] = {}
    levels: dict[str, Level] = {}
    for report in reports(steps):
        found = home(report, open_ones, BORDERS, OPTIONS)
        joint, change = merged(found, report, 600.0)
        open_ones = [one for one in open_ones if one is not found]
        if joint.last.report is not Report.FINAL:
            open_ones.append(joint)
        if change:
            told.setdefault(joint.last.chain, []).append(joint.last)
        levels[report.area] = report.level
        held = [(part.area, part.level) for one in open_ones for part in one.last.parts if part.level]
        assert sorted(held) == sorted((area, level) for area, level in levels.items() if level)
        for one in open_ones:
            assert one.last.level == max(part.level for part in one.last.parts)
            assert len(one.last.areas) <= OPTIONS.max_areas
            assert one.last.expires_at > report.sent_at  # as long as it goes on it holds
    assert not open_ones
    for chain in told.values():
        _is_whole(chain)


def _is_whole(chain: Sequence[HazardWarning]) -> None:
    assert [one.number for one in chain] == list(range(1, len(chain) + 1))
    assert [one.report for one in chain] == [
        Report.FIRST, *[Report.FOLLOW_UP] * (len(chain) - 2), *[Report.FINAL][: len(chain) - 1],
    ]  # fmt: skip
    for number, one in enumerate(chain):
        assert one.references == tuple((each.id, each.sent_at) for each in chain[:number])
        assert one.sent_at >= chain[max(number - 1, 0)].sent_at
        assert one.peak_level == max(each.level for each in chain[: number + 1])
    assert len({one.id for one in chain}) == len(chain)


@settings(max_examples=8)
@given(STEPS, st.integers(1, 7))
def test_however_it_is_cut_the_same_is_stored(steps: Sequence[tuple[int, Level, int]], cut: int) -> None:
    made = reports(steps)
    assert _stored([[one] for one in made]) == _stored([made[at : at + cut] for at in range(0, len(made), cut)])


@settings(max_examples=6)
@given(STEPS)
def test_those_of_an_area_hear_each_end_of_its_danger_once(steps: Sequence[tuple[int, Level, int]]) -> None:
    made = reports(steps)
    routes = [{"name": town(n), "areas": [town(n)], "to": [f"siren/{town(n)}"]} for n in range(1, COUNT + 1)]
    routing = {"merge": OPTIONS.model_dump()}
    sirens = {"siren": [town(n) for n in range(1, COUNT + 1)]}
    with TemporaryDirectory() as folder, desk_rig(
        Path(folder), routing=routing, inventory=INVENTORY, routes=routes, targets=sirens
    ) as rig:  # fmt: skip
        for one in made:
            rig.tell(one)
            rig.clock.advance(60)
        known = {one.id: one for one in rig.store.recent_warnings(9999)}
        for place in range(1, COUNT + 1):
            rows = [(known[one.warning], one) for one in rig.rows() if one.target == town(place)]
            over = [report for report, one in rows if one.is_over or report.report is Report.FINAL]
            ended = [one for one in made if one.area == town(place) and one.report is Report.FINAL]
            assert sorted(one.sent_at for one in over) == [one.sent_at for one in ended]
            assert all(one.lifted == (town(place),) for _, one in rows if one.is_over)


@settings(max_examples=4)
@given(STEPS)
def test_all_clears_allowed_at_once_say_what_none_asked_for_would(steps: Sequence[tuple[int, Level, int]]) -> None:
    made = reports(steps)
    ask = {"name": "end", "applies_to": "all_clear", "mode": "approval"}
    with TemporaryDirectory() as folder, desk_rig(
        Path(folder), routing={"merge": OPTIONS.model_dump()}, inventory=INVENTORY, rules=[ask]
    ) as rig:  # fmt: skip
        for one in made:
            rig.tell(one)
            for waiting in rig.store.pending():
                rig.outlet.approve(waiting.warning, waiting.audience, LI, rig.now)
        asked = [one.model_dump_json() for one in rig.store.recent_warnings(999)]
    assert asked == _stored([made])


def _stored(groups: Sequence[Sequence[HazardWarning]]) -> list[str]:
    routing = {"merge": OPTIONS.model_dump()}
    with TemporaryDirectory() as folder, desk_rig(Path(folder), routing=routing, inventory=INVENTORY) as rig:
        for group in groups:
            rig.tell(*group)
        rows = rig.store.recent_warnings(999)
        assert {town_of for one in rows for town_of in one.areas} <= {town(n) for n in range(1, COUNT + 1)}
        return [one.model_dump_json() for one in rows]
