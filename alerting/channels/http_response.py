"""The answer to one HTTP/1.1 request (RFC 9112), from the bytes that have come so far."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

HEAD_MAX: Final = 32_768
BODY_MAX: Final = 65_536
_END: Final = b"\r\n\r\n"
_NO_BODY: Final = {204, 304}
_SWITCHING: Final = 101
_SUCCESS: Final = 200
_USUAL_MAX: Final = 1000


class BadAnswerError(ValueError):
    """What came is no HTTP/1.1 answer, or one that nobody reads to its end."""


@dataclass(frozen=True, slots=True, eq=False)
class Response:
    """One answer, equal to itself alone. `body` is cut at BODY_MAX; `reusable`: the connection may go on."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    reusable: bool


def parse(data: bytes, *, ended: bool) -> Response | None:
    """The answer that `data` holds, None while some of it is missing; `ended`: no more will come.

    Raises:
        BadAnswerError: it never will be an answer.
    """
    # Receivers mostly say again what they just said: the same bytes are looked at once.
    return _usual(data, ended=ended) if len(data) <= _USUAL_MAX else _parse(data, ended=ended)


def _parse(data: bytes, *, ended: bool) -> Response | None:
    end = data.find(_END)
    if end < 0:
        if ended or len(data) > HEAD_MAX:
            raise BadAnswerError("closed without an answer" if ended else "its head is too long")
        return None
    status, headers = _head(data[:end])
    rest = data[end + len(_END) :]
    if status < _SUCCESS:
        if status == _SWITCHING:
            raise BadAnswerError("it switches to another protocol")
        return _parse(rest, ended=ended)
    keeps = data.startswith(b"HTTP/1.1") and headers.get("connection", "").lower() != "close"
    if status in _NO_BODY:
        return Response(status, headers, b"", keeps and not rest)
    if "transfer-encoding" in headers:
        return _chunked(status, headers, rest, keeps=keeps, ended=ended)
    length = headers.get("content-length")
    if length is None:
        return Response(status, headers, rest[:BODY_MAX], reusable=False) if ended or len(rest) > BODY_MAX else None
    if not (length.isascii() and length.isdigit()):
        raise BadAnswerError("its Content-Length is no number")
    return _counted(Response(status, headers, rest[: min(int(length), BODY_MAX)], keeps), int(length), len(rest), ended)


_usual = lru_cache(maxsize=500)(_parse)


def _head(head: bytes) -> tuple[int, dict[str, str]]:
    first, *lines = head.split(b"\r\n")
    if not first.startswith((b"HTTP/1.1 ", b"HTTP/1.0 ")) or not first[9:12].isdigit():
        raise BadAnswerError("it does not speak HTTP/1.1")
    headers = {}
    for line in lines:
        name, colon, value = line.partition(b":")
        if not colon or not name or name != name.strip():
            raise BadAnswerError("a line of its head is no header")
        headers[name.decode("latin-1").lower()] = value.strip().decode("latin-1")
    return int(first[9:12]), headers


def _counted(answer: Response, length: int, come: int, ended: bool) -> Response | None:  # noqa: FBT001  # private
    """A body whose length was said. One too long is cut, and the rest of it left unread."""
    if come >= length and length <= BODY_MAX:
        clean = answer.reusable and come == length
        return Response(answer.status, answer.headers, answer.body, clean)
    if come > BODY_MAX:
        return Response(answer.status, answer.headers, answer.body, reusable=False)
    if ended:
        raise BadAnswerError("closed in the middle of its answer")
    return None


def _chunked(status: int, headers: Mapping[str, str], rest: bytes, *, keeps: bool, ended: bool) -> Response | None:
    """RFC 9112, 7.1; trailers are not looked at."""
    if headers["transfer-encoding"].lower() != "chunked":
        raise BadAnswerError("its Transfer-Encoding is not chunked")
    body, at = bytearray(), 0
    while (line := rest.find(b"\r\n", at)) >= 0:
        size = _size(rest[at:line])
        if size == 0:
            trailers = rest.find(_END, line)
            if trailers < 0:
                break
            return Response(status, headers, bytes(body), keeps and trailers + len(_END) == len(rest))
        body += rest[line + 2 : line + 2 + size]
        at = line + 2 + size + 2
        if len(body) > BODY_MAX:
            return Response(status, headers, bytes(body[:BODY_MAX]), reusable=False)
        if at <= len(rest) and rest[at - 2 : at] != b"\r\n":
            raise BadAnswerError("a chunk is longer than it says")
        if at > len(rest):
            break
    if ended:
        raise BadAnswerError("closed in the middle of its answer")
    return None


def _size(line: bytes) -> int:
    digits = line.partition(b";")[0].strip()
    if not digits or len(digits) > 8 or not all(one in b"0123456789abcdefABCDEF" for one in digits):  # noqa: PLR2004
        raise BadAnswerError("a chunk does not say how long it is")
    return int(digits, 16)
