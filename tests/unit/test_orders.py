"""What people order of warnings: in the life cycle, in the log, in the store."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from alerting.lifecycle import Lifecycle, LifecyclePolicy
from alerting.store.store import Store
from pipeline.connectors.journal import Journal
from pipeline.model.entry import Tick
from pipeline.model.level import Level
from pipeline.model.order import Order, OrderKind
from pipeline.model.warning import HazardWarning, Report
from tests.golden.cap.samples import INVENTORY, START
from tests.reports import NOON, later
from tests.unit.test_lifecycle import Rig


def withdraw(chain: str) -> Order:
    return Order(id="1", chain=chain, kind=OrderKind.WITHDRAW, why="A test gas was used.")


def resume(chain: str) -> Order:
    return Order(id="3", chain=chain, kind=OrderKind.RESUME, why="The gas is real.")


def to_level(chain: str, level: Level) -> Order:
    return Order(id="2", chain=chain, kind=OrderKind.LEVEL, why="The road is cut.", level=level)


def begun(rig: Rig, level: Level = Level.ORANGE) -> HazardWarning:
    report = rig.say(0, level)
    assert report
    return report


def obey(rig: Rig, order: Order, after_s: float = 10) -> HazardWarning | None:
    return rig.lifecycle.obey(order, START + timedelta(seconds=after_s))


def test_a_withdrawn_warning_ends_with_its_reason_in_both_languages() -> None:
    rig = Rig()
    first = begun(rig)
    final = obey(rig, withdraw(first.chain))
    assert final
    assert (final.report, final.number, final.level, final.peak_level) == (Report.FINAL, 2, Level.NONE, Level.ORANGE)
    assert final.references == ((first.id, first.sent_at),)
    chinese, english = final.texts
    assert "更正" in chinese.headline
    assert "CORRECTION: withdraws ORANGE warning" in english.headline
    assert "A test gas was used." in english.description
    assert "A test gas was used." in chinese.description
    assert rig.lifecycle.in_force() == ()
    assert obey(rig, withdraw(first.chain)) is None


def test_what_was_withdrawn_is_not_warned_of_anew_before_it_has_gone_or_is_graver() -> None:
    rig = Rig()
    obey(rig, withdraw(begun(rig).chain))
    assert rig.say(20, Level.ORANGE) is None
    assert rig.say(30, Level.YELLOW) is None
    graver = rig.say(40, Level.RED)
    assert graver
    assert (graver.report, graver.level) == (Report.FIRST, Level.RED)
    other = Rig()
    obey(other, withdraw(begun(other).chain))
    assert other.say(20, Level.NONE) is None
    assert other.say(30, Level.BLUE)


def test_what_stands_is_warned_of_anew_where_its_withdrawal_was_not_released() -> None:
    rig = Rig()
    first = begun(rig)
    obey(rig, withdraw(first.chain))
    assert rig.say(20, Level.YELLOW) is None
    again = obey(rig, resume(first.chain), 30)
    assert again
    assert (again.report, again.number, again.level, again.references) == (Report.FIRST, 1, Level.YELLOW, ())
    assert again.sent_at == START + timedelta(seconds=30)
    assert again.chain != first.chain
    assert obey(rig, resume(first.chain), 40) is None, "the same order twice is one"
    follows = rig.say(50, Level.ORANGE)
    assert follows
    assert (follows.chain, follows.number) == (again.chain, 2)


def test_what_has_gone_or_was_warned_of_anew_is_not_resumed() -> None:
    for level in (Level.NONE, Level.RED):
        rig = Rig()
        first = begun(rig)
        obey(rig, withdraw(first.chain))
        rig.say(20, level)
        assert obey(rig, resume(first.chain), 30) is None


def test_a_level_by_hand_holds_until_another_is_assessed() -> None:
    rig = Rig()
    first = begun(rig)
    raised = obey(rig, to_level(first.chain, Level.RED))
    assert raised
    assert (raised.report, raised.level, raised.number) == (Report.FOLLOW_UP, Level.RED, 2)
    assert "by decision of the officer in charge the level is now red. Reason: The road is cut." in (
        raised.texts[1].description
    )
    assert obey(rig, to_level(first.chain, Level.RED)) is None
    assert rig.say(20, Level.ORANGE) is None
    assert rig.tick(30) == []
    lowered = rig.say(40, Level.YELLOW)
    assert lowered
    assert lowered.level is Level.YELLOW
    ended = rig.say(50, Level.NONE)
    assert ended
    assert ended.report is Report.FINAL


def test_orders_survive_a_snapshot() -> None:
    rig, other = Rig(), Rig()
    first = begun(rig)
    obey(rig, to_level(first.chain, Level.RED))
    again = Lifecycle(INVENTORY, LifecyclePolicy())
    again.restore(rig.lifecycle.snapshot())
    assert again.snapshot() == rig.lifecycle.snapshot()
    obey(other, withdraw(begun(other).chain))
    again.restore(other.lifecycle.snapshot())
    assert again.snapshot() == other.lifecycle.snapshot()
    other.lifecycle = again
    assert other.say(20, Level.ORANGE) is None
    assert obey(other, resume(first.chain), 30)


def test_orders_stand_in_the_journal(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "journal.db")
    ticks = [Tick(NOON, (withdraw("a"), to_level("b", Level.BLUE))), Tick(later(1))]
    journal.append(ticks)
    assert [entry for _, entry in journal.after(0)] == ticks
    journal.close()


def test_an_order_waits_in_the_store_until_it_was_taken(store: Store) -> None:
    order = withdraw("a")
    store.place(order, NOON, "person:wang")
    store.place(order, later(1), "person:wang")
    assert store.open_orders() == (order,)
    assert [(one.action, one.subject, one.detail) for one in store.audit()] == [
        ("warning.withdraw", "a", "A test gas was used.")
    ]
    store.orders_taken([order.id], later(2))
    assert store.open_orders() == ()


@pytest.mark.parametrize(
    "wrong", [{"level": "red"}, {"kind": "level"}, {"kind": "level", "level": "none"}, {"why": ""}]
)
def test_what_is_no_order(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Order.model_validate({"id": "1", "chain": "a", "kind": "withdraw", "why": "x"} | wrong)
