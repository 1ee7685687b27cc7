"""Fenced blocks and links of the project's Markdown pages."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[2]
_FENCE: Final = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True, slots=True)
class Block:
    """One fenced block; `str()` is its place, for the name of a test."""

    page: str
    line: int
    language: str
    text: str

    def __str__(self) -> str:
        return f"{self.page}:{self.line}"


def pages() -> list[Path]:
    """Every page that people read, relative to ROOT."""
    found = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]
    return sorted(page.relative_to(ROOT) for page in found)


def blocks(*languages: str, page: str | None = None) -> list[Block]:
    """The fenced blocks in these languages, of one page or of all."""
    return [
        block
        for path in pages()
        if page in (None, path.as_posix())
        for block in _blocks(path)
        if block.language in languages
    ]


def _blocks(path: Path) -> Iterator[Block]:
    text = (ROOT / path).read_text()
    for fence in _FENCE.finditer(text):
        line = text.count("\n", 0, fence.start()) + 1
        yield Block(path.as_posix(), line, fence[1], fence[2])
