"""One decision for all the all-clears of a warning that wait: each is kept, and each asks who may."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from alerting.store.store import Store
from pipeline.errors import ForbiddenError, UnknownError
from pipeline.model.level import Level
from pipeline.model.release import ReleaseState
from tests.alerting_rig import LI, WANG, ZHAO, Rig, desk_rig
from tests.api_rig import Api
from tests.merge_rig import ASK, last, storm, town, towns

COUNT = 21
MERGE: Any = {"merge": {"hazards": ["rainstorm"]}}


def waiting(rig: Rig) -> Rig:
    """A storm over 21 towns, and 20 of them wait to hear that it is over."""
    rig.tell(*(storm(number, at_s=number) for number in range(1, COUNT + 1)))
    rig.tell(*(storm(number, 2, 600, Level.NONE) for number in range(1, COUNT)))
    assert len(rig.store.pending()) == COUNT - 1
    return rig


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[Rig]:
    with desk_rig(tmp_path, routing=MERGE, inventory=towns(COUNT), rules=[ASK]) as made:
        yield waiting(made)


@pytest.mark.parametrize("name", ["the warning", "an area"])
def test_twenty_towns_are_allowed_at_once_and_each_is_kept(rig: Rig, name: str) -> None:
    joint = last(rig).chain
    done = rig.outlet.approve_all(joint if name == "the warning" else storm(7).chain, LI, rig.now)
    assert {one.chain for one in done} == {storm(number).chain for number in range(1, COUNT)}
    assert {one.state for one in done} == {ReleaseState.RELEASED}
    assert rig.store.pending() == ()
    assert last(rig).areas == (town(COUNT),)
    entries = [one for one in rig.store.audit() if one.action == "release.approve"]
    assert [(one.who, one.subject) for one in entries] == [("person:li", one.warning) for one in done]


def test_two_persons_each_say_it_once(tmp_path: Path) -> None:
    rules = [ASK | {"persons": 2}]
    with desk_rig(tmp_path, routing=MERGE, inventory=towns(COUNT), rules=rules) as made:
        rig = waiting(made)
        for who in (LI, LI):
            rig.outlet.approve_all(last(rig).chain, who, rig.now)
            assert {one.approvals for one in rig.store.pending()} == {("li",)}
        rig.outlet.approve_all(last(rig).chain, WANG, rig.now)
        assert rig.store.pending() == ()


def test_of_what_somebody_may_not_decide_nothing_is_decided(tmp_path: Path) -> None:
    rules = [ASK | {"areas": [town(3)], "may": ["person:wang"]}, ASK]
    with desk_rig(tmp_path, routing=MERGE, inventory=towns(COUNT), rules=rules) as made:
        rig = waiting(made)
        with pytest.raises(ForbiddenError, match="person:wang may"):
            rig.outlet.approve_all(last(rig).chain, LI, rig.now)
        assert len(rig.store.pending()) == COUNT - 1
        assert not [one for one in rig.store.audit() if one.action == "release.approve"]
        with pytest.raises(ForbiddenError):
            rig.outlet.approve_all(last(rig).chain, ZHAO, rig.now)


def test_a_danger_that_waits_is_not_among_them(tmp_path: Path) -> None:
    rules = [ASK, {"name": "red", "applies_to": "hazard", "mode": "approval", "min_level": "red"}]
    with desk_rig(tmp_path, routing=MERGE, inventory=towns(3), rules=rules) as rig:
        rig.tell(storm(1), storm(2, at_s=1), storm(3, at_s=2), storm(1, 2, 60, Level.NONE), storm(3, 2, 61, Level.RED))
        (done,) = rig.outlet.approve_all(storm(1).chain, LI, rig.now)
        assert done.chain == storm(1).chain
        assert [one.all_clear for one in rig.store.pending()] == [False]


def test_where_none_waits_it_says_so(rig: Rig) -> None:
    with pytest.raises(UnknownError, match="no all-clear of warning 'x' waits"):
        rig.outlet.approve_all("x", LI, rig.now)


def test_it_is_asked_for_over_http(store: Store) -> None:
    api = Api(store)
    rule = {"rules": [ASK], "routing": MERGE, "inventory": towns(3)}
    api.rig.outlet = api.rig.desk.outlet = Rig(store, **rule).outlet
    api.rig.tell(*(storm(number, at_s=number) for number in (1, 2, 3)))
    api.rig.tell(*(storm(number, 2, 600, Level.NONE) for number in (1, 2)))
    joint = last(api.rig).chain
    assert [one["warning"] for one in api.ask("li", "GET", "/releases")] == [joint, joint]
    api.ask("zhao", "POST", f"/chains/{joint}/approve", 403)
    done = api.ask("li", "POST", f"/chains/{joint}/approve")
    assert [one["state"] for one in done] == ["released", "released"]
    assert api.rig.woken
    api.ask("li", "POST", f"/chains/{joint}/approve", 404)
