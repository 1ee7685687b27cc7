"""Options models as TOML: what is set, and every other option as a comment with its default and what it means."""

from __future__ import annotations

import inspect
import json
import re
from collections.abc import Iterator, Mapping
from enum import IntEnum, StrEnum
from pathlib import Path
from typing import Any, Final

from pydantic import BaseModel
from pydantic.fields import FieldInfo

_ATTRIBUTE: Final = re.compile(r"^(?P<names>[a-z_]+(?:, [a-z_]+)*): (?P<words>.*)$")
_SENTENCE: Final = re.compile(r"; `[a-z_]+`: ")
"""Where one attribute's line goes on to tell of the next."""


def table(place: str, model: type[BaseModel], given: Mapping[str, Any] | None = None, *, live: bool = True) -> str:
    """One table, and below it the tables of options that have options of their own.

    Args:
        given: option -> value that the sample sets; the rest are comments.
        live: whether the table itself is in force, or a comment as a whole.
    """
    given = given or {}
    mark = "" if live else "# "
    fields = {field.alias or name: field for name, field in model.model_fields.items()}
    words = _words(model)
    lines = [f"{mark}[{place}]"]
    lines += [f"{mark}{name} = {toml(value)}" for name, value in given.items() if name not in fields]
    below: list[str] = []
    for name, field in fields.items():
        default = field.get_default(call_default_factory=True)
        if name in given:
            lines.append(f"{mark}{name} = {toml(given[name])}{_remark(field, words.get(name, ''))}")
        elif isinstance(default, BaseModel):
            below.append(_nested(f"{place}.{name}", default, words.get(name, "")))
        elif not field.is_required():
            lines.append(_comment(name, default, _remark(field, words.get(name, ""))))
    return "\n\n".join(["\n".join(lines), *below])


def toml(value: Any) -> str:
    """A value as TOML writes it."""
    match value:
        case IntEnum():
            return json.dumps(value.name.lower())
        case StrEnum() | Path():
            return json.dumps(str(value))
        case float() if value.is_integer() and abs(value) >= 1000:  # noqa: PLR2004  # where digits are hard to count
            return f"{value:_.1f}"
        case bool() | int() | float() | str():
            return json.dumps(value, ensure_ascii=False)
        case list() | tuple():
            return f"[{', '.join(toml(one) for one in value)}]"
        case dict():
            return f"{{{', '.join(f'{key} = {toml(one)}' for key, one in value.items())}}}"
        case _:
            raise TypeError(f"no TOML for {value!r}")


def _nested(place: str, default: BaseModel, words: str) -> str:
    """The table of an option that has options of its own, all of it a comment."""
    lines = [f"# [{place}]{_tail(words)}"]
    below = []
    for name in type(default).model_fields:
        value = getattr(default, name)
        if isinstance(value, BaseModel):
            below.append(_nested(f"{place}.{name}", value, ""))
        else:
            lines.append(_comment(name, value, _tail(_words(type(default)).get(name, ""))))
    return "\n\n".join(["\n".join(lines), *below])


def _comment(name: str, default: Any, remark: str) -> str:
    return f"# {name}: not set{remark}" if default is None else f"# {name} = {toml(default)}{remark}"


def _remark(field: FieldInfo, words: str) -> str:
    return _tail(field.description or words)


def _tail(words: str) -> str:
    return f"  # {words.rstrip('.')}" if words else ""


def _words(model: type[BaseModel]) -> dict[str, str]:
    """Attribute -> what the docstrings of the model and of those it builds on say of it."""
    words: dict[str, str] = {}
    for base in reversed(model.__mro__):
        if issubclass(base, BaseModel) and base is not BaseModel:
            words |= dict(_attributes(inspect.getdoc(base) or ""))
    return words


def _attributes(doc: str) -> Iterator[tuple[str, str]]:
    """Of a Google style section, each with its continuation lines."""
    section = doc.partition("Attributes:\n")[2].partition("\n\n")[0]
    joined = re.sub(r"\n {8,}", " ", section)
    for line in joined.splitlines():
        match = _ATTRIBUTE.match(line.strip())
        if match:
            shown = _SENTENCE.split(match["words"])[0]
            yield from ((name, shown) for name in match["names"].split(", "))
