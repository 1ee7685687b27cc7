"""What changed between two situations, so that only that is sent."""

from __future__ import annotations

from msgspec import Struct

from alerting.console.views import DeliveriesView, LedgerRow, ProcessView, Situation, WarningView


class Patch(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Cards that are new or other, chains no longer in force, and each further section that is other, whole."""

    warnings: tuple[WarningView, ...] = ()
    removed: tuple[str, ...] = ()
    process: ProcessView | None = None
    ended: tuple[WarningView, ...] | None = None
    deliveries: DeliveriesView | None = None
    ledger: tuple[LedgerRow, ...] | None = None


def difference(old: Situation, new: Situation) -> Patch:
    """Applied to `old`, it gives `new`; equal to `Patch()` where nothing changed."""
    before = {card.chain: card for card in old.warnings}
    after = {card.chain for card in new.warnings}
    return Patch(
        warnings=tuple(card for card in new.warnings if before.get(card.chain) != card),
        removed=tuple(chain for chain in before if chain not in after),
        process=None if old.process == new.process else new.process,
        ended=None if old.ended == new.ended else new.ended,
        deliveries=None if old.deliveries == new.deliveries else new.deliveries,
        ledger=None if old.ledger == new.ledger else new.ledger,
    )
