"""Receipts of SMS that are asked for: which telephones, and when again."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, timezone
from typing import Final

LONGEST_S: Final = 600.0
GIVEN_UP_AFTER_S: Final = 72 * 3600.0
"""Operators keep a message for a telephone that is switched off for up to three days."""
BEIJING: Final = timezone(timedelta(hours=8))
_ASIDE: Final = timedelta(minutes=1)
"""The service's clock may stand on another day than ours, shortly before and after midnight."""


class ReceiptsError(Exception):
    """The service does not tell what became of messages; the text is its code."""


def days_of(at: datetime) -> tuple[str, ...]:
    """The days, of Beijing, on which the service may have sent what was handed over at `at`: yyyyMMdd."""
    days = [(at + aside).astimezone(BEIJING).strftime("%Y%m%d") for aside in (-_ASIDE, _ASIDE)]
    return tuple(dict.fromkeys(days))


@dataclass(frozen=True, slots=True)
class Message:
    """One SMS: the telephone it went to, and the delivery it belongs to."""

    number: str
    delivery: str


@dataclass(frozen=True, slots=True)
class _Open:
    days: tuple[str, ...]
    next_s: float
    wait_s: float
    until_s: float


class Awaited:
    """Messages that nothing final is known of yet. Seconds are of one monotonic clock.

    Args:
        first_s: after so long each is asked for, then after twice as long again, up to LONGEST_S.
    """

    def __init__(self, first_s: float) -> None:
        self._first_s = first_s
        self._open: dict[Message, _Open] = {}

    def __len__(self) -> int:
        return len(self._open)

    def add(self, messages: Iterable[Message], days: tuple[str, ...], now_s: float) -> None:
        """They were handed over."""
        for one in messages:
            self._open[one] = _Open(days, now_s + self._first_s, self._first_s, now_s + GIVEN_UP_AFTER_S)

    def due(self, now_s: float) -> list[tuple[str, str]]:
        """Telephone and day of what is to be asked now; what stays open after that is asked for later."""
        asked: dict[tuple[str, str], None] = {}
        for message, one in list(self._open.items()):
            if one.next_s > now_s:
                continue
            asked |= dict.fromkeys((message.number, day) for day in one.days)
            wait_s = min(2 * one.wait_s, LONGEST_S)
            self._open[message] = replace(one, next_s=now_s + wait_s, wait_s=wait_s)
            if now_s >= one.until_s:
                del self._open[message]
        return list(asked)

    def told(self, messages: Collection[Message]) -> None:
        """What became of these is known for good."""
        for one in messages:
            self._open.pop(one, None)
