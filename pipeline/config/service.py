"""The `[service]` section: where the processes of a cluster tell how they are, and how they log."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


class ServiceOptions(BaseModel):
    """Health and metrics of `forewarn gateway`, `worker`, `sink` and `console`, each at an address of its own.

    Attributes:
        host: where they listen; nothing there asks for a password, so keep it to a network of your own.
        gateway_port, worker_port, sink_port, console_port: port 0 takes a free one; `--port` says it for one process.
        log: "json" for one JSON object a line, "text" for people.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    host: str = "127.0.0.1"
    gateway_port: int = Field(default=9471, ge=0, le=65535)
    worker_port: int = Field(default=9472, ge=0, le=65535)
    sink_port: int = Field(default=9473, ge=0, le=65535)
    console_port: int = Field(default=9474, ge=0, le=65535)
    log: Literal["json", "text"] = "json"
