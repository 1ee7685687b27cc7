"""Connections of the channels that POST: kept from one message to the next, and what happens when one breaks off."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

import pytest

from alerting.base import Channel, FailureReason, Outcome
from pipeline.model.delivery import DeliveryState
from pipeline.registry import Group, load
from tests.contract.test_channels import told

pytestmark = pytest.mark.system

ANSWER: Final = b'HTTP/1.1 200 OK\r\nContent-Length: 13\r\n\r\n{"errcode":0}'


class Server:
    """Answers so many requests a connection; what comes after is read, and the connection broken off."""

    def __init__(self, patience: int) -> None:
        self.patience = patience
        self.connections = self.requests = 0
        self.open: list[asyncio.StreamWriter] = []

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self.open.append(writer)
        for _ in range(self.patience):
            if not await self._request(reader):
                return writer.close()
            writer.write(ANSWER)
        await self._request(reader)
        writer.transport.abort()
        return None

    async def _request(self, reader: asyncio.StreamReader) -> bool:
        try:
            head = await reader.readuntil(b"\r\n\r\n")
        except asyncio.IncompleteReadError:
            return False
        length = next(line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:"))
        await reader.readexactly(int(length.partition(b":")[2]))
        self.requests += 1
        return True


@asynccontextmanager
async def server(patience: int = 99) -> AsyncIterator[tuple[Server, str]]:
    one = Server(patience)
    listening = await asyncio.start_server(one.serve, "127.0.0.1", 0)
    try:
        yield one, f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}/send"
    finally:
        listening.close()
        for writer in one.open:
            writer.transport.abort()
        await asyncio.sleep(0.02)  # for what serves them to see it


def channel(kind: str, url: str) -> Channel:
    of_kind: type[Channel] = load(Group.CHANNELS, kind)
    return of_kind("duty", of_kind.options_type.model_validate({"timeout_s": 60, "targets": {"chat": {"url": url}}}))


async def twice(one: Channel) -> list[Outcome]:
    one.open()
    try:
        return [await one.send(told(), "chat") for _ in range(2)]
    finally:
        await one.close()


@pytest.mark.parametrize("kind", ["webhook", "gbt35965", "wecom", "dingtalk"])
def test_the_next_message_goes_over_the_same_connection(kind: str) -> None:
    async def play() -> tuple[int, int]:
        async with server() as (one, url):
            outcomes = await twice(channel(kind, url))
            assert [each.state for each in outcomes] == [DeliveryState.ACCEPTED] * 2
            return one.connections, one.requests

    assert asyncio.run(play()) == (1, 2)


@pytest.mark.parametrize(("kind", "requests"), [("webhook", 3), ("gbt35965", 2), ("wecom", 2)])
def test_what_was_perhaps_sent_goes_again_at_once_only_to_who_can_tell_a_repeat(kind: str, requests: int) -> None:
    async def play() -> tuple[list[FailureReason], int]:
        async with server(patience=1) as (one, url):
            outcomes = await twice(channel(kind, url))
            return [each.reason for each in outcomes], one.requests

    reasons, seen = asyncio.run(play())
    second = FailureReason.NONE if kind == "webhook" else FailureReason.UNREACHABLE
    assert (reasons, seen) == ([FailureReason.NONE, second], requests)


def test_a_connection_that_was_closed_while_idle_costs_no_try() -> None:
    async def play() -> FailureReason:
        async with server() as (first, url):
            one = channel("wecom", url)
            one.open()
            await one.send(told(), "chat")
            for writer in first.open:
                writer.close()
            await asyncio.sleep(0.2)
            try:
                return (await one.send(told(), "chat")).reason
            finally:
                await one.close()

    assert asyncio.run(play()) is FailureReason.NONE
