"""The audit log: who did what, each entry bound to the one before by its hash.

An entry that is altered, taken out or put in breaks the chain from there on. Whoever can write the database could write
the whole chain anew; it then ends in another hash. So note the last hash elsewhere, and verify against it.
"""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import sha256
from typing import Final

import msgspec
from pydantic import BaseModel, ConfigDict

from pipeline.model.instant import Instant, to_ns

START: Final = sha256(b"forewarn audit").hexdigest()
"""What the first entry is bound to."""


class AuditEntry(BaseModel):
    """One deed.

    Attributes:
        who: `person:NAME`, `command line:USER` or `forewarn` itself.
        action: such as `release.approve`; subject: the id of what it was done to; detail: the rest, in words.
        hash: SHA-256 over the hash before and everything above, hexadecimal.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    number: int
    at: Instant
    who: str
    action: str
    subject: str
    detail: str
    hash: str


class Flaw(BaseModel):
    """Where the chain does not hold, and why."""

    number: int
    why: str


def bound(before: str, number: int, at_ns: int, who: str, action: str, subject: str, detail: str) -> str:
    """The hash of an entry that follows the one whose hash is `before`."""
    return sha256(msgspec.json.encode([before, number, at_ns, who, action, subject, detail])).hexdigest()


def flaws(entries: Iterable[AuditEntry], head: str | None = None) -> list[Flaw]:
    """What shows that the log, given in order of number, is not as it was written; empty where it is.

    Args:
        head: a hash noted earlier; the chain must hold it.
    """
    found: list[Flaw] = []
    before, number, seen = START, 0, head in {None, START}
    for one in entries:
        number += 1
        if one.number != number:
            found.append(Flaw(number=number, why=f"entry {number} is missing; entry {one.number} stands in its place"))
            number = one.number
        if one.hash != bound(before, one.number, to_ns(one.at), one.who, one.action, one.subject, one.detail):
            found.append(Flaw(number=one.number, why="its words, or the entry before it, are not what they were"))
        before = one.hash
        seen = seen or before == head
    if not seen:
        found.append(Flaw(number=number, why=f"no entry has the hash {head}: written anew, or cut off at its end"))
    return found
