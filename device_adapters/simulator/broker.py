"""An MQTT broker in this process, so that a demonstration needs no server: amqtt, in memory, on loopback only."""

from __future__ import annotations

import asyncio
import logging
from ipaddress import ip_address

from pipeline.errors import ForewarnError, PluginError


async def run_broker(host: str = "127.0.0.1", port: int = 1883) -> None:
    """Serve until cancelled. Anyone on this machine may connect; what waits for a client is lost with the process.

    Raises:
        PluginError: the extra `demo` is not installed.
        ForewarnError: an address beyond this machine, or one that is taken.
    """
    try:
        from amqtt.broker import Broker  # noqa: PLC0415  # an extra: only who wants a broker needs it
        from amqtt.errors import BrokerError  # noqa: PLC0415  # the same
    except ImportError as error:
        raise PluginError("the built-in MQTT broker needs amqtt: pip install 'forewarn[demo]'") from error
    if not ip_address(host).is_loopback:
        raise ForewarnError(f"broker at {host}: it knows no passwords; keep it on 127.0.0.1, or run Mosquitto")
    logging.getLogger("amqtt").setLevel(logging.CRITICAL)  # it reports each client that hangs up as an error
    broker = Broker(
        {
            "listeners": {"default": {"type": "tcp", "bind": f"{host}:{port}"}},
            "plugins": {"amqtt.plugins.authentication.AnonymousAuthPlugin": {"allow_anonymous": True}},
        }
    )
    try:
        await broker.start()
    except BrokerError as error:
        raise ForewarnError(f"broker at {host}:{port} cannot start: {error}; give another port") from error
    try:
        await asyncio.Event().wait()
    finally:
        await broker.shutdown()
