"""What `make run` starts: recordings played, five hazards in force, then live readings over HTTP and MQTT."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

pytestmark = [pytest.mark.system, pytest.mark.timeout(900)]

PAGE = "http://127.0.0.1:8470"
HAZARDS = {"gas_leak", "fire", "rainstorm", "tank_overfill", "ground_movement"}


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("demo") / "run.log"


@pytest.fixture(scope="module")
def demo(log: Path) -> Iterator[subprocess.Popen[bytes]]:
    command = [str(Path(sys.executable).with_name("forewarn")), "run", "--demo", "--data", str(log.parent / "data")]
    with log.open("wb") as said, subprocess.Popen(command, stdout=said, stderr=said) as child:
        yield child
        child.send_signal(signal.SIGTERM)
        code = child.wait(timeout=180)
    assert code == 0, log.read_text("utf-8")


def eventually(what: Callable[[], bool], timeout_s: float = 400) -> None:
    until_s = time.monotonic() + timeout_s  # noqa: TID251  # a test waits for a real process
    while time.monotonic() < until_s:  # noqa: TID251  # the same
        if what():
            return
        time.sleep(0.5)
    pytest.fail(f"not within {timeout_s} s: {what.__name__}")


@pytest.mark.usefixtures("demo")
def test_a_token_opens_the_duty_desk(log: Path) -> None:
    def told() -> bool:
        return "takes the token" in log.read_text("utf-8")

    eventually(told)
    token = log.read_text("utf-8").partition("takes the token ")[2].split()[0]
    me = httpx.get(f"{PAGE}/api/v1/me", headers={"authorization": f"Bearer {token}"}, timeout=60)
    assert "approver" in me.json()["roles"]


def situation() -> dict[str, Any]:
    try:
        answer = httpx.get(f"{PAGE}/api/situation", timeout=60)
    except httpx.HTTPError:
        return {"warnings": [], "ledger": []}
    found: dict[str, Any] = answer.json()["situation"]
    return found


def counter(component: str, event: str) -> int:
    lines = httpx.get(f"{PAGE}/metrics", timeout=60).text.splitlines()
    name = f'forewarn_events_total{{component="{component}",event="{event}",reason=""}}'
    return next((int(line.rpartition(" ")[2]) for line in lines if line.startswith(name)), 0)


@pytest.mark.usefixtures("demo")
def test_all_five_hazards_are_in_force() -> None:
    def in_force() -> bool:
        return {card["hazard"] for card in situation()["warnings"]} >= HAZARDS

    eventually(in_force)
    assert all(card["status"] == "Exercise" for card in situation()["warnings"])


@pytest.mark.usefixtures("demo")
def test_live_readings_come_over_both_protocols() -> None:
    def both() -> bool:
        return counter("http", "sent") > 0 and counter("mqtt", "sent") > 0

    eventually(both)


@pytest.mark.usefixtures("demo")
def test_onsets_of_the_story_stand_in_the_ledger_with_their_lead_times() -> None:
    def observed() -> bool:
        rows = situation()["ledger"]
        return any(row["onset_observed_at"] and row["lead_s"] > 0 for row in rows if row["lead_s"] is not None)

    eventually(observed)


@pytest.mark.usefixtures("demo")
def test_an_exercise_is_not_on_the_public_feed() -> None:
    feed = httpx.get(f"{PAGE}/feed.atom", timeout=60)
    assert feed.status_code == httpx.codes.OK
    assert b"<entry" not in feed.content
