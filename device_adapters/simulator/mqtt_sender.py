"""Publishes readings over MQTT with QoS 1."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from typing import Final

import aiomqtt

from device_adapters.simulator.options import MqttTarget
from device_adapters.simulator.outbox import NotAcknowledgedError
from device_adapters.simulator.schedule import Report
from device_adapters.simulator.wire import mqtt_payload, mqtt_topic

IN_FLIGHT_MAX: Final = 10
"""Messages published before the first is acknowledged; below the 20 that brokers keep in order by default."""


class MqttSender:
    """A connection that is opened when first needed and opened anew after it broke.

    What the broker acknowledges it has; whether the process behind it has it is between those two.
    """

    name = "simulator.mqtt"
    readings_max = IN_FLIGHT_MAX

    def __init__(self, target: MqttTarget, site_of: Mapping[str, str], timeout_s: float) -> None:
        self._target = target
        self._site_of = site_of
        self._timeout_s = timeout_s
        self._opened = AsyncExitStack()
        self._client: aiomqtt.Client | None = None

    async def send(self, reports: Sequence[Report]) -> int:
        """Publish `reports` in order and wait for every acknowledgement."""
        try:
            client = self._client or await self._connected()
            outcomes = await asyncio.gather(
                *(self._publish(client, report) for report in reports), return_exceptions=True
            )
            for outcome in outcomes:
                if isinstance(outcome, BaseException):
                    raise outcome
        except aiomqtt.MqttError as error:
            await self.close()
            raise NotAcknowledgedError(f"{self._target.host}:{self._target.port}: {error}") from error
        return 0

    async def close(self) -> None:
        """Disconnect; a connection that is already broken is let go of."""
        self._client = None
        opened, self._opened = self._opened, AsyncExitStack()
        try:
            await opened.aclose()
        except aiomqtt.MqttError:
            return

    async def _connected(self) -> aiomqtt.Client:
        password = self._target.password
        client = aiomqtt.Client(
            self._target.host,
            self._target.port,
            username=self._target.username,
            password=password.get_secret_value() if password else None,
            timeout=self._timeout_s,
        )
        self._client = await self._opened.enter_async_context(client)
        return self._client

    async def _publish(self, client: aiomqtt.Client, report: Report) -> None:
        topic = mqtt_topic(self._target.topic, self._site_of[report.sensor], report.sensor)
        await client.publish(topic, mqtt_payload(report), qos=1, timeout=self._timeout_s)
