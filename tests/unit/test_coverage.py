from __future__ import annotations

from datetime import datetime
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerting.coverage.evidence import Told
from alerting.coverage.reach import Contact, Reach, ReachTable, contradictions
from alerting.coverage.reckon import NOBODY, Share, leaves, reckon, share
from pipeline.model.area import Area
from pipeline.model.inventory import Inventory
from tests.reports import later

TOWN, ONE, TWO, THREE = "330106109000", "330106109201", "330106109202", "330106109203"


def inventory(*populations: int | None) -> Inventory:
    people = dict(zip((ONE, TWO, THREE), populations, strict=False))
    areas = [Area(code=code, name_zh=code, name_en=code, population=number) for code, number in people.items()]
    return Inventory((Area(code=TOWN, name_zh="镇", name_en="town", population=9999), *areas), (), ())


def row(area: str, channel: str, part: float, target: str = "*") -> Reach:
    return Reach(area=area, channel=channel, target=target, part=part)


def told(channel: str, target: str = "x", *, confirmed: bool = True, at_s: float = 10) -> Told:
    at: datetime = later(at_s)
    return Told(channel, target, accepted_at=at, confirmed_at=at if confirmed else None)


def test_two_channels_overlap_as_if_independent_between_bounds() -> None:
    table = ReachTable([row(TOWN, "sms", 0.6), row(TOWN, "horn", 0.5)])
    found = reckon((TOWN,), [told("sms", confirmed=False), told("horn")], inventory(100), table)
    assert found.confirmed == Share(0.5, 0.5, 0.5)
    assert (found.expected.low, found.expected.high) == (0.6, 1.0)
    assert found.expected.likely == pytest.approx(0.8)
    assert found.not_reached == ()


def test_villages_count_by_their_population_and_the_closest_row() -> None:
    table = ReachTable([row(TOWN, "horn", 0.2), row(ONE, "horn", 0.9), row(TWO, "horn", 0.1, "school")])
    found = reckon((TOWN,), [told("horn", "school")], inventory(300, 100), table)
    assert [village.confirmed.likely for village in found.villages if village.confirmed] == pytest.approx([0.9, 0.1])
    assert found.confirmed.likely == pytest.approx((300 * 0.9 + 100 * 0.1) / 400)
    assert [village.code for village in found.not_reached] == [TWO]


def test_what_nobody_wrote_down_is_unknown_and_not_nobody() -> None:
    table = ReachTable([row(ONE, "horn", 0.8)])
    found = reckon((TOWN,), [told("horn")], inventory(100, 300, None), table)
    assert [village.expected for village in found.villages[1:]] == [None, None]
    assert found.unknown == (TWO, THREE)
    assert (found.population, found.unknown_population) == (400, 300)
    assert (found.expected.low, found.expected.high) == pytest.approx((0.2, 0.95))
    assert [village.code for village in found.not_reached] == [TWO, THREE]
    assert reckon((TOWN,), [], inventory(100), table).expected == NOBODY


def test_a_channel_without_a_row_beside_one_with() -> None:
    table = ReachTable([row(ONE, "horn", 0.3)])
    found = reckon((ONE,), [told("horn"), told("app")], inventory(100), table)
    assert (found.confirmed.low, found.confirmed.likely, found.confirmed.high) == pytest.approx((0.3, 0.3, 1.0))


def test_what_was_lost_is_taken_back_and_what_is_open_is_shown() -> None:
    table = ReachTable([row(ONE, "sms", 0.6), row(ONE, "horn", 0.5)])
    lost = Told("sms", "x", accepted_at=later(1), lost=True)
    waiting = Told("horn", "x", is_open=True)
    (village,) = reckon((ONE,), [lost, waiting], inventory(100), table).villages
    assert (village.expected, village.open) == (NOBODY, Share(0.5, 0.5, 0.5))


def test_when_half_and_nearly_all_were_reached() -> None:
    table = ReachTable([row(ONE, "horn", 1.0), row(TWO, "horn", 1.0), row(TOWN, "sms", 0.9)])
    sent = [told("sms", at_s=5, confirmed=False), told("horn", at_s=20)]
    found = reckon((TOWN,), sent, inventory(100, 100), table)
    assert found.reached_at == (later(20), later(20))
    assert found.expected_at == (later(5), later(20))
    assert reckon((TOWN,), sent[:1], inventory(100, 100), table).expected_at == (later(5), None)


def test_whom_to_call() -> None:
    contacts = [Contact(area=TOWN, name="镇长", telephone="110"), Contact(area=TWO, name="村长", telephone="119")]
    found = reckon((TOWN,), [told("horn")], inventory(1, 2), ReachTable((), contacts))
    assert [(village.code, village.contact.name) for village in found.not_reached if village.contact] == [
        (TWO, "村长"),
        (ONE, "镇长"),
    ]


def test_an_area_that_the_inventory_does_not_list() -> None:
    assert [area.code for area in leaves("440000000000", inventory(1))] == ["440000000000"]
    assert [area.code for area in leaves(TOWN, inventory())] == [TOWN]


def test_rows_for_nobody_are_told() -> None:
    rows = [row(ONE, "horn", 0.1), row(ONE, "horn", 0.2), row(TWO, "fax", 0.1), row(TWO, "horn", 0.1, "mill")]
    found = contradictions(rows, {"horn": ["school"]})
    assert [what.partition(": ")[2] for what in found] == [
        "two rows; remove one", "no fax/* among the channels", "no horn/mill among the channels",
    ]  # fmt: skip


parts = st.lists(st.floats(0, 1), max_size=6)


@given(parts, st.floats(0, 1))
def test_a_share_lies_within_its_bounds_and_only_grows(known: list[float], another: float) -> None:
    one, more = share(known), share([*known, another])
    for each in (one, more):
        assert -1e-12 <= each.low <= each.likely + 1e-12
        assert each.likely <= each.high + 1e-12
        assert each.high <= 1
    assert all(getattr(more, bound) >= getattr(one, bound) - 1e-12 for bound in ("low", "likely", "high"))


@given(st.lists(st.lists(st.booleans(), min_size=3, max_size=3), min_size=1, max_size=40))
def test_the_bounds_hold_for_any_overlap(people: list[list[bool]]) -> None:
    """Each person is reached, or not, by each of three targets: the true share lies between the bounds."""
    count = len(people)
    known = [sum(person[target] for person in people) / count for target in range(3)]
    true = sum(any(person) for person in people) / count
    found = share(known)
    assert found.low - 1e-9 <= true <= found.high + 1e-9


def test_independence_is_what_it_says() -> None:
    """All eight ways in which three independent targets reach a person, by their probabilities."""
    known = (0.2, 0.5, 0.7)
    reached = 0.0
    for by in product((True, False), repeat=3):
        chance = 1.0
        for hit, part in zip(by, known, strict=True):
            chance *= part if hit else 1 - part
        reached += chance if any(by) else 0
    assert share(known).likely == pytest.approx(reached)
