"""One call of a channel: what may go and what is given up untried, the call itself, and what each try comes to."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Final

from alerting.base import Channel, FailureReason, Outcome, failed
from alerting.deadline import Deadlines
from alerting.drill.gate import may_leave, refusal
from alerting.due import Due
from alerting.lane_desk import Desk
from alerting.patience import until_stored
from alerting.stages.retry import Step, expired, next_step
from alerting.store.outcomes import Settled
from pipeline.model.delivery import DeliveryState
from pipeline.model.warning import HazardWarning
from pipeline.telemetry import Event

GRACE_S: Final = 2.0
"""What a channel may take beyond its own `timeout_s` before it is cut off."""

Ready = tuple[Due, HazardWarning]
Patience = Mapping[str, float]
"""Target -> for how long it asked to be left alone [s]."""

log = logging.getLogger(__name__)


class Trying:
    """Calls one channel. Counts as `channels.NAME`, in all that was tried when `counted` is called."""

    def __init__(self, channel: Channel, desk: Desk) -> None:
        self._channel = channel
        self._desk = desk
        self._limits = Deadlines()
        self._component = f"channels.{channel.name}"
        self._counts: Counter[tuple[Event, str]] = Counter()

    async def call(self, batch: Sequence[Due]) -> tuple[list[Settled], Patience]:
        """Try each once, within the time limit; one result each."""
        now = self._desk.clock.now()
        results, ready = self._sorted(batch, now)
        patience: dict[str, float] = {}
        if ready:
            outcomes = await self._send(ready, now)
            at = self._desk.clock.now()
            for (delivery, report), outcome in zip(ready, outcomes, strict=True):
                if outcome.references:  # first: a receipt may come before the try is settled
                    await self._refer(delivery, outcome)
                results.append(self._result(delivery, report, outcome, at))
                if outcome.reason is FailureReason.THROTTLED and outcome.retry_after_s:
                    patience[delivery.target] = outcome.retry_after_s
        return results, patience

    def counted(self) -> None:
        """Hand over what was counted since the last time: for many tries at once, for a count costs a lock."""
        counts, self._counts = self._counts, Counter()
        for (event, reason), number in counts.items():
            self._desk.telemetry.count(self._component, event, number, reason)

    def _sorted(self, batch: Sequence[Due], now: datetime) -> tuple[list[Settled], list[Ready]]:
        """What is given up untried, and what is to be sent with its report."""
        given_up, ready = [], []
        for delivery in batch:
            if not delivery.attempts:
                self._counts[Event.RECEIVED, ""] += 1
            cleared = self._cleared(self._desk.reports.get(delivery.warning), now)
            if isinstance(cleared, HazardWarning):
                ready.append((delivery, cleared))
                continue
            of = (delivery.warning, self._channel.name)
            given_up.append(Settled(delivery.id, cleared, now, sent_note=bool(delivery.note), of=of))
            self._counts[Event.DROPPED, cleared.state] += 1
        return given_up, ready

    def _cleared(self, report: HazardWarning | None, now: datetime) -> HazardWarning | Step:
        """The report, if it may go; else why it is not sent at all."""
        if report is None:
            return Step(DeliveryState.FAILED, None, "its warning is not in the store")
        if not may_leave(report, self._channel.name, self._desk.drill_channels):
            return Step(DeliveryState.FAILED, None, refusal(report, self._channel.name))
        return expired(report.expires_at) if now >= report.expires_at else report

    async def _send(self, ready: Sequence[Ready], now: datetime) -> Sequence[Outcome]:
        """Channels answer with outcomes; one that raises or hangs must not stop the others. Expiry ends a try."""
        left_s = (min([report.expires_at for _, report in ready]) - now).total_seconds()
        try:
            make = self._desk.make_message
            messages = [(make(report, one), one.target) for one, report in ready]
            with self._limits.within(min(self._channel.timeout_s + GRACE_S, left_s)):
                if len(messages) == 1:
                    return [await self._channel.send(*messages[0])]
                return await self._channel.send_batch(messages)
        except TimeoutError:
            said = f"no answer within {min(self._channel.timeout_s, left_s):g} s"
            return [failed(FailureReason.TIMEOUT, said)] * len(ready)
        except Exception as error:  # noqa: BLE001  # the supervising loop: counted and recorded
            # Its type alone: the text, or a traceback, may hold a secret.
            what = f"{type(error).__name__} while sending {ready[0][0].id}"
            log.error("channel %s: a defect: %s", self._channel.name, what)  # noqa: TRY400
            return [failed(FailureReason.INTERNAL, type(error).__name__)] * len(ready)

    async def _refer(self, delivery: Due, outcome: Outcome) -> None:
        refer = self._desk.store.refer
        tries = delivery.attempts + 1
        await until_stored(partial(refer, self._channel.name, delivery.id, tries, outcome.references))

    def _result(self, delivery: Due, report: HazardWarning, outcome: Outcome, at: datetime) -> Settled:
        step = next_step(delivery, outcome, report.expires_at, at, self._desk.policy)
        event = Event.SENT if outcome.reason is FailureReason.NONE else Event.FAILED
        self._counts[event, outcome.reason] += 1
        if step.state is DeliveryState.EXPIRED:
            self._counts[Event.DROPPED, DeliveryState.EXPIRED] += 1
        of = (delivery.warning, self._channel.name)
        return Settled(delivery.id, step, at, outcome, report.number, bool(delivery.note), of)
