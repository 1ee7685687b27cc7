"""The commands of those on duty, on the data folder of the sample site."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import pytest
from icalendar import Calendar
from sqlalchemy import update

from alerting.store.audit import audit
from alerting.store.record import Record
from alerting.store.store import Store
from pipeline.clock import SystemClock
from pipeline.config.load import load_config
from pipeline.model.level import Level
from pipeline.model.warning import Report
from pipeline.runners.desk import make_desk
from pipeline.runners.embedded import STORE_FILE
from tests.reports import warning
from tests.unit.cli_rig import VILLAGE, Terminal

DUTY: Final = """
[release]
rules = [{name = "orange", mode = "approval", min_level = "orange", persons = 1}]
[duty]
people = [
  {name = "li", name_zh = "李", name_en = "Li", roles = ["approver", "duty_officer"], contacts = ["calls/li"]},
  {name = "wang", name_zh = "王", name_en = "Wang", roles = ["administrator"]},
]
rosters = [{name = "gas", people = ["li"], begins_at = "2026-01-01T08:00:00+08:00"}]
chains = [{name = "ask", on = "release", steps = [{who = ["roster:gas"]}]}]
"""
CALLS: Final = """
[channels.calls]
kind = "file_drop"
targets = {li = "calls"}
"""


class Site:
    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.terminal = Terminal(folder, capsys)
        text = (folder / "forewarn.toml").read_text()
        for section in ("release", "duty"):
            text = text.replace(f"\n[{section}]\n", "\n")
        (folder / "forewarn.toml").write_text(text.replace("\n[kafka]\n", f"{DUTY}\n[kafka]\n") + CALLS)
        self.config = folder / "forewarn.toml"
        (folder / "data").mkdir()
        self.store = Store(f"sqlite:///{folder / 'data' / STORE_FILE}")
        self.now = SystemClock().now()
        self.report = warning(area=VILLAGE, sent_at=self.now, expires_at=self.now.replace(year=self.now.year + 1))

    def __call__(self, *arguments: str, code: int = 0) -> Any:
        ended = self.terminal(*arguments, "--config", str(self.config))
        assert ended.code == code, ended.err
        return ended

    def json(self, *arguments: str) -> Any:
        return self(*arguments, "--json").document

    def tell(self) -> None:
        config = load_config(self.config)
        targets = {name: one.type(name, one.options).targets for name, one in config.channels.items()}
        desk = make_desk(config, self.store, targets, SystemClock())
        self.store.save(Record(warnings=(self.report,)), self.now, desk.outlet.offer)
        desk.look()


@pytest.fixture
def site(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Site:
    return Site(tmp_path, capsys)


def test_what_waits_is_listed_and_approved_in_somebodys_name(site: Site) -> None:
    site.tell()
    assert site.json("release")[0]["warning"] == site.report.id
    assert "0 of 1" in site("release", "list").out
    assert "wang may not decide" in site("release", "approve", site.report.id, "--as", "wang", code=4).err
    assert "released" in site("release", "approve", site.report.id, "--as", "li").out
    assert [one.channel for one in site.store.deliveries(9)] == ["files", "calls"]
    entry = site.json("audit")[-1]
    assert entry["action"] == "release.approve"
    assert entry["who"].startswith("person:li by command line:")


def test_all_clears_of_a_warning_are_approved_at_once(site: Site) -> None:
    site.tell()
    assert "no all-clear" in site("release", "approve-all", site.report.chain, "--as", "li", code=4).err
    site("release", "approve", site.report.id, "--as", "li")
    end = {"id": "end", "number": 2, "report": Report.FINAL, "level": Level.NONE}
    site.report = site.report.model_copy(update=end)
    site.tell()
    assert site.json("release")[0]["all_clear"]
    assert "for public: released" in site("release", "approve-all", site.report.chain, "--as", "li").out
    assert site.json("release") == []


def test_a_refusal_needs_a_reason_and_a_name(site: Site) -> None:
    site.tell()
    assert "in whose name" in site("release", "refuse", site.report.id, code=2).err
    assert "--reason" in site("release", "refuse", site.report.id, "--as", "li", code=2).err
    assert "REPORT" in site("release", "refuse", code=2).err
    assert "no person 'x'" in site("release", "refuse", site.report.id, "--as", "x", code=4).err
    assert "refused" in site("release", "refuse", site.report.id, "--as", "li", "--reason", "welding").out


def test_a_silence_is_set_listed_and_ended(site: Site) -> None:
    made = site.json("silence", "set", "--as", "li", "--reason", "welding", "--area", VILLAGE, "--minutes", "30")
    assert (made["max_level"], made["areas"]) == ("orange", [VILLAGE])
    assert "welding" in site("silence").out
    assert "max_level" in site("silence", "set", "--as", "li", "--reason", "r", "--max-level", "x", code=2).err
    assert "begins with 123" in site("silence", "set", "--as", "li", "--reason", "r", "--area", "123", code=4).err
    assert "seven days" in site("silence", "set", "--as", "li", "--reason", "r", "--minutes", "99999", code=2).err
    assert "over" in site("silence", "end", made["id"], "--as", "li").out
    assert site.json("silence") == []


def test_a_silence_shows_how_much_red_it_hid(site: Site) -> None:
    site.report = site.report.model_copy(update={"level": Level.RED, "peak_level": Level.RED})
    site("silence", "set", "--as", "li", "--reason", "r", "--max-level", "red")
    site.tell()
    site("release", "approve", site.report.id, "--as", "li")
    assert [one["level"] for one in site.json("silence")[0]["hid"]] == ["red"]


def test_calls_tell_who_did_not_answer(site: Site) -> None:
    site.tell()
    (shown,) = site.json("calls")
    assert shown["silent"] == ["li"]
    assert "li" in site("calls").out
    site("calls", "answer", shown["call"]["id"], "--as", "li")
    assert site.json("calls")[0]["silent"] == []
    assert "no call x" in site("calls", "answer", "x", "--as", "li", code=4).err


def test_a_roster_is_shown_handed_over_and_exchanged_with_calendars(site: Site, tmp_path: Path) -> None:
    assert site.json("roster")["gas"] == ["li"]
    assert "li" in site("roster").out
    until = f"{site.now.year + 2}-01-01T00:00"
    far = site("roster", "hand-over", "gas", "--to", "wang", "--until", "2999-01-01T00:00", "--as", "wang", code=4)
    assert "more than ten years away" in far.err
    site("roster", "hand-over", "gas", "--to", "wang", "--until", until, "--as", "wang", "--reason", "ill")
    assert site.json("roster")["gas"] == ["wang"]
    assert site.json("roster", "shifts", "gas", "--days", "2")[0]["people"] == ["wang"]
    text = site("roster", "calendar", "gas", "--days", "2").out
    assert len(Calendar.from_ical(text).walk("VEVENT")) == 1
    (tmp_path / "c.ics").write_text(text)
    assert "1 shifts taken" in site("roster", "take", "gas", "--file", str(tmp_path / "c.ics"), "--as", "wang").out
    assert "cannot be read" in site("roster", "take", "gas", "--file", "nothing.ics", "--as", "wang", code=3).err
    assert "no roster 'x'" in site("roster", "shifts", "x", code=4).err


def test_a_token_is_shown_once_and_revoked(site: Site) -> None:
    made = site.json("token", "make", "li", "--days", "3")
    assert made["secret"] not in site("token").out
    site("token", "revoke", made["token"]["id"])
    assert site.json("token")[0]["revoked_at"]
    assert "no valid token" in site("token", "revoke", made["token"]["id"], code=4).err


def test_a_log_that_was_tampered_with_is_told_with_the_entry(site: Site) -> None:
    site("token", "make", "li")
    site("token", "make", "wang")
    head = site.json("audit", "verify")["head"]
    assert head in site("audit", "verify", "--head", head).out
    assert "written anew" in site("audit", "verify", "--head", "0" * 64, code=1).out
    with site.store.write() as connection:
        connection.execute(update(audit).where(audit.c.number == 1).values(detail="for nobody"))
    assert "entry 1: its words" in site("audit", "verify", code=1).out
