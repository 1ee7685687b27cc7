"""Serves the page inside a process that does other things as well."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

import uvicorn
from starlette.applications import Starlette

from alerting.console.options import ConsoleOptions
from pipeline.errors import AddressError

_GRACE_S: Final = 2


class _Server(uvicorn.Server):
    """Leaves signals to the process it runs in."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


async def serve(app: Starlette, options: ConsoleOptions, ready: Callable[[str], None]) -> None:
    """Serve until cancelled; `ready` is told the address (`http://127.0.0.1:8470/`) once it answers.

    Raises:
        AddressError: the port is taken or not allowed.
    """
    listener = _listen(options)
    config = uvicorn.Config(
        app, log_config=None, access_log=False, server_header=False, timeout_graceful_shutdown=_GRACE_S
    )
    server = _Server(config)
    serving = asyncio.create_task(server.serve(sockets=[listener]))
    try:
        while not (server.started or serving.done()):  # noqa: ASYNC110 uvicorn offers a flag, not an event
            await asyncio.sleep(0.01)
        ready(_address(options.host, listener))
        await asyncio.shield(serving)
    finally:
        app.state.hub.close()
        app.state.screen.close()
        server.should_exit = True
        await serving


def _listen(options: ConsoleOptions) -> socket.socket:
    family = socket.AF_INET6 if ":" in options.host else socket.AF_INET
    try:
        listener = socket.create_server((options.host, options.port), family=family)
    except OSError as error:
        why = str(error.strerror).partition(" (")[0]
        raise AddressError(
            f"[console]: cannot listen on {options.host} port {options.port}: {why}; choose another host or port"
        ) from error
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # asyncio does not for a socket it is given
    return listener


def _address(host: str, listener: socket.socket) -> str:
    port = listener.getsockname()[1]
    return f"http://[{host}]:{port}/" if ":" in host else f"http://{host}:{port}/"
