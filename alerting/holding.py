"""What is released and yet not sent at once: silences, inhibition, limits, grouping; and when it is sent after all.

Everything here runs in a transaction that holds the outlet's turn, so that two reports never swallow each other and
none slips past a silence set at the same moment.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import groupby

from sqlalchemy import Connection

from alerting.all_clear import with_earlier
from alerting.stages.group import RoutingOptions, along
from alerting.stages.inhibit import swallowing
from alerting.stages.limit import free_at
from alerting.stages.scope import weight
from alerting.stages.silence import Silence, hidden_by
from alerting.store.hold import (
    TOLD_ALONG,
    Held,
    HoldKind,
    add_held,
    end_held,
    gathering,
    is_evidenced,
    open_held,
    sent_since,
    set_note,
    state_of,
    swallow,
    take_up,
    told_of,
)
from alerting.store.joints import carry, has_ended, has_later, lifted_by
from alerting.store.outbox import add_deliveries
from alerting.store.silences import in_force
from alerting.store.warnings import report_of, reports_in_force
from pipeline.model.delivery import Delivery, DeliveryState, delivery_id
from pipeline.model.level import Level
from pipeline.model.warning import HazardWarning, Report

_NOT_SENT = frozenset({DeliveryState.FAILED, DeliveryState.EXPIRED})
Address = Callable[[HazardWarning, Sequence[Delivery]], list[Delivery]]
"""Deliveries with the areas that each is the all-clear of."""
_Told = Mapping[str, Mapping[tuple[str, str], DeliveryState]]


class Holding:
    """Sifts deliveries before they are queued, and looks again at those it kept back."""

    def __init__(self, options: RoutingOptions) -> None:
        self.options = options

    def sift(
        self, connection: Connection, report: HazardWarning, made: Iterable[Delivery], at: datetime
    ) -> tuple[list[Delivery], list[Held]]:
        """Which of the deliveries of a report are queued now; what is kept back is noted, and also returned."""
        silences = in_force(connection, at)
        greater = self._greater(connection, report, at)
        told = {one.chain: told_of(connection, one.chain) for one in greater}
        kept: list[Held] = []
        queued: list[Delivery] = []
        for one in made:
            held = self._why(connection, report, one, silences, greater, told, at)
            if held is None and not one.lifted and self.options.groups(report, one.audience):
                found = gathering(connection, report.status, one.channel, one.target, one.audience, at)
                note = along(found[1], report) if found else None
                if found and note is not None:
                    set_note(connection, found[0], note)
                    held = _held(report, one, HoldKind.GROUP, found[0], at)
                else:
                    one = _later(one, at + timedelta(seconds=self.options.group_s))  # noqa: PLW2901  # waits for others
            if held:
                kept.append(held)
            else:
                queued.append(one)
        add_held(connection, kept)
        return queued, kept

    def take_back(
        self, connection: Connection, greater: HazardWarning, queued: Iterable[Delivery], at: datetime
    ) -> None:
        """Lesser reports that still wait for the targets of a greater one, and were not tried, give way to it."""
        if not self.options.inhibit:
            return
        lesser = [one for one in reports_in_force(connection, at) if swallowing(self.options.inhibit, one, [greater])]
        for way in queued:
            for one in lesser:
                if swallow(connection, one, way.channel, way.target, greater.id, at):
                    lifted = lifted_by(connection, one.id, way.channel, way.target)
                    taken = way.model_copy(update={"warning": one.id, "lifted": lifted})
                    add_held(connection, [_held(one, taken, HoldKind.INHIBITION, greater.id, at)])

    def review(self, connection: Connection, at: datetime, address: Address) -> int:
        """Send what nothing holds any more, close what is out of date; how much was queued."""
        sent = 0
        for key, rows in groupby(open_held(connection), key=lambda one: (one.warning, one.audience)):
            report, is_last = report_of(connection, *key)
            silences, greater = in_force(connection, at), self._greater(connection, report, at)
            told = {one.chain: told_of(connection, one.chain) for one in greater}
            for held in rows:
                (one,) = address(report, [_queued(held, at)])
                if at >= report.expires_at or not (is_last or _still_new(connection, report, one)):
                    end_held(connection, held, "expired" if is_last else "overtaken", at)
                elif held.kind is HoldKind.GROUP and self._gone_along(connection, held, at):
                    continue
                elif not self._why(connection, report, one, silences, greater, told, at):
                    self._send(connection, report, held, one, at)
                    sent += 1
        return sent

    def _send(self, connection: Connection, report: HazardWarning, held: Held, one: Delivery, at: datetime) -> None:
        one = one.model_copy(update={"lifted": with_earlier(report, held.lifted, one.lifted)})
        add_deliveries(connection, [one], [report])
        if report.parts:
            carry(connection, report, [one], [])
        take_up(connection, report.id, held.channel, held.target, at)
        end_held(connection, held, "sent", at)

    def _why(
        self,
        connection: Connection,
        report: HazardWarning,
        one: Delivery,
        silences: Sequence[Silence],
        greater: Sequence[HazardWarning],
        told: _Told,
        at: datetime,
    ) -> Held | None:
        """What keeps a report from a target at this moment."""
        here = (one.channel, one.target)
        silence = hidden_by(silences, report, one.audience, *here)
        hears_end = one.is_over and here in told_of(connection, report.chain)  # an all-clear is never silenced
        if silence and not hears_end:
            return _held(report, one, HoldKind.SILENCE, silence.id, at, silence.ends_at)
        for other in greater:
            if told[other.chain].get(here, DeliveryState.FAILED) not in _NOT_SENT:
                return _held(report, one, HoldKind.INHIBITION, other.id, at)
        is_end = one.is_over or report.report is Report.FINAL
        if self.options.limits and not is_end and weight(report) < Level.RED:
            longest = max(rule.window_s for rule in self.options.limits)
            sent = sent_since(connection, report.status, *here, at - timedelta(seconds=longest))
            until = free_at(self.options.limits, one.channel, weight(report), sent, at)
            if until:
                return _held(report, one, HoldKind.LIMIT, f"{one.channel}/{one.target}", at, until)
        return None

    def _greater(self, connection: Connection, report: HazardWarning, at: datetime) -> list[HazardWarning]:
        rules = self.options.inhibit
        return swallowing(rules, report, reports_in_force(connection, at)) if rules else []

    def _gone_along(self, connection: Connection, held: Held, at: datetime) -> bool:
        """Whether the message that a report goes along with is on its way, or has arrived."""
        state = state_of(connection, held.by)
        if is_evidenced(state):
            end_held(connection, held, TOLD_ALONG, at)
        return state not in _NOT_SENT


def _queued(held: Held, at: datetime) -> Delivery:
    return Delivery(
        id=delivery_id(held.warning, held.channel, held.target),
        warning=held.warning,
        audience=held.audience,
        channel=held.channel,
        target=held.target,
        queued_at=at,
        next_attempt_at=at,
    )


def _still_new(connection: Connection, report: HazardWarning, one: Delivery) -> bool:
    """Whether a target should hear of a report that is not the last: of a joint chain, each hears of its own areas."""
    if not report.parts or has_later(connection, report, one.channel, one.target):
        return False
    return one.is_over or not has_ended(connection, report.chain, one.audience)


def _held(
    report: HazardWarning, one: Delivery, kind: HoldKind, by: str, at: datetime, until: datetime | None = None
) -> Held:
    return Held(
        report.id, report.chain, weight(report), one.audience, one.channel, one.target, kind, by, at, until,
        lifted=one.lifted,
    )  # fmt: skip


def _later(one: Delivery, at: datetime) -> Delivery:
    return one.model_copy(update={"next_attempt_at": at})
