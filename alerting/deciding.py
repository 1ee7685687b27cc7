"""What people decide of reports that wait: yes, an objection, no. Each is one transaction with its audit entry."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Collection
from datetime import datetime

from sqlalchemy import Connection

from alerting.people.actor import OURSELVES, Actor
from alerting.stages.approve import approve, lapse, oppose, refuse, set_free
from alerting.store.audit import add_audit
from alerting.store.release import all_clears_waiting, family, locked, released_after
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

    def approve_all(self, chain: str, actor: Actor, at: datetime) -> tuple[Request, ...]:
        """Say yes to every all-clear of a warning that waits, of each of its areas; all of them or none.

        Raises:
            DutyError: none waits, or `actor` may not decide on one of them.
        """
        with self._store.write() as connection:
            take_turn(connection, Turn.OUTLET)
            waiting = all_clears_waiting(connection, family(connection, chain))
            if not waiting:
                raise UnknownError(f"no all-clear of warning {chain!r} waits; other reports are decided on one by one")
            still = (one for one in waiting if waits(connection, one, at))
            return tuple(self._approve(connection, one, actor, at) for one in still)

    def set_free(self, connection: Connection, chains: Collection[str], why: str, at: datetime) -> None:
        """Release the all-clears of chains that wait, for whom nobody is there to decide any more."""
        for chain in chains:
            waiting = all_clears_waiting(connection, family(connection, chain))
            for one in (each for each in waiting if waits(connection, each, at)):
                self._change(
                    connection, one.warning, one.audience, at, OURSELVES, "release.released", why,
                    lambda each: set_free(each, at, why),
                )  # fmt: skip

    def _approve(self, connection: Connection, request: Request, actor: Actor, at: datetime) -> Request:
        return self._change(
            connection, request.warning, request.audience, at, actor.who, "release.approve", "",
            lambda each: approve(each, actor.name, actor.roles, at),
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
            return self._change(connection, warning, audience, at, actor.who, action, reason, change)

    def _change(
        self,
        connection: Connection,
        warning: str,
        audience: Audience,
        at: datetime,
        who: str,
        action: str,
        reason: str,
        change: Callable[[Request], Request],
    ) -> Request:
        found = locked(connection, warning, audience)
        if found is None:
            raise UnknownError(f"no report {warning} asks for release to {audience}; see what waits")
        request, report = found
        if why := _too_late(connection, request, at):
            raise DutyError(f"report {warning} is not waiting any more: {why}")
        decided = change(request)
        self._settle(connection, decided, report, at)
        add_audit(connection, at, who, action, warning, f"{in_words(decided)}; {reason}".rstrip("; "))
        return decided


def in_words(request: Request) -> str:
    """What a request has come to, for the audit log."""
    if request.state is ReleaseState.PENDING:
        return f"for {request.audience}: {len(request.approvals)} of {request.persons} approvals"
    return f"for {request.audience}: {request.state}" + (f", {request.how}" if request.how else "")


def waits(connection: Connection, request: Request, at: datetime) -> bool:
    """Whether it still does: what was decided on another may have decided on this one."""
    found = locked(connection, request.warning, request.audience)
    is_pending = found is not None and found[0].state is ReleaseState.PENDING
    return is_pending and not _too_late(connection, request, at)


def _too_late(connection: Connection, request: Request, at: datetime) -> str:
    """Why it does not wait any more, though nobody has noted it yet; empty where it does."""
    if later := released_after(connection, request):
        return f"report {later} of its chain went out"
    return "its time ran out before this decision" if lapse(request, at) else ""
