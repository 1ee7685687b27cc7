"""What the MQTT adapter can be told."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal, Self

from aiomqtt import Wildcard
from pydantic import Field, field_validator, model_validator

from device_adapters.base import Options
from device_adapters.codecs.json_readings import JsonOptions


class MqttOptions(Options):
    """The subscription.

    Attributes:
        host, port: of the broker.
        username: at the broker, where it asks for one.
        tls_ca: file of the authorities that may vouch for the broker.
        client_id: names our session at the broker; no two processes may share one.
        topics: filters, + and # as usual.
        password_file, password_env: a file, or a variable of the environment, that holds the password.
        tls: "on" checks the broker's certificate against `tls_ca`, or the system's authorities without it.
        protocol: MQTT version; 3.1.1 for brokers that do not know 5.
        session_expiry_s: how long the broker keeps our session while we are away (MQTT 5).
        unacknowledged_max: messages we hold before they are durable.
        max_payload_bytes: longer messages are refused.
        reconnect_max_s: longest wait between two tries to reach the broker.
        json_form: how messages are to be read.
    """

    host: str
    port: int = Field(default=1883, ge=1, le=65535)
    client_id: str = Field(pattern=r"^[A-Za-z0-9_.:-]{1,64}$")
    topics: Annotated[tuple[str, ...], Field(min_length=1)]
    username: str | None = None
    password_file: Path | None = None
    password_env: str | None = None
    tls: Literal["off", "on"] = "off"
    tls_ca: Path | None = None
    protocol: Literal["5", "3.1.1"] = "5"
    session_expiry_s: int = Field(default=604_800, ge=1, lt=2**32)
    unacknowledged_max: int = Field(default=1000, ge=1, le=65535)
    max_payload_bytes: int = Field(default=1_000_000, ge=1)
    reconnect_max_s: float = Field(default=60.0, gt=0)
    json_form: JsonOptions = Field(default=JsonOptions(), alias="json")

    @field_validator("topics")
    @classmethod
    def _are_filters(cls, topics: tuple[str, ...]) -> tuple[str, ...]:
        for topic in topics:
            Wildcard(topic)
        return topics

    @model_validator(mode="after")
    def _without_contradictions(self) -> Self:
        if self.password_file and self.password_env:
            message = "give password_file or password_env, not both"
            raise ValueError(message)
        if self.tls_ca and self.tls == "off":
            message = 'tls_ca says nothing while tls = "off"; set tls = "on" or leave it out'
            raise ValueError(message)
        return self
