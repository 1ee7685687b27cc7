"""How much of the population was reached, on cards and in the ledger."""

from __future__ import annotations

from pathlib import Path

from alerting.coverage.reach import Reach, ReachTable
from alerting.lead_time import reckon
from pipeline.model.delivery import DeliveryState
from pipeline.model.level import Level
from pipeline.runners.page.cards import Cards
from pipeline.runners.page.covered import Covered
from tests.alerting_rig import desk_rig
from tests.merge_rig import storm, town, towns
from tests.reports import confirm, later

TABLE = ReachTable(
    (
        Reach(area=town(1), channel="siren", target="village", part=0.9),
        Reach(area=town(2), channel="siren", target="village", part=0.2),
    ),
    (),
    0.5,
)


def test_cards_and_ledger_tell_what_part_was_reached(tmp_path: Path) -> None:
    routing = {"merge": {"hazards": ["rainstorm"]}}
    with desk_rig(tmp_path, routing=routing, inventory=towns(3)) as rig:
        covered = Covered(rig.store, towns(3), TABLE)
        rig.tell(storm(1), storm(2, at_s=1))
        (joint,) = rig.store.warnings_in_force(later(2))
        for one in rig.rows():
            confirm(rig.store, one.id, DeliveryState.DELIVERED, later(30))
        detail = Cards(rig.store, towns(3), {}, covered).card(joint.chain)
        assert detail is not None
        card = detail.warning
        assert [name.en for name in card.areas] == ["Town 1", "Town 2"]
        assert card.area_path[-1].en == "Sample District"
        assert (card.population, card.coverage and card.coverage.confirmed) == (200, 0.55)
        assert card.coverage
        assert (card.coverage.villages, card.coverage.not_reached) == (2, 1)
        rows = {one.area: covered.marks(one) for one in reckon(rig.store.ledger(), [])}
        assert rows == {town(1): (later(30), None), town(2): (None, None)}
        assert Covered(rig.store, towns(3), ReachTable()).view(joint.chain, joint.areas) is None


def test_what_is_over_is_reckoned_once(tmp_path: Path) -> None:
    with desk_rig(tmp_path, inventory=towns(1)) as rig:
        whole = ReachTable((Reach(area=town(1), channel="siren", target="village", part=1.0),))
        covered = Covered(rig.store, towns(1), whole)
        rig.tell(storm(1))
        for one in rig.rows():
            confirm(rig.store, one.id, DeliveryState.DELIVERED, later(30))
        rig.tell(storm(1, 2, 60, Level.NONE))
        (account,) = reckon(rig.store.ledger(), [])
        assert covered.marks(account) == (later(30), later(30))
    assert covered.marks(account) == (later(30), later(30))  # the store is closed: it is not asked again
