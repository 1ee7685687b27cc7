"""A quick HTTP receiver in a process of its own: answers as the first step of the path says, and counts what came.

`python -m tests.http_sink` prints its port. /ok /s500 /verdict (200, an error inside) /hang /reset /quota (20 at once,
then 20 a second, more is answered 429 with Retry-After) /flaky (500 at the first sight of an id) /batch (a JSON array).
GET /stats tells id -> number of requests; /count how many requests in all.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from subprocess import PIPE, Popen
from typing import Any, Final

import httpx

QUOTA_PER_S: Final = 20.0
_OK: Final = b'HTTP/1.1 200 OK\r\nContent-Length: 13\r\n\r\n{"errcode":0}'
_VERDICT: Final = b'HTTP/1.1 200 OK\r\nContent-Length: 17\r\n\r\n{"errcode":93000}'
_FAILED: Final = b"HTTP/1.1 500 Internal Server Error\r\nContent-Length: 0\r\n\r\n"
_LATER: Final = b"HTTP/1.1 429 Too Many Requests\r\nRetry-After: 1\r\nContent-Length: 0\r\n\r\n"


class Quota:
    """A token bucket, as a provider keeps it; `refused` counts what overdrew it."""

    def __init__(self) -> None:
        self.tokens, self.at_s, self.refused = QUOTA_PER_S, time.perf_counter(), 0

    def take(self) -> bool:
        now_s = time.perf_counter()
        self.tokens = min(QUOTA_PER_S, self.tokens + (now_s - self.at_s) * QUOTA_PER_S)
        self.at_s = now_s
        if self.tokens < 1:
            self.refused += 1
            return False
        self.tokens -= 1
        return True


class Sink:
    """What all connections share."""

    def __init__(self) -> None:
        self.requests = 0
        self.seen: Counter[str] = Counter()
        self.quota = Quota()

    def answer(self, path: str, head: bytes, body: bytes) -> bytes | None:
        """The answer to a POST; None to keep silent."""
        self.requests += 1
        if path == "/count":
            return _OK
        key = _header(head, b"idempotency-key")
        self.seen[key] += 1
        kind = path.split("/")[1]
        if kind == "batch":
            self.seen.update(one["delivery"] for one in json.loads(body))
        if kind == "hang" or (kind == "quota" and not self.quota.take()):
            return None if kind == "hang" else _LATER
        if kind == "flaky" and self.seen[key] == 1:
            return _FAILED
        return {"s500": _FAILED, "verdict": _VERDICT}.get(kind, _OK)

    def told(self, path: str) -> bytes:
        """The answer to a GET."""
        whole = {"seen": self.seen, "refused": self.quota.refused}
        body = json.dumps(whole if path == "/stats" else self.requests).encode()
        return b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body)


class Connection(asyncio.Protocol):
    """Requests one after another, however they are cut into packets."""

    def __init__(self, sink: Sink) -> None:
        self.sink = sink
        self.buffer = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport: Any = transport

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        while (end := self.buffer.find(b"\r\n\r\n")) >= 0:
            head = self.buffer[:end]
            total = end + 4 + int(_header(head, b"content-length") or 0)
            if len(self.buffer) < total:
                return
            body, self.buffer = self.buffer[end + 4 : total], self.buffer[total:]
            method, path, _ = head[: head.find(b"\r\n")].decode().split(" ")
            if path == "/reset":
                self.transport.abort()
                return
            answer = self.sink.told(path) if method == "GET" else self.sink.answer(path, head, body)
            if answer:
                self.transport.write(answer)


def _header(head: bytes, name: bytes) -> str:
    at = head.lower().find(b"\r\n" + name + b":")
    if at < 0:
        return ""
    end = head.find(b"\r\n", at + 2)
    return head[at + len(name) + 3 : end if end >= 0 else None].strip().decode()


async def serve() -> None:
    """Until killed."""
    sink = Sink()
    server = await asyncio.get_running_loop().create_server(lambda: Connection(sink), "127.0.0.1", 0, backlog=1000)
    sys.stdout.write(f"{server.sockets[0].getsockname()[1]}\n")
    sys.stdout.flush()
    await server.serve_forever()


@contextmanager
def http_sink() -> Iterator[str]:
    """The address of a receiver that is there while the block runs."""
    with Popen([sys.executable, "-m", "tests.http_sink"], stdout=PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield f"http://127.0.0.1:{int(process.stdout.readline())}"
        finally:
            process.kill()


def stats(address: str) -> dict[str, Any]:
    """What came: `seen` (id -> requests), `refused` (how many overdrew the quota)."""
    found: dict[str, Any] = httpx.get(f"{address}/stats", timeout=30).json()
    return found


if __name__ == "__main__":
    with suppress(KeyboardInterrupt):
        asyncio.run(serve())
