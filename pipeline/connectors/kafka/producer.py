"""The producer: a message is sent when all replicas that must have it say so, and not before.

confluent-kafka with acks=all and idempotence: what it tries again is written once, in order.
"""

from __future__ import annotations

import logging
from concurrent.futures import Future
from threading import Event as Flag
from threading import Thread
from typing import Any, Final

import confluent_kafka

from pipeline.config.kafka import KafkaOptions
from pipeline.connectors.journal import DeadLetter
from pipeline.connectors.kafka.message import Message, buried
from pipeline.errors import BackPressureError, BrokerError

RETRY_AFTER_S: Final = 2.0
_POLL_S: Final = 0.1
_LINGER_MS: Final = 2
"""Messages are grouped before they come here; this only gathers what is sent at one instant."""
_QUEUED_KIB: Final = 256 * 1024

log = logging.getLogger(__name__)


class Producer:
    """One a process; any thread may call. Delivery is told from a thread of its own.

    Args:
        timeout_s: how long a message is tried, in place of `send_timeout_s`; 0 goes on until it is purged.
    """

    def __init__(self, options: KafkaOptions, timeout_s: float | None = None) -> None:
        self._close_s = options.send_timeout_s
        self._prefix = options.prefix
        self._producer = confluent_kafka.Producer(
            {
                **options.librdkafka(),
                "acks": "all",
                "enable.idempotence": True,
                "delivery.timeout.ms": round((options.send_timeout_s if timeout_s is None else timeout_s) * 1e3),
                "linger.ms": _LINGER_MS,
                "compression.type": "lz4",
                "partitioner": "murmur2_random",  # as Java's clients: a key means the same partition to everyone
                "queue.buffering.max.kbytes": _QUEUED_KIB,
            },
            logger=log,
        )
        self._closed = Flag()
        self._thread = Thread(target=self._work, name="kafka-producer", daemon=True)
        self._thread.start()

    def send(self, message: Message) -> Future[int]:
        """Hand in a message; the future gives its offset once it is durable, or holds a BackPressureError.

        Raises:
            BackPressureError: too much waits already.
            BrokerError: the producer is broken for good; only a new process can go on.
        """
        topic = message.topic
        sent: Future[int] = Future()
        sent.set_running_or_notify_cancel()  # who waits may give up, the message goes all the same

        def delivered(error: Any, message: Any) -> None:
            if error is None:
                sent.set_result(message.offset())
            else:
                sent.set_exception(
                    BackPressureError(f"Kafka did not take a message for {topic}: {error}", RETRY_AFTER_S)
                )

        try:
            self._producer.produce(
                self._prefix + topic,
                message.value,
                message.key,
                message.partition,
                on_delivery=delivered,
                headers=dict(message.headers),
            )
        except BufferError as error:
            raise BackPressureError("the queue of messages to Kafka is full", RETRY_AFTER_S) from error
        except confluent_kafka.KafkaException as error:
            raise BrokerError(f"a message for {self._prefix}{topic} cannot be sent: {error}") from error
        return sent

    def bury(self, letter: DeadLetter) -> Future[int]:
        """Send what could not be read to the dead letters."""
        return self.send(buried(letter))

    def purge(self) -> None:
        """Take back what is not confirmed yet: their futures fail soon, though Kafka may have some of them."""
        self._producer.purge()

    def close(self) -> None:
        """Wait for what was handed in, at most `send_timeout_s`; each future is done on return."""
        if self._producer.flush(self._close_s):
            self.purge()
            self._producer.flush()
        self._closed.set()
        self._thread.join()

    def _work(self) -> None:
        while not self._closed.is_set():
            self._producer.poll(_POLL_S)
