"""What the interface takes and gives, beside the words of the domain."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

from alerting.api.endpoint import Body
from alerting.audit import Flaw
from alerting.people.roster import Override
from alerting.stages.escalate import Call, Summons
from alerting.stages.route import Address
from alerting.stages.scope import AreaPrefix
from alerting.stages.silence import Silence, SilenceKind
from alerting.store.duty import AccessToken
from alerting.store.hold import Held
from pipeline.model.audience import Audience
from pipeline.model.delivery import DeliveryState
from pipeline.model.hazard import Hazard
from pipeline.model.instant import Instant
from pipeline.model.level import Level, LevelField
from pipeline.model.release import Request
from pipeline.model.role import Role
from pipeline.model.warning import HazardWarning


class View(BaseModel):
    """Something that is given out."""

    model_config = ConfigDict(frozen=True)


class Me(View):
    """Who asks."""

    name: str
    roles: tuple[Role, ...]


class Try(View):
    """One try of a message: what came of it, and in what words."""

    at: Instant
    state: DeliveryState
    reason: str
    detail: str


class Waiting(View):
    """A request for release with its report; `warning` is the chain by which people are told of its area."""

    warning: str
    request: Request
    report: HazardWarning


class Why(Body):
    """Why somebody decides so; it stands in the audit log."""

    reason: str = Field(min_length=1, max_length=500)


class NewSilence(Body):
    """A silence to be set; without an end it lasts an hour. Red gets through unless `max_level` names it."""

    kind: SilenceKind = SilenceKind.SILENCE
    hazards: tuple[Hazard, ...] = ()
    areas: tuple[AreaPrefix, ...] = ()
    min_level: LevelField = Level.BLUE
    max_level: LevelField = Level.ORANGE
    audiences: tuple[Audience, ...] = ()
    to: tuple[Address, ...] = ()
    begins_at: Instant | None = None
    ends_at: Instant | None = None
    reason: str = Field(min_length=1, max_length=500)


class SilenceView(View):
    """A silence and what it hid; `red`: how many of those were red."""

    silence: Silence
    hid: tuple[Held, ...]
    red: int


class CallView(View):
    """A call, everybody who was called, and who of them did not answer."""

    call: Call
    called: tuple[Summons, ...]
    silent: tuple[str, ...]


class Answer(Body):
    """What somebody answered: the code, or a text that holds it; `contact` where the gateway knows it."""

    text: str = Field(min_length=1, max_length=500)
    contact: Address | None = None


class ShiftView(View):
    """Who is on duty from when until when."""

    people: tuple[str, ...]
    begins_at: Instant
    ends_at: Instant


class RosterView(View):
    """A roster, who is on duty now, and what people arranged."""

    name: str
    on_duty: tuple[str, ...]
    overrides: tuple[Override, ...]


class HandOver(Body):
    """Somebody else on duty for a time; without a beginning from now on."""

    person: str
    begins_at: Instant | None = None
    ends_at: Instant
    reason: str = Field(default="", max_length=500)


class NewToken(Body):
    """For whom, and until when; without an end until it is revoked."""

    person: str
    expires_at: Instant | None = None


class MadeToken(View):
    """A new token. `secret` is shown this once."""

    token: AccessToken
    secret: str


class Verified(View):
    """Whether the audit log is as it was written; `head` is the hash to note elsewhere."""

    entries: int
    head: str
    flaws: tuple[Flaw, ...]
