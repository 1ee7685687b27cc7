"""Real receivers on loopback that answer as they are told: by the first step of the path, or by what they were set to.

/ok  /created  /s500  /s503  /throttled (429, Retry-After 7)  /verdict-bad (200 with an error inside)  /hang  /reset
"""

from __future__ import annotations

import json
import socket
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final

from tests.servers import free_port

ANSWERS: Final[dict[str, tuple[int, dict[str, str], bytes]]] = {
    "ok": (200, {}, b'{"errcode": 0, "code": 0, "result": {"status": "ok"}}'),
    "created": (201, {}, b""),
    "moved": (302, {"Location": "http://127.0.0.1:9/elsewhere"}, b""),
    "s400": (400, {}, b"no such template"),
    "s401": (401, {}, b"bad token"),
    "s404": (404, {}, b""),
    "s500": (500, {}, b"we broke"),
    "s503": (503, {"Retry-After": "3"}, b""),
    "throttled": (429, {"Retry-After": "7"}, b"slow down"),
    "verdict-bad": (200, {}, b'{"errcode": 93000, "errmsg": "invalid", "result": {"status": "error"}}'),
    "no-json": (200, {}, b"<html>"),
}
HANGS_S: Final = 120.0
"""After so long a request that hangs is let go, so that no test hangs with it."""


@dataclass(frozen=True, slots=True)
class Received:
    """One request, as it arrived."""

    path: str
    headers: dict[str, str]
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Receiver:
    """An HTTP server; `behaviour` overrides what the path says, `say` is or tells the body of a 200.

    `received` keeps the order.
    """

    behaviour: str | None = None
    say: bytes | Callable[[Received], bytes] | None = None
    received: list[Received] = field(default_factory=list)
    port: int = 0
    let_go: threading.Event = field(default_factory=threading.Event)

    def url(self, behaviour: str, scheme: str = "http") -> str:
        return f"{scheme}://127.0.0.1:{self.port}/{behaviour}"


@contextmanager
def receiver(behaviour: str | None = None) -> Iterator[Receiver]:
    """A receiver that is there while the block runs."""
    state = Receiver(behaviour)
    server = _Server(("127.0.0.1", 0), _handler(state))
    state.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield state
    finally:
        state.let_go.set()
        server.shutdown()
        server.server_close()
        thread.join()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is what the tests are about."""


def _handler(state: Receiver) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            state.received.append(Received(self.path, {k.lower(): v for k, v in self.headers.items()}, body))
            behaviour = state.behaviour or self.path.split("/")[1]
            if behaviour == "hang":
                state.let_go.wait(HANGS_S)
                self.close_connection = True
            elif behaviour == "reset":
                _reset(self.connection)
                self.close_connection = True
            elif state.say is not None:
                told = state.say if isinstance(state.say, bytes) else state.say(state.received[-1])
                self._answer(200, {}, told)
            else:
                self._answer(*ANSWERS[behaviour])

        def _answer(self, status: int, headers: dict[str, str], body: bytes) -> None:
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  # the name is the base class's
            """Keep standard error for the tests."""

    return Handler


def _reset(connection: socket.socket) -> None:
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


def closed_port() -> int:
    """A port that nothing listens at."""
    return free_port()
