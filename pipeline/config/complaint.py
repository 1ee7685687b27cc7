"""What pydantic complains of, in words for an operator."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import date, time
from difflib import get_close_matches
from typing import Any, Final

SHOWN_MAX: Final = 60
_SUBJECT: Final = re.compile(r"^(?:Input|String|Value|List|Tuple|Dictionary|Set|Data) should ")
_SECRET: Final = re.compile(r"token|secret|password|url|devices", re.IGNORECASE)
_SELF_EXPLAINING: Final = {"missing", "too_short", "too_long", "string_too_short", "string_too_long"}


def words(item: Any, known: Iterable[str] = (), *, secret: bool = False) -> str:
    """One entry of `ValidationError.errors()`, with the value received unless it may be a secret.

    Args:
        item: the entry.
        known: names that an unknown key could have been meant for.
        secret: whether the whole model may hold secrets.
    """
    if item["type"] == "extra_forbidden":
        return unknown("key", str(item["loc"][-1]), known)
    if item["type"] == "missing":
        return "is missing; give it a value"
    said = _SUBJECT.sub("must ", str(item["msg"]).removeprefix("Value error, "))
    hidden = secret or item["type"] in _SELF_EXPLAINING or _SECRET.search(str(item["loc"]))
    return said if hidden or not _is_plain(item["input"]) else f"{said}, not {shown(item['input'])}"


def unknown(what: str, name: str, known: Iterable[str], *, name_all: bool = False) -> str:
    """That there is no such key, section or kind, and which one was probably meant; else, if wanted, all there are."""
    listed = list(known)
    meant = get_close_matches(name, listed, n=1)
    if meant:
        return f"unknown {what}; did you mean {meant[0]}?"
    return f"unknown {what}; known: {', '.join(listed)}" if name_all else f"unknown {what}; remove or rename it"


def shown(value: object) -> str:
    """A value as it is quoted in a complaint."""
    text = repr(value)
    return text if len(text) <= SHOWN_MAX else f"{text[:SHOWN_MAX]}..."


def spelled_out(loc: tuple[str | int, ...], data: Any) -> tuple[str | int, ...]:
    """`loc` as far as `data` has it, and one key more where that is missing: what pydantic adds for itself is cut."""
    for depth, part in enumerate(loc):
        inside = isinstance(data, Mapping) and part in data
        at = isinstance(data, list | tuple) and isinstance(part, int) and part < len(data)
        if not (inside or at):
            return loc[:depth]
        data = data[part]
    return loc


def _is_plain(value: object) -> bool:
    return value is None or isinstance(value, str | int | float | date | time)
