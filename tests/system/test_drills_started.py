"""Drills started at the page: held by a process of their own, refused in the words of the command."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from alerting.store.store import Store
from pipeline.cli.exit import Exit
from pipeline.config.load import load_config
from pipeline.connectors.data_lock import DataLock
from pipeline.runners.drilling import Drilling
from tests.api_rig import Api
from tests.dispatch_rig import until
from tests.unit.cli_rig import Terminal
from tests.unit.test_cli_drill import terminal  # noqa: F401  # the fixture

pytestmark = pytest.mark.system


@pytest.fixture
def api(terminal: Terminal) -> Api:  # noqa: F811  # the fixture
    terminal.change("forewarn.toml", '"rehearsal"]', '"rehearsal"]\nscenarios = ["tabletop.toml", "live.toml"]')
    config = load_config(terminal.folder / "forewarn.toml")
    (terminal.folder / "data").mkdir(exist_ok=True)
    api = Api(Store(f"sqlite:///{terminal.folder / 'data' / 'store.db'}"))
    api.rig.desk.drills = Drilling(config)
    return api


def held(api: Api, **what: str) -> dict[str, Any]:
    """A drill that was started, once it is over."""
    assert api.ask("li", "POST", "/drills", json=what)["state"] == "running"
    assert "one at a time" in api.ask("li", "POST", "/drills", 409, json=what)["error"]
    drills = api.rig.desk.drills
    assert drills
    asyncio.run(until(lambda: drills.begun()[0].state != "running", within_s=300))
    found: dict[str, Any] = api.ask("viewer", "GET", "/drills/scenarios")["begun"][0]
    return found


def test_a_drill_is_held_and_its_evaluation_is_there(api: Api) -> None:
    assert api.ask("viewer", "GET", "/drills/scenarios") == {"scenarios": ["live", "tabletop"], "begun": []}
    ended = held(api, scenario="tabletop")
    assert (ended["state"], ended["mode"], ended["by"], ended["words"]) == ("ended", "tabletop", "li", "")
    (drill,) = api.ask("viewer", "GET", "/drills")
    assert "演练评估" in api.ask("viewer", "GET", f"/drills/{drill['id']}.html").decode()
    assert "no drill x" in api.ask("viewer", "GET", "/drills/x.html", 404)["error"]
    assert [(one.action, one.subject, one.who) for one in api.rig.store.audit(1)] == [
        ("drill.start", "tabletop", "person:li")
    ]


def test_what_the_command_refuses_is_refused_in_its_words(api: Api, terminal: Terminal) -> None:  # noqa: F811
    lock = DataLock(terminal.folder / "data")
    refused = held(api, scenario="live", mode="live")
    lock.close()
    assert refused["state"] == "refused"
    assert "is at work in this data folder" in refused["words"]
    assert (
        "no scenario 'x'; known: live, tabletop"
        in api.ask("li", "POST", "/drills", 404, json={"scenario": "x"})["error"]
    )
    api.ask("viewer", "POST", "/drills", 403, json={"scenario": "tabletop"})
    assert api.ask("viewer", "GET", "/drills") == []


def test_scenarios_are_checked_before_the_start(terminal: Terminal) -> None:  # noqa: F811  # the fixture
    terminal.change("forewarn.toml", '"rehearsal"]', '"rehearsal"]\nscenarios = ["storm.toml"]')
    ended = terminal("check")
    assert ended.code != Exit.DONE
    assert "no file" in ended.err + ended.out
    terminal.change("forewarn.toml", '["storm.toml"]', '["a/tabletop.toml", "tabletop.toml"]')
    assert "two files of one name" in terminal("check").err
