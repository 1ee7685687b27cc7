"""Whoever is slow: a chain that was cancelled by hand is whole, ended once, and its keeper comes to the same."""

from __future__ import annotations

from collections import deque
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from alerting.lifecycle import Lifecycle, LifecyclePolicy
from pipeline.model.assessment import Assessment
from pipeline.model.hazard import Hazard
from pipeline.model.level import Level
from pipeline.model.order import OrderKind
from pipeline.model.warning import HazardWarning, Report
from tests.alerting_rig import LI, Rig, desk_rig
from tests.merge_rig import town, towns
from tests.reports import NOON

STEPS = st.lists(
    st.tuples(
        st.sampled_from(["assess", "assess", "cancel", "hear", "order"]),
        st.integers(1, 2),
        st.sampled_from(list(Level)),
    ),
    min_size=4,
    max_size=24,
)


class _Keeper:
    """The life cycle of two towns, whose reports and orders are as long on their way as it pleases."""

    def __init__(self, rig: Rig) -> None:
        self.rig = rig
        self.lifecycle = Lifecycle(towns(2), LifecyclePolicy())
        self.said: deque[HazardWarning] = deque()
        self.levels: dict[int, Level] = {}
        self.taken: set[str] = set()

    def take(self, what: str, place: int, level: Level) -> None:
        self.rig.clock.advance(60)
        if what == "assess":
            self._say(self.lifecycle.take(self._assessed(place, level), {}))
        elif what == "cancel":
            for one in self.rig.store.warnings_in_force(self.rig.now)[:1]:
                self.rig.desk.amend(one.chain, Level.NONE, "a test", LI)
        elif what == "hear" and self.said:
            self.rig.tell(self.said.popleft())
        elif what == "order":
            self.obey()

    def obey(self) -> None:
        for order in self.rig.store.open_orders():
            assert order.kind is OrderKind.WITHDRAW
            self._say(self.lifecycle.obey(order, self.rig.now))
            self.rig.store.orders_taken([order.id], self.rig.now)

    def _say(self, report: HazardWarning | None) -> None:
        self.said += [report] if report else []

    def _assessed(self, place: int, level: Level) -> Assessment:
        before, self.levels[place] = self.levels.get(place, Level.NONE), level
        at = self.rig.now
        return Assessment(
            id=f"{place}-{at.isoformat()}", hazard=Hazard.RAINSTORM, area=town(place), level=level,
            previous_level=before, confidence=0.9, at=at, first_evidence_at=NOON, findings=(), trigger="",
        )  # fmt: skip


@pytest.mark.parametrize("hazards", [[], ["rainstorm"]], ids=["each by itself", "merged"])
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(steps=STEPS)
def test_every_chain_is_whole_and_ends_once(hazards: list[str], steps: list[Any]) -> None:
    sections: dict[str, Any] = {"inventory": towns(2), "routing": {"merge": {"hazards": hazards}}}
    with TemporaryDirectory() as folder, desk_rig(Path(folder), **sections) as rig:
        keeper = _Keeper(rig)
        for step in steps:
            keeper.take(*step)
        keeper.obey()
        while keeper.said:
            rig.tell(keeper.said.popleft())
        told = rig.store.recent_warnings(999)
        for chain in {one.chain for one in told}:
            reports = rig.store.chain(chain)
            assert [one.number for one in reports] == list(range(1, len(reports) + 1))
            assert [one for one in reports[:-1] if one.report is Report.FINAL] == []
            assert [name for name, _ in reports[-1].references] == [one.id for one in reports[:-1]]
        shown = {area for one in rig.store.warnings_in_force(rig.now) for area in one.areas}
        assert shown == {one.area for one in keeper.lifecycle.in_force()}
