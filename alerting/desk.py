"""The duty desk: what must happen because time passes, and what people do besides release (its bases, by subject).

It looks once a second: releases that nobody opposed, reports whose silence is over, people to call.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Final

from alerting.access import Access
from alerting.amend import Amending
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
from alerting.people.days import Days
from alerting.people.options import CallOn, DutyOptions
from alerting.report.verified import Verified
from alerting.rostering import Rostering
from alerting.silencing import Silencing
from alerting.store.audit import add_audit
from alerting.store.late import most_urgent
from alerting.store.store import Store
from alerting.store.turn import Turn, take_turn
from pipeline.clock import Clock
from pipeline.errors import UnknownError
from pipeline.model.level import Level
from pipeline.model.order import Order

LOOK_S: Final = 1.0


class Desk(Access, Silencing, Rostering):
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
        amending: who amends warnings, where there is an inventory to write their words from.
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
        super().__init__(store, duty, days, clock)
        self.clocks = tuple(clocks)
        self.overlook = overlook
        self.ordered: Callable[[], None] = lambda: None
        self.amending: Amending | None = None
        self.verified: Verified | None = None
        self.drills: Drills | None = None
        self._late: frozenset[str] = frozenset()
        self.coverage = coverage
        self.outlet = outlet
        self.calling = calling
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

    def amend(self, name: str, to: Level, why: str, actor: Actor) -> Sequence[Order]:
        """Withdraw a warning in force (level NONE), or set its level.

        Raises:
            DutyError: `actor` may not, or it is not in force.
        """
        if self.amending is None:
            raise UnknownError("warnings are amended where there is an inventory; this desk has none")
        orders = self.amending.amend(name, to, why, actor, self.clock.now())
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
