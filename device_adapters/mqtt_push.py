"""Devices publish readings to an MQTT broker; we subscribe, and acknowledge a message once it is durable.

QoS 1 and a session that outlives the process: what is published while we are down, and what was not acknowledged when
we went, the broker delivers when we are back. What comes twice is dropped by its identity further on.
"""

from __future__ import annotations

import asyncio
import logging
import ssl
from collections.abc import Iterator
from typing import ClassVar

from aiomqtt import Message, MqttError

from device_adapters.base import Adapter, AdapterContext, RejectReason
from device_adapters.codecs.claims import Claims
from device_adapters.codecs.json_readings import JsonReadings
from device_adapters.intake import Intake, table_of
from device_adapters.mqtt_options import MqttOptions
from device_adapters.transport.mqtt import AckClient, Session, backoff_s, subscribe
from pipeline.errors import ConfigError, SecretError
from pipeline.secret import secret

_log = logging.getLogger(__name__)


class MqttPush(Adapter):
    """The adapter."""

    kind: ClassVar[str] = "mqtt"
    options_type: ClassVar[type[MqttOptions]] = MqttOptions

    def __init__(self, name: str, options: MqttOptions, context: AdapterContext) -> None:
        super().__init__(name, options, context)
        self._options = options
        self._intake = Intake(name, context)
        self._codec = JsonReadings(options.json_form, table_of(context.inventory))
        self._broker = f"{options.host}:{options.port}"
        self._is_away = False

    async def run(self) -> None:
        """Take in messages until cancelled; lose and find the broker as often as need be.

        Raises:
            ConfigError: a password or certificate that cannot be had.
        """
        session = self._session()
        failures = 0
        while True:
            try:
                async with session.connection(lambda: self._intake.drop("overflow")) as client:
                    await subscribe(client, self._options.topics)
                    failures = 0
                    self._is_back()
                    await self._take_in(client)
            except MqttError as error:
                failures += 1
                self._is_gone(error)
            await asyncio.sleep(backoff_s(failures, self._options.reconnect_max_s))

    async def _take_in(self, client: AckClient) -> None:
        while True:
            messages = await client.waiting()
            claims = Claims()
            self._codec.read_each(claims, [one for message in messages for one in self._fit(claims, message)])
            await self._intake.take_patiently(self._codec.judge(claims, self.context.clock.now_ns()))
            client.acknowledge(messages)

    def _fit(self, claims: Claims, message: Message) -> Iterator[tuple[bytes, str]]:
        """Payload and topic, if it is to be read. A retained message was published before we asked: old data."""
        bound = self._options.max_payload_bytes
        if message.retain:
            self._intake.drop("retained")
        elif len(message.payload) > bound:
            detail = (
                f"{len(message.payload)} bytes under {message.topic}, at most {bound} are read; send less at a time"
            )
            claims.refuse(None, RejectReason.TOO_LARGE, detail, message.payload)
        else:
            yield message.payload, message.topic.value

    def _is_gone(self, error: MqttError) -> None:
        if not self._is_away:
            _log.warning("%s: broker %s is out of reach: %s; trying again", self.name, self._broker, error)
        self._is_away = True

    def _is_back(self) -> None:
        if self._is_away:
            _log.info("%s: broker %s is back", self.name, self._broker)
        self._is_away = False

    def _session(self) -> Session:
        options = self._options
        return Session(
            options.host,
            options.port,
            options.client_id,
            is_v5=options.protocol == "5",
            expiry_s=options.session_expiry_s,
            unacknowledged_max=options.unacknowledged_max,
            username=options.username,
            password=self._password(),
            tls=self._tls(),
        )

    def _password(self) -> str | None:
        options = self._options
        if not (options.password_file or options.password_env):
            return None
        try:
            return secret("the password", env=options.password_env, file=options.password_file)
        except SecretError as error:
            option = "password_file" if options.password_file else "password_env"
            raise self._error(f"{option}: {error}") from error

    def _tls(self) -> ssl.SSLContext | None:
        options = self._options
        try:
            return ssl.create_default_context(cafile=options.tls_ca) if options.tls == "on" else None
        except OSError as error:
            raise self._error(f"tls_ca {options.tls_ca} cannot be read: {error}") from error

    def _error(self, what: str) -> ConfigError:
        return ConfigError(f"adapters.{self.name}", what)
