"""Publishes readings over MQTT with QoS 1."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any, Final

import aiomqtt

from device_adapters.simulator.options import MqttTarget
from device_adapters.simulator.outbox import NotAcknowledgedError
from device_adapters.simulator.schedule import Report
from device_adapters.simulator.wire import mqtt_payload, mqtt_topic

IN_FLIGHT_MAX: Final = 10
"""Messages published before the first is acknowledged; below the 20 that brokers keep in order by default."""


class _Link:
    """One connection, from opening to loss."""

    def __init__(self, target: MqttTarget, timeout_s: float) -> None:
        password = target.password.get_secret_value() if target.password else None
        self._timeout_s = timeout_s
        self._client = aiomqtt.Client(
            target.host, target.port, username=target.username, password=password, timeout=timeout_s
        )
        self._lost: asyncio.Task[None]

    async def open(self) -> None:
        """Connect.

        Raises:
            aiomqtt.MqttError: nobody there, or not let in.
        """
        await self._client.__aenter__()
        self._lost = asyncio.create_task(self._until_lost())

    async def publish(self, messages: Sequence[tuple[str, bytes]]) -> None:
        """Send (topic, payload) pairs in order; returns when all are acknowledged.

        Raises:
            aiomqtt.MqttError: not all were; a loss of the connection is known at once, not after the time-out.
        """
        sending = asyncio.gather(
            *(self._client.publish(topic, payload, qos=1, timeout=self._timeout_s) for topic, payload in messages)
        )
        try:
            ends: set[asyncio.Future[Any]] = {sending, self._lost}
            await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)
            if not sending.done():
                await self._lost
            await sending
        finally:
            sending.cancel()
            await asyncio.gather(sending, return_exceptions=True)

    async def close(self) -> None:
        """Disconnect; a connection that is already lost is let go of."""
        self._lost.cancel()
        await asyncio.gather(self._lost, self._client.__aexit__(None, None, None), return_exceptions=True)

    async def _until_lost(self) -> None:
        async for _ in self._client.messages:
            pass  # nothing is subscribed to


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
        self._link: _Link | None = None

    async def send(self, reports: Sequence[Report]) -> int:
        """Publish `reports` in order and wait for every acknowledgement."""
        try:
            self._link = self._link or await self._opened()
            await self._link.publish([(self._topic(report.sensor), mqtt_payload(report)) for report in reports])
        except aiomqtt.MqttError as error:
            await self.close()
            raise NotAcknowledgedError(f"{self._target.host}:{self._target.port}: {error}") from error
        return 0

    async def close(self) -> None:
        """Disconnect, if connected."""
        link, self._link = self._link, None
        if link:
            await link.close()

    async def _opened(self) -> _Link:
        link = _Link(self._target, self._timeout_s)
        await link.open()
        return link

    def _topic(self, sensor: str) -> str:
        return mqtt_topic(self._target.topic, self._site_of[sensor], sensor)
