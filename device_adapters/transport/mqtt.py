"""MQTT as a carrier: a session that outlives us, messages that are acknowledged only when we say so."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from aiomqtt import Client, Message, MqttError, ProtocolVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

AT_LEAST_ONCE: Final = 1
MESSAGES_AT_ONCE: Final = 1000
"""How many waiting messages are handed over together."""
KEEPALIVE_S: Final = 30
REFUSED_FROM: Final = 0x80
"""Codes of SUBACK from here on are refusals (MQTT 3.1.1, 3.9.3; MQTT 5, 3.9.3)."""


class AckClient(Client):
    """aiomqtt's client, which by itself acknowledges on reception, here with `acknowledge` (paho's manual_ack)."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._client.manual_ack_set(on=True)

    def acknowledge(self, messages: Sequence[Message]) -> None:
        """Send PUBACK for each, in their order. Without a connection nothing is sent: they come again."""
        for message in messages:
            self._client.ack(message.mid, message.qos)

    async def waiting(self) -> list[Message]:
        """At least one message, and whatever else has arrived with it, up to MESSAGES_AT_ONCE.

        Raises:
            MqttError: the connection is lost.
        """
        arriving = self.messages
        first = await anext(arriving)
        count = min(len(arriving), MESSAGES_AT_ONCE - 1)
        return [first, *[await anext(arriving) for _ in range(count)]]


def inbox(unacknowledged_max: int, lost: Callable[[], None]) -> type[asyncio.Queue[Message]]:
    """A queue for messages that are not handled yet.

    The broker itself holds back messages of QoS 1; those of QoS 0 have no such brake. When as many wait, a further one
    of QoS 0 is let go, and `lost` is called.
    """

    class Inbox(asyncio.Queue[Message]):
        def put_nowait(self, item: Message) -> None:
            if item.qos == 0 and self.qsize() >= unacknowledged_max:
                lost()
            else:
                super().put_nowait(item)

    return Inbox


@dataclass(frozen=True, slots=True)
class Session:
    """Where a session is kept, and how it is taken up.

    Attributes:
        is_v5: MQTT 5, where we say how long the broker keeps the session and how much it may send unacknowledged;
            else 3.1.1, where the broker decides both.
    """

    host: str
    port: int
    client_id: str
    is_v5: bool
    expiry_s: int
    unacknowledged_max: int
    username: str | None = None
    password: str | None = None
    tls: ssl.SSLContext | None = None

    def connection(self, lost: Callable[[], None]) -> AckClient:
        """A client for one connection, not yet opened; `lost` is called for each message of QoS 0 let go."""
        common: dict[str, Any] = {
            "username": self.username,
            "password": self.password,
            "identifier": self.client_id,
            "tls_context": self.tls,
            "keepalive": KEEPALIVE_S,
            "queue_type": inbox(self.unacknowledged_max, lost),
        }
        if not self.is_v5:
            return AckClient(self.host, self.port, protocol=ProtocolVersion.V311, clean_session=False, **common)
        properties = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]  # paho leaves it untyped
        properties.SessionExpiryInterval = self.expiry_s
        properties.ReceiveMaximum = self.unacknowledged_max
        return AckClient(
            self.host, self.port, protocol=ProtocolVersion.V5, clean_start=False, properties=properties, **common
        )


async def subscribe(client: AckClient, topics: Sequence[str]) -> None:
    """Subscribe to each, QoS 1.

    Raises:
        MqttError: no connection, or the broker refuses a topic.
    """
    for topic in topics:
        for code in await client.subscribe(topic, qos=AT_LEAST_ONCE):
            if (code if isinstance(code, int) else code.value) >= REFUSED_FROM:
                message = f"the broker refuses topic {topic!r}: {code}"
                raise MqttError(message)


def backoff_s(attempt: int, max_s: float) -> float:
    """Seconds to wait before the `attempt`-th try in a row (from 1): 0.5, 1, 2, ... up to `max_s`."""
    return min(max_s, 0.5 * 2.0 ** min(attempt - 1, 30))
