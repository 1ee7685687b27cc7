"""docs/benchmarks.json, the record of what was measured, and docs/benchmarks.md, the page made from it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

from tests.bench.figure import Figure, Result

Record = dict[str, Any]
"""{"machine": {...}, "figures": [{name, value, unit, peer, ratio, about, date, command}, ...]}"""


def load(path: Path) -> Record:
    """The record so far, empty where there is none."""
    record: Record = json.loads(path.read_text()) if path.exists() else {"machine": {}, "figures": []}
    return record


def merged(
    record: Record, results: Sequence[Result], figures: Sequence[Figure], machine: Record, on: datetime
) -> Record:
    """`record` with these results in place of older ones of the same name, in the order of `figures`.

    Figures measured on another machine, or no longer in the list, are left out: numbers of two machines
    side by side would mislead.
    """
    kept = {entry["name"]: entry for entry in record["figures"]} if record["machine"] == machine else {}
    about = {figure.name: figure.about for figure in figures}
    for result in results:
        stamp = {"date": on.date().isoformat(), "command": f"make bench ONLY={result.name}"}
        kept[result.name] = {**asdict(result), "about": about[result.name], **stamp}
    return {"machine": machine, "figures": [kept[name] for name in about if name in kept]}


def as_json(record: Record) -> str:
    """The text of docs/benchmarks.json."""
    return json.dumps(record, indent=2, ensure_ascii=False) + "\n"


def as_page(record: Record) -> str:
    """The text of docs/benchmarks.md."""
    facts = "; ".join(f"{name.replace('_', ' ')} {value}" for name, value in record["machine"].items())
    lines = [
        "# Benchmarks",
        "",
        "Made by `make bench` from [benchmarks.json](benchmarks.json); not to be edited by hand.",
        "`make bench ONLY=name` measures one figure and what it is compared with.",
        "",
        f"Measured on: {facts}.",
        "",
        "| figure | value | beside | ratio | what is measured | on |",
        "|---|---|---|---|---|---|",
        *(_row(entry) for entry in record["figures"]),
    ]
    return "\n".join(lines) + "\n"


def _row(entry: Record) -> str:
    ratio = "" if entry["ratio"] is None else f"{number(entry['ratio'])} x"
    peer = f"`{entry['peer']}`" if entry["peer"] else ""
    value = f"{number(entry['value'])} {entry['unit']}"
    return f"| `{entry['name']}` | {value} | {peer} | {ratio} | {entry['about']} | {entry['date']} |"


def number(value: float) -> str:
    """Three digits that count, thousands set apart."""
    return f"{float(f'{value:.3g}'):,.10g}"
