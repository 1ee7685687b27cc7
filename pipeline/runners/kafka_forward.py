"""The forwarder: messages to Kafka in their order; while Kafka is away, to the spool, and from there in the same order.

    direct    a message is durable when Kafka says so
    away      Kafka did not take one in time: whatever it has not confirmed is taken back and goes to the spool, what
              comes after goes there too; the oldest are offered to Kafka until it takes them
    direct    again, when the spool is empty
A full spool is back-pressure. What was taken back may be in Kafka all the same, and then comes twice: no matter.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from pipeline.clock import Clock
from pipeline.connectors.kafka.message import Message
from pipeline.connectors.kafka.producer import RETRY_AFTER_S, Producer
from pipeline.connectors.kafka.spool import Spool
from pipeline.errors import BackPressureError, BrokerError, JournalError
from pipeline.telemetry import Event, Telemetry

COMPONENT: Final = "spool"
FULL_RETRY_AFTER_S: Final = 10.0
_LOOK_S: Final = 0.1
_PAGE: Final = 100
"""Messages of the spool that are offered to Kafka at a time."""

log = logging.getLogger(__name__)


@dataclass(slots=True)
class _Item:
    """A message, and who waits for it."""

    message: Message
    durable: asyncio.Future[None]
    since_s: float


class Forwarder:
    """One event loop's; `run` has to be running.

    Args:
        timeout_s: how long Kafka may take before the spool is used.
        spool_max_bytes: what the spool may hold; 0 for no spool, and back-pressure instead.
    """

    def __init__(
        self,
        producer: Producer,
        spool: Spool,
        timeout_s: float,
        spool_max_bytes: int,
        clock: Clock,
        telemetry: Telemetry,
    ) -> None:
        self._producer = producer
        self._spool = spool
        self._timeout_s = timeout_s
        self._spool_max_bytes = spool_max_bytes
        self._clock = clock
        self._telemetry = telemetry
        self.away = spool.messages > 0
        self._sent: dict[int, _Item] = {}
        self._failed: dict[int, tuple[_Item, str]] = {}
        self._number = 0
        self._waiting: list[_Item] = []
        self._waiting_bytes = 0
        self._turning = False
        self._arrived = asyncio.Event()

    @property
    def is_full(self) -> bool:
        """Whether the spool takes no more."""
        return self.away and self._held_bytes >= self._spool_max_bytes

    @property
    def _held_bytes(self) -> int:
        return self._spool.bytes + self._waiting_bytes

    def send(self, message: Message) -> asyncio.Future[None]:
        """Hand in a message without a key; the future is done when it is durable.

        Raises:
            BackPressureError: the spool is full, or too much waits for Kafka.
            BrokerError: the producer is broken for good; only a new process can go on.
        """
        if self.is_full:
            why = f"Kafka is away, and the spool holds {self._spool.bytes} bytes, at most {self._spool_max_bytes}"
            raise BackPressureError(why, FULL_RETRY_AFTER_S)
        item = _Item(message, asyncio.get_running_loop().create_future(), self._clock.monotonic_s())
        if self.away:
            self._set_aside([item])
        else:
            self._hand_in(item)
        return item.durable

    async def run(self) -> None:
        """Go on until cancelled.

        Raises:
            BrokerError: the producer is broken for good.
        """
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._store(), name="spool")
            while True:
                if not self.away:
                    await self._trouble()
                    await self._turn_away()
                await self._empty()

    async def emptied(self) -> None:
        """Wait until nothing waits any more."""
        while self.away or self._sent:  # noqa: ASYNC110  # seconds at the end of a recording
            await asyncio.sleep(_LOOK_S)

    def _hand_in(self, item: _Item) -> None:
        loop = asyncio.get_running_loop()
        number = self._number = self._number + 1
        self._sent[number] = item

        def told(done: Future[int]) -> None:
            with suppress(RuntimeError):  # the loop is closed: the process ends, and nobody waits any more
                loop.call_soon_threadsafe(self._told, number, done)

        try:
            self._producer.send(item.message).add_done_callback(told)
        except (BackPressureError, BrokerError):
            del self._sent[number]
            raise

    def _told(self, number: int, done: Future[int]) -> None:
        """Kafka has it, or does not."""
        item = self._sent.pop(number)
        error = done.exception()
        if error:
            self._failed[number] = (item, str(error))
        elif not item.durable.done():
            item.durable.set_result(None)

    async def _trouble(self) -> None:
        """Return when a message failed, or the oldest has waited too long."""
        while not self._failed:
            await asyncio.sleep(_LOOK_S)
            oldest = next(iter(self._sent.values()), None)
            if oldest and self._clock.monotonic_s() - oldest.since_s > self._timeout_s:
                return

    async def _turn_away(self) -> None:
        """Take back all that Kafka has not confirmed, and keep it."""
        self.away = self._turning = True
        self._producer.purge()
        while self._sent:  # noqa: ASYNC110  # milliseconds, until each was told
            await asyncio.sleep(_LOOK_S / 10)
        failed = [self._failed[number] for number in sorted(self._failed)]
        self._failed.clear()
        why = next((why for _, why in failed if "Purged" not in why), f"no answer within {self._timeout_s:g} s")
        items = [item for item, _ in failed]
        self._turning = False
        if self._spool_max_bytes:
            log.warning("Kafka is away (%s); readings are kept on disk until it is back", why)
            self._waiting, since = items, self._waiting
            self._set_aside(since)
            return
        _refuse(items, BackPressureError(f"Kafka did not take a message: {why}", RETRY_AFTER_S))
        self.away = False

    def _set_aside(self, items: list[_Item]) -> None:
        """For the spool; but nothing is written before what was taken back, which comes first."""
        self._waiting += items
        self._waiting_bytes = sum(len(one.message.value or b"") for one in self._waiting)
        if self._waiting and not self._turning:
            self._arrived.set()

    async def _store(self) -> None:
        """Write what waits to the spool, all that there is at a time."""
        while True:
            await self._arrived.wait()
            items = list(self._waiting)
            messages = [one.message for one in items]
            readings = sum(one.readings for one in messages)
            try:
                await asyncio.to_thread(self._spool.append, messages)
            except JournalError as error:
                self._telemetry.count(COMPONENT, Event.FAILED, readings, "disk")
                _refuse(items, BackPressureError(str(error), RETRY_AFTER_S))
            else:
                self._telemetry.count(COMPONENT, Event.RECEIVED, readings)
                for one in items:
                    if not one.durable.done():
                        one.durable.set_result(None)
            del self._waiting[: len(items)]
            self._arrived.clear()
            self._set_aside([])

    async def _empty(self) -> None:
        """Send what the spool holds, oldest first, until nothing is left and nothing waits."""
        while self._spool.messages or self._waiting:
            page = await asyncio.to_thread(self._spool.first, _PAGE)
            if not page:
                await asyncio.sleep(_LOOK_S / 10)
            elif await self._offered([message for _, message in page]):
                await self._forget(page[-1][0])
                self._telemetry.count(COMPONENT, Event.SENT, sum(message.readings for _, message in page))
            else:
                await asyncio.sleep(RETRY_AFTER_S)
        self.away = False
        log.info("Kafka is back; the spool is empty")

    async def _forget(self, position: int) -> None:
        """Of the spool, when the disk lets us: until then the same is not sent again."""
        while True:
            try:
                await asyncio.to_thread(self._spool.forget, position)
            except JournalError as error:
                self._telemetry.count(COMPONENT, Event.FAILED, 1, "disk")
                log.warning("what Kafka has is still in the spool: %s; trying again", error)
                await asyncio.sleep(RETRY_AFTER_S)
            else:
                return

    async def _offered(self, messages: Sequence[Message]) -> bool:
        """Whether Kafka has all of them; otherwise none of them is under way any more."""
        sent = [asyncio.wrap_future(self._producer.send(one)) for one in messages]
        _, late = await asyncio.wait(sent, timeout=self._timeout_s, return_when=asyncio.FIRST_EXCEPTION)
        if late or any(one.exception() for one in sent):
            self._producer.purge()
            await asyncio.wait(sent)
        return not any(one.exception() for one in sent)


def _refuse(items: Sequence[_Item], error: BackPressureError) -> None:
    for one in items:
        if not one.durable.done():
            one.durable.set_exception(error)
