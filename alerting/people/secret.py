"""Codes and tokens that people answer and sign in with; only their hashes are kept once they were sent."""

from __future__ import annotations

import re
import secrets
from hashlib import sha256
from typing import Final

CODE_DIGITS: Final = 6
_CODE: Final = re.compile(rf"(?<!\d)\d{{{CODE_DIGITS}}}(?!\d)")

_LINK: Final = re.compile(r"/a/[A-Za-z0-9_-]+")


def new_code() -> str:
    """Six digits, for a reply or a telephone's keys; good while its call is open."""
    return f"{secrets.randbelow(10**CODE_DIGITS):0{CODE_DIGITS}}"


def new_token() -> str:
    """192 random bits as text that is safe in a link."""
    return secrets.token_urlsafe(24)


def hashed(secret: str) -> str:
    """SHA-256, hexadecimal: enough for what is random and long; codes live minutes and their tries are counted."""
    return sha256(secret.encode()).hexdigest()


def redacted(note: str) -> str:
    """The words of a message without the code and the link that one person was sent."""
    return _CODE.sub("*" * CODE_DIGITS, _LINK.sub("/a/***", note))


def code_in(text: str) -> str | None:
    """The code in what somebody answered; None: there is none, or more than one."""
    found = set(_CODE.findall(text))
    return found.pop() if len(found) == 1 else None
