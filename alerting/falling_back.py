"""Tells those of a route's fallback where one of its channels reaches nobody, under the release there was."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from sqlalchemy import Connection

from alerting.holding import Holding
from alerting.people.actor import OURSELVES
from alerting.people.days import Days
from alerting.stages.fallback import failing, untaken
from alerting.stages.route import RouteOptions, Targets, ends, resolved, taken_by
from alerting.store.audit import add_audit
from alerting.store.fallback import Untaken, known_to, sent
from alerting.store.joints import carry
from alerting.store.outbox import add_deliveries
from alerting.store.store import Store
from alerting.store.turn import Turn, take_turn
from alerting.store.warnings import report_of
from pipeline.model.audience import Audience
from pipeline.model.delivery import Delivery, delivery_id
from pipeline.model.warning import HazardWarning

LOOK_BACK_S: Final = 3600.0
"""For so long beyond `fallback_after_s` a report is looked at: a process that was away takes up what it missed."""
LOOK_EVERY: Final = timedelta(seconds=2)
KEPT: Final = 10_000
"""Reports known to need no more looks; of more, the oldest are looked at again."""
_NEVER: Final = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class _Due:
    """Whom a route's fallback tells of a report, and why."""

    report: HazardWarning
    audience: Audience
    way: RouteOptions
    reasons: Mapping[str, str]
    to: frozenset[tuple[str, str]]


class FallingBack:
    """Looks for reports that a channel does not bring. Several processes on one store may."""

    def __init__(
        self, store: Store, routes: Sequence[RouteOptions], targets: Targets, days: Days, holding: Holding
    ) -> None:
        self._store = store
        self._routes = tuple(routes)
        self._targets = targets
        self._days = days
        self._holding = holding
        ways = [way for way in routes if way.fallback]
        self._channels = frozenset(address.partition("/")[0] for way in ways for address in way.to)
        self._settled: dict[Untaken, None] = {}
        self._look_at = _NEVER
        self._back = timedelta(seconds=LOOK_BACK_S + max((way.fallback_after_s for way in ways), default=0.0))

    def look(self, at: datetime, late: Collection[str]) -> bool:
        """Queue what is due; whether anything was. `late`: the channels that will be through too late."""
        if not self._channels or at < self._look_at:
            return False
        self._look_at = at + LOOK_EVERY
        queued = 0
        for one in self._store.untaken(self._channels, at - self._back):
            if one not in self._settled and self._is_due(one, late, at):
                with self._store.write() as connection:
                    take_turn(connection, Turn.OUTLET)
                    queued += sum(self._tell(connection, due, at) for due in self._judge(connection, one, late, at))
        return queued > 0

    def _is_due(self, one: Untaken, late: Collection[str], at: datetime) -> bool:
        with self._store.read() as connection:
            return bool(self._judge(connection, one, late, at))

    def _judge(self, connection: Connection, one: Untaken, late: Collection[str], at: datetime) -> list[_Due]:
        """What is due of a report; one of which nothing can be due any more is not looked at again."""
        report, is_last = report_of(connection, *one)
        rows = sent(connection, one)
        begun_at = min((each.queued_at for each in rows), default=at)
        taking = ends(taken_by(report, self._routes, one.audience, self._days, begun_at))
        known = known_to(connection, report.id)
        left = [way for way in taking if resolved(way.fallback, self._targets) - known]
        is_open = is_last and at < report.expires_at and any(untaken(way, self._targets, rows) for way in left)
        if not is_open:
            self._settled[one] = None
            while len(self._settled) > KEPT:
                del self._settled[next(iter(self._settled))]
            return []
        found = []
        for way in left:
            reasons = failing(way, self._targets, rows, late, at)
            if reasons:
                found.append(_Due(report, one.audience, way, reasons, resolved(way.fallback, self._targets) - known))
        return found

    def _tell(self, connection: Connection, due: _Due, at: datetime) -> int:
        report = due.report
        made = [
            Delivery(
                id=delivery_id(report.id, channel, target),
                warning=report.id,
                audience=due.audience,
                channel=channel,
                target=target,
                queued_at=at,
                next_attempt_at=at,
            )
            for channel, target in sorted(due.to)
        ]
        queued, _ = self._holding.sift(connection, report, made, at)
        add_deliveries(connection, queued, [report])
        if report.parts:
            carry(connection, report, queued, [])
        said = "; ".join(f"{channel}: {why}" for channel, why in due.reasons.items())
        told = ", ".join("/".join(one) for one in sorted(due.to))
        add_audit(
            connection, at, OURSELVES, "route.fallback", report.id, f"route {due.way.name!r}: {said}; told {told}"
        )
        return len(queued)
