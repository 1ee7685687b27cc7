"""Tells those of a route's fallback where a channel, or a target, of it is not reached, under the release there was."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from sqlalchemy import Connection

from alerting.people.actor import OURSELVES
from alerting.people.days import Days
from alerting.stages.fallback import Sent, failing, missed
from alerting.stages.group import RoutingOptions
from alerting.stages.route import RouteOptions, Targets, ends, resolved, taken_by
from alerting.store.audit import add_audit
from alerting.store.fallback import Untaken, untaken
from alerting.store.hold import Held
from alerting.store.store import Store
from alerting.store.turn import Turn, take_turn
from alerting.store.warnings import report_of
from pipeline.model.delivery import Delivery, delivery_id
from pipeline.model.warning import HazardWarning

LOOK_BACK_S: Final = 3600.0
"""For so long beyond `fallback_after_s` a report is looked at: a process that was away takes up what it missed."""

Send = Callable[[Connection, HazardWarning, Sequence[Delivery], datetime], tuple[list[Delivery], list[Held]]]
"""Queues more deliveries of a report that was released: what is queued, and what is kept back."""


class _Due(NamedTuple):
    """A route, those of its fallback that are to be told of a report, and why."""

    way: RouteOptions
    to: Collection[tuple[str, str]]
    reasons: Sequence[str]
    report: HazardWarning


class FallingBack:
    """Looks for reports that a channel does not bring. Several processes on one store may.

    It keeps nothing in mind: a receipt may take back what a channel had accepted, at any time.
    """

    def __init__(
        self,
        store: Store,
        routes: Sequence[RouteOptions],
        targets: Targets,
        days: Days,
        options: RoutingOptions,
        send: Send,
    ) -> None:
        self._store = store
        self._routes = tuple(routes)
        self._targets = targets
        self._days = days
        self._options = options
        self._send = send
        self._ways = [way for way in routes if way.fallback]
        self._channels = frozenset(address.partition("/")[0] for way in self._ways for address in way.to)
        self._back = timedelta(seconds=LOOK_BACK_S + max((way.fallback_after_s for way in self._ways), default=0.0))

    def look(self, at: datetime, late: Collection[str]) -> bool:
        """Queue what is due; whether anything was. `late`: the channels that will be through too late."""
        if not self._ways:
            return False
        since = at - self._back
        with self._store.read() as connection:
            found = untaken(connection, self._channels, since, at)
            due = {one.warning for one in found if self._judge(connection, one, late, at)}
        queued = 0
        for warning in sorted(due):
            with self._store.write() as connection:
                take_turn(connection, Turn.OUTLET)
                for one in untaken(connection, self._channels, since, at, warning):
                    for way in self._judge(connection, one, late, at):
                        queued += self._tell(connection, one, way, at)
        return queued > 0

    def _judge(self, connection: Connection, one: Untaken, late: Collection[str], at: datetime) -> list[_Due]:
        """What is due of a report. Those routes count that took it when a report of its chain was released."""
        rows = [
            row._replace(since=row.since + timedelta(seconds=self._options.waits_s(row.level, one.audience)))
            for row in one.rows
        ]
        found = [
            (way, *self._wanted(way, rows, one.number, late, at))
            for way in self._ways
            if way.audience is one.audience and resolved(way.fallback, self._targets) - one.known
        ]
        found = [each for each in found if set(each[1]) - one.known]
        if not found:
            return []
        report, _ = report_of(connection, one.warning, one.audience)
        taking = [
            way
            for instant in {row.released_at for row in rows}
            for way in ends(taken_by(report, self._routes, one.audience, self._days, instant))
        ]
        return [_Due(way, to, reasons, report) for way, to, reasons in found if way in taking]

    def _wanted(
        self, way: RouteOptions, rows: Sequence[Sent], number: int, late: Collection[str], at: datetime
    ) -> tuple[Collection[tuple[str, str]], Sequence[str]]:
        """Whom to tell: the whole fallback of a channel that reaches nobody, else who stands in for single targets."""
        reasons = failing(way, self._targets, rows, number, late, at)
        if reasons:
            return resolved(way.fallback, self._targets), [f"{name}: {why}" for name, why in reasons.items()]
        single = missed(way, self._targets, rows, number, at)
        return single.keys(), list(dict.fromkeys(single.values()))

    def _tell(self, connection: Connection, one: Untaken, due: _Due, at: datetime) -> int:
        """Tell whom nobody told yet, and note them as known, so that the next route does not tell them again."""
        to = sorted(set(due.to) - one.known)
        if not to:
            return 0
        one.known.update(to)
        made = [
            Delivery(
                id=delivery_id(one.warning, channel, target),
                warning=one.warning,
                audience=one.audience,
                channel=channel,
                target=target,
                queued_at=at,
                next_attempt_at=at,
            )
            for channel, target in to
        ]
        queued, kept = self._send(connection, due.report, made, at)
        words = f"route {due.way.name!r}: {'; '.join(due.reasons)}; told {_names(queued) or 'nobody'}"
        words += f"; kept back from {_names(kept)}" if kept else ""
        add_audit(connection, at, OURSELVES, "route.fallback", one.warning, words)
        return len(queued)


def _names(rows: Sequence[Delivery] | Sequence[Held]) -> str:
    return ", ".join(f"{one.channel}/{one.target}" for one in rows)
