"""Before a drill starts at the page: one at a time, named in the audit log, and nothing left behind where it fails."""

from __future__ import annotations

import sys
from typing import NoReturn

import pytest

from alerting.drill.evaluation import Mode
from alerting.drill.start import Begun, BegunState
from alerting.store.store import Store
from pipeline.config.load import load_config
from pipeline.errors import DutyError, StoreError
from pipeline.runners.drilling import Drilling
from tests.api_rig import Api
from tests.reports import NOON
from tests.unit.cli_rig import Terminal
from tests.unit.test_cli_drill import terminal  # noqa: F401  # the fixture

TABLETOP = {"scenario": "tabletop"}


@pytest.fixture
def api(terminal: Terminal) -> Api:  # noqa: F811  # the fixture
    terminal.change("forewarn.toml", '"rehearsal"]', '"rehearsal"]\nscenarios = ["tabletop.toml", "live.toml"]')
    config = load_config(terminal.folder / "forewarn.toml")
    (terminal.folder / "data").mkdir(exist_ok=True)
    api = Api(Store(f"sqlite:///{terminal.folder / 'data' / 'store.db'}"))
    api.rig.desk.drills = Drilling(config, api.rig.store, api.rig.outlet)
    return api


def noted(api: Api) -> list[tuple[str, str, str]]:
    return [(one.action, one.subject, one.who) for one in api.rig.store.audit(9) if one.action == "drill.start"]


def free(store: Store) -> bool:
    """Whether no drill holds the place."""
    begun = Begun.new("other", Mode.TABLETOP, "wang", NOON)
    try:
        store.hold_drill(begun)
    except DutyError:
        return False
    store.forget_drill(begun.id)
    return True


def test_while_another_process_holds_one_it_is_named(api: Api) -> None:
    begun = Begun.new("storm", Mode.LIVE, "wang", NOON)
    api.rig.store.hold_drill(begun)
    refused = api.ask("li", "POST", "/drills", 409, json=TABLETOP)["error"]
    assert refused == "drill 'storm', started by wang at 2026-05-01T12:00:00Z, is still running; one at a time"
    assert noted(api) == []
    shown = api.ask("viewer", "GET", "/drills/scenarios")["begun"]
    assert [(one["scenario"], one["state"]) for one in shown] == [("storm", "running")]
    api.rig.store.end_drill(begun.id, BegunState.ENDED)
    assert free(api.rig.store)


def test_nothing_starts_that_nobody_is_named_for(api: Api) -> None:
    def full() -> NoReturn:
        raise StoreError("no space left")

    drills = api.rig.desk.drills
    assert drills
    with pytest.raises(StoreError, match="no space left"):
        drills.start(Begun.new("tabletop", Mode.TABLETOP, "li", NOON), full)
    assert drills.begun() == []
    assert free(api.rig.store)


def test_what_cannot_be_started_was_noted_and_is_in_nobodys_way(
    api: Api,
    terminal: Terminal,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sys, "executable", str(terminal.folder / "nothing"))
    refused = api.ask("li", "POST", "/drills", 409, json=TABLETOP)["error"]
    assert refused == "drill 'tabletop' cannot be started: No such file or directory"
    assert noted(api) == [("drill.start", "tabletop", "person:li")]
    assert api.ask("viewer", "GET", "/drills/scenarios")["begun"] == []
    assert free(api.rig.store)
