"""Who may speak to the duty desk: tokens, of which only a hash is kept."""

from __future__ import annotations

from datetime import datetime

from alerting.office import Office, require_near
from alerting.people.actor import Actor
from alerting.people.secret import hashed, new_token
from alerting.store.audit import add_audit
from alerting.store.duty import AccessToken, add_token, revoke_token
from pipeline.errors import UnknownError


class Access(Office):
    """Tokens of people."""

    def actor(self, token: str) -> Actor | None:
        """Who a token stands for; None: nobody, or somebody who is in the configuration no more."""
        known = self.store.token(hashed(token), self.clock.now())
        person = self.duty.person(known.person) if known else None
        return Actor(person.name, frozenset(person.roles)) if person else None

    def make_token(self, person: str, actor_name: str, expires_at: datetime | None = None) -> tuple[AccessToken, str]:
        """A new token for a person: what is kept of it, and the token, which is never shown again.

        Raises:
            DutyError: no such person.
        """
        if self.duty.person(person) is None:
            raise UnknownError(f"no person {person!r} in [[duty.people]]")
        now, secret = self.clock.now(), new_token()
        require_near(now, *([expires_at] if expires_at else []))
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
