"""Whatever comes as an answer, however cut: the same as h11 makes of it, or an error; never anything else."""

from __future__ import annotations

import h11
from hypothesis import given
from hypothesis import strategies as st

from alerting.channels.http_response import BODY_MAX, BadAnswerError, Response, parse

REQUEST = h11.Request(method="POST", target="/", headers=[("Host", "x"), ("Content-Length", "0")])
BODIES = st.binary(max_size=300)


def in_chunks(body: bytes, size: int) -> bytes:
    parts = [body[at : at + size] for at in range(0, len(body), size)]
    return b"".join(b"%x;ext=1\r\n%s\r\n" % (len(part), part) for part in parts) + b"0\r\nTrailer: t\r\n\r\n"


@st.composite
def answers(draw: st.DrawFn) -> bytes:
    body, status = draw(BODIES), draw(st.sampled_from([200, 201, 204, 302, 404, 429, 500]))
    before = draw(st.sampled_from([b"", b"HTTP/1.1 100 Continue\r\n\r\n"]))
    head = before + b"HTTP/1.1 %d Said\r\nRetry-After: 7\r\n" % status
    close = draw(st.sampled_from([b"", b"Connection: close\r\n"]))
    if status == 204:
        return head + close + b"\r\n"
    if draw(st.booleans()):
        return head + close + b"Content-Length: %d\r\n\r\n%s" % (len(body), body)
    return head + close + b"Transfer-Encoding: chunked\r\n\r\n" + in_chunks(body, draw(st.integers(1, 64)))


def by_h11(data: bytes) -> tuple[int, bytes]:
    """The reference."""
    connection = h11.Connection(h11.CLIENT)
    connection.send(REQUEST)
    connection.send(h11.EndOfMessage())
    connection.receive_data(data)
    status, body = 0, b""
    while not isinstance(event := connection.next_event(), h11.EndOfMessage):
        if isinstance(event, h11.Response):
            status = event.status_code
        elif isinstance(event, h11.Data):
            body += bytes(event.data)
    return status, body


@given(answers())
def test_an_answer_is_read_as_the_reference_reads_it(data: bytes) -> None:
    found = parse(data, ended=False)
    assert found is not None
    assert (found.status, found.body) == by_h11(data)
    assert found.headers["retry-after"] == "7"
    assert found.reusable == (b"Connection: close" not in data)


@given(answers(), st.data())
def test_part_of_an_answer_is_waited_for_and_its_end_is_an_error(data: bytes, draw: st.DataObject) -> None:
    part = data[: draw.draw(st.integers(0, len(data) - 1))]
    assert parse(part, ended=False) is None
    try:
        parse(part, ended=True)
    except BadAnswerError:
        return
    raise AssertionError(part)


@given(st.binary(max_size=200) | st.builds(bytes.__add__, st.just(b"HTTP/1.1 200 OK\r\n"), st.binary(max_size=200)))
def test_any_bytes_are_an_answer_or_an_error(data: bytes) -> None:
    for ended in (False, True):
        try:
            found = parse(data, ended=ended)
        except BadAnswerError:
            continue
        assert found is None or len(found.body) <= BODY_MAX
        assert found is not None or not ended


def fields(found: Response | None) -> tuple[object, ...]:
    assert found is not None
    return (found.status, found.headers, found.body, found.reusable)


def test_an_answer_without_a_length_ends_with_the_connection() -> None:
    data = b"HTTP/1.0 200 OK\r\n\r\nhello"
    assert parse(data, ended=False) is None
    assert fields(parse(data, ended=True)) == (200, {}, b"hello", False)


def test_what_is_too_long_is_cut_and_its_connection_given_up() -> None:
    for head in (b"Content-Length: 999999\r\n", b""):
        found = parse(b"HTTP/1.1 200 OK\r\n" + head + b"\r\n" + b"x" * (BODY_MAX + 1), ended=False)
        assert fields(found)[2:] == (b"x" * BODY_MAX, False)
