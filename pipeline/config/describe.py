"""The options of a model for people: name, type, bounds, default, unit and meaning, from the model itself."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import IntEnum, StrEnum
from functools import cache
from math import isfinite
from pathlib import Path
from typing import Any, Final, get_args

from pydantic import BaseModel

from pipeline.config.docstrings import attribute_words
from pipeline.config.type_words import type_words

REQUIRED: Final = "required"
NOT_SET: Final = "not set"

_UNITS: Final = {
    "_per_s": "1/s",
    "_k_min": "K/min",
    "_m_h": "m/h",
    "_mm_d": "mm/d",
    "_ms": "ms",
    "_s": "s",
    "_min": "min",
    "_h": "h",
    "_mm": "mm",
    "_m": "m",
    "_c": "degC",
    "_k": "K",
    "_ppm": "ppm",
    "_lel": "%LEL",
    "_deg": "deg",
    "_bytes": "bytes",
    "_share": "share",
}
"""What a name ends with -> its unit; the first that fits counts."""
_IN_WORDS: Final = re.compile(r"\s*\[([^\]]+)\]")


@dataclass(frozen=True, slots=True)
class Option:
    """One option. `name` has dots where tables stand within tables; NAME stands for a name of one's own."""

    name: str
    type: str
    default: str
    unit: str
    about: str


@cache
def options(model: type[BaseModel]) -> tuple[Option, ...]:
    """Every option of a model, those of the tables within it too, in the order of the model."""
    return tuple(_options(model, None, ""))


def names(model: type[BaseModel], depth: int) -> list[str]:
    """The last parts of the names that stand `depth` deep; `pages` at 2 for `book.pages`."""
    split = (option.name.replace("[]", ".[]").split(".") for option in options(model))
    return sorted({parts[depth - 1] for parts in split if depth and len(parts) >= depth})


def toml(value: Any) -> str:
    """A value as TOML writes it.

    Raises:
        TypeError: TOML has no form for it.
    """
    match value:
        case IntEnum():
            return json.dumps(value.name.lower())
        case StrEnum() | Path():
            return json.dumps(str(value))
        case float():
            return _number(value)
        case bool() | int() | str():
            return json.dumps(value, ensure_ascii=False)
        case list() | tuple():
            return f"[{', '.join(toml(one) for one in value)}]"
        case dict():
            return f"{{{', '.join(f'{key} = {toml(one)}' for key, one in value.items())}}}"
        case _:
            raise TypeError(f"no TOML for {value!r}")


def _number(value: float) -> str:
    if not isfinite(value):
        return str(value)
    is_long = value.is_integer() and abs(value) >= 1000  # noqa: PLR2004  # where digits are hard to count
    return f"{value:_.1f}" if is_long else json.dumps(value)


def _options(model: type[BaseModel], given: BaseModel | None, prefix: str) -> Iterator[Option]:
    """`given` is the default that a table within a table has as a whole."""
    schema = model.model_json_schema()
    said = attribute_words(model)
    for own, field in model.model_fields.items():
        name = field.alias or own
        default = getattr(given, own) if given else field.get_default(call_default_factory=True)
        shape: Mapping[str, Any] = schema["properties"][name]
        about = field.description or said.get(own) or said.get(name, "")
        inner = _inner(field.annotation)
        if inner is not None:
            yield from _within(inner, default, f"{prefix}{name}", shape, about)
            continue
        unit = _unit(name, about)
        shown = REQUIRED if field.is_required() and not given else NOT_SET if default is None else toml(default)
        type_ = type_words(shape, schema.get("$defs", {}))
        yield Option(f"{prefix}{name}", type_, shown, unit, _IN_WORDS.sub("", about).rstrip("."))


def _within(inner: type[BaseModel], default: Any, name: str, shape: Mapping[str, Any], about: str) -> Iterator[Option]:
    """A table, a table of tables by name, or a list of tables; first what it is for, where that is told."""
    if shape.get("type") == "object" and "additionalProperties" in shape:
        name, given = f"{name}.NAME", None
    elif shape.get("type") == "array":
        name, given = f"{name}[]", None
    else:
        given = default if isinstance(default, BaseModel) else None
    if about:
        yield Option(name, "table", "", "", about.rstrip("."))
    yield from _options(inner, given, f"{name}.")


def _inner(annotation: Any) -> type[BaseModel] | None:
    """The model that an annotation holds, however wrapped."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    found = (_inner(argument) for argument in get_args(annotation))
    return next((model for model in found if model), None)


def _unit(name: str, about: str) -> str:
    bracketed = _IN_WORDS.search(about)
    return bracketed[1] if bracketed else next((unit for end, unit in _UNITS.items() if name.endswith(end)), "")
