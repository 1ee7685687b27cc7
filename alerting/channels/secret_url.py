"""Addresses that hold secrets: where they come from, and how they are kept out of every text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final, Self
from urllib.parse import unquote, unquote_plus, urlsplit

from pydantic import BaseModel, ConfigDict, SecretStr, model_validator

from pipeline.errors import ChannelError, SecretError
from pipeline.secret import secret

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
        try:
            return secret("the target's address", env=self.url_env, file=self.url_file)
        except SecretError as error:
            raise ChannelError(f"{owner}: {error}") from error


def redact(text: str, url: str) -> str:
    """`text` without any part of `url` that could be a secret, and without personal addresses."""
    try:
        secrets = {form for part in _parts(url) for form in (part, unquote(part), unquote_plus(part))}
    except ValueError:  # no URL by any reading: nothing tells its parts apart
        return HIDDEN
    for one in sorted(secrets, key=len, reverse=True):
        text = text.replace(one, HIDDEN)
    return _PERSONAL.sub(HIDDEN, text)


def _parts(url: str) -> Iterator[str]:
    yield url
    split = urlsplit(url)
    yield from (part for part in (split.username, split.password) if part)
    values = (pair.partition("=")[2] for pair in split.query.split("&"))
    pieces = [*re.split(r"[:@,]", split.netloc), *re.split(r"[/:@,]", split.path), *values, split.fragment]
    yield from (piece for piece in pieces if len(piece) >= _SHORTEST)
