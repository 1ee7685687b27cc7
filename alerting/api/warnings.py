"""Warnings in force: amended by hand, their statutory clocks, when channels will be through."""

from __future__ import annotations

from dataclasses import asdict
from typing import Final

from pydantic import BaseModel, ConfigDict, Field

from alerting.amend import MAY
from alerting.api.endpoint import Ask, Body, Endpoint
from alerting.clocks import Clock
from alerting.lead_time import Basis, reckon
from alerting.projection import Projection
from pipeline.model.hazard import Hazard
from pipeline.model.instant import Instant
from pipeline.model.level import LevelField
from pipeline.model.order import Order
from pipeline.model.role import OFFICIALS
from pipeline.model.warning import WarningStatus


class Amended(Body):
    """What a warning is to be: of another level, or withdrawn (none); why, in words that people read in the report."""

    to: LevelField
    why: str = Field(min_length=1, max_length=500)


class LeadTimeView(BaseModel):
    """How much warning people of one area had: the account of one chain, or of an event without one."""

    model_config = ConfigDict(frozen=True)

    hazard: Hazard
    area: str
    chain: str
    status: WarningStatus
    peak_level: LevelField
    precursor_at: Instant | None
    detected_at: Instant | None
    decided_at: Instant | None
    issued_at: Instant | None
    accepted_at: Instant | None
    delivered_at: Instant | None
    acknowledged_at: Instant | None
    ended_at: Instant | None
    onset_at: Instant | None
    basis: Basis
    lead_time_s: float | None


def _amend(ask: Ask) -> list[Order]:
    orders = ask.desk.amend(ask.path["chain"], ask.body.to, ask.body.why, ask.actor)
    ask.desk.wake()
    return list(orders)


def _clocks(ask: Ask) -> list[Clock]:
    chain = ask.query.get("chain")
    return [one for one in ask.desk.running_clocks() if chain in {None, one.chain}]


def _meet(ask: Ask) -> Clock:
    return ask.desk.meet_clock(ask.path["chain"], ask.path["clock"], ask.actor)


def _ledger(ask: Ask) -> list[LeadTimeView]:
    rows = reckon(ask.desk.store.ledger(), ask.desk.store.onsets())
    return [LeadTimeView.model_validate(asdict(one)) for one in rows]


def _projections(ask: Ask) -> list[Projection]:
    found = ask.desk.overlook.latest if ask.desk.overlook else {}
    return [one for _, one in sorted(found.items())]


ENDPOINTS: Final = (
    Endpoint("POST", "/warnings/{chain}/amend", "Withdraw a warning in force, at once, or set its level by hand; "
             "it goes the way of every report.", _amend, list[Order], Amended, MAY),
    Endpoint("GET", "/clocks", "By when superiors must be told, and whether they were.", _clocks, list[Clock],
             query={"chain": "of one warning only"}),
    Endpoint("POST", "/clocks/{chain}/{clock}/met", "Enter that superiors were told.", _meet, Clock, may=OFFICIALS),
    Endpoint("GET", "/ledger", "How much warning people had, area by area; missed events among them.", _ledger,
             list[LeadTimeView]),
    Endpoint("GET", "/projections", "When each channel that something waits in will be through, and by when it must.",
             _projections, list[Projection]),
)  # fmt: skip
