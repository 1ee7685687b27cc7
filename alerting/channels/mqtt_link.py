"""A channel's connections to an MQTT 5 broker: what is published was taken by it, what is heard is kept first.

aiomqtt acknowledges what arrives at once and does not look at the broker's verdict on what is published; here a message
is acknowledged when it has been dealt with, and a refusal (no right to the topic) is an error.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any, Final

from aiomqtt import Client, MqttError, ProtocolVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from pydantic import BaseModel, ConfigDict, Field

from alerting.channels.secret_text import SecretText
from pipeline.errors import ChannelError

AT_LEAST_ONCE: Final = 1
INFLIGHT_MAX: Final = 1000
REFUSED_FROM: Final = 0x80
"""Reason codes of MQTT 5 from here on are refusals (2.4)."""

Take = Callable[[str, bytes], Awaitable[None]]


class BrokerOptions(BaseModel):
    """The broker.

    Attributes:
        host, port: of the broker; it must speak MQTT 5.
        client_id: names our session there; no two processes may share one.
        username, password: at the broker, where it asks for them; the password from one of value, env, file.
        tls: whether the broker is spoken to over TLS, its certificate checked.
        tls_ca: file of the authorities that may vouch for it; the system's without it.
        session_expiry_s: how long the broker keeps receipts for us while we are away.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    host: str
    port: int = Field(default=1883, ge=1, le=65535)
    client_id: str = Field(pattern=r"^[A-Za-z0-9_.:-]{1,60}$")
    username: str | None = None
    password: SecretText | None = None
    tls: bool = False
    tls_ca: Path | None = None
    session_expiry_s: int = Field(default=604_800, ge=0, lt=2**32)


class RefusedError(Exception):
    """The broker does not take what was published, or not from us."""


class _Client(Client):
    """aiomqtt's client, with the broker's verdict on each message, and acknowledgements of our own."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._client.manual_ack_set(on=True)
        self._verdicts: dict[int, asyncio.Future[int]] = {}

    async def hand_over(self, topic: str, payload: bytes, properties: Properties, *, retain: bool) -> int:
        """Publish with QoS 1; the reason code of the broker's PUBACK.

        Raises:
            MqttError: no connection, or it broke off before the answer.
        """
        info = self._client.publish(topic, payload, AT_LEAST_ONCE, retain, properties)
        if info.rc:
            raise MqttError(f"not connected: {info.rc}")
        verdict: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        self._verdicts[info.mid] = verdict
        try:
            either: set[asyncio.Future[Any]] = {verdict, self._disconnected}
            await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._verdicts.pop(info.mid, None)
        if not verdict.done():
            raise MqttError("the connection broke off")
        return verdict.result()

    def _on_publish(self, client: Any, userdata: Any, mid: int, reason_code: Any, properties: Any) -> None:
        verdict = self._verdicts.get(mid)
        if verdict is not None and not verdict.done():
            verdict.set_result(int(reason_code.value))
        super()._on_publish(client, userdata, mid, reason_code, properties)

    def acknowledge(self, message: Any) -> None:
        """PUBACK for a message that was dealt with."""
        self._client.ack(message.mid, message.qos)


class Link:
    """Publishes over one connection, made when first needed and again after it broke; listens over another."""

    def __init__(self, name: str, options: BrokerOptions, timeout_s: float) -> None:
        self._options = options
        self._timeout_s = timeout_s
        owner = f"channel {name!r}"
        self._password = options.password.read(f"{owner}, password") if options.password else None
        try:
            self._tls = ssl.create_default_context(cafile=options.tls_ca) if options.tls else None
        except OSError as error:
            raise ChannelError(f"{owner}: tls_ca {options.tls_ca} cannot be read: {type(error).__name__}") from error
        self._client: _Client | None = None
        self._connecting: tuple[asyncio.AbstractEventLoop, asyncio.Lock] | None = None

    async def publish(self, topic: str, payload: bytes, expiry_s: int, *, retain: bool) -> None:
        """Have the broker take a message, which it forgets after `expiry_s`.

        Raises:
            MqttError: it cannot be reached, or breaks off. RefusedError: it will not take it.
        """
        client = await self._connected()
        properties = Properties(PacketTypes.PUBLISH)  # type: ignore[no-untyped-call]  # paho leaves it untyped
        properties.MessageExpiryInterval = max(expiry_s, 1)
        try:
            code = await client.hand_over(topic, payload, properties, retain=retain)
        except MqttError:
            await self._drop(client)
            raise
        if code >= REFUSED_FROM:
            raise RefusedError(f"the broker refuses topic {topic!r}: {code:#x}")

    async def receive(self, topics: Sequence[str], take: Take) -> None:
        """Hand each message to `take`, and acknowledge it when that has returned; until cancelled.

        The session outlives the process: what was published meanwhile comes when we are back.

        Raises:
            MqttError: the broker cannot be reached, breaks off, or refuses a topic.
        """
        async with self._made(f"{self._options.client_id}-in", self._options.session_expiry_s) as client:
            for topic in topics:
                codes = await client.subscribe(topic, qos=AT_LEAST_ONCE)
                if any((code if isinstance(code, int) else code.value) >= REFUSED_FROM for code in codes):
                    raise MqttError(f"the broker refuses topic {topic!r}")
            async for message in client.messages:
                await take(message.topic.value, bytes(message.payload or b""))
                client.acknowledge(message)

    async def close(self) -> None:
        """Leave the broker."""
        if self._client is not None:
            await self._drop(self._client)

    async def _connected(self) -> _Client:
        loop = asyncio.get_running_loop()
        if self._connecting is None or self._connecting[0] is not loop:
            self._connecting, self._client = (loop, asyncio.Lock()), None
        async with self._connecting[1]:
            if self._client is None:
                client = self._made(f"{self._options.client_id}-out", 0)
                await client.__aenter__()  # kept open beyond this call; `_drop` leaves it
                self._client = client
            return self._client

    async def _drop(self, client: _Client) -> None:
        if self._client is client:
            self._client = None
            try:
                await client.__aexit__(None, None, None)
            except MqttError:
                return  # it was gone already

    def _made(self, client_id: str, session_expiry_s: int) -> _Client:
        properties = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]  # the same
        properties.SessionExpiryInterval = session_expiry_s
        return _Client(
            self._options.host,
            self._options.port,
            protocol=ProtocolVersion.V5,
            identifier=client_id,
            username=self._options.username,
            password=self._password,
            tls_context=self._tls,
            timeout=self._timeout_s,
            max_inflight_messages=INFLIGHT_MAX,
            clean_start=not session_expiry_s,
            properties=properties,
        )
