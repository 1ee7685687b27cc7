from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given as holds
from hypothesis import strategies as st

from alerting.cap import to_cap
from alerting.cap_check import validate
from alerting.drill.gate import may_leave
from alerting.lifecycle import LifecyclePolicy
from alerting.short_text import short_text
from alerting.store.record import Record
from alerting.store.store import Store
from alerting.tasks.item import Deed, Item, Kind, State, answer, escalate, give_back, given, reassign, verify, withdraw
from pipeline.cli.exit import Exit
from pipeline.clock import SystemClock
from pipeline.errors import DutyError
from pipeline.model.instant import to_text
from pipeline.model.inventory import Inventory
from pipeline.model.warning import WarningStatus
from tests.alerting_rig import desk_rig
from tests.reports import NOON, later, warning
from tests.unit.cli_rig import Terminal

PEOPLE = """
[[duty.people]]
name = "wang"
name_zh = "王"
name_en = "Wang"
roles = ["duty_officer"]

[[duty.people]]
name = "li"
name_zh = "李"
name_en = "Li"

[[duty.people]]
name = "zhao"
name_zh = "赵"
name_en = "Zhao"
roles = ["approver"]
"""


def item(**changes: Any) -> Item:
    values: dict[str, Any] = {
        "id": "i",
        "kind": Kind.FOLLOW_UP,
        "title": "inspect the slope",
        "assignee": "li",
        "escalation": ("wang", "zhao"),
        "due_at": later(3600),
    }
    return given(Item(**values | changes), "wang", NOON)


def test_the_way_of_an_item() -> None:
    one = answer(item(), "li", "walked it, no crack", later(60))
    one = give_back(one, "wang", "and the wall?", later(7200), later(70))
    assert (one.state, one.due_at) == (State.OPEN, later(7200))
    one = verify(answer(one, "li", "wall too", later(80)), "wang", "", later(90))
    assert one.state is State.VERIFIED
    deeds = [step.deed for step in one.steps]
    assert deeds == [Deed.GIVEN, Deed.ANSWERED, Deed.RETURNED, Deed.ANSWERED, Deed.VERIFIED]
    with pytest.raises(DutyError, match="is verified already"):
        withdraw(one, "wang", "", later(99))


def test_who_answered_does_not_verify_and_strangers_do_not_answer() -> None:
    with pytest.raises(DutyError, match="zhao does not have it; those who may answer: li"):
        answer(item(), "zhao", "done", later(1))
    with pytest.raises(DutyError, match="li answered it, somebody else must"):
        verify(answer(item(), "li", "done", later(1)), "li", "", later(2))
    with pytest.raises(DutyError, match="is open, only one that is answered can be verified"):
        verify(item(), "wang", "", later(2))
    for nothing in ("", "  "):
        with pytest.raises(DutyError, match="give --words"):
            answer(item(), "li", nothing, later(1))
        with pytest.raises(DutyError, match="give --words"):
            give_back(answer(item(), "li", "x", later(1)), "wang", nothing, later(9), later(2))


def test_it_rises_when_it_is_overdue() -> None:
    one = item()
    assert escalate(one, later(3599)) is one
    first = escalate(one, later(3600))
    assert (first.holders, first.is_overdue(later(3600))) == (("li", "wang"), True)
    assert escalate(first, later(7199)) is first
    assert escalate(one, later(7200)).holders == ("li", "wang", "zhao")
    assert escalate(escalate(one, later(9e5)), later(9e6)).raised == 2
    assert answer(first, "wang", "took it on", later(3700)).state is State.ANSWERED
    done = answer(one, "li", "done", later(60))
    assert escalate(done, later(9e5)) is done


def test_given_back_it_is_with_its_assignee_alone() -> None:
    late = answer(escalate(item(), later(3600)), "li", "done", later(3700))
    assert give_back(late, "wang", "no", later(9000), later(3800)).holders == ("li",)


def test_reassigned_to_one_of_those_above() -> None:
    one = reassign(escalate(item(), later(3600)), "zhao", "wang", later(3700))
    assert (one.holders, one.escalation) == (("wang",), ("zhao",))


@pytest.mark.parametrize(
    ("changes", "says"),
    [({"escalation": ("li",)}, "not the one who has it"), ({"escalation": ("wang", "wang")}, "everybody once")],
)
def test_escalation_makes_sense(changes: dict[str, Any], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        item(**changes)


def test_due_before_it_is_given() -> None:
    with pytest.raises(DutyError, match="not after now"):
        item(due_at=NOON)


@holds(st.lists(st.floats(0, 20_000), max_size=8))
def test_looking_often_or_seldom_comes_to_the_same(looks_s: list[float]) -> None:
    often = item()
    for at_s in sorted(looks_s):
        often = escalate(often, later(at_s))
    seldom = escalate(item(), later(max(looks_s, default=0)))
    assert often.holders == seldom.holders


@pytest.fixture
def terminal(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Terminal:
    monkeypatch.chdir(tmp_path)
    found = Terminal(tmp_path, capsys)
    config = tmp_path / "forewarn.toml"
    config.write_text(config.read_text("utf-8") + PEOPLE, "utf-8")
    (tmp_path / "data").mkdir()
    store = Store(f"sqlite:///{tmp_path / 'data' / 'store.db'}")
    store.save(Record(warnings=(warning(),)), NOON)
    store.close()
    return found


def test_from_given_to_verified_on_the_command_line(terminal: Terminal) -> None:
    chain = warning().chain
    words = ("--words", "inspect the slope", "--to", "li", "--escalate-to", "zhao", "--chain", chain)
    made = terminal("tasks", "give", "--as", "wang", *words, "--json").document
    assert (made["state"], made["assignee"], made["chain"]) == ("open", "li", chain)
    assert "inspect the slope" in terminal("tasks", "--whose", "li").out
    assert terminal("tasks", "--whose", "zhao").out == "Nothing to do.\n"
    assert terminal("tasks", "answer", made["id"], "--as", "li", "--words", "no crack").code == Exit.DONE
    refused = terminal("tasks", "verify", made["id"], "--as", "li")
    assert "li may not" in refused.err
    assert terminal("tasks", "verify", made["id"], "--as", "zhao").code == Exit.DONE
    assert terminal("tasks").out == "Nothing to do.\n"
    (one,) = terminal("tasks", "--closed", "--json").document
    assert (one["state"], one["overdue"]) == ("verified", False)
    log = terminal("audit", "--json").document
    assert [entry["action"] for entry in log if entry["subject"] == made["id"]][-3:] or log
    assert {"task.give", "task.answered", "task.verified"} <= {entry["action"] for entry in log}


def test_what_is_overdue_rises_and_says_so(terminal: Terminal) -> None:
    store = Store(f"sqlite:///{terminal.folder / 'data' / 'store.db'}")
    past = SystemClock().now() - timedelta(minutes=5)
    late = given(
        Item(id="late", kind=Kind.RISK_NOTICE, title="a", assignee="li", escalation=("zhao",), due_at=past),
        "wang",
        past - timedelta(hours=1),
    )
    store.add_item(late, "wang", past)
    store.add_item(late, "wang", past)
    store.close()
    (one,) = terminal("tasks", "--whose", "zhao", "--json").document
    assert (one["overdue"], one["raised"]) == (True, 1)
    assert "overdue" in terminal("tasks").out
    log = terminal("audit", "--json").document
    assert [entry["action"] for entry in log].count("task.escalated") == 1


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("give", "--as", "wang", "--to", "li"), "is needed"),
        (("give", "--as", "wang", "--words", "x"), "is needed"),
        (("give", "--words", "x", "--to", "li"), "in whose name"),
        (("give", "--as", "wang", "--words", "x", "--to", "nobody"), "no person 'nobody'"),
        (("give", "--as", "wang", "--words", "x", "--to", "li", "--escalate-to", "li"), "not the one who has it"),
        (("give", "--as", "wang", "--words", "x", "--to", "li", "--chain", "zz"), "no chain 'zz'"),
        (("give", "--as", "wang", "--words", "x", "--to", "li", "--due", to_text(NOON)), "not after now"),
        (("give", "--as", "li", "--words", "x", "--to", "li"), "li may not"),
        (("verify", "zz", "--as", "wang"), "no item 'zz'"),
        (("answer", "--as", "wang"), "is needed"),
    ],
)
def test_mistakes_are_told(terminal: Terminal, arguments: tuple[str, ...], says: str) -> None:
    ended = terminal("tasks", *arguments)
    assert ended.code not in {Exit.DONE, Exit.DEFECT}
    assert says in ended.err


def test_who_has_an_item_is_told_by_their_contact_and_whoever_it_rises_to(tmp_path: Path) -> None:
    with desk_rig(tmp_path) as rig:
        rig.tell(warning())
        made = item(assignee="li", escalation=("wang", "viewer"), chain=warning().chain, due_at=rig.in_s(3600))
        rig.store.add_item(made, "zhao", rig.now, rig.desk.notices.tell)
        assert rig.queued() == ["siren/village", "sms/li"]
        rig.after(3600)
        rig.after(1)
        assert rig.queued() == ["siren/village", "sms/li", "sms/li", "sms/wang"]
        rig.after(3600)
        assert [one.action for one in rig.store.audit()][-1] == "task.untold"  # viewer has no contact
        told = [rig.store.warning(one.warning) for one in rig.rows() if one.channel == "sms"]
        heads = sorted(one.texts[1].headline for one in told if one)
        assert [head.partition(":")[0] for head in heads] == [
            "Task - For you to do", "Task - Overdue with others, now with you too", "Task - Overdue, please see to it",
        ]  # fmt: skip
        assert {one.status for one in told if one} == {WarningStatus.SYSTEM}
        assert [one.status for one in rig.store.recent_warnings(9)] == [WarningStatus.ACTUAL]
        assert {one.status for one in rig.store.ledger()} == {WarningStatus.ACTUAL}
        assert rig.store.public_reports_in_force(rig.now) == ()


def test_an_item_that_is_given_back_becomes_overdue_anew() -> None:
    late = escalate(item(escalation=()), later(3600))
    assert escalate(late, later(9000)) is late
    back = give_back(answer(late, "li", "done", later(4000)), "wang", "not so", later(7200), later(4100))
    assert [step.deed for step in escalate(back, later(7200)).steps].count(Deed.OVERDUE) == 2


def test_a_message_about_work_is_a_valid_document_that_leaves_whatever_drills_may_leave_by(tmp_path: Path) -> None:
    with desk_rig(tmp_path) as rig:
        rig.store.add_item(item(words="the wall too", due_at=rig.in_s(60)), "wang", rig.now, rig.desk.notices.tell)
        (sent,) = rig.rows()
        report = rig.store.warning(sent.warning)
    assert report
    assert validate(to_cap(report, Inventory((), (), ()), LifecyclePolicy())) == []
    short = short_text(report, Inventory((), (), ()), "zh-CN", 200)
    assert short.title == "【任务】请办理：inspect the slope"
    assert "the wall too" in short.body
    assert may_leave(report, "sms", ())
