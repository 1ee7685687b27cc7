"""Options models as TOML: what is set, and every other option as a comment with its default and what it means."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from pipeline.config.describe import toml
from pipeline.config.docstrings import attribute_words


def table(place: str, model: type[BaseModel], given: Mapping[str, Any] | None = None, *, live: bool = True) -> str:
    """One table, and below it the tables of options that have options of their own.

    Args:
        given: option -> value that the sample sets; the rest are comments.
        live: whether the table itself is in force, or a comment as a whole.
    """
    given = given or {}
    mark = "" if live else "# "
    fields = {field.alias or name: field for name, field in model.model_fields.items()}
    words = attribute_words(model)
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


def _nested(place: str, default: BaseModel, words: str) -> str:
    """The table of an option that has options of its own, all of it a comment."""
    lines = [f"# [{place}]{_tail(words)}"]
    below = []
    for name in type(default).model_fields:
        value = getattr(default, name)
        if isinstance(value, BaseModel):
            below.append(_nested(f"{place}.{name}", value, ""))
        else:
            lines.append(_comment(name, value, _tail(attribute_words(type(default)).get(name, ""))))
    return "\n\n".join(["\n".join(lines), *below])


def _comment(name: str, default: Any, remark: str) -> str:
    return f"# {name}: not set{remark}" if default is None else f"# {name} = {toml(default)}{remark}"


def _remark(field: FieldInfo, words: str) -> str:
    return _tail(field.description or words)


def _tail(words: str) -> str:
    return f"  # {words.rstrip('.')}" if words else ""
