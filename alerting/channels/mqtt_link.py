"""A channel's connections to an MQTT 5 broker: what is published was taken by it, what is heard is kept first.

aiomqtt acknowledges what arrives at once; here a message is acknowledged when it has been dealt with.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any, Final
from zlib import crc32

from aiomqtt import Client, MqttError, ProtocolVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from pydantic import BaseModel, ConfigDict, Field

from alerting.channels.mqtt_packets import REFUSED_FROM
from alerting.channels.mqtt_publisher import BROKEN_OFF, BrokerError, Publication, Publisher, connected
from alerting.channels.secret_text import SecretText
from pipeline.errors import ChannelError

AT_LEAST_ONCE: Final = 1

Take = Callable[[str, bytes], Awaitable[None]]


class BrokerOptions(BaseModel):
    """The broker.

    Attributes:
        host, port: of the broker; it must speak MQTT 5.
        client_id: names our session there; no two processes may share one.
        connections: over how many we publish, as far as there is something for each: a broker takes only so many
            messages unacknowledged from one (Mosquitto 20). What is for one terminal goes over one.
        username, password: at the broker, where it asks for them; the password from one of value, env, file.
        tls: whether the broker is spoken to over TLS, its certificate checked.
        tls_ca: file of the authorities that may vouch for it; the system's without it.
        session_expiry_s: how long the broker keeps receipts for us while we are away.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    host: str
    port: int = Field(default=1883, ge=1, le=65535)
    client_id: str = Field(pattern=r"^[A-Za-z0-9_.:-]{1,60}$")
    connections: int = Field(default=4, ge=1, le=64)
    username: str | None = None
    password: SecretText | None = None
    tls: bool = False
    tls_ca: Path | None = None
    session_expiry_s: int = Field(default=604_800, ge=0, lt=2**32)


def shared(topics: Sequence[str], connections: int) -> dict[int, list[int]]:
    """Connection -> places of what goes over it. A topic keeps to one, so that nothing overtakes on its way there."""
    shares: dict[int, list[int]] = {}
    for place, topic in enumerate(topics):
        shares.setdefault(crc32(topic.encode()) % connections, []).append(place)
    return shares


class _Client(Client):
    """aiomqtt's client, with acknowledgements of our own."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._client.manual_ack_set(on=True)

    def acknowledge(self, message: Any) -> None:
        """PUBACK for a message that was dealt with."""
        self._client.ack(message.mid, message.qos)


class Link:
    """Publishes over connections made when first needed and again after they broke; listens over one of its own."""

    def __init__(self, name: str, options: BrokerOptions, timeout_s: float) -> None:
        self._options = options
        self._timeout_s = timeout_s
        owner = f"channel {name!r}"
        self._password = options.password.read(f"{owner}, password") if options.password else None
        try:
            self._tls = ssl.create_default_context(cafile=options.tls_ca) if options.tls else None
        except OSError as error:
            raise ChannelError(f"{owner}: tls_ca {options.tls_ca} cannot be read: {type(error).__name__}") from error
        self._publishers: dict[int, Publisher] = {}
        self._connecting: tuple[asyncio.AbstractEventLoop, dict[int, asyncio.Lock]] | None = None

    async def publish(self, messages: Sequence[Publication]) -> list[int]:
        """Reason codes of the broker, one each; UNHEARD or BROKEN_OFF where it said none.

        Raises:
            BrokerError: it cannot be reached, or does not let us in. TimeoutError: not in time.
        """
        shares = shared([one.topic for one in messages], self._options.connections)
        each = (self._share(number, [messages[place] for place in places]) for number, places in shares.items())
        answers = await asyncio.gather(*each, return_exceptions=True)
        failures = [answer for answer in answers if isinstance(answer, BaseException)]
        for error in failures:  # one connection that is away does not undo what went over the others
            if len(failures) == len(answers) or not isinstance(error, BrokerError | TimeoutError):
                raise error
        codes = [BROKEN_OFF] * len(messages)
        for places, answer in zip(shares.values(), answers, strict=True):
            if not isinstance(answer, BaseException):
                for place, code in zip(places, answer, strict=True):
                    codes[place] = code
        return codes

    async def _share(self, number: int, messages: Sequence[Publication]) -> list[int]:
        """What goes over one of the connections."""
        clock = asyncio.get_running_loop().time
        until_s = clock() + self._timeout_s
        async with asyncio.timeout(self._timeout_s):
            publisher = await self._connected(number)
        heard = publisher.heard
        codes = await publisher.publish(messages, max(until_s - clock(), 0))
        if publisher.heard == heard:  # nothing at all has come: there is nobody any more
            publisher.abort()
        return codes

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
        for publisher in self._publishers.values():
            publisher.leave()
        self._publishers.clear()

    async def _connected(self, number: int) -> Publisher:
        loop = asyncio.get_running_loop()
        if self._connecting is None or self._connecting[0] is not loop:
            self._connecting, self._publishers = (loop, {}), {}
        async with self._connecting[1].setdefault(number, asyncio.Lock()):
            found = self._publishers.get(number)
            if found is None or found.lost:
                options = self._options
                address, login = (options.host, options.port), (options.username, self._password)
                name = f"{options.client_id}-out" + (f"-{number}" if number else "")
                found = self._publishers[number] = await connected(address, self._tls, name, login)
            return found

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
            clean_start=not session_expiry_s,
            properties=properties,
        )
