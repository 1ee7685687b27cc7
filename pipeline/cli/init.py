"""`forewarn init`: a sample site to start from."""

from __future__ import annotations

import shutil
from importlib.resources import as_file, files
from pathlib import Path
from typing import Annotated

import typer

from pipeline.cli.output import told
from pipeline.errors import ForewarnError


def init(folder: Annotated[Path, typer.Argument(help="A new or empty folder.")] = Path("forewarn-site")) -> None:
    """Write a sample site to start from.

    One village with one filling station and three sensors, a recording to replay, and a configuration that shows
    every option with its default.
    """
    if folder.is_dir() and any(folder.iterdir()):
        why = f"{folder} is not empty; name a new folder, so that nothing of yours is overwritten"
        raise typer.BadParameter(why, param_hint="FOLDER")
    try:
        with as_file(files("pipeline.samples") / "site") as sample:
            shutil.copytree(sample, folder, dirs_exist_ok=True, ignore=shutil.ignore_patterns("__*"))
    except OSError as error:
        why = error.strerror or str(error)  # shutil's own has no strerror
        raise ForewarnError(f"{folder}: cannot be written: {why}; name another folder") from error
    told(f"Wrote {folder}. Next: cd {folder}, forewarn check, forewarn replay readings.csv, forewarn run")
