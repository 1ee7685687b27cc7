"""Whether a report may go out to one audience, and who said so."""

from __future__ import annotations

from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field

from pipeline.model.audience import Audience
from pipeline.model.instant import Instant
from pipeline.model.level import LevelField


class Mode(StrEnum):
    """AUTOMATIC: at once. APPROVAL: when enough people said yes. OBJECTION: after a time, unless one objects."""

    AUTOMATIC = "automatic"
    APPROVAL = "approval"
    OBJECTION = "objection"


class ReleaseState(StrEnum):
    """Where a request stands; all but PENDING are final.

    OVERTAKEN: a later report of the chain took its place. MOOT: the end of something that nobody was told of.
    EXPIRED: the report ran out while it waited.
    """

    PENDING = "pending"
    RELEASED = "released"
    REFUSED = "refused"
    OVERTAKEN = "overtaken"
    MOOT = "moot"
    EXPIRED = "expired"


class How(StrEnum):
    """By what a report was released. AS_BEFORE: its chain was, at this level or a higher one.

    CALL: only to those on duty who are called for it.
    """

    AUTOMATIC = "automatic"
    AS_BEFORE = "as_before"
    APPROVED = "approved"
    UNOPPOSED = "unopposed"
    CALL = "call"


class Release(BaseModel):
    """The permission that every delivery needs: of which report, for whom, by what and by whom."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    warning: str
    audience: Audience
    how: How
    by: tuple[str, ...] = ()
    at: Instant


class Request(BaseModel):
    """One report that is to go out to one audience.

    Attributes:
        level: of the report; of a final one, the peak of its chain.
        may: who may decide: `role:ROLE` or `person:NAME`.
        persons: how many different people must approve.
        asked_at: when the chain first asked for what still waits; later reports do not start the clock anew.
        due_at: when it goes out unless somebody objects; None where nothing goes out by itself.
        how: once it is released.
        reason: why it was refused, or what became of it, in words.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    warning: str
    chain: str
    number: int
    audience: Audience
    level: LevelField
    all_clear: bool
    rule: str
    mode: Mode
    persons: int = Field(default=1, ge=1)
    may: tuple[str, ...] = ()
    state: ReleaseState
    asked_at: Instant
    due_at: Instant | None = None
    expires_at: Instant
    approvals: tuple[str, ...] = ()
    how: How | None = None
    decided_at: Instant | None = None
    decided_by: str = ""
    reason: str = ""
