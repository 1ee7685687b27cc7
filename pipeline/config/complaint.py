"""What pydantic complains of, in words for an operator."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, time
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Final

from pipeline.errors import ConfigError, ForewarnError

SHOWN_MAX: Final = 60
_SUBJECT: Final = re.compile(r"^(?:Input|String|Value|List|Tuple|Dictionary|Set|Data) should ")
_DETAIL: Final = re.compile(r", (?:unable|input|invalid) .*$")
_SECRET: Final = re.compile(r"token|secret|password|url|devices", re.IGNORECASE)
_SELF_EXPLAINING: Final = {"missing", "extra_forbidden", "too_short", "too_long", "string_too_short", "string_too_long"}
_TABLES_AND_LISTS: Final = {"model_type": "table", "dict_type": "table", "tuple_type": "list", "list_type": "list"}
_FORMS: Final = (
    (r"^[1-9]\d{11}$", "must be an area code of twelve digits"),
    (r"^[1-9]\d{0,11}$", "must be the first digits of an area code, or all twelve"),
    (
        r"^[A-Za-z0-9]",
        "must be of letters A to Z, digits and _ . - only, at most 64; people read its name_zh",
    ),
    (r"^(role|", "must be role:NAME, person:NAME or, where one may be named, roster:NAME"),
    (r"^[^/]+/[^/]+$", "must be channel/target"),
    (r"^[0-9a-f]{64}$", "must be a SHA-256 in 64 hexadecimal digits; `printf %s TOKEN | sha256sum` makes one"),
    (r"^https?://", "must begin with http:// or https://"),
    (r"^(https?://", "must begin with http:// or https://, or be empty"),
)
"""How a pattern begins, and what it asks for."""


def words(items: Sequence[Any], known: Iterable[str] = (), *, secret: bool = False) -> str:
    """Entries of `ValidationError.errors()` about one place, with the value received unless it may be a secret.

    Args:
        items: one entry, or those of the branches of a union.
        known: names that an unknown key could have been meant for.
        secret: whether the whole model may hold secrets.
    """
    item = items[0]
    if item["type"] == "extra_forbidden":
        return unknown("key", str(item["loc"][-1]), known)
    first, *others = dict.fromkeys(_said(one) for one in items)
    said = " or ".join([first, *(other.removeprefix("must be ") for other in others)])
    quoted = shown(item["input"])
    hidden = secret or item["type"] in _SELF_EXPLAINING or _SECRET.search(str(item["loc"]))
    told = item["type"] == "value_error" and quoted in said
    return said if hidden or told or not _is_plain(item["input"]) else f"{said}, not {quoted}"


def _said(item: Any) -> str:
    if item["type"] == "missing":
        return "is missing; give it a value"
    if item["type"] == "string_pattern_mismatch":
        asked = next((said for begin, said in _FORMS if item["ctx"]["pattern"].startswith(begin)), None)
        if asked:
            return asked
    if item["type"] in _TABLES_AND_LISTS:
        return f"must be a {_TABLES_AND_LISTS[item['type']]}"
    return _DETAIL.sub("", _SUBJECT.sub("must ", str(item["msg"]).removeprefix("Value error, ")))


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


def as_read(first: Path, complaint: ForewarnError) -> tuple[bool, str, int]:
    """As a person goes through the files: the configuration first, line by line."""
    if isinstance(complaint, ConfigError):
        return complaint.path != str(first), complaint.path, complaint.line or 0
    return True, "", 0


def _is_plain(value: object) -> bool:
    return value is None or isinstance(value, str | int | float | date | time)
