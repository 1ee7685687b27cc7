"""Alerts of other programs: Alertmanager's web hook, and its v2 `alerts` interface."""

from __future__ import annotations

from typing import Final

from pydantic import BaseModel, ConfigDict, Field, RootModel

from alerting.api.endpoint import Ask, Endpoint
from alerting.intake.alert import ALERTS_MAX, Alert, Webhook
from alerting.intake.intake import Refused
from pipeline.errors import DutyError
from pipeline.model.role import Role

V2: Final = "/api/v2/alerts"
_SENDERS: Final = frozenset({Role.SENDER, Role.ADMINISTRATOR})


class Posted(RootModel[tuple[Alert, ...]]):
    """What Prometheus posts."""

    root: tuple[Alert, ...] = Field(max_length=ALERTS_MAX)


class Taken(BaseModel):
    """How many were taken, and which were not; these stand in the audit log."""

    model_config = ConfigDict(frozen=True)

    taken: int
    refused: tuple[Refused, ...]


def _take(ask: Ask, alerts: tuple[Alert, ...]) -> Taken:
    if ask.desk.intake is None:
        raise DutyError("alerts are not taken here: no inventory to place them in")
    refused = ask.desk.intake.take(alerts, ask.actor.who, ask.desk.clock.now())
    ask.desk.wake()
    if refused and len(refused) == len(alerts):
        raise DutyError(f"no alert was taken; {refused[0].alert}: {refused[0].why}")
    return Taken(taken=len(alerts) - len(refused), refused=tuple(refused))


def _hook(ask: Ask) -> Taken:
    return _take(ask, ask.body.alerts)


def _posted(ask: Ask) -> Taken:
    return _take(ask, ask.body.root)


POSTED: Final = Endpoint(
    "POST",
    "/alerts",
    f"Alerts as for Alertmanager's v2 interface; also served at {V2}.",
    _posted,
    Taken,
    Posted,
    _SENDERS,
)
ENDPOINTS: Final = (
    POSTED,
    Endpoint("POST", "/alertmanager", "Alerts as Alertmanager's web hook posts them.", _hook, Taken, Webhook, _SENDERS),
)
