"""What a released report brings about: messages to those it is for, less what is kept back, and calls."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from sqlalchemy import Connection

from alerting.all_clear import addressed
from alerting.hazards import ROWS
from alerting.holding import Holding
from alerting.merging import Merging
from alerting.people.actor import OURSELVES
from alerting.people.days import Days
from alerting.people.options import CallOn
from alerting.stages.approve import dated
from alerting.stages.route import RouteOptions, Targets, route
from alerting.stages.scope import weight
from alerting.store.audit import add_audit
from alerting.store.hold import Held, HoldKind, audience_told, untold
from alerting.store.joints import carry
from alerting.store.outbox import add_deliveries
from pipeline.model.audience import Audience
from pipeline.model.delivery import Delivery
from pipeline.model.level import Level
from pipeline.model.release import Request
from pipeline.model.warning import HazardWarning

Begin = Callable[[Connection, CallOn, HazardWarning, Audience, datetime], None]
"""Begins the calls that a report is due, in the same transaction."""


class Queueing:
    """Everything here is called within the outlet's turn; its arguments are those of the outlet."""

    def __init__(
        self,
        routes: Sequence[RouteOptions],
        targets: Targets,
        holding: Holding,
        days: Days,
        begin: Begin | None,
        merging: Merging | None,
    ) -> None:
        self._routes = tuple(routes)
        self._targets = targets
        self._holding = holding
        self._days = days
        self._begin = begin
        self._merging = merging

    def queue(self, connection: Connection, request: Request, report: HazardWarning, at: datetime) -> None:
        """Queue what a report is due that was just released, and begin its calls."""
        told = audience_told(connection, report.chain, request.audience)
        made = self.addressed(report, self._made(connection, request, report, told, at))
        overtaken: list[str] = []
        if self._merging and report.parts:
            made, overtaken = self._merging.gather(connection, report, made, told, at)
        _, kept = self._send(connection, report, made, overtaken, at)
        self.call(connection, CallOn.ACKNOWLEDGE, report, request.audience, at)
        self._tell_hidden(connection, report, kept, at)

    def audiences(self, report: HazardWarning) -> list[Audience]:
        """Whom a report is for, one after the other: those on duty first, where any route is theirs."""
        own = ROWS[report.hazard].audience
        told = own is Audience.PUBLIC and any(one.audience is Audience.DUTY for one in self._routes)
        return [Audience.DUTY, own] if told else [own]

    def _send(
        self,
        connection: Connection,
        report: HazardWarning,
        made: Sequence[Delivery],
        overtaken: Sequence[str],
        at: datetime,
    ) -> tuple[list[Delivery], list[Held]]:
        """Queue what nothing keeps back: what is queued, what is kept. Lesser reports give way."""
        queued, kept = self._holding.sift(connection, report, made, at)
        add_deliveries(connection, queued, [report])
        if report.parts:
            carry(connection, report, queued, overtaken)
        self._holding.take_back(connection, report, queued, at)
        return queued, kept

    def send_besides(
        self, connection: Connection, report: HazardWarning, made: Sequence[Delivery], at: datetime
    ) -> tuple[list[Delivery], list[Held]]:
        """Queue it for those whom a fallback tells of a report that was sent already."""
        queued, kept = self._send(connection, report, self.addressed(report, made), [], at)
        self._tell_hidden(connection, report, kept, at)
        return queued, kept

    def _tell_hidden(self, connection: Connection, report: HazardWarning, kept: Sequence[Held], at: datetime) -> None:
        """A silence that hides something is never silent itself: calls by rule, and a word in the log for red."""
        silenced = [one for one in kept if one.kind is HoldKind.SILENCE]
        if not silenced:
            return
        self.call(connection, CallOn.SILENCED, report, silenced[0].audience, at)
        if weight(report) is Level.RED:
            whom = ", ".join(f"{one.channel}/{one.target}" for one in silenced)
            add_audit(connection, at, OURSELVES, "silence.hides_red", silenced[0].by, f"report {report.id} from {whom}")

    def addressed(self, report: HazardWarning, made: Sequence[Delivery]) -> list[Delivery]:
        """Deliveries with the areas that each is the all-clear of."""
        return addressed(report, made, self._routes, self._targets)

    def call(self, connection: Connection, on: CallOn, report: HazardWarning, audience: Audience, at: datetime) -> None:
        """Begin the calls of one kind that a report is due."""
        if self._begin:
            self._begin(connection, on, report, audience, at)

    def _made(
        self,
        connection: Connection,
        request: Request,
        report: HazardWarning,
        told: set[tuple[str, str]],
        at: datetime,
    ) -> list[Delivery]:
        """What a released report is due, before anything is kept back. Its end goes to those who were told of it."""
        made = route(report, self._routes, self._targets, request.audience, self._days, told, at)
        missed = untold(connection, report.chain, request.audience) if request.all_clear else set()
        return [dated(one, request, at) for one in made if (one.channel, one.target) not in missed]
