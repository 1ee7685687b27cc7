"""Readings that stand in topics of others: one or many a message, as JSON, line protocol or Telegraf's JSON.

Offsets are committed when the readings are durable: what was taken in and not committed when the process went, comes
again, and what comes twice is dropped by its identity further on. While some messages become durable, the next are
read; never more, so that all stay in their order however often they have to be offered.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, ClassVar, Final

import confluent_kafka

from device_adapters.base import Adapter, AdapterContext, Decoded, RejectReason
from device_adapters.codecs.claims import Claims
from device_adapters.codecs.json_readings import JsonReadings
from device_adapters.codecs.line_protocol import LineProtocol
from device_adapters.codecs.measurements import Measurements
from device_adapters.codecs.telegraf_json import TelegrafJson
from device_adapters.intake import Intake, table_of
from device_adapters.kafka_options import KafkaTopicsOptions
from device_adapters.transport.kafka import Subscription, Taken
from pipeline.errors import ConfigError

_WAIT_S: Final = 0.1

_log = logging.getLogger(__name__)


class KafkaTopics(Adapter):
    """The adapter."""

    kind: ClassVar[str] = "kafka"
    options_type: ClassVar[type[KafkaTopicsOptions]] = KafkaTopicsOptions

    def __init__(self, name: str, options: KafkaTopicsOptions, context: AdapterContext) -> None:
        super().__init__(name, options, context)
        self._options = options
        self._access = self._checked(options)
        self._intake = Intake(name, context)
        self._codec = _codec(options, table_of(context.inventory))
        self._trouble = ""

    async def run(self) -> None:
        """Take in messages until cancelled, through brokers that go and come back.

        Raises:
            ConfigError: librdkafka refuses an option.
        """
        options = self._options
        try:
            subscription = Subscription(self._access, options.group, options.topics, options.begin)
        except confluent_kafka.KafkaException as error:
            raise ConfigError(f"adapters.{self.name}", f"Kafka's client refuses it: {error}") from error
        loop = asyncio.get_running_loop()
        with ThreadPoolExecutor(1, f"{self.name}-kafka") as thread:
            try:
                following = loop.run_in_executor(thread, self._take, subscription)
                while True:
                    taken, decoded = await following
                    self._tell(subscription.trouble)
                    following = loop.run_in_executor(thread, self._take, subscription)
                    if taken.messages:
                        await self._intake.take_patiently(decoded)
                        await loop.run_in_executor(thread, subscription.acknowledge, taken)
            finally:
                thread.submit(subscription.close)

    def _checked(self, options: KafkaTopicsOptions) -> dict[str, Any]:
        try:
            return options.librdkafka()
        except ConfigError as error:
            raise ConfigError(f"adapters.{self.name}", error.what) from error

    def _take(self, subscription: Subscription) -> tuple[Taken, Decoded]:
        """The next messages, and what they hold."""
        taken = subscription.take(self._options.messages_at_once, _WAIT_S)
        claims = Claims()
        self._read(claims, taken.messages)
        return taken, self._codec.judge(claims, self.context.clock.now_ns())

    def _read(self, claims: Claims, messages: Sequence[confluent_kafka.Message]) -> None:
        codec = self._codec
        sent = [(message.value() or b"", message.topic() or "") for message in messages]
        if any(len(payload) > self._options.max_payload_bytes for payload, _ in sent):
            sent = self._fit(claims, messages)
        if isinstance(codec, JsonReadings):
            codec.read_each(claims, sent)
            return
        for payload, _ in sent:
            codec.read(claims, payload)

    def _fit(self, claims: Claims, messages: Sequence[confluent_kafka.Message]) -> list[tuple[bytes, str]]:
        """Payload and topic of each that is short enough; the others are refused."""
        bound = self._options.max_payload_bytes
        fit = []
        for message in messages:
            payload = message.value() or b""
            if len(payload) <= bound:
                fit.append((payload, message.topic() or ""))
                continue
            where = f"{message.topic()}/{message.partition()}@{message.offset()}"
            detail = f"{len(payload)} bytes at {where}, at most {bound} are read; send less at a time"
            claims.refuse(None, RejectReason.TOO_LARGE, detail, payload)
        return fit

    def _tell(self, trouble: str) -> None:
        """Once when the brokers are out of reach, and once when they are back."""
        if trouble and not self._trouble:
            _log.warning("%s: %s: %s; trying again", self.name, self._options.servers, trouble)
        elif self._trouble and not trouble:
            _log.info("%s: %s answers again", self.name, self._options.servers)
        self._trouble = trouble


def _codec(options: KafkaTopicsOptions, table: Measurements) -> JsonReadings | LineProtocol | TelegrafJson:
    if options.form == "lines":
        return LineProtocol(options.lines, table)
    if options.form == "telegraf":
        return TelegrafJson(options.telegraf, table)
    return JsonReadings(options.json_form, table)
