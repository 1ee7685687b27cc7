"""Statutory clocks: when they begin, what meets them, what is late."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from alerting.clocks import RULES, ClockRule, Mark, reckon_clocks
from alerting.ledger import Entry, Reached, entry
from alerting.store.record import Record
from alerting.store.store import Store
from pipeline.model.hazard import Hazard
from pipeline.model.level import Level
from pipeline.model.warning import WarningStatus
from tests.reports import NOON, later, warning
from tests.unit.test_cli_duty import Site

CALL = ClockRule(name="telephone", limit_s=1200, channels=("voice",))


def reported(number: int = 1, accepted_s: float | None = None, channel: str = "voice", **changes: Any) -> Entry:
    opened = entry(warning(number=number, **changes), NOON, None)
    reached = () if accepted_s is None else (Reached(channel, later(accepted_s)),)
    return Entry(**{name: getattr(opened, name) for name in Entry.__slots__} | {"channels": reached})


@pytest.mark.parametrize(
    ("case", "accepted_s", "now_s", "state"),
    [
        ("not yet", None, 1200, "running"),
        ("never", None, 1200.1, "overdue"),
        ("in time", 1200, 9999, "met"),
        ("too late", 1201, 9999, "late"),
    ],
)
def test_states(case: str, accepted_s: float | None, now_s: float, state: str) -> None:
    (clock,) = reckon_clocks([reported(accepted_s=accepted_s)], [], [CALL], later(now_s))
    assert (clock.state, clock.due_at, clock.began_at) == (state, later(1200), NOON), case


def test_only_channels_that_count_and_the_first_of_what_was_done() -> None:
    entries = [reported(accepted_s=5, channel="files"), reported(2, accepted_s=300)]
    (clock,) = reckon_clocks(entries, [], [CALL], later(400))
    assert (clock.met_at, clock.how) == (later(300), "channel voice")
    mark = Mark(entries[0].chain, "telephone", later(90), "person:li")
    (clock,) = reckon_clocks(entries, [mark], [CALL], later(400))
    assert (clock.met_at, clock.how) == (later(90), "person:li")


def test_it_runs_from_the_first_report_of_its_level_and_hazard() -> None:
    entries = [reported(level=Level.BLUE), reported(2, level=Level.RED)]
    (clock,) = reckon_clocks(entries, [], [ClockRule(name="t", limit_s=60, min_level=Level.RED)], NOON)
    assert clock.began_at == later(60)
    assert reckon_clocks(entries[:1], [], [ClockRule(name="t", limit_s=60, min_level=Level.RED)], NOON) == []
    assert reckon_clocks(entries, [], [ClockRule(name="t", limit_s=60, hazards=(Hazard.GAS_LEAK,))], NOON) == []


def test_exercises_and_faults_have_no_clock() -> None:
    entries = [reported(status=WarningStatus.EXERCISE), reported(hazard=Hazard.SENSOR_FAULT)]
    assert reckon_clocks(entries, [], RULES, NOON) == []


def test_the_first_entry_of_a_clock_stands_and_is_audited(store: Store) -> None:
    assert store.mark_clock(Mark("a", "writing", later(1), "person:li"))
    assert not store.mark_clock(Mark("a", "writing", later(9), "person:wang"))
    assert store.clock_marks() == (Mark("a", "writing", later(1), "person:li"),)
    assert [one.action for one in store.audit()] == ["clock.met"]


def test_by_the_command_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    site = Site(tmp_path, capsys)
    site.store.save(Record(warnings=(site.report,)), site.now)
    chain = site.report.chain
    assert [(one["name"], one["state"]) for one in site.json("clocks")] == [
        ("telephone", "running"),
        ("writing", "running"),
    ]
    assert f"Entered: telephone of {chain}" in site("clocks", "met", chain, "telephone", "--as", "li").out
    assert "the first entry stands" in site("clocks", "met", chain, "telephone", "--as", "li", code=4).err
    assert "no clock 'fax'" in site("clocks", "met", chain, "fax", "--as", "li", code=4).err
    assert [one["state"] for one in site.json("clocks")] == ["met", "running"]
    assert "telephone" in site("clocks").out
