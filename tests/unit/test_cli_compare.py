"""`forewarn compare`: two configurations, one recording."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerting.lead_time import Basis, LeadTime
from pipeline.cli.exit import Exit
from pipeline.evaluation.compare import pairs
from pipeline.model.hazard import Hazard
from pipeline.model.level import Level
from tests.unit.cli_rig import VILLAGE, Terminal

TRUTH = f"hazard,area,onset_at\ntank_overfill,{VILLAGE},2026-01-01T06:30:00Z\nfire,{VILLAGE},2026-01-01T03:00:00Z\n"
NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)


def chain(
    begin_min: float, until_min: float | None = None, onset_min: float | None = None, level: Level = Level.BLUE
) -> LeadTime:
    def at(minutes: float | None) -> datetime | None:
        return None if minutes is None else NOON + timedelta(minutes=minutes)

    lead_s = None if onset_min is None else 60 * (onset_min - begin_min)
    basis = Basis.NONE if onset_min is None else Basis.OBSERVED
    return LeadTime(
        hazard=Hazard.FIRE, area=VILLAGE, chain=f"c{begin_min}", peak_level=level, issued_at=at(begin_min),
        ended_at=at(until_min), onset_at=at(onset_min), basis=basis, lead_time_s=lead_s,
    )  # fmt: skip


def missed(onset_min: float) -> LeadTime:
    at = NOON + timedelta(minutes=onset_min)
    return LeadTime(hazard=Hazard.FIRE, area=VILLAGE, onset_at=at, basis=Basis.MISSED, lead_time_s=0.0)


CASES: dict[str, tuple[list[LeadTime], list[LeadTime], list[tuple[float | None, bool]]]] = {
    "the same": ([chain(0, 30)], [chain(0, 30)], [(0.0, False)]),
    "B is ten minutes earlier": ([chain(10, 30)], [chain(0, 30)], [(600.0, True)]),
    "B is later": ([chain(0, 30)], [chain(5, 30)], [(-300.0, True)]),
    "of another level": ([chain(0, 30)], [chain(0, 30, level=Level.RED)], [(0.0, True)]),
    "only in A": ([chain(0, 30)], [], [(None, True)]),
    "only in B": ([], [chain(0, 30)], [(None, True)]),
    "not at the same time": ([chain(0, 30)], [chain(31, 40)], [(None, True), (None, True)]),
    "open ones stand at the same time": ([chain(0)], [chain(50)], [(-3000.0, True)]),
    "of the same event, though apart": ([chain(0, 5, 60)], [chain(40, 90, 60)], [(-2400.0, True)]),
    "of two events, though together": ([chain(0, 90, 60)], [chain(0, 90, 70)], [(None, True), (None, True)]),
    "missed by A": ([missed(60)], [chain(0, 90, 60)], [(None, True)]),
    "missed by both": ([missed(60)], [missed(60)], [(None, False)]),
}


@pytest.mark.parametrize("name", CASES)
def test_what_belongs_together(name: str) -> None:
    ours, theirs, expected = CASES[name]
    assert [(one.earlier_s, one.is_change) for one in pairs(ours, theirs)] == expected


spans = st.lists(
    st.tuples(st.integers(0, 500), st.integers(0, 60)).map(lambda one: chain(one[0], sum(one))), max_size=6
)


@given(spans, spans)
def test_every_warning_stands_in_one_pair(ours: list[LeadTime], theirs: list[LeadTime]) -> None:
    found = pairs(ours, theirs)
    for side, rows in (("a", ours), ("b", theirs)):
        told = sorted(one.chain for pair in found if (one := getattr(pair, side)))
        assert told == sorted(one.chain for one in rows)


@pytest.fixture
def terminal(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Terminal:
    monkeypatch.chdir(tmp_path)
    found = Terminal(tmp_path, capsys)
    found.write("truth.csv", TRUTH)
    text = (tmp_path / "forewarn.toml").read_text()
    found.write(
        "other.toml",
        text.replace(
            "[detectors.tank_overfill]",
            "[detectors.tank_overfill]\nblue_min = 20.0\nyellow_min = 15.0\norange_min = 10.0",
        ),
    )
    return found


def test_a_stricter_configuration_is_later(terminal: Terminal) -> None:
    ended = terminal("compare", "forewarn.toml", "other.toml", "readings.csv", "--truth", "truth.csv")
    assert (ended.code, ended.err) == (Exit.DONE, "")
    change = next(line for line in ended.out.splitlines() if "tank_overfill" in line)
    assert "later" in change or "silent" in change
    assert "FAR, and what is false" in ended.out
    document = terminal("compare", "forewarn.toml", "other.toml", "readings.csv", "--json").document
    (tank,) = (one for one in document["pairs"] if one["hazard"] == "tank_overfill")
    assert tank["is_change"]


def test_a_configuration_is_like_itself(terminal: Terminal) -> None:
    ended = terminal("compare", "forewarn.toml", "forewarn.toml", "readings.csv", "--truth", "truth.csv")
    assert "What changes: none" in ended.out
    document = terminal("compare", "forewarn.toml", "forewarn.toml", "readings.csv", "--json").document
    assert document["a"] == document["b"]
    assert {one["is_change"] for one in document["pairs"]} == {False}


def test_what_nobody_knows_is_blank(terminal: Terminal) -> None:
    same = ("compare", "forewarn.toml", "forewarn.toml", "readings.csv")
    without = [one for one in terminal(*same, "--json").document["a"] if one["hazard"] == "tank_overfill"]
    known = [one for one in terminal(*same, "--truth", "truth.csv", "--json").document["a"] if one["missed"]]
    assert [(one["events"], one["missed"]) for one in without] == [(None, None)]
    assert [(one["hazard"], one["events"]) for one in known] == [("fire", 1)]
    summary = terminal(*same).out.partition("Summary")[2]
    assert " 0 " not in next(line for line in summary.splitlines() if "tank_overfill" in line)


def test_a_recording_without_a_reading_needs_attention(terminal: Terminal) -> None:
    terminal.write("x.csv", "observed_at,sensor,value\n2026-01-01T00:00:00Z,gaz-1,3\n")
    assert terminal("compare", "forewarn.toml", "forewarn.toml", "x.csv").code == Exit.ATTENTION


def test_a_configuration_that_is_wrong_is_named(terminal: Terminal) -> None:
    terminal.write("bad.toml", "surprise = 1\n")
    ended = terminal("compare", "forewarn.toml", "bad.toml", "readings.csv")
    assert ended.code == Exit.REPAIR
    assert "bad.toml" in ended.err
