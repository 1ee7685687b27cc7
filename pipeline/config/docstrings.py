"""What the docstring of a model says of each of its attributes."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from typing import Final

from pydantic import BaseModel

_ATTRIBUTE: Final = re.compile(r"^(?P<names>[a-z_0-9]+(?:, [a-z_0-9]+)*): (?P<words>.*)$")
_NEXT: Final = re.compile(r"; `([a-z_0-9]+)`: ")
"""Where one attribute's line goes on to tell of another."""


def attribute_words(model: type[BaseModel]) -> dict[str, str]:
    """Attribute -> its words, of the model and of those it builds on."""
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
            shown, *others = _NEXT.split(match["words"])
            yield from ((name, shown) for name in match["names"].split(", "))
            yield from zip(others[::2], others[1::2], strict=True)
