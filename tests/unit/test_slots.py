"""A call that hangs does not cost the others its place."""

from __future__ import annotations

from typing import Any

from alerting.slots import HANGS_S, Slots
from tests.dispatch_rig import Told

LATER_S = HANGS_S + 0.1


def full(**options: Any) -> Slots:
    slots = Slots(Told(max_concurrent=2, **options))
    for name in ("a", "b"):
        slots.begin(name, [name], 0.0)
    return slots


def test_so_many_and_no_more() -> None:
    slots = full()
    assert not slots.free(0.1)
    slots.end("a", ["a"], 0.1)
    assert slots.free(0.1)


def test_one_that_hangs_gives_up_its_place() -> None:
    slots = full()
    slots.end("a", ["a"], 0.1)
    slots.begin("a", ["a"], 0.2)  # only b hangs
    assert slots.hangs_in_s(0.3) == HANGS_S - 0.3
    assert not slots.free(HANGS_S)
    assert slots.free(LATER_S)
    slots.begin("c", ["c"], LATER_S)
    assert not slots.free(LATER_S)


def test_not_without_end() -> None:
    slots = full()
    for name in ("c", "d"):
        assert slots.free(LATER_S)
        slots.begin(name, [name], LATER_S)
    assert not slots.free(9 * LATER_S)
    assert slots.hangs_in_s(9 * LATER_S) is None


def test_one_that_hung_is_taken_to_hang_until_it_does_not() -> None:
    slots = full()
    slots.end("a", ["a"], 0.1)
    slots.end("b", ["b"], 3.0)
    for name in ("a", "b"):
        slots.begin(name, [name], 3.0)
    assert slots.free(3.0)
    slots.end("b", ["b"], 3.1)
    slots.begin("b", ["b"], 3.1)
    assert not slots.free(3.1)


def test_a_provider_s_limit_holds() -> None:
    slots = full(rate_per_s=10.0)
    assert not slots.free(9 * LATER_S)
    assert slots.hangs_in_s(0.1) is None
