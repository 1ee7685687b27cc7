"""`forewarn init`: a sample site to start from."""

from __future__ import annotations

import shutil
from importlib.resources import as_file, files
from pathlib import Path
from typing import Annotated

import typer

from pipeline.cli.output import out
from pipeline.errors import ConfigError


def init(folder: Annotated[Path, typer.Argument(help="A new or empty folder.")] = Path("forewarn-site")) -> None:
    """Copy a small, valid site: one village, three sensors, a recording, every option with its default."""
    if folder.exists() and any(folder.iterdir()):
        raise ConfigError(folder, "is not empty; name a new folder, so that nothing of yours is overwritten")
    with as_file(files("pipeline.samples") / "site") as sample:
        shutil.copytree(sample, folder, dirs_exist_ok=True, ignore=shutil.ignore_patterns("__*"))
    out.print(f"Wrote {folder}. Next: [bold]cd {folder}[/], [bold]forewarn check[/], [bold]forewarn run[/].")
