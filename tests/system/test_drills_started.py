"""Drills started at the page: held by a process of their own, refused in the words of the command."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from datetime import timedelta
from typing import Any

import pytest

from pipeline.cli.exit import Exit
from pipeline.connectors.data_lock import DataLock
from pipeline.model.warning import Report, WarningStatus
from tests.api_rig import Api
from tests.dispatch_rig import until
from tests.unit.cli_rig import Terminal
from tests.unit.test_cli_drill import reports, terminal  # noqa: F401  # the fixture
from tests.unit.test_drilling import api, free  # noqa: F401  # the fixture

pytestmark = pytest.mark.system


PROGRAM = "from pipeline.cli.main import main; main()"
PAGE = """
import sys, time
from datetime import UTC, datetime
from pathlib import Path
from alerting.drill.evaluation import Mode
from alerting.drill.start import Begun
from alerting.outlet import Outlet
from alerting.store.store import Store
from pipeline.config.load import load_config
from pipeline.runners.drilling import Drilling

config = load_config(Path(sys.argv[1]))
store = Store(f"sqlite:///{config.process.data / 'store.db'}")
begun = Begun.new("live", Mode.LIVE, "li", datetime.now(UTC))
Drilling(config, store, Outlet(store, (), {})).start(begun, lambda: None)
print("started", flush=True)
time.sleep(600)
"""


def held(api: Api, **what: str) -> dict[str, Any]:  # noqa: F811  # the fixture
    """A drill that was started, once it is over."""
    assert api.ask("li", "POST", "/drills", json=what)["state"] == "running"
    assert "one at a time" in api.ask("li", "POST", "/drills", 409, json=what)["error"]
    drills = api.rig.desk.drills
    assert drills
    asyncio.run(until(lambda: drills.begun()[0].state != "running", within_s=300))
    found: dict[str, Any] = api.ask("viewer", "GET", "/drills/scenarios")["begun"][0]
    return found


def test_a_drill_is_held_and_its_evaluation_is_there(api: Api) -> None:  # noqa: F811
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


def test_a_live_drill_goes_on_when_the_page_is_killed(api: Api, terminal: Terminal) -> None:  # noqa: F811
    with subprocess.Popen(
        [sys.executable, "-c", PAGE, str(terminal.folder / "forewarn.toml")],
        stdout=subprocess.PIPE,
        start_new_session=True,
    ) as page:
        assert page.stdout
        assert page.stdout.readline() == b"started\n"
        os.killpg(page.pid, signal.SIGKILL)  # the whole group, as Ctrl-C reaches it
    asyncio.run(until(lambda: free(api.rig.store), within_s=300))
    said = (terminal.folder / "data" / "drill-live.log").read_text("utf-8")
    assert [one["mode"] for one in api.ask("viewer", "GET", "/drills")] == ["live"], said
    told = reports(terminal)
    assert told
    assert {one.chain for one in told if one.report is Report.FINAL} == {one.chain for one in told}
    assert "EXERCISE" in said


def test_scenarios_are_checked_before_the_start(terminal: Terminal) -> None:  # noqa: F811  # the fixture
    terminal.change("forewarn.toml", '"rehearsal"]', '"rehearsal"]\nscenarios = ["storm.toml"]')
    ended = terminal("check")
    assert ended.code != Exit.DONE
    assert "no file" in ended.err + ended.out
    terminal.change("forewarn.toml", '["storm.toml"]', '["a/tabletop.toml", "tabletop.toml"]')
    assert "two files of one name" in terminal("check").err


def test_what_a_killed_drill_left_in_force_is_ended_by_the_next_process(api: Api, terminal: Terminal) -> None:  # noqa: F811
    terminal.change("live.toml", "answer_s = 0.1", "answer_s = 600")
    terminal.change("live.toml", "12:00:02Z", "13:00:00Z")
    terminal.write("leak.csv", (terminal.folder / "leak.csv").read_text("utf-8") + "2026-05-01T13:00:00Z,gas-1,60.0\n")
    command = [sys.executable, "-c", PROGRAM, "drill", "live.toml", "--mode", "live"]
    with subprocess.Popen(command, cwd=terminal.folder, stderr=subprocess.DEVNULL, start_new_session=True) as drill:
        asyncio.run(until(lambda: bool(list(terminal.folder.glob("rehearsal/*.xml"))), within_s=300))
        os.killpg(drill.pid, signal.SIGKILL)
    store = api.rig.store
    told = store.recent_warnings(9)
    assert {one.status for one in told} == {WarningStatus.EXERCISE}
    assert all(one.report is not Report.FINAL for one in told)
    (run,) = store.drill_runs(9)
    store.keep_drill(run.id, 0.5)  # its last renewal, for a shorter time
    drills = api.rig.desk.drills
    assert drills
    asyncio.run(until(lambda: drills.look(told[0].sent_at + timedelta(seconds=60))))
    assert {store.chain(one.chain)[-1].report for one in told} == {Report.FINAL}
    assert [one["state"] for one in api.ask("viewer", "GET", "/drills/scenarios")["begun"]] == ["broken"]
