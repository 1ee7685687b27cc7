"""Whether a route's channel reaches nobody, so that its fallback is to be told. Pure."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import NamedTuple

from alerting.ledger import MILESTONES
from alerting.stages.route import RouteOptions, Targets, resolved
from pipeline.model.delivery import DeliveryState


class Sent(NamedTuple):
    """One delivery of a report, as it stands."""

    channel: str
    target: str
    state: DeliveryState
    queued_at: datetime


def failing(
    way: RouteOptions, targets: Targets, rows: Sequence[Sent], late: Collection[str], at: datetime
) -> dict[str, str]:
    """Channels of a route by which nobody of it has a report, each with why it is waited for no longer.

    Args:
        rows: the deliveries of the report; what was kept back of it is none.
        late: the channels that will be through too late.
    """
    found: dict[str, str] = {}
    for channel, mine in untaken(way, targets, rows).items():
        why = _why(way, channel, mine, late, at)
        found |= {channel: why} if why else {}
    return found


def untaken(way: RouteOptions, targets: Targets, rows: Sequence[Sent]) -> dict[str, list[Sent]]:
    """Channels of a route by which nobody of it has a report, each with its deliveries there."""
    there = resolved(way.to, targets)
    found: dict[str, list[Sent]] = {}
    for channel in dict.fromkeys(address.partition("/")[0] for address in way.to):
        mine = [one for one in rows if one.channel == channel and (channel, one.target) in there]
        if mine and not any(one.state in MILESTONES for one in mine):
            found[channel] = mine
    return found


def _why(way: RouteOptions, channel: str, mine: Sequence[Sent], late: Collection[str], at: datetime) -> str:
    if all(one.state is not DeliveryState.QUEUED for one in mine):
        return f"none of {len(mine)} could be sent"
    waited_s = (at - min(one.queued_at for one in mine)).total_seconds()
    if waited_s >= way.fallback_after_s:
        return f"none of {len(mine)} was taken within {way.fallback_after_s:g} s"
    return f"{len(mine)} will be sent too late" if channel in late else ""
