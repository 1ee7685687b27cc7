"""What the adapter of forecasts from outside can be told."""

from __future__ import annotations

from pathlib import Path
from typing import Final, Self

from pydantic import Field, model_validator

from device_adapters.base import Options
from device_adapters.codecs.times import TimeOptions

RESERVED: Final = ("radar", "gauges")


class RainFeedOptions(Options):
    """A weather service's forecasts of rain, fetched, pushed, or both.

    Attributes:
        group: of the sensors that stand for them.
        url: where they are fetched; without it they are only pushed.
        poll_s: how often they are fetched.
        timeout_s: how long an answer, or a body that is pushed, may take.
        token_env: name of the variable with the service's token.
        token_file: or the file that has it in its first line.
        host: on which address they are pushed.
        port: where they are pushed, POST /v1/rain-forecasts; 0 takes a free one; without it they are only fetched.
        token_sha256: SHA-256 of the pusher's token, 64 hexadecimal digits: `printf %s TOKEN | sha256sum`.
        reach_km: how far from a site a point may be to stand for it.
        max_bytes: of a document, once decompressed.
        times: how instants are to be read.
    """

    group: str = Field(min_length=1)
    url: str | None = Field(default=None, pattern=r"^https?://\S+$")
    poll_s: float = Field(default=300.0, gt=0)
    timeout_s: float = Field(default=30.0, gt=0, le=600)
    token_env: str | None = None
    token_file: Path | None = None
    host: str = "127.0.0.1"
    port: int | None = Field(default=None, ge=0, le=65535)
    token_sha256: str | None = Field(default=None, pattern=r"^[0-9a-f]{64}$")
    reach_km: float = Field(default=10.0, ge=0, le=500)
    max_bytes: int = Field(default=50_000_000, ge=1)
    times: TimeOptions = TimeOptions()

    @model_validator(mode="after")
    def _has_a_way(self) -> Self:
        if self.group in RESERVED:
            message = f"group {self.group!r} is what Forewarn makes itself; choose another, such as the service's name"
            raise ValueError(message)
        if self.url is None and self.port is None:
            raise ValueError("needs url, to fetch forecasts, or port, to have them pushed, or both")
        if (self.port is None) != (self.token_sha256 is None):
            raise ValueError("port and token_sha256 go together: nobody may push without a token")
        if self.token_env and self.token_file:
            raise ValueError("token_env and token_file: give one of them")
        return self
