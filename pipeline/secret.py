"""Secrets from where a configuration says they are: the environment, or a file. Never in a text of ours."""

from __future__ import annotations

import os
from pathlib import Path

from pipeline.errors import SecretError


def secret(what: str, *, env: str | None = None, file: Path | None = None) -> str:
    """The first line of the file, or without one what the variable holds; without white space around it.

    Raises:
        SecretError: it is not to be had; the text names the place and `what` belongs there ("the token").
    """
    if file is None:
        found = os.environ.get(env or "", "").strip()
        if not found:
            raise SecretError(f"environment variable {env} is not set; set it to {what}")
        return found
    try:
        found = file.read_text("utf-8").partition("\n")[0].strip()
    except (OSError, UnicodeDecodeError) as error:
        raise SecretError(f"cannot read {file}: {type(error).__name__}; it holds {what}") from error
    if not found:
        raise SecretError(f"the first line of {file} is empty; it holds {what}")
    return found
