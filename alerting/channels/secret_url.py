"""Addresses that hold secrets: where they come from, and how they are kept out of every text."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final, Self
from urllib.parse import unquote, unquote_plus, urlsplit

from pydantic import BaseModel, ConfigDict, SecretStr, model_validator

from pipeline.errors import ChannelError

HIDDEN: Final = "***"
_SHORTEST: Final = 4
"""Shorter parts of a path or query are words such as `v1` and `yes`."""
_PERSONAL: Final = re.compile(r"[\w.+-]+@[\w.-]+\w|\+?\d[\d -]{5,}\d")
"""E-mail addresses and telephone numbers."""


class SecretUrl(BaseModel):
    """An address, from exactly one of three places.

    Attributes:
        url: the address itself, best only where it holds no secret.
        url_env: a variable of the environment that holds it.
        url_file: a file whose first line it is.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    url: SecretStr | None = None
    url_env: str | None = None
    url_file: Path | None = None

    @model_validator(mode="after")
    def _one_source(self) -> Self:
        given = [name for name in ("url", "url_env", "url_file") if getattr(self, name) is not None]
        if len(given) != 1:
            message = f"give exactly one of url, url_env and url_file, not {' and '.join(given) or 'none of them'}"
            raise ValueError(message)
        return self

    def read(self, owner: str) -> str:
        """The address itself.

        Raises:
            ChannelError: the variable is not set, or the file cannot be read; names `owner` and never the address.
        """
        if self.url is not None:
            return self.url.get_secret_value().strip()
        if self.url_env is not None:
            return _from_environment(owner, self.url_env)
        return _from_file(owner, self.url_file or Path())


def _from_environment(owner: str, name: str) -> str:
    value = os.environ.get(name, "").strip()
    if not value:
        raise ChannelError(f"{owner}: environment variable {name} is not set; set it to the target's address")
    return value


def _from_file(owner: str, path: Path) -> str:
    try:
        lines = path.read_text().split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise ChannelError(
            f"{owner}: cannot read {path}: {type(error).__name__}; it holds the target's address"
        ) from error
    if not lines[0].strip():
        raise ChannelError(f"{owner}: the first line of {path} is empty; it holds the target's address")
    return lines[0].strip()


def redact(text: str, url: str) -> str:
    """`text` without any part of `url` that could be a secret, and without personal addresses."""
    try:
        secrets = {form for part in _parts(url) for form in (part, unquote(part), unquote_plus(part))}
    except ValueError:  # no URL by any reading: nothing tells its parts apart
        return HIDDEN
    for secret in sorted(secrets, key=len, reverse=True):
        text = text.replace(secret, HIDDEN)
    return _PERSONAL.sub(HIDDEN, text)


def _parts(url: str) -> Iterator[str]:
    yield url
    split = urlsplit(url)
    yield from (part for part in (split.username, split.password) if part)
    values = (pair.partition("=")[2] for pair in split.query.split("&"))
    pieces = [*re.split(r"[:@,]", split.netloc), *re.split(r"[/:@,]", split.path), *values, split.fragment]
    yield from (piece for piece in pieces if len(piece) >= _SHORTEST)
