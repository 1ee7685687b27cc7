"""Release, silences, the audit log, tokens."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Final

from alerting.api.endpoint import Ask, Endpoint, Nothing
from alerting.api.views import MadeToken, Me, NewSilence, NewToken, SilenceView, Try, Verified, Waiting, Why
from alerting.audit import START, AuditEntry, flaws
from alerting.outlet import Outlet
from alerting.stages.silence import Silence
from alerting.store.duty import AccessToken
from alerting.store.hold import Held
from pipeline.errors import DutyError, UnknownError
from pipeline.model.audience import Audience
from pipeline.model.delivery import Delivery
from pipeline.model.identity import content_id
from pipeline.model.instant import to_ns
from pipeline.model.level import Level
from pipeline.model.release import Request
from pipeline.model.role import OFFICIALS, Role
from pipeline.model.warning import HazardWarning

USUAL: Final = timedelta(hours=1)
LIMIT_MAX: Final = 10_000
_ADMINISTRATORS: Final = frozenset({Role.ADMINISTRATOR})
_LIMIT: Final = {"limit": f"how many of the latest, 100 by default, {LIMIT_MAX} at most"}


def _me(ask: Ask) -> Me:
    return Me(name=ask.actor.name, roles=tuple(sorted(ask.actor.roles)))


def _warnings(ask: Ask) -> list[HazardWarning]:
    return list(ask.desk.store.warnings_in_force(ask.desk.clock.now()))


def _deliveries(ask: Ask) -> list[Delivery]:
    found = ask.desk.store.deliveries(_limit(ask), warning=ask.query.get("warning"))
    return [one.model_copy(update={"note": ""}) for one in found]  # codes to answer with are for one person


def _tries(ask: Ask) -> list[Try]:
    found = ask.desk.store.attempts(ask.path["delivery"])
    return [Try(at=at, state=state, reason=reason, detail=detail) for at, state, reason, detail in found]


def _waiting(ask: Ask) -> list[Waiting]:
    store = ask.desk.store
    both = [(one, store.warning(one.warning)) for one in store.pending()]
    warnings = store.told_by({one.chain for one, _ in both})
    return [Waiting(warning=warnings[one.chain], request=one, report=report) for one, report in both if report]


def _requests(ask: Ask) -> list[Request]:
    return list(ask.desk.store.requests(ask.path["chain"]))


def _audience(ask: Ask) -> Audience:
    if ask.path["audience"] not in set(Audience):
        raise UnknownError(f"no audience {ask.path['audience']!r}; there are {', '.join(Audience)}")
    return Audience(ask.path["audience"])


def _approve(ask: Ask) -> Request:
    now = ask.desk.clock.now()
    done = ask.desk.outlet.approve(ask.path["report"], _audience(ask), ask.actor, now)
    ask.desk.wake()
    return done


def _approve_all(ask: Ask) -> list[Request]:
    done = ask.desk.outlet.approve_all(ask.path["chain"], ask.actor, ask.desk.clock.now())
    ask.desk.wake()
    return list(done)


def _decided(how: Callable[[Outlet], Callable[..., Request]]) -> Callable[[Ask], Request]:
    def act(ask: Ask) -> Request:
        decide = how(ask.desk.outlet)
        return decide(ask.path["report"], _audience(ask), ask.actor, ask.body.reason, ask.desk.clock.now())

    return act


def _silences(ask: Ask) -> list[SilenceView]:
    now = None if ask.query.get("all") == "true" else ask.desk.clock.now()
    return [_silence_view(ask, one) for one in ask.desk.store.silences(now)]


def _silence_view(ask: Ask, silence: Silence) -> SilenceView:
    hid = ask.desk.store.held(by=silence.id)
    return SilenceView(silence=silence, hid=hid, red=sum(one.level is Level.RED for one in hid))


def _silence(ask: Ask) -> SilenceView:
    body, now = ask.body, ask.desk.clock.now()
    begins_at = body.begins_at or now
    given = body.model_dump(exclude={"begins_at", "ends_at"})
    try:
        silence = Silence(
            **given,
            id=content_id("silence", ask.actor.name, to_ns(now), body.reason),
            begins_at=begins_at,
            ends_at=body.ends_at or begins_at + USUAL,
            by=ask.actor.name,
        )
    except ValueError as error:
        raise DutyError(f"silence: {_first(error)}") from error
    return _silence_view(ask, ask.desk.silence(silence, ask.actor))


def _end_silence(ask: Ask) -> SilenceView:
    return _silence_view(ask, ask.desk.end_silence(ask.path["silence"], ask.actor))


def _held(ask: Ask) -> list[Held]:
    return list(ask.desk.store.held())


def _audit(ask: Ask) -> list[AuditEntry]:
    return list(ask.desk.store.audit(_limit(ask), subject=ask.query.get("subject")))


def _verify(ask: Ask) -> Verified:
    entries = ask.desk.store.audit()
    head = entries[-1].hash if entries else START
    return Verified(entries=len(entries), head=head, flaws=tuple(flaws(entries, ask.query.get("head"))))


def _tokens(ask: Ask) -> list[AccessToken]:
    return list(ask.desk.store.tokens())


def _make_token(ask: Ask) -> MadeToken:
    token, secret = ask.desk.make_token(ask.body.person, ask.actor.who, ask.body.expires_at)
    return MadeToken(token=token, secret=secret)


def _revoke(ask: Ask) -> Nothing:
    ask.desk.revoke(ask.path["token"], ask.actor.who)
    return Nothing()


def _limit(ask: Ask) -> int:
    limit = ask.query.get("limit", "100")
    if not limit.isdecimal() or not 1 <= int(limit) <= LIMIT_MAX:
        raise DutyError(f"limit: must be 1 to {LIMIT_MAX}, not {limit[:20]!r}")
    return int(limit)


def _first(error: ValueError) -> str:
    return str(error).splitlines()[-2].strip() if "\n" in str(error) else str(error)


_REPORT: Final = "/releases/{report}/{audience}"
ENDPOINTS: Final = (
    Endpoint("GET", "/me", "Who asks, and what they may.", _me, Me),
    Endpoint("GET", "/warnings", "The last report of each chain in force.", _warnings, list[HazardWarning]),
    Endpoint("GET", "/deliveries", "Messages and what became of them.", _deliveries, list[Delivery],
             query=_LIMIT | {"warning": "id of a report"}),
    Endpoint("GET", "/deliveries/{delivery}/tries", "Each try of a message, with what the channel answered.", _tries,
             list[Try]),
    Endpoint("GET", "/releases", "What waits for a decision, the gravest first.", _waiting, list[Waiting]),
    Endpoint("GET", "/chains/{chain}/releases", "What was decided on a chain of reports.", _requests, list[Request]),
    Endpoint("POST", "/chains/{chain}/approve", "Say yes to every all-clear of a warning that waits, of all its areas.",
             _approve_all, list[Request]),
    Endpoint("POST", f"{_REPORT}/approve", "Say yes. Who may is the rule's to say.", _approve, Request),
    Endpoint("POST", f"{_REPORT}/object", "It does not go out by itself any more.", _decided(lambda o: o.oppose),
             Request, Why),
    Endpoint("POST", f"{_REPORT}/refuse", "Say no.", _decided(lambda o: o.refuse), Request, Why),
    Endpoint("GET", "/silences", "Silences in force and to come, with what they hid.", _silences, list[SilenceView],
             query={"all": '"true" for those that ended as well'}),
    Endpoint("POST", "/silences", "Set a silence, or a maintenance window.", _silence, SilenceView, NewSilence,
             OFFICIALS),
    Endpoint("POST", "/silences/{silence}/end", "End it now; what it hid and still holds goes out.", _end_silence,
             SilenceView, may=OFFICIALS),
    Endpoint("GET", "/held", "What is kept from whom at this moment, and by what.", _held, list[Held]),
    Endpoint("GET", "/audit", "Who did what.", _audit, list[AuditEntry],
             query=_LIMIT | {"subject": "id of what it was done to"}),
    Endpoint("GET", "/audit/verify", "Whether the log is as it was written.", _verify, Verified,
             query={"head": "a hash noted earlier"}),
    Endpoint("GET", "/tokens", "Tokens, without their secrets.", _tokens, list[AccessToken], may=_ADMINISTRATORS),
    Endpoint("POST", "/tokens", "Make a token for a person.", _make_token, MadeToken, NewToken, _ADMINISTRATORS),
    Endpoint("DELETE", "/tokens/{token}", "Revoke a token.", _revoke, may=_ADMINISTRATORS),
)  # fmt: skip
