"""The duty desk: what must happen because time passes, and what people do besides release.

It looks once a second: releases that nobody opposed, reports whose silence is over, people to call.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Final

from alerting.amend import amend
from alerting.calling import Calling
from alerting.clocks import RULES, ClockRule, Mark, reckon_clocks
from alerting.clocks import Clock as StatutoryClock
from alerting.coverage.reckon import Coverage
from alerting.drill.start import Drills
from alerting.intake.intake import Intake
from alerting.notices import Notices
from alerting.outlet import Outlet
from alerting.overlook import Overlook
from alerting.patience import until_stored
from alerting.people.actor import OURSELVES, Actor
from alerting.people.calendar import from_ical
from alerting.people.days import Days
from alerting.people.options import CallOn, DutyOptions, RosterOptions
from alerting.people.roster import Override, on_duty
from alerting.people.secret import hashed, new_token
from alerting.report.verified import Verified
from alerting.stages.silence import Silence
from alerting.store.audit import add_audit
from alerting.store.duty import AccessToken, add_overrides, add_token, drop_override, drop_overrides, revoke_token
from alerting.store.hold import put_silence
from alerting.store.late import most_urgent
from alerting.store.store import Store
from alerting.store.turn import Turn, take_turn
from pipeline.clock import Clock
from pipeline.errors import DutyError, ForbiddenError, UnknownError
from pipeline.model.identity import content_id
from pipeline.model.instant import to_ns, to_text
from pipeline.model.level import Level
from pipeline.model.order import Order
from pipeline.model.role import Role

LOOK_S: Final = 1.0
FAR: Final = timedelta(days=3660)
"""Ten years: an instant further off is a slip of the pen."""


class Desk:
    """What people may ask for; each change is one transaction with its entry in the audit log.

    Args:
        outlet, calling: of the same store.
        wake: told when something is queued.
        intake: of alerts of other programs, where there is an inventory to place them in.
        coverage: what part of the population a chain reached; None for a chain that is not in the store.
        clocks: by when superiors must have been told.
        overlook: knows when each channel that something waits in will be through.

    Attributes:
        ordered: told when somebody orders what whoever keeps the chains must take into the log.
        verified: what really happened, where there is an inventory to place it in.
        drills: who holds those that are started here, if anybody does.
    """

    def __init__(
        self,
        store: Store,
        outlet: Outlet,
        calling: Calling,
        duty: DutyOptions,
        days: Days,
        clock: Clock,
        wake: Callable[[], None] = lambda: None,
        intake: Intake | None = None,
        coverage: Callable[[str], Coverage | None] = lambda _: None,
        clocks: Sequence[ClockRule] = RULES,
        overlook: Overlook | None = None,
    ) -> None:
        self.clocks = tuple(clocks)
        self.overlook = overlook
        self.ordered: Callable[[], None] = lambda: None
        self.verified: Verified | None = None
        self.drills: Drills | None = None
        self._late: frozenset[str] = frozenset()
        self.coverage = coverage
        self.store = store
        self.outlet = outlet
        self.calling = calling
        self.duty = duty
        self.days = days
        self.clock = clock
        self.wake = wake
        self.intake = intake
        self.notices = Notices(duty)
        self._last_ns = 0

    async def run(self) -> None:
        """Look again and again, until cancelled; a store that fails is asked until it answers."""
        while True:
            await until_stored(self.look)
            await asyncio.sleep(LOOK_S)

    def look(self) -> None:
        """Do what is due now."""
        now = self.clock.now()
        self.store.escalate_items(now, self.notices.tell)
        late = self.overlook.late if self.overlook else frozenset()
        released = self.outlet.look(now, late) | (self.drills.look(now) if self.drills else False)
        self._escalate_late(late, now)
        called = self.calling.look(now)
        if self.intake:
            self.intake.look(now)
        last_ns = self.store.last_release_ns()  # another process may have released something
        if called or released or last_ns != self._last_ns:
            self.wake()
        self._last_ns = last_ns

    def _escalate_late(self, late: frozenset[str], now: datetime) -> None:
        """Where a channel begins to be too late, call those who can still tell people otherwise."""
        begun, self._late = late - self._late, late
        if not begun:
            return
        with self.store.write() as connection:
            take_turn(connection, Turn.OUTLET)
            for channel in sorted(begun):
                found = most_urgent(connection, channel, now)
                if found:
                    self.calling.begin(connection, CallOn.LATE, *found, now)
                    add_audit(connection, now, OURSELVES, "channel.late", channel, f"report {found[0].id} among others")

    def actor(self, token: str) -> Actor | None:
        """Who a token stands for; None: nobody, or somebody who is in the configuration no more."""
        known = self.store.token(hashed(token), self.clock.now())
        person = self.duty.person(known.person) if known else None
        return Actor(person.name, frozenset(person.roles)) if person else None

    def amend(self, name: str, to: Level, why: str, actor: Actor) -> Sequence[Order]:
        """Withdraw a warning in force (level NONE), or set its level.

        Raises:
            DutyError: `actor` may not, or it is not in force.
        """
        orders = amend(self.store, self.intake, name, to, why, actor, self.clock.now())
        self.ordered()
        return orders

    def running_clocks(self) -> list[StatutoryClock]:
        """Every statutory clock of every warning."""
        entries, marks = self.store.ledger(joint=True), self.store.clock_marks()
        return reckon_clocks(entries, marks, self.clocks, self.clock.now())

    def meet_clock(self, chain: str, name: str, actor: Actor) -> StatutoryClock:
        """Enter that superiors were told.

        Raises:
            DutyError: no such clock runs, or it was entered before.
        """
        if not any((one.chain, one.name) == (chain, name) for one in self.running_clocks()):
            raise UnknownError(f"no clock {name!r} runs for {chain!r}; `forewarn clocks` shows those that do")
        if not self.store.mark_clock(Mark(chain, name, self.clock.now(), actor.who)):
            raise UnknownError(f"clock {name!r} of {chain!r} was entered before; the first entry stands")
        return next(one for one in self.running_clocks() if (one.chain, one.name) == (chain, name))

    def silence(self, silence: Silence, actor: Actor) -> Silence:
        """Set a silence."""
        now = self.clock.now()
        _require_near(now, silence.ends_at)
        if silence.ends_at <= now:
            raise DutyError(f"a silence that ended at {to_text(silence.ends_at)} hides nothing")
        with self.store.write() as connection:
            take_turn(connection, Turn.OUTLET)
            put_silence(connection, silence)
            words = f"until {to_text(silence.ends_at)}, up to {silence.max_level.word}: {silence.reason}"
            add_audit(connection, now, actor.who, f"{silence.kind}.set", silence.id, words)
        return silence

    def end_silence(self, silence_id: str, actor: Actor) -> Silence:
        """End a silence now; what it hid and is still in force goes out.

        Raises:
            DutyError: there is none, or it is over.
        """
        now = self.clock.now()
        found = next((one for one in self.store.silences(now) if one.id == silence_id), None)
        if found is None:
            raise UnknownError(f"no silence {silence_id} is in force or to come")
        over = found.model_copy(update={"ends_at": max(now, found.begins_at + timedelta(microseconds=1))})
        with self.store.write() as connection:
            take_turn(connection, Turn.OUTLET)
            put_silence(connection, over)
            add_audit(connection, now, actor.who, f"{over.kind}.end", over.id)
        return over

    def roster(self, name: str) -> RosterOptions:
        """One roster.

        Raises:
            DutyError: there is none of that name.
        """
        found = next((one for one in self.duty.rosters if one.name == name), None)
        if found is None:
            known = ", ".join(one.name for one in self.duty.rosters) or "none"
            raise UnknownError(f"no roster {name!r}; known: {known}")
        return found

    def hand_over(
        self, roster: str, person: str, begins_at: datetime, ends_at: datetime, actor: Actor, reason: str = ""
    ) -> Override:
        """Put somebody else on duty for a time. Who is on duty may, and whoever is an administrator.

        Raises:
            DutyError: unknown, not allowed, or it ends before it begins.
        """
        now = self.clock.now()
        _require_near(now, begins_at, ends_at)
        options, arranged = self.roster(roster), self.store.overrides(now)
        if self.duty.person(person) is None:
            raise UnknownError(f"no person {person!r} in [[duty.people]]")
        if begins_at >= ends_at or ends_at <= now:
            raise DutyError(f"from {to_text(begins_at)} to {to_text(ends_at)}: it must end after it begins, and later")
        holders = on_duty(options, self.days, arranged, max(begins_at, now))
        if Role.ADMINISTRATOR not in actor.roles and actor.name not in {*holders, person}:
            raise ForbiddenError(f"{actor.name} is not on duty then; who is, who takes over or an administrator may")
        made = Override(
            id=content_id("override", roster, person, to_ns(begins_at), to_ns(ends_at), to_ns(now)),
            roster=roster, person=person, begins_at=begins_at, ends_at=ends_at, by=actor.name, entered_at=now,
            reason=reason,
        )  # fmt: skip
        with self.store.write() as connection:
            add_overrides(connection, [made])
            words = f"{person} from {to_text(begins_at)} to {to_text(ends_at)} {reason}".strip()
            add_audit(connection, now, actor.who, "roster.hand_over", roster, words)
        return made

    def take_back(self, override: str, actor: Actor) -> None:
        """Take an arrangement out again.

        Raises:
            DutyError: there is none.
        """
        with self.store.write() as connection:
            if not drop_override(connection, override):
                raise UnknownError(f"no arrangement {override}")
            add_audit(connection, self.clock.now(), actor.who, "roster.take_back", override)

    def take_calendar(self, roster: str, text: bytes, source: str, actor: Actor) -> Sequence[Override]:
        """Take arrangements from iCalendar; they take the place of what the same source brought before.

        Raises:
            DutyError: no such roster, no calendar, or an event that names nobody.
        """
        now = self.clock.now()
        self.roster(roster)
        rows = from_ical(text, roster, self.duty.people, self.days, actor.name, source, now)
        _require_near(now, *(one.ends_at for one in rows))
        with self.store.write() as connection:
            drop_overrides(connection, roster, source)
            add_overrides(connection, rows)
            add_audit(connection, now, actor.who, "roster.calendar", roster, f"{len(rows)} shifts from {source}")
        return rows

    def make_token(self, person: str, actor_name: str, expires_at: datetime | None = None) -> tuple[AccessToken, str]:
        """A new token for a person: what is kept of it, and the token, which is never shown again.

        Raises:
            DutyError: no such person.
        """
        if self.duty.person(person) is None:
            raise UnknownError(f"no person {person!r} in [[duty.people]]")
        now, secret = self.clock.now(), new_token()
        _require_near(now, *([expires_at] if expires_at else []))
        token = AccessToken(id=hashed(secret)[:12], person=person, made_at=now, expires_at=expires_at)
        with self.store.write() as connection:
            add_token(connection, token, hashed(secret))
            add_audit(connection, now, actor_name, "token.make", token.id, f"for {person}")
        return token, secret

    def revoke(self, token: str, actor_name: str) -> None:
        """End a token.

        Raises:
            DutyError: no valid token has this id.
        """
        now = self.clock.now()
        with self.store.write() as connection:
            if not revoke_token(connection, token, now):
                raise UnknownError(f"no valid token {token}")
            add_audit(connection, now, actor_name, "token.revoke", token)


def _require_near(now: datetime, *instants: datetime) -> None:
    far = [at for at in instants if abs(at - now) > FAR]
    if far:
        raise DutyError(f"{to_text(far[0])} is more than ten years away; see the year")
