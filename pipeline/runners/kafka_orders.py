"""What people order at the console of a cluster goes into the log of the worker that keeps the chain."""

from __future__ import annotations

import asyncio
import logging
from typing import Final

from alerting.store.store import Store
from pipeline.clock import Clock
from pipeline.config.config import Config
from pipeline.connectors.kafka.message import Message
from pipeline.connectors.kafka.producer import Producer
from pipeline.connectors.kafka.topics import Topic
from pipeline.connectors.kafka.wire import encode
from pipeline.errors import BackPressureError, StoreError
from pipeline.model.entry import Tick
from pipeline.runners.bell import Bell
from pipeline.stages.shards import Shards

LOOK_S: Final = 1.0

log = logging.getLogger(__name__)


class Orders:
    """An order counts as taken when Kafka has it; one that a crash sends twice is obeyed once.

    `ordered`: rung when a person of this process orders something.
    """

    def __init__(self, config: Config, store: Store, producer: Producer, clock: Clock) -> None:
        self._shards = Shards(config.plan(), config.kafka.partitions)
        self._store = store
        self._producer = producer
        self._clock = clock
        self.ordered = Bell()

    async def run(self) -> None:
        """Look again and again, until cancelled."""
        while True:
            await self.ordered.wait(LOOK_S)
            try:
                await asyncio.to_thread(self.look)
            except (BackPressureError, StoreError) as error:
                log.warning("an order waits: %s; trying again", error)

    def look(self) -> int:
        """Send what was ordered; how many orders that were.

        Raises:
            BackPressureError: Kafka does not take it now.
            StoreError: the store fails.
        """
        orders = self._store.open_orders()
        for order in orders:
            reports = self._store.chain(order.chain)
            if reports:
                tick = Tick(self._clock.now(), (order,))
                number = self._shards.partition_of_area(reports[-1].area)
                self._producer.send(Message(Topic.READINGS, encode(tick), number)).result()
            self._store.orders_taken([order.id], self._clock.now())
        return len(orders)
