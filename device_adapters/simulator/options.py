"""What the simulated field can be told."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, SecretStr, model_validator

from pipeline.model.instant import Instant


class HttpTarget(BaseModel):
    """Where readings are posted; `token` goes into the Authorization header."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    url: str = Field(default="http://127.0.0.1:8081/v1/readings", pattern=r"^https?://")
    token: SecretStr | None = None
    readings_max: int = Field(default=500, ge=1, description="in one message")


class MqttTarget(BaseModel):
    """Which broker readings are published to, with QoS 1; `topic` may hold {site} and {sensor}."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    host: str = "127.0.0.1"
    port: int = Field(default=1883, ge=1, le=65535)
    topic: str = "forewarn/{site}/{sensor}"
    username: str | None = None
    password: SecretStr | None = None


class SimulateOptions(BaseModel):
    """A story and whom it is told to.

    Attributes:
        story: a folder with a demo.toml, or one Parquet file.
        present_at: where the story's present is put; None: the instant of the start.
        speed: how many seconds of the story pass in one; above 1 the readings' instants run ahead of the clock, so
            the process must take its time from them ([process] time = "event").
        for_s: seconds of the story after its present that are played; None: until cancelled.
        http, mqtt: where to; with both, every other site (in order of id) pushes over MQTT.
        timeout_s: how long an acknowledgement may take before the message is sent again.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    story: Path
    present_at: Instant | None = None
    speed: float = Field(default=1.0, gt=0, allow_inf_nan=False)
    for_s: float | None = Field(default=None, gt=0)
    http: HttpTarget | None = None
    mqtt: MqttTarget | None = None
    timeout_s: float = Field(default=10.0, gt=0)

    @model_validator(mode="after")
    def _tells_somebody(self) -> Self:
        if self.http is None and self.mqtt is None:
            raise ValueError("nobody to push to: give an HTTP address, an MQTT broker, or both")
        return self

    def present(self, now: datetime) -> datetime:
        """Where the story's present is put by a start at `now`."""
        return self.present_at or now
