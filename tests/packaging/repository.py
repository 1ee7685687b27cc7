"""What git tracks, for the tests that look at the repository itself."""

from __future__ import annotations

import subprocess
from functools import cache
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[2]
PACKAGES: Final = ("alerting", "detectors", "device_adapters", "pipeline")


@cache
def tracked() -> tuple[Path, ...]:
    """Every file under version control that is there, sorted, relative to ROOT."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True, text=True)
    return tuple(sorted(Path(name) for name in listed.stdout.split("\0") if name and (ROOT / name).is_file()))


def text_of(path: Path) -> str | None:
    """The text of a tracked file, None where it is no text."""
    try:
        return (ROOT / path).read_text("utf-8")
    except UnicodeDecodeError:
        return None
