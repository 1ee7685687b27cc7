"""How much of the population warnings reached, for cards and the ledger; chains that are over are reckoned once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from alerting.console.views import CoverageView
from alerting.coverage.reach import ReachTable
from alerting.coverage.reckon import Coverage, reckon
from alerting.lead_time import LeadTime
from alerting.store.store import Store
from pipeline.model.inventory import Inventory

Marks = tuple[datetime | None, ...]
"""When half and 95 % of the population were reached, as the targets' own answers say."""
NO_MARKS: Marks = (None, None)


class Covered:
    """Nothing is shown where nobody wrote down whom the targets reach."""

    def __init__(self, store: Store, inventory: Inventory, table: ReachTable) -> None:
        self._store = store
        self._inventory = inventory
        self._table = table
        self._over: dict[str, Marks] = {}

    def view(self, chain: str, areas: Sequence[str]) -> CoverageView | None:
        """The figures of a card."""
        found = self._coverage(chain, areas)
        if found is None:
            return None
        return CoverageView(
            population=found.population,
            confirmed=found.confirmed.likely,
            expected=found.expected.likely,
            expected_low=found.expected.low,
            expected_high=found.expected.high,
            villages=len(found.villages),
            not_reached=len(found.not_reached),
            unknown=len(found.unknown),
        )

    def marks(self, account: LeadTime) -> Marks:
        """Of one line of the ledger."""
        if not account.chain or account.chain in self._over:
            return self._over.get(account.chain, NO_MARKS)
        found = self._coverage(account.chain, (account.area,))
        marks = found.reached_at if found else NO_MARKS
        if account.ended_at is not None and None not in marks:  # a receipt may still come for what is missing
            self._over[account.chain] = marks
        return marks

    def _coverage(self, chain: str, areas: Sequence[str]) -> Coverage | None:
        if not self._table.rows:
            return None
        return reckon(areas, self._store.told(chain), self._inventory, self._table)
