"""Release: whether a report may go out to an audience, by rule and by people. Pure.

A chain asks again only where more is to be said than was released: a raised level, or the all-clear. What the follow-up
of a waiting report asks, it asks since the first: reports that come often do not put off the end of a wait.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field

from alerting.stages.scope import Scope, weight
from pipeline.errors import DutyError, ForbiddenError
from pipeline.model.audience import Audience
from pipeline.model.delivery import Delivery
from pipeline.model.level import Level
from pipeline.model.release import How, Mode, ReleaseState, Request
from pipeline.model.warning import HazardWarning, Report

Who = Annotated[str, Field(pattern=r"^(role|person|roster):[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$")]
"""`role:approver`, `person:li`, `roster:gas`."""
Decider = Annotated[str, Field(pattern=r"^(role|person):[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$")]
"""`role:approver`, `person:li`."""


class ReleaseRule(Scope):
    """One `[[release.rules]]`. The first that fits a report and its audience counts.

    Attributes:
        name: what people see it called.
        audience: whom the report would reach.
        applies_to: reports of a hazard, the all-clear that ends a chain, or both.
        mode: "automatic" at once, "approval" when `persons` said yes, "objection" after `objection_s` unless one
            objects.
        persons: how many different people must approve.
        may: who may approve, object and refuse: "role:approver", "person:NAME".
        objection_s: how long it may be objected to.
    """

    name: str = Field(min_length=1)
    audience: Audience = Audience.PUBLIC
    applies_to: Literal["hazard", "all_clear", "both"] = "both"
    mode: Mode
    persons: int = Field(default=1, ge=1, le=2)
    may: tuple[Decider, ...] = Field(default=("role:approver",), min_length=1)
    objection_s: float = Field(default=600.0, gt=0)

    def fits(self, report: HazardWarning, audience: Audience) -> bool:
        """Whether it decides on this report for this audience."""
        kind = "all_clear" if report.report is Report.FINAL else "hazard"
        return self.audience is audience and self.applies_to in {kind, "both"} and self.takes(report)


class ReleaseOptions(BaseModel):
    """The `[release]` section; what no rule fits is released at once.

    Attributes:
        rules: who must say yes to what, before whom it reaches.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    rules: tuple[ReleaseRule, ...] = ()


@dataclass(frozen=True, slots=True)
class Before:
    """What the same audience has of the same chain: the latest request, and the highest level that was released."""

    latest: Request | None = None
    released: Level = Level.NONE


_AT_ONCE: Final = ReleaseRule(name="no rule", mode=Mode.AUTOMATIC)


def judge(
    report: HazardWarning, audience: Audience, rules: Sequence[ReleaseRule], before: Before, now: datetime
) -> Request:
    """Where a new report stands: released, waiting, refused as its chain was, or moot."""
    rule = next((one for one in rules if one.fits(report, audience)), _AT_ONCE)
    asked = Request(
        warning=report.id,
        chain=report.chain,
        number=report.number,
        audience=audience,
        level=weight(report),
        all_clear=report.report is Report.FINAL,
        rule=rule.name,
        mode=rule.mode,
        persons=rule.persons,
        may=rule.may,
        state=ReleaseState.PENDING,
        asked_at=now,
        due_at=now + timedelta(seconds=rule.objection_s) if rule.mode is Mode.OBJECTION else None,
        expires_at=report.expires_at,
    )
    if asked.all_clear and before.released is Level.NONE and before.latest is not None:
        return _ended(asked, ReleaseState.MOOT, now, reason="nothing of its chain was released")
    if rule.mode is Mode.AUTOMATIC:
        return _released(asked, How.AUTOMATIC, now)
    if not asked.all_clear and asked.level <= before.released:
        return _released(asked, How.AS_BEFORE, now)
    return _follow(asked, before.latest, now)


def _follow(asked: Request, latest: Request | None, now: datetime) -> Request:
    """Go on from what the latest request of the chain had come to, where both ask the same."""
    if latest is None or latest.all_clear != asked.all_clear:
        return asked
    more = asked.level > latest.level
    if latest.state is ReleaseState.REFUSED and not more:
        why = f"as before: {latest.reason}"
        return _ended(asked, ReleaseState.REFUSED, now, reason=why, decided_by=latest.decided_by)
    if latest.state is not ReleaseState.PENDING:
        return asked
    changes: dict[str, Any] = {"asked_at": latest.asked_at}
    if latest.mode is asked.mode and latest.due_at and asked.due_at:
        changes["due_at"] = min(latest.due_at, asked.due_at)
    elif latest.mode is Mode.APPROVAL and not more:  # an objection to the report before still stands
        changes |= {"mode": Mode.APPROVAL, "due_at": None}
    followed = asked.model_copy(update=changes if more else {**changes, "approvals": latest.approvals})
    return _counted(followed, now)


def approve(request: Request, person: str, roles: Collection[str], now: datetime) -> Request:
    """`request` after one more yes. The same person twice counts once.

    Raises:
        DutyError: it is decided already, or the person may not.
    """
    _require(request, person, roles)
    approvals = request.approvals if person in request.approvals else (*request.approvals, person)
    return _counted(request.model_copy(update={"approvals": approvals}), now)


def oppose(request: Request, person: str, roles: Collection[str], reason: str) -> Request:
    """`request` after an objection: nothing goes out by itself any more, somebody must approve or refuse.

    Raises:
        DutyError: it is decided already, the person may not, or it would not go out by itself anyway.
    """
    _require(request, person, roles)
    if request.mode is not Mode.OBJECTION:
        raise DutyError(
            f"report {request.warning} waits for approval; it can be refused, there is nothing to object to"
        )
    return request.model_copy(update={"mode": Mode.APPROVAL, "due_at": None, "reason": f"{person} objects: {reason}"})


def refuse(request: Request, person: str, roles: Collection[str], reason: str, now: datetime) -> Request:
    """`request`, refused; its chain asks again only at a higher level.

    Raises:
        DutyError: it is decided already, or the person may not.
    """
    _require(request, person, roles)
    return _ended(request, ReleaseState.REFUSED, now, reason=reason, decided_by=person)


def lapse(request: Request, now: datetime) -> Request | None:
    """What the passing of time makes of a waiting request: unopposed, expired, or None: nothing yet."""
    if request.state is not ReleaseState.PENDING:
        return None
    if now >= request.expires_at:
        return _ended(request, ReleaseState.EXPIRED, now, reason="nobody decided before the report expired")
    if request.due_at is not None and now >= request.due_at:
        return _released(request, How.UNOPPOSED, now)
    return None


def overtake(request: Request, number: int, now: datetime) -> Request:
    """A waiting request after a later report of its chain."""
    return _ended(request, ReleaseState.OVERTAKEN, now, reason=f"overtaken by report {number} of its chain")


def give_way(request: Request, now: datetime) -> Request:
    """A waiting all-clear after the same danger began anew in the same place: nobody is to hear that it is over."""
    return _ended(request, ReleaseState.OVERTAKEN, now, reason="overtaken by a new warning of the same danger there")


def dated(delivery: Delivery, request: Request, at: datetime) -> Delivery:
    """A report is dated by the field's clocks; where one runs ahead of ours, ours counts: nobody waits for it.

    What waited for people is queued when they decided, so that no wait of theirs counts against its retries.
    """
    queued_at = min(delivery.queued_at, at) if request.how in {How.AUTOMATIC, How.AS_BEFORE} else at
    return delivery.model_copy(update={"queued_at": queued_at, "next_attempt_at": queued_at})


def set_free(request: Request, now: datetime, why: str) -> Request:
    """A waiting request that waits for nobody any more."""
    return _released(request, How.AUTOMATIC, now, reason=why)


def _counted(request: Request, now: datetime) -> Request:
    if len(request.approvals) < request.persons:
        return request
    return _released(request, How.APPROVED, now, decided_by=", ".join(request.approvals))


def may_decide(request: Request, person: str, roles: Collection[str]) -> bool:
    """Whether somebody is among those who may approve, object and refuse."""
    return f"person:{person}" in request.may or any(f"role:{role}" in request.may for role in roles)


def _require(request: Request, person: str, roles: Collection[str]) -> None:
    if request.state is not ReleaseState.PENDING:
        by = f" by {request.decided_by}" if request.decided_by else ""
        raise DutyError(f"report {request.warning} for {request.audience} is {request.state} already{by}")
    if not may_decide(request, person, roles):
        raise ForbiddenError(f"{person} may not decide on report {request.warning}; {', '.join(request.may)} may")


def _released(request: Request, how: How, now: datetime, **changes: Any) -> Request:
    return _ended(request, ReleaseState.RELEASED, now, how=how, **changes)


def _ended(request: Request, state: ReleaseState, now: datetime, **changes: Any) -> Request:
    return request.model_copy(update={"state": state, "decided_at": now, "due_at": None, **changes})
