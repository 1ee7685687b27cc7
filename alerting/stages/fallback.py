"""Whether a route's channel reaches nobody, or not one of its targets, so that its fallback is to be told. Pure."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import NamedTuple

from alerting.ledger import MILESTONES
from alerting.stages.route import RouteOptions, Targets, resolved
from pipeline.model.delivery import DeliveryState
from pipeline.model.level import Level


class Sent(NamedTuple):
    """One delivery of a report of a chain, as it stands.

    Attributes:
        number, level: of the report; released_at: when it was released, by our clock.
        since: from when on its channel may be waited for.
        tries: how often it was tried.
    """

    number: int
    level: Level
    channel: str
    target: str
    state: DeliveryState
    released_at: datetime
    since: datetime
    tries: int = 0


def failing(
    way: RouteOptions, targets: Targets, rows: Sequence[Sent], number: int, late: Collection[str], at: datetime
) -> dict[str, str]:
    """Channels of a route by which nobody of it has a report, each with why it is waited for no longer.

    Args:
        rows: the deliveries of its chain; what was kept back is none.
        number: which report of the chain.
        late: the channels that will be through too late.
    """
    there = resolved(way.to, targets)
    found: dict[str, str] = {}
    for channel in dict.fromkeys(address.partition("/")[0] for address in way.to):
        mine = [one for one in rows if one.channel == channel and (channel, one.target) in there]
        why = _why(way, mine, number, at, is_late=channel in late)
        found |= {channel: why} if why else {}
    return found


def missed(
    way: RouteOptions, targets: Targets, rows: Sequence[Sent], number: int, at: datetime
) -> dict[tuple[str, str], str]:
    """Who of a route's fallback stands in for one target that does not have a report, each with why.

    The same name in two channels is the same recipient: who has the report by one channel of the route lacks nothing. A
    target that merely waits its turn is not waited for by this.
    """
    there, found = resolved(way.to, targets), dict[tuple[str, str], str]()
    instead: dict[str, list[tuple[str, str]]] = {}
    for address in sorted(resolved(way.fallback, targets)):
        instead.setdefault(address[1], []).append(address)
    sent: dict[tuple[str, str], list[Sent]] = {}
    for one in rows:
        if one.target in instead and (one.channel, one.target) in there:
            sent.setdefault((one.channel, one.target), []).append(one)
    have = {one.target for each in sent.values() for one in each if one.number >= number and one.state in MILESTONES}
    for (channel, target), mine in sorted(sent.items()):
        waits = any(one.number == number and one.state is DeliveryState.QUEUED and not one.tries for one in mine)
        if target not in have and not waits and _why(way, mine, number, at, is_late=False):
            why = f"{channel}/{target} has not taken it"
            found |= dict.fromkeys(instead[target], why)
    return found


def _why(way: RouteOptions, rows: Sequence[Sent], number: int, at: datetime, *, is_late: bool) -> str:
    """Why one channel is waited for no longer: since the first report after the last one that somebody has."""
    mine = [one for one in rows if one.number == number]
    taken = max((one.number for one in rows if one.state in MILESTONES), default=0)
    if not mine or taken >= number:
        return ""
    if all(one.state is not DeliveryState.QUEUED for one in mine):
        return f"none of {len(mine)} could be sent"
    first = min((one for one in rows if one.number > taken), key=lambda one: one.since)
    set_back_s = (first.released_at - at).total_seconds()  # released later than now: the clock went back since
    if max((at - first.since).total_seconds(), set_back_s) >= way.fallback_after_s:
        return f"none of {len(mine)} was taken within {way.fallback_after_s:g} s"
    return f"{len(mine)} will be sent too late" if is_late else ""
