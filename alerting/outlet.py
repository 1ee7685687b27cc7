"""The one outlet: every report passes it, and only what it releases has deliveries.

A decision, the deliveries that follow from it and its entry in the audit log are one transaction: a crash leaves all of
them or none, and what waits is waiting still after a restart.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from copy import copy
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection

from alerting.deciding import Deciding, in_words, waits
from alerting.falling_back import FallingBack
from alerting.holding import Holding
from alerting.leaving import asked, of_the_whole
from alerting.merging import Merging
from alerting.people.actor import OURSELVES, Actor
from alerting.people.days import Days
from alerting.people.options import CallOn
from alerting.queueing import Begin, Queueing
from alerting.stages.approve import ReleaseRule, give_way, judge, lapse, may_decide, overtake
from alerting.stages.group import RoutingOptions
from alerting.stages.route import EVERY_DAY, RouteOptions, Targets
from alerting.store.audit import add_audit
from alerting.store.joints import told_first_by
from alerting.store.orders import add_order, withdrawn
from alerting.store.release import (
    all_clears_waiting,
    before,
    grant,
    locked,
    other_all_clears_waiting,
    put,
    released_after,
)
from alerting.store.store import Store
from alerting.store.turn import Turn, take_turn
from pipeline.model.order import Order, OrderKind
from pipeline.model.release import Release, ReleaseState, Request
from pipeline.model.warning import HazardWarning, Report

Resume = Callable[[Connection, Order, datetime], bool]
_NOT_TOLD: Final = (ReleaseState.REFUSED, ReleaseState.EXPIRED)


class Outlet(Deciding):
    """Decides on reports and queues what is released. Any thread, and several processes on one store, may call.

    Args:
        routes, targets: who is told of what.
        rules: who must say yes before whom it reaches.
        holding: what keeps released reports from single targets.
        days: the calendar that hours of routes go by.
        begin: calls people where a report waits, went out, or was hidden.
        merging: makes one warning of those of neighbouring areas; None: each goes out by itself.

    Attributes:
        resume: who keeps chains of alerts of other programs; True where it went on with one of them.
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
        super().__init__(store)
        self._rules = tuple(rules)
        self._holding = holding or Holding(RoutingOptions())
        self._merging = merging
        self._queueing = Queueing(routes, targets, self._holding, days, begin, merging)
        send = self._queueing.send_besides
        self._falling_back = FallingBack(store, routes, targets, days, self._holding.options, send)
        self.resume: Resume | None = None

    def without_rules(self) -> Outlet:
        """The same where nothing waits for people's yes."""
        other = copy(self)
        other._rules = ()  # noqa: SLF001  # of its own kind
        return other

    def offer(self, connection: Connection, report: HazardWarning, at: datetime) -> None:
        """Take in a report that was just stored; one that came before changes nothing."""
        take_turn(connection, Turn.OUTLET)
        if report.report is Report.FIRST:
            for one in other_all_clears_waiting(connection, report):
                put(connection, give_way(one, at))
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
        for audience in self._queueing.audiences(report):
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

    def agree(self, connection: Connection, chains: Collection[str], actor: Actor, at: datetime) -> None:
        """The yes of who ordered that a warning be cancelled, to all-clears of it that wait, where it is theirs.

        Where that is not enough, somebody is called, for all of its areas at once.
        """
        for one in all_clears_waiting(connection, chains):
            if may_decide(one, actor.name, actor.roles) and waits(connection, one, at):
                self._approve(connection, one, actor, at)
        for one in all_clears_waiting(connection, chains)[-1:]:
            found = locked(connection, one.warning, one.audience)
            if found:
                self._queueing.call(connection, CallOn.CANCEL, found[1], one.audience, at)

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
                    add_audit(connection, at, OURSELVES, f"release.{lapsed.state}", lapsed.warning, in_words(lapsed))
                    released |= lapsed.state is ReleaseState.RELEASED
        return released

    def _review(self, at: datetime) -> bool:
        if not self._store.held():
            return False
        with self._store.write() as connection:
            take_turn(connection, Turn.OUTLET)
            return self._holding.review(connection, at, self._queueing.addressed) > 0

    def _settle(self, connection: Connection, request: Request, report: HazardWarning, at: datetime) -> None:
        put(connection, request)
        if request.state is ReleaseState.PENDING:
            self._queueing.call(connection, CallOn.RELEASE, report, request.audience, at)
        elif request.state is ReleaseState.RELEASED and self._is_of_several(connection, report):
            self._tell(connection, report, at, request)
        elif request.state is ReleaseState.RELEASED and request.how is not None:
            given = Release(warning=report.id, audience=request.audience, how=request.how, by=request.approvals, at=at)
            grant(connection, given)
            self._queueing.queue(connection, request, report, at)
        elif request.state in _NOT_TOLD and report.report is Report.FINAL:
            self._resume(connection, request, report, at)

    def _resume(self, connection: Connection, request: Request, report: HazardWarning, at: datetime) -> None:
        """A Cancel that is not released takes nothing back: who keeps the chain warns of what stands as before."""
        chains = withdrawn(connection, {report.chain, *told_first_by(connection, report.id)})
        for chain, ordered_at in chains.items():
            why = request.reason or "its Cancel was not released in time"
            order = Order(id=f"resume-{report.id}-{chain}", chain=chain, kind=OrderKind.RESUME, why=why)
            after = max(at, ordered_at + timedelta(microseconds=1))  # by whichever clock
            if not (self.resume and self.resume(connection, order, after)):
                add_order(connection, order, after, OURSELVES)

    def _is_of_several(self, connection: Connection, report: HazardWarning) -> bool:
        """Whether it ends the danger in one area of a joint warning, by which people are told of it."""
        is_final = report.report is Report.FINAL
        return is_final and self._merging is not None and self._merging.takes(connection, report)
