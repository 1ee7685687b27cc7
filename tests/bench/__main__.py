"""python -m tests.bench [--only NAME]: one JSON line a figure, and the record of them in docs."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from pipeline.clock import SystemClock
from tests.bench import record
from tests.bench.figure import Figure, Result, UnknownFigureError, chosen, measure
from tests.bench.figures import FIGURES
from tests.bench.machine import machine

DOCS = Path(__file__).resolve().parents[2] / "docs"


def main(arguments: Sequence[str], figures: Sequence[Figure] = FIGURES, docs: Path = DOCS) -> int:
    """Measure, print and record; the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("--only", metavar="NAME", help="measure this figure and its peer alone")
    try:
        wanted = chosen(figures, parser.parse_args(arguments).only)
    except UnknownFigureError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    results: list[Result] = []
    for result in measure(wanted):
        sys.stdout.write(json.dumps(asdict(result)) + "\n")
        sys.stdout.flush()
        results.append(result)
    whole = record.merged(record.load(docs / "benchmarks.json"), results, figures, machine(), SystemClock().now())
    (docs / "benchmarks.json").write_text(record.as_json(whole))
    (docs / "benchmarks.md").write_text(record.as_page(whole))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
