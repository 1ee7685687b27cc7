"""Rosters: who hands over to whom, and calendars that are taken in."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from alerting.office import Office, require_near
from alerting.people.actor import Actor
from alerting.people.calendar import from_ical
from alerting.people.options import RosterOptions
from alerting.people.roster import Override, on_duty
from alerting.store.audit import add_audit
from alerting.store.duty import add_overrides, drop_override, drop_overrides
from pipeline.errors import DutyError, ForbiddenError, UnknownError
from pipeline.model.identity import content_id
from pipeline.model.instant import to_ns, to_text
from pipeline.model.role import Role


class Rostering(Office):
    """What is arranged besides the turns of a roster."""

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
        require_near(now, begins_at, ends_at)
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
        require_near(now, *(one.ends_at for one in rows))
        with self.store.write() as connection:
            drop_overrides(connection, roster, source)
            add_overrides(connection, rows)
            add_audit(connection, now, actor.who, "roster.calendar", roster, f"{len(rows)} shifts from {source}")
        return rows
