"""What people decide of reports that wait: yes, an objection, no. Each is one transaction with its audit entry."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from datetime import datetime

from sqlalchemy import Connection

from alerting.people.actor import Actor
from alerting.stages.approve import approve, lapse, oppose, refuse
from alerting.store.audit import add_audit
from alerting.store.release import locked, released_after
from alerting.store.store import Store
from alerting.store.turn import Turn, take_turn
from pipeline.errors import DutyError, UnknownError
from pipeline.model.audience import Audience
from pipeline.model.release import ReleaseState, Request
from pipeline.model.warning import HazardWarning


class Deciding(ABC):
    """Any thread, and several processes on one store, may call."""

    def __init__(self, store: Store) -> None:
        self._store = store

    @abstractmethod
    def _settle(self, connection: Connection, request: Request, report: HazardWarning, at: datetime) -> None:
        """Keep what a request has come to, and do what follows from it."""

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
            add_audit(connection, at, actor.who, action, warning, f"{in_words(decided)}; {reason}".rstrip("; "))
        return decided


def in_words(request: Request) -> str:
    """What a request has come to, for the audit log."""
    if request.state is ReleaseState.PENDING:
        return f"for {request.audience}: {len(request.approvals)} of {request.persons} approvals"
    return f"for {request.audience}: {request.state}" + (f", {request.how}" if request.how else "")
