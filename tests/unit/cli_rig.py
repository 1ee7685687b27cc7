"""Command lines carried out in this process, as a user would type them."""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pytest

from pipeline.cli.main import run

SAMPLE: Final = Path(__file__).parents[2] / "pipeline" / "samples" / "site"
VILLAGE: Final = "990101001001"


@dataclass(frozen=True, slots=True)
class Ended:
    """How it ended, and what it wrote where."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> Any:
        """Standard output, which must be one JSON document."""
        return json.loads(self.out)

    @property
    def complaints(self) -> list[str]:
        """What was said to be wrong, without the usage that goes before it."""
        said = [line for line in self.err.splitlines() if line.lower().startswith("error: ")]
        return [line.partition(": ")[2] for line in said]


class Terminal:
    """A folder to work in, with the sample site in it unless `empty`."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str], *, empty: bool = False) -> None:
        self.folder = folder
        self._capsys = capsys
        if not empty:
            shutil.copytree(SAMPLE, folder, dirs_exist_ok=True)

    def __call__(self, *arguments: str) -> Ended:
        """`forewarn ARGUMENTS`."""
        self._capsys.readouterr()
        code = run(arguments)
        written = self._capsys.readouterr()
        assert "Traceback" not in written.err
        return Ended(code, written.out, written.err)

    def write(self, name: str, text: str) -> None:
        """A file of the folder."""
        (self.folder / name).write_text(text, "utf-8")

    def change(self, name: str, old: str, new: str) -> None:
        """Replace a text that the file has exactly once."""
        text = (self.folder / name).read_text("utf-8")
        assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in {name}"
        self.write(name, text.replace(old, new))
