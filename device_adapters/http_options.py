"""What the HTTP adapter can be told."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import Field, model_validator

from device_adapters.base import Options
from device_adapters.codecs.json_readings import JsonOptions
from device_adapters.codecs.line_protocol import LineOptions


class DeviceOptions(Options):
    """One device, or one gateway of many sensors.

    Attributes:
        token_sha256: SHA-256 of its token, 64 hexadecimal digits: `printf %s TOKEN | sha256sum`.
        sensors: ids of the sensors it may send for; `*` stands for any text.
        readings_per_s: how many it may send on average; `burst_readings`: how many at once.
    """

    token_sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    sensors: Annotated[tuple[str, ...], Field(min_length=1)]
    readings_per_s: float = Field(default=10_000.0, gt=0)
    burst_readings: float = Field(default=100_000.0, gt=0)


class HttpOptions(Options):
    """The listener. Put a proxy with TLS before it wherever tokens cross a network that others can read.

    Attributes:
        host, port: where it listens; port 0 takes a free one.
        max_body_bytes: of a request as sent; `max_inflated_bytes`: once decompressed.
        body_timeout_s: how long a body may take to arrive.
        max_requests: taken in at one time; the rest are told to come again.
        json_form, lines: how the two forms are to be read.
    """

    host: str = "127.0.0.1"
    port: int = Field(default=8081, ge=0, le=65535)
    max_body_bytes: int = Field(default=1_000_000, ge=1)
    max_inflated_bytes: int = Field(default=10_000_000, ge=1)
    body_timeout_s: float = Field(default=30.0, gt=0)
    max_requests: int = Field(default=256, ge=1)
    json_form: JsonOptions = Field(default=JsonOptions(), alias="json")
    lines: LineOptions = LineOptions()
    devices: Annotated[dict[str, DeviceOptions], Field(min_length=1)]

    @model_validator(mode="after")
    def _one_device_a_token(self) -> Self:
        if len({device.token_sha256 for device in self.devices.values()}) < len(self.devices):
            message = "two devices have the same token; give each its own"
            raise ValueError(message)
        return self
