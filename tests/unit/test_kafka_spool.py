"""The spool: what it holds survives, in its order, and gives its room back."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.connectors.kafka.message import Message
from pipeline.connectors.kafka.spool import RESERVE_BYTES, Spool
from pipeline.connectors.kafka.topics import Topic
from pipeline.errors import JournalError

MESSAGES = [
    Message(Topic.READINGS, b"one", 1, readings=3),
    Message(Topic.DEAD_LETTER, b"two", headers={"reason": "malformed", "detail": "值"}),
    Message(Topic.READINGS, b"", 0, readings=5),
]


def held(spool: Spool) -> list[Message]:
    return [message for _, message in spool.first(100)]


def test_messages_come_back_whole_and_in_order_from_a_file_opened_again(tmp_path: Path) -> None:
    spool = Spool(tmp_path / "new" / "spool.db")
    spool.append(MESSAGES[:2])
    spool.append(MESSAGES[2:])
    spool.close()
    again = Spool(tmp_path / "new" / "spool.db")
    assert held(again) == MESSAGES
    assert (again.messages, again.readings, again.bytes) == (3, 8, 6)
    assert [one for _, one in again.first(1)] == MESSAGES[:1]
    again.close()


@settings(max_examples=25)
@given(sizes=st.lists(st.integers(0, 6), max_size=6), forgotten=st.integers(0, 36))
def test_what_was_sent_is_forgotten_and_counted_out(
    tmp_path_factory: pytest.TempPathFactory, sizes: Sequence[int], forgotten: int
) -> None:
    spool = Spool(tmp_path_factory.mktemp("spool") / "spool.db")
    messages = [Message(Topic.READINGS, bytes(number), 0, readings=number) for number in range(sum(sizes))]
    for group, size in enumerate(sizes):
        start = sum(sizes[:group])
        spool.append(messages[start : start + size])
    page = spool.first(forgotten)
    if page:
        spool.forget(page[-1][0])
    left = messages[forgotten:]
    assert held(spool) == left
    assert spool.messages == len(left)
    assert spool.bytes == spool.readings == sum(one.readings for one in left)
    spool.close()


def test_room_is_given_back_to_the_disk(tmp_path: Path) -> None:
    path = tmp_path / "spool.db"
    spool = Spool(path)
    spool.append([Message(Topic.READINGS, bytes(100_000), 0)] * 30)
    spool.forget(spool.first(30)[-1][0])
    spool.close()
    assert path.stat().st_size < 100_000


def test_a_disk_that_is_nearly_full_takes_no_more_and_lets_go_of_what_it_has(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spool = Spool(tmp_path / "spool.db")
    spool.append(MESSAGES)
    disk = shutil.disk_usage(tmp_path)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: disk._replace(free=RESERVE_BYTES - 1))
    with pytest.raises(JournalError, match=r"takes no more: \d+ bytes of its disk are free, \d+ are kept "):
        spool.append(MESSAGES)
    assert held(spool) == MESSAGES
    spool.forget(spool.first(3)[-1][0])
    assert spool.messages == 0
    spool.close()


def test_two_gateways_do_not_share_a_spool(tmp_path: Path) -> None:
    first = Spool(tmp_path / "spool.db")
    with pytest.raises(JournalError, match="does another gateway use this"):
        Spool(tmp_path / "spool.db")
    first.close()


def test_a_file_that_is_no_spool_is_told(tmp_path: Path) -> None:
    (tmp_path / "spool.db").write_bytes(b"something else entirely, and long enough to be looked at" * 10)
    with pytest.raises(JournalError, match=r"cannot be opened: .*; is its disk full or broken"):
        Spool(tmp_path / "spool.db")
