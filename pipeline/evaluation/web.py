"""The page as one HTML file with its plots inside: what `report.markdown` says, word for word."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from html import escape
from typing import Final

from pipeline.evaluation.page import NO_PLOTS

Plots = Mapping[tuple[str, str], str]
"""(heading of the suite, heading of the part) -> SVG that stands below the part's table."""

_STYLE: Final = """
body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 78rem; padding: 0 1rem; color: #1c2430;
  background: #fff; }
table { border-collapse: collapse; display: block; overflow-x: auto; margin: 1rem 0; font-size: 13px; }
th, td { border-bottom: 1px solid #d5dae1; padding: .25rem .6rem; text-align: left; white-space: nowrap; }
th { position: sticky; top: 0; background: #f3f5f8; }
h1, h2, h3 { line-height: 1.2; margin: 2rem 0 .5rem; }
nav a { margin-right: 1rem; }
code { background: #f3f5f8; padding: 0 .2rem; }
svg { max-width: 100%; height: auto; }
strong { color: #b3261e; }
@media (prefers-color-scheme: dark) {
  body { background: #14181f; color: #dfe5ee; } th, code { background: #232a35; } svg { background: #fff; }
  th, td { border-color: #333c4a; } a { color: #8ab4ff; } strong { color: #ff8a80; }
}
"""
_MARKS: Final = (
    (re.compile(r"`([^`]+)`"), r"<code>\1</code>"),
    (re.compile(r"\*\*([^*]+)\*\*"), r"<strong>\1</strong>"),
    (re.compile(r"\[([^\]]+)\]\(([^)]+)\)"), r'<a href="\2">\1</a>'),
)


def html(page: str, plots: Plots | None) -> str:
    """The Markdown of `report.markdown` as HTML.

    Args:
        plots: None where nothing can draw them; the page says so.
    """
    blocks = page.strip().split("\n\n")
    title = blocks[0].removeprefix("# ")
    body = "\n".join(_blocks(blocks, plots or {}))
    said = f"<p>{NO_PLOTS}</p>\n" if plots is None else ""
    head = f'<meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>{escape(title)}</title>'
    head += f"<style>{_STYLE}</style>"
    return f'<!doctype html>\n<html lang="en"><head>{head}</head>\n<body>\n{said}{body}\n</body></html>\n'


def _blocks(blocks: list[str], plots: Plots) -> Iterator[str]:
    suite, drawn = "", ""
    headings = [block.removeprefix("## ") for block in blocks if block.startswith("## ")]
    for block in blocks:
        level = len(block) - len(block.lstrip("#"))
        if level == 1:
            yield _heading(block, 1)
            yield "<nav>" + " ".join(f'<a href="#{_anchor(one)}">{_marked(one)}</a>' for one in headings) + "</nav>"
        elif level:
            suite = block.lstrip("# ") if level == 2 else suite  # noqa: PLR2004  # a suite's heading
            drawn = plots.get((suite, block.lstrip("# ")), "")
            yield _heading(block, level)
        elif block.startswith("| "):
            yield _table(block.splitlines())
            yield drawn
            drawn = ""
        elif block.startswith("- "):
            items = re.split(r"\n(?=- )", block)
            yield "<ul>" + "".join(f"<li>{_marked(one[2:])}</li>" for one in items) + "</ul>"
        else:
            yield f"<p>{_marked(block)}</p>"


def _heading(block: str, level: int) -> str:
    words = block.lstrip("# ")
    return f'<h{level} id="{_anchor(words)}">{_marked(words)}</h{level}>'


def _anchor(words: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", words.lower()).strip("-")


def _table(lines: list[str]) -> str:
    head, _, *rows = ([cell.strip() for cell in line.strip().strip("|").split("|")] for line in lines)
    first = "".join(f"<th>{_marked(cell)}</th>" for cell in head)
    rest = "".join("<tr>" + "".join(f"<td>{_marked(cell)}</td>" for cell in row) + "</tr>\n" for row in rows)
    return f"<table><thead><tr>{first}</tr></thead><tbody>\n{rest}</tbody></table>"


def _marked(words: str) -> str:
    marked = escape(words, quote=False)
    for pattern, replacement in _MARKS:
        marked = pattern.sub(replacement, marked)
    return marked
