"""The one outlet: every report passes it, and only what it releases has deliveries.

A decision, the deliveries that follow from it and its entry in the audit log are one transaction: a crash leaves all of
them or none, and what waits is waiting still after a restart.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from copy import copy
from datetime import datetime

from sqlalchemy import Connection

from alerting.all_clear import addressed
from alerting.falling_back import FallingBack
from alerting.hazards import ROWS
from alerting.holding import Holding
from alerting.leaving import asked, of_the_whole
from alerting.merging import Merging
from alerting.people.actor import OURSELVES, Actor
from alerting.people.days import Days
from alerting.people.options import CallOn
from alerting.stages.approve import ReleaseRule, approve, dated, judge, lapse, oppose, overtake, refuse
from alerting.stages.group import RoutingOptions
from alerting.stages.route import EVERY_DAY, RouteOptions, Targets, route
from alerting.stages.scope import weight
from alerting.store.audit import add_audit
from alerting.store.hold import Held, HoldKind, audience_told, untold
from alerting.store.joints import carry
from alerting.store.outbox import add_deliveries
from alerting.store.release import before, grant, locked, put, released_after
from alerting.store.store import Store
from alerting.store.turn import Turn, take_turn
from pipeline.errors import DutyError, UnknownError
from pipeline.model.audience import Audience
from pipeline.model.delivery import Delivery
from pipeline.model.level import Level
from pipeline.model.release import Release, ReleaseState, Request
from pipeline.model.warning import HazardWarning, Report

Begin = Callable[[Connection, CallOn, HazardWarning, Audience, datetime], None]
"""Begins the calls that a report is due, in the same transaction."""


class Outlet:
    """Decides on reports and queues what is released. Any thread, and several processes on one store, may call.

    Args:
        routes, targets: who is told of what.
        rules: who must say yes before whom it reaches.
        holding: what keeps released reports from single targets.
        days: the calendar that hours of routes go by.
        begin: calls people where a report waits, went out, or was hidden.
        merging: makes one warning of those of neighbouring areas; None: each goes out by itself.
    """

    def __init__(
        self,
        store: Store,
        routes: Sequence[RouteOptions],
        targets: Targets,
        rules: Sequence[ReleaseRule] = (),
        holding: Holding | None = None,
        days: Days = EVERY_DAY,
        begin: Begin | None = None,
        merging: Merging | None = None,
    ) -> None:
        self._store = store
        self._routes = tuple(routes)
        self._targets = targets
        self._rules = tuple(rules)
        self._holding = holding or Holding(RoutingOptions())
        self._days = days
        self._begin = begin
        self._merging = merging
        self._falling_back = FallingBack(store, routes, targets, days, self._holding.options, self._send_besides)

    def without_rules(self) -> Outlet:
        """The same where nothing waits for people's yes."""
        other = copy(self)
        other._rules = ()  # noqa: SLF001  # of its own kind
        return other

    def offer(self, connection: Connection, report: HazardWarning, at: datetime) -> None:
        """Take in a report that was just stored; one that came before changes nothing."""
        take_turn(connection, Turn.OUTLET)
        waits = asked(connection, report, self._merging, self._rules, at) if self._merging else None
        if waits is None:
            self._tell(connection, report, at)
        elif locked(connection, report.id, waits.audience) is None:
            self._settle(connection, waits, report, at)

    def _tell(
        self, connection: Connection, report: HazardWarning, at: datetime, allowed: Request | None = None
    ) -> None:
        """`allowed`: by which the all-clear of its area was released."""
        for told in self._merging.take(connection, report, at) if self._merging else [report]:
            self._judge(connection, told, at, allowed if told.report is Report.FINAL else None)

    def _judge(
        self, connection: Connection, report: HazardWarning, at: datetime, allowed: Request | None = None
    ) -> None:
        for audience in self._audiences(report):
            if locked(connection, report.id, audience) is not None:
                continue
            known = before(connection, report, audience)
            if known.latest and known.latest.state is ReleaseState.PENDING:
                put(connection, overtake(known.latest, report.number, at))
            if allowed and allowed.audience is audience:
                request = of_the_whole(allowed, report)
            else:
                request = judge(report, audience, self._rules, known, at)
            self._settle(connection, request, report, at)

    def approve(self, warning: str, audience: Audience, actor: Actor, at: datetime) -> Request:
        """Say yes; released once enough people did.

        Raises:
            DutyError: unknown, decided already, expired, or `actor` may not.
        """
        return self._decide(
            warning, audience, at, actor, "release.approve", "", lambda one: approve(one, actor.name, actor.roles, at)
        )

    def oppose(self, warning: str, audience: Audience, actor: Actor, reason: str, at: datetime) -> Request:
        """Object to a report that would go out by itself: from now on it waits for approval.

        Raises:
            DutyError: as `approve`.
        """
        return self._decide(
            warning, audience, at, actor, "release.object", reason,
            lambda one: oppose(one, actor.name, actor.roles, reason),
        )  # fmt: skip

    def refuse(self, warning: str, audience: Audience, actor: Actor, reason: str, at: datetime) -> Request:
        """Say no; the chain asks again only at a higher level.

        Raises:
            DutyError: as `approve`.
        """
        return self._decide(
            warning, audience, at, actor, "release.refuse", reason,
            lambda one: refuse(one, actor.name, actor.roles, reason, at),
        )  # fmt: skip

    def look(self, at: datetime, late: Collection[str] = ()) -> bool:
        """Release what nobody objected to in time, let go what expired, fall back; whether anything was queued.

        `late`: the channels that will be through too late.
        """
        released = self._review(at) | self._falling_back.look(at, late)
        for waiting in self._store.pending():
            if lapse(waiting, at) is None:
                continue
            with self._store.write() as connection:
                take_turn(connection, Turn.OUTLET)
                found = locked(connection, waiting.warning, waiting.audience)
                lapsed = lapse(found[0], at) if found else None
                later = released_after(connection, waiting) if lapsed else None
                lapsed = overtake(waiting, later, at) if later else lapsed
                if found and lapsed:
                    self._settle(connection, lapsed, found[1], at)
                    add_audit(connection, at, OURSELVES, f"release.{lapsed.state}", lapsed.warning, _words(lapsed))
                    released |= lapsed.state is ReleaseState.RELEASED
        return released

    def _review(self, at: datetime) -> bool:
        if not self._store.held():
            return False
        with self._store.write() as connection:
            take_turn(connection, Turn.OUTLET)
            return self._holding.review(connection, at, self._addressed) > 0

    def _decide(
        self,
        warning: str,
        audience: Audience,
        at: datetime,
        actor: Actor,
        action: str,
        reason: str,
        change: Callable[[Request], Request],
    ) -> Request:
        with self._store.write() as connection:
            take_turn(connection, Turn.OUTLET)
            found = locked(connection, warning, audience)
            if found is None:
                raise UnknownError(f"no report {warning} asks for release to {audience}; see what waits")
            request, report = found
            if later := released_after(connection, request):
                raise DutyError(f"report {warning} is not waiting any more: report {later} of its chain went out")
            if lapse(request, at):
                raise DutyError(f"report {warning} is not waiting any more: its time ran out before this decision")
            decided = change(request)
            self._settle(connection, decided, report, at)
            add_audit(connection, at, actor.who, action, warning, f"{_words(decided)}; {reason}".rstrip("; "))
        return decided

    def _settle(self, connection: Connection, request: Request, report: HazardWarning, at: datetime) -> None:
        put(connection, request)
        if request.state is ReleaseState.PENDING:
            self._call(connection, CallOn.RELEASE, report, request.audience, at)
        elif request.state is ReleaseState.RELEASED and self._is_of_several(connection, report):
            self._tell(connection, report, at, request)
        elif request.state is ReleaseState.RELEASED and request.how is not None:
            given = Release(warning=report.id, audience=request.audience, how=request.how, by=request.approvals, at=at)
            grant(connection, given)
            kept = self._queue(connection, request, report, at)
            self._call(connection, CallOn.ACKNOWLEDGE, report, request.audience, at)
            self._tell_hidden(connection, report, kept, at)

    def _is_of_several(self, connection: Connection, report: HazardWarning) -> bool:
        """Whether it ends the danger in one area of a joint warning, by which people are told of it."""
        is_final = report.report is Report.FINAL
        return is_final and self._merging is not None and self._merging.takes(connection, report)

    def _queue(self, connection: Connection, request: Request, report: HazardWarning, at: datetime) -> list[Held]:
        """Queue what a released report is due; what is kept back of it."""
        told = audience_told(connection, report.chain, request.audience)
        made = self._addressed(report, self._made(connection, request, report, told, at))
        overtaken: list[str] = []
        if self._merging and report.parts:
            made, overtaken = self._merging.gather(connection, report, made, told, at)
        _, kept = self._send(connection, report, made, overtaken, at)
        return kept

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

    def _send_besides(
        self, connection: Connection, report: HazardWarning, made: Sequence[Delivery], at: datetime
    ) -> tuple[list[Delivery], list[Held]]:
        """The same for whom a fallback tells of a report that was sent already."""
        queued, kept = self._send(connection, report, self._addressed(report, made), [], at)
        self._tell_hidden(connection, report, kept, at)
        return queued, kept

    def _tell_hidden(self, connection: Connection, report: HazardWarning, kept: Sequence[Held], at: datetime) -> None:
        """A silence that hides something is never silent itself: calls by rule, and a word in the log for red."""
        silenced = [one for one in kept if one.kind is HoldKind.SILENCE]
        if not silenced:
            return
        self._call(connection, CallOn.SILENCED, report, silenced[0].audience, at)
        if weight(report) is Level.RED:
            whom = ", ".join(f"{one.channel}/{one.target}" for one in silenced)
            add_audit(connection, at, OURSELVES, "silence.hides_red", silenced[0].by, f"report {report.id} from {whom}")

    def _addressed(self, report: HazardWarning, made: Sequence[Delivery]) -> list[Delivery]:
        return addressed(report, made, self._routes, self._targets)

    def _call(
        self, connection: Connection, on: CallOn, report: HazardWarning, audience: Audience, at: datetime
    ) -> None:
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

    def _audiences(self, report: HazardWarning) -> list[Audience]:
        own = ROWS[report.hazard].audience
        told = own is Audience.PUBLIC and any(one.audience is Audience.DUTY for one in self._routes)
        return [Audience.DUTY, own] if told else [own]


def _words(request: Request) -> str:
    if request.state is ReleaseState.PENDING:
        return f"for {request.audience}: {len(request.approvals)} of {request.persons} approvals"
    return f"for {request.audience}: {request.state}" + (f", {request.how}" if request.how else "")
