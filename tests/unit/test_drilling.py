"""Before a drill starts at the page: one at a time, named in the audit log, and nothing left behind where it fails."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import NoReturn

import pytest

from alerting.drill.evaluation import Mode
from alerting.drill.start import Begun
from alerting.store.store import Store
from pipeline.config.load import load_config
from pipeline.errors import DutyError, StoreError
from pipeline.runners.drill_lock import DrillLock
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
    api.rig.desk.drills = Drilling(config)
    return api


def noted(api: Api) -> list[tuple[str, str, str]]:
    return [(one.action, one.subject, one.who) for one in api.rig.store.audit(9) if one.action == "drill.start"]


def free(folder: Path) -> bool:
    """Whether no drill holds the folder."""
    try:
        DrillLock(folder, "").close()
    except DutyError:
        return False
    return True


def test_while_another_process_holds_one_it_is_named(api: Api, terminal: Terminal) -> None:  # noqa: F811
    lock = DrillLock(terminal.folder / "data", "'storm', started by wang,")
    refused = api.ask("li", "POST", "/drills", 409, json=TABLETOP)["error"]
    assert refused == "drill 'storm', started by wang, is still running; one at a time"
    assert noted(api) == []
    lock.close()
    assert free(terminal.folder / "data")


def test_nothing_starts_that_nobody_is_named_for(api: Api, terminal: Terminal) -> None:  # noqa: F811
    def full() -> NoReturn:
        raise StoreError("no space left")

    drills = api.rig.desk.drills
    assert drills
    with pytest.raises(StoreError, match="no space left"):
        drills.start(Begun(scenario="tabletop", mode=Mode.TABLETOP, by="li", at=NOON), full)
    assert drills.begun() == ()
    assert free(terminal.folder / "data")


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
    assert free(terminal.folder / "data")


def test_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("", "utf-8")
    with pytest.raises(DutyError, match="cannot be written: File exists; check its rights"):
        DrillLock(tmp_path / "data", "")
