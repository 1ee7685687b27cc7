"""Calling people until someone answers. Who is called, and every answer, is written before anything is sent."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection

from alerting.people.actor import OURSELVES, Actor
from alerting.people.days import Days
from alerting.people.options import CallOn, ChainOptions, DutyOptions
from alerting.people.roster import people_of
from alerting.people.secret import code_in, hashed
from alerting.stages.escalate import Call, CallState, Summons, due_step, ended, fallbacks, silent
from alerting.stages.retry import Step
from alerting.stages.scope import weight
from alerting.store.audit import add_audit
from alerting.store.calls import (
    answerable,
    call_of,
    call_off,
    latest_call,
    note_answer,
    open_calls,
    put_call,
    summoned,
)
from alerting.store.duty import overrides_of
from alerting.store.outcomes import Settled, record
from alerting.store.release import latest_request
from alerting.store.store import Store
from alerting.store.turn import Turn, take_turn
from alerting.store.warnings import last_of
from alerting.summoning import Summoning
from pipeline.errors import DutyError, UnknownError
from pipeline.model.audience import Audience
from pipeline.model.delivery import DeliveryState
from pipeline.model.identity import content_id
from pipeline.model.instant import to_ns
from pipeline.model.release import ReleaseState
from pipeline.model.warning import HazardWarning, Report, WarningStatus


class Calling:
    """The calls of one store. Any thread, and several processes, may call."""

    def __init__(self, store: Store, duty: DutyOptions, days: Days) -> None:
        self._store = store
        self._duty = duty
        self._days = days
        self._summoning = Summoning(duty.address or "")
        self._policies = {one.name: one for one in duty.chains}

    def begin(
        self, connection: Connection, on: CallOn, report: HazardWarning, audience: Audience, at: datetime
    ) -> None:
        """Begin the calls that a report is due, in the transaction that made it so.

        A chain of reports is called for once at each level; a follow-up only takes the place of the report before.
        """
        for policy in self._duty.chains:
            if policy.on is not on or not policy.takes(report) or not _meant(policy, report):
                continue
            last = latest_call(connection, report.chain, policy.name)
            if last and last.state is CallState.OPEN and last.level >= weight(report):
                put_call(connection, last.model_copy(update={"warning": report.id, "expires_at": report.expires_at}))
            elif last is None or last.level < weight(report) or on.asks:
                if last and last.state is CallState.OPEN:
                    self._end(connection, last, CallState.OVERTAKEN, at)
                put_call(connection, _call(on, policy, report, audience, at))

    def look(self, at: datetime) -> bool:
        """Call whom it is time to call, end what is over; whether anybody is called."""
        if not self._store.calls(1, open_only=True):
            return False
        called = 0
        with self._store.write() as connection:
            take_turn(connection, Turn.OUTLET)
            for call in open_calls(connection):
                called += self._advance(connection, call, at)
        return called > 0

    def answer(self, secret: str, at: datetime, how: str, *, contact: str = "") -> Call:
        """Take an answer: a link's token, a code, or a text that holds the code.

        Args:
            how: link, reply, code or console, for the record.
            contact: "channel/target" that a reply came from, where that is known; a code from elsewhere is refused.

        Raises:
            DutyError: it answers nothing, or more than one thing.
        """
        with self._store.write() as connection:
            take_turn(connection, Turn.OUTLET)
            found = answerable(connection, token_hash=hashed(secret))
            code = None if found else code_in(secret)
            if code:
                found = answerable(connection, code_hash=hashed(code))
            if contact:
                found = [one for one in found if f"{one.channel}/{one.target}" == contact]
            if not found or len({(one.call, one.person) for one in found}) > 1:
                raise DutyError("this answers no open call; see the code or the link in the latest message")
            return self._answered(connection, found[0].call, found[0].person, at, how, found[0])

    def answer_as(self, call: str, actor: Actor, at: datetime) -> Call:
        """Take an answer at the console, of anybody with a right to.

        Raises:
            DutyError: no such call.
        """
        with self._store.write() as connection:
            take_turn(connection, Turn.OUTLET)
            if call_of(connection, call) is None:
                raise UnknownError(f"no call {call}")
            return self._answered(connection, call, actor.name, at, actor.via or "console", None)

    def called_by(self, token: str) -> Summons | None:
        """Who was sent a link with this token, and for what."""
        with self._store.read() as connection:
            return next(iter(answerable(connection, token_hash=hashed(token))), None)

    def _answered(
        self, connection: Connection, of: str, person: str, at: datetime, how: str, by: Summons | None
    ) -> Call:
        call = call_of(connection, of)
        if call is None:
            raise UnknownError(f"no call {of}")
        note_answer(connection, call.id, person, to_ns(at))
        if by:
            record(connection, [Settled(by.delivery, Step(DeliveryState.ACKNOWLEDGED), at)])
        add_audit(connection, at, f"person:{person}", "call.answer", call.id, f"by {how}, of report {call.warning}")
        if call.state is CallState.OPEN and not call.on.asks:
            call = self._end(connection, call, CallState.ANSWERED, at, person, how)
        return call

    def _advance(self, connection: Connection, call: Call, at: datetime) -> int:
        """One look at an open call; how many people are called."""
        report, policy = last_of(connection, call.chain), self._policies.get(call.policy)
        over = self._over(connection, call, report, at)
        if over or policy is None:
            self._end(connection, call, over or CallState.ENDED, at)
            return 0
        called = summoned(connection, call.id)
        moved, step = due_step(call, policy, at)
        if moved.state is CallState.EXHAUSTED:
            self._end(connection, moved, CallState.EXHAUSTED, at)
            return 0
        people = fallbacks(call, self._duty.people, called)
        here = (called[-1].round, called[-1].step) if called else (0, 0)
        if step:
            answered = {one.person for one in called if one.answered_at}
            arranged = overrides_of(connection, at)
            names = [one for one in people_of(step.who, self._duty, self._days, arranged, at) if one not in answered]
            people = [found for name in names if (found := self._duty.person(name))]
            here = (call.round, call.step)
        put_call(connection, moved)
        for person in people:
            self._summoning.summon(connection, moved, report, person, here, at)
        return len(people)

    def _over(self, connection: Connection, call: Call, report: HazardWarning, at: datetime) -> CallState | None:
        if call.on.asks:
            request = latest_request(connection, call.chain, call.audience)
            if request is None or request.state is not ReleaseState.PENDING:
                return CallState.DECIDED
            return None
        return CallState.ENDED if report.report is Report.FINAL or at >= report.expires_at else None

    def _end(
        self, connection: Connection, call: Call, state: CallState, at: datetime, by: str = "", how: str = ""
    ) -> Call:
        over = ended(call, state, at, by, how)
        put_call(connection, over)
        call_off(connection, call.id, to_ns(at))
        if state is CallState.EXHAUSTED:
            nobody = ", ".join(silent(summoned(connection, call.id))) or "there was nobody to call"
            add_audit(connection, at, OURSELVES, "call.exhausted", call.id, f"did not answer: {nobody}")
        return over


def _meant(policy: ChainOptions, report: HazardWarning) -> bool:
    is_end = report.report is Report.FINAL
    return is_end is (policy.on is CallOn.CANCEL) and (policy.exercise or report.status is WarningStatus.ACTUAL)


def _call(on: CallOn, policy: ChainOptions, report: HazardWarning, audience: Audience, at: datetime) -> Call:
    return Call(
        id=content_id("call", policy.name, report.chain, int(weight(report)), report.number),
        policy=policy.name,
        on=on,
        warning=report.id,
        chain=report.chain,
        audience=audience,
        level=weight(report),
        begun_at=at,
        expires_at=report.expires_at,
        next_at=at,
    )
