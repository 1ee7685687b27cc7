"""Keys that sign or open: where they come from. Never in a text of ours."""

from __future__ import annotations

from pathlib import Path
from typing import Self

from pydantic import BaseModel, ConfigDict, SecretStr, model_validator

from pipeline.errors import ChannelError, SecretError
from pipeline.secret import secret


class SecretText(BaseModel):
    """A key, from exactly one of three places.

    Attributes:
        value: the key itself, best only for trials.
        env: a variable of the environment that holds it.
        file: a file whose first line it is.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    value: SecretStr | None = None
    env: str | None = None
    file: Path | None = None

    @model_validator(mode="after")
    def _one_source(self) -> Self:
        given = [name for name in ("value", "env", "file") if getattr(self, name) is not None]
        if len(given) != 1:
            raise ValueError(f"give exactly one of value, env and file, not {' and '.join(given) or 'none of them'}")
        return self

    def read(self, owner: str) -> str:
        """The key itself.

        Raises:
            ChannelError: the variable is not set, or the file cannot be read; names `owner` and never the key.
        """
        if self.value is not None:
            return self.value.get_secret_value().strip()
        try:
            return secret("the key", env=self.env, file=self.file)
        except SecretError as error:
            raise ChannelError(f"{owner}: {error}") from error
