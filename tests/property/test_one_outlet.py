"""Whatever happens, in whatever order: nothing is queued for the public that was not released to it."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from alerting.store.schema import releases
from pipeline.errors import DutyError
from pipeline.model.audience import Audience
from pipeline.model.level import Level
from pipeline.model.release import ReleaseState
from pipeline.model.warning import Report
from tests.alerting_rig import LI, WANG, ZHAO, Rig, desk_rig
from tests.reports import warning

MODES = st.sampled_from(["automatic", "approval", "objection"])
RULES = st.lists(
    st.fixed_dictionaries(
        {
            "name": st.just("r"),
            "mode": MODES,
            "persons": st.integers(1, 2),
            "min_level": st.sampled_from(["blue", "orange", "red"]),
            "audience": st.sampled_from(["public", "duty"]),
            "applies_to": st.sampled_from(["hazard", "all_clear", "both"]),
            "objection_s": st.sampled_from([10, 600]),
        }
    ),
    max_size=3,
)
ROUTES = [
    {"name": "public", "to": ["siren/village"]},
    {"name": "town", "under": "public", "min_level": "red", "to": ["siren/town"]},
    {"name": "duty", "audience": "duty", "to": ["sms/duty-room"]},
]
CHAINS = [{"name": "call", "on": "release", "steps": [{"who": ["role:approver"], "wait_s": 5}]}]
STEPS = st.lists(
    st.tuples(
        st.sampled_from(["report", "final", "approve", "oppose", "refuse", "wait"]),
        st.sampled_from(["a", "b"]),
        st.sampled_from([Level.BLUE, Level.ORANGE, Level.RED]),
        st.sampled_from([LI, WANG, ZHAO]),
    ),
    max_size=12,
)
PUBLIC_TARGETS = {"siren/village", "siren/town"}


class _Life:
    def __init__(self, rig: Rig) -> None:
        self.rig = rig
        self.last: dict[str, Any] = {}
        self.approvals: dict[str, set[str]] = {}

    def take(self, what: str, chain: str, level: Level, actor: Any) -> None:
        last = self.last.get(chain)
        if what in {"report", "final"}:
            self._report(chain, level, last, final=what == "final")
        elif what == "wait":
            self.rig.after(7)
        elif last is not None:
            with suppress(DutyError):
                self._decide(what, last.id, actor)

    def _report(self, chain: str, level: Level, last: Any, *, final: bool) -> None:
        if (final and last is None) or (last is not None and last.report is Report.FINAL):
            return
        number = last.number + 1 if last else 1
        peak = max(level, last.peak_level) if last else level
        kind = {"report": Report.FINAL, "level": Level.NONE} if final else {"level": level}
        self.last[chain] = warning(chain, number, **{"peak_level": peak} | kind)
        self.rig.tell(self.last[chain])

    def _decide(self, what: str, report: str, actor: Any) -> None:
        outlet, now = self.rig.outlet, self.rig.now
        if what == "approve":
            outlet.approve(report, Audience.PUBLIC, actor, now)
        elif what == "oppose":
            outlet.oppose(report, Audience.PUBLIC, actor, "why", now)
        else:
            outlet.refuse(report, Audience.PUBLIC, actor, "why", now)


@settings(max_examples=30, suppress_health_check=[HealthCheck.too_slow])
@given(rules=RULES, steps=STEPS)
def test_nothing_reaches_the_public_that_was_not_released(rules: list[dict[str, Any]], steps: list[Any]) -> None:
    with (
        TemporaryDirectory() as folder,
        desk_rig(Path(folder), rules=rules, routes=ROUTES, duty={"chains": CHAINS}) as rig,
    ):
        life = _Life(rig)
        for step in steps:
            life.take(*step)
            rig.desk.look()
            _holds(rig)


def _holds(rig: Rig) -> None:
    with rig.store.read() as connection:
        given_to = {(row.warning, row.audience): row for row in connection.execute(select(releases))}
    for row in rig.rows():
        assert (row.warning, row.audience) in given_to
        if f"{row.channel}/{row.target}" in PUBLIC_TARGETS:
            assert row.audience is Audience.PUBLIC
            request = rig.store.request(row.warning, Audience.PUBLIC)
            assert request is not None
            assert request.state is ReleaseState.RELEASED
    for request in rig.store.pending():
        assert (request.warning, request.audience) not in given_to or given_to[
            request.warning, request.audience
        ].how == "call"
        assert not set(request.approvals) - {"li", "wang"}
