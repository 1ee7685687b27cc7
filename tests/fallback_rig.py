"""A desk whose route has a fallback, and what becomes of what it sends by siren."""

from __future__ import annotations

from typing import Any, Final

from alerting.base import FailureReason, Outcome, failed
from alerting.stages.retry import Step
from alerting.store.outcomes import Settled
from alerting.store.store import Store
from pipeline.model.delivery import DeliveryState
from pipeline.model.warning import HazardWarning
from tests.alerting_rig import Rig

ROUTE: Final = {"name": "people", "to": ["siren/*"], "fallback": ["sms/li", "sms/wang"], "fallback_after_s": 30}
SIRENS: Final = ["siren/town", "siren/village"]
ALL: Final = [*SIRENS, "sms/li", "sms/wang"]


def rig(store: Store, **sections: Any) -> Rig:
    return Rig(store, **{"routes": [ROUTE]} | sections)


def settle(one: Rig, state: DeliveryState, *targets: str, of: HazardWarning | None = None) -> None:
    """What became of the messages to these sirens: of one report, or of all that wait."""
    outcome = Outcome(state) if state is DeliveryState.ACCEPTED else failed(FailureReason.REFUSED, "no")
    rows = [row for row in one.rows(of) if row.channel == "siren" and row.target in targets]
    one.store.settle([Settled(row.id, Step(state), one.now, outcome, row.attempts) for row in rows])


def said(one: Rig) -> list[str]:
    """What the audit log says of fallbacks."""
    return [each.detail for each in one.store.audit() if each.action == "route.fallback"]
