"""Where in a JSON message a thing stands: dotted paths, and templates that may take parts of an MQTT topic.

data.items[*].v     the `v` of each element of the list `items` within `data`; at most one [*]
data.channels[0]    the first element of a list
$                   the message itself, where it is a plain number or list ($[*].v)
st-{topic[2]}-{id}  a template: the third part of the topic, and what stands at the path `id`
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final, Self

ABSENT: Final = object()
"""What a path finds where nothing stands."""
_STEP: Final = re.compile(r"\[(?P<number>\d{1,6})\]|(?P<spread>\[\*\])|\.?(?P<key>[^.\[\]{}]+)")
_PIECE: Final = re.compile(r"\{topic\[(?P<part>\d{1,3})\]\}|\{(?P<path>[^{}]+)\}|(?P<text>[^{}]+)")
_ROOT: Final = "$"


class PathError(ValueError):
    """A text that is no path or template; says what one looks like."""


@dataclass(frozen=True, slots=True)
class Path:
    """Steps from the message to a list (`stem`, None without a [*]) and from its elements, or the message, on."""

    stem: tuple[str | int, ...] | None
    steps: tuple[str | int, ...]

    @classmethod
    def parse(cls, text: str) -> Self:
        """The path that `text` writes.

        Raises:
            PathError: it writes none.
        """
        rest = text.removeprefix(_ROOT)
        found = list(_STEP.finditer(rest))
        if "".join(step.group() for step in found) != rest or not text or rest.startswith("."):
            message = f"{text!r} is no path; write one like data.items[*].v, or $ for the whole message"
            raise PathError(message)
        steps = [_step(match) for match in found]
        if steps.count(None) > 1:
            message = f"path {text!r} has more than one [*]; a message is spread over one list"
            raise PathError(message)
        if None not in steps:
            return cls(None, _plain(steps))
        at = steps.index(None)
        return cls(_plain(steps[:at]), _plain(steps[at + 1 :]))

    def find(self, message: object, element: object) -> Any:
        """What stands there, or ABSENT; `element` is the one of the list that is being read."""
        return walk(message if self.stem is None else element, self.steps)


def walk(node: object, steps: Sequence[str | int]) -> Any:
    """What is reached from `node`, or ABSENT."""
    for step in steps:
        if isinstance(step, str):
            node = node.get(step, ABSENT) if isinstance(node, dict) else ABSENT
        else:
            node = node[step] if isinstance(node, list) and step < len(node) else ABSENT
    return node


@dataclass(frozen=True, slots=True)
class Template:
    """Text with places to be filled; pieces are plain text, a part of the topic (by number) or a path."""

    pieces: tuple[str | int | Path, ...]

    @classmethod
    def parse(cls, text: str) -> Self:
        """The template that `text` writes; without braces it is a path.

        Raises:
            PathError: neither of both.
        """
        if "{" not in text and "}" not in text:
            return cls((Path.parse(text),))
        found = list(_PIECE.finditer(text))
        if "".join(match.group() for match in found) != text:
            message = f"{text!r} is no template; write one like st-{{topic[2]}} or {{data.id}}"
            raise PathError(message)
        return cls(tuple(_piece(match) for match in found))

    @property
    def paths(self) -> Iterator[Path]:
        """The paths among the pieces."""
        return (piece for piece in self.pieces if isinstance(piece, Path))

    def fill(self, message: object, element: object, topic: Sequence[str]) -> Any:
        """What it stands for; a single path keeps its type, all else is text; ABSENT where a piece has nothing."""
        parts = [_filled(piece, message, element, topic) for piece in self.pieces]
        if len(parts) == 1:
            return parts[0]
        if any(part is ABSENT or not isinstance(part, str | int) for part in parts):
            return ABSENT
        return "".join(str(part) for part in parts)


def _filled(piece: str | int | Path, message: object, element: object, topic: Sequence[str]) -> Any:
    if isinstance(piece, Path):
        return piece.find(message, element)
    if isinstance(piece, int):
        return topic[piece] if piece < len(topic) else ABSENT
    return piece


def _step(match: re.Match[str]) -> str | int | None:
    if match["spread"]:
        return None
    return int(match["number"]) if match["number"] else match["key"]


def _plain(steps: Sequence[str | int | None]) -> tuple[str | int, ...]:
    return tuple(step for step in steps if step is not None)


def _piece(match: re.Match[str]) -> str | int | Path:
    if match["part"]:
        return int(match["part"])
    return Path.parse(match["path"]) if match["path"] else match["text"]
