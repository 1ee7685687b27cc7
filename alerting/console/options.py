"""The [console] section."""

from __future__ import annotations

from ipaddress import ip_address
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

LOOPBACK_HOSTS = ("localhost", "127.0.0.1", "::1")
"""Names this machine calls itself by; always answered to."""


class ConsoleOptions(BaseModel):
    """Where the page is served, and under which names.

    Attributes:
        host: where it listens.
        port: 0 lets the system choose.
        hosts: further names that may stand in a Host header, without port. Any other name is refused, which stops
            a page elsewhere from reading this one by re-pointing its own name (DNS rebinding).
        exposure: the page has no login; to listen beyond loopback, say "network" and put a proxy with one before it.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    host: str = "127.0.0.1"
    port: int = Field(default=8470, ge=0, le=65535)
    hosts: tuple[str, ...] = ()
    exposure: Literal["loopback", "network"] = "loopback"

    @property
    def answers_to(self) -> frozenset[str]:
        """Every name that a Host header may carry, in lower case."""
        return frozenset(name.lower() for name in (*LOOPBACK_HOSTS, *self.hosts))

    @model_validator(mode="after")
    def _network_is_meant(self) -> Self:
        if self.exposure == "loopback" and not _is_loopback(self.host):
            message = (
                f"host {self.host} is reachable by others and the page has no login; use 127.0.0.1,"
                ' or exposure = "network" behind a proxy that asks who is there'
            )
            raise ValueError(message)
        return self


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"
