"""The `[alerting]` section: where warnings and deliveries are kept."""

from __future__ import annotations

from pathlib import Path
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from alerting.clocks import RULES, ClockRule
from pipeline.errors import SecretError, StoreError
from pipeline.secret import secret


class AlertingOptions(BaseModel):
    """The store of warnings, deliveries and the ledger.

    Attributes:
        store: `postgresql://USER@HOST:PORT/DATABASE`, which several processes may share; empty for `store.db` in the
            data folder.
        store_env: the variable of the environment that holds such an address, for one with a password in it.
        clocks: by when superiors must have been told of a warning, as `[[alerting.clocks]]`; by default by telephone
            within 20 minutes and in writing within 40, both entered by hand.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    store: str = Field(default="", pattern=r"^(postgresql://\S+)?$")
    store_env: str = ""
    clocks: tuple[ClockRule, ...] | None = None

    @model_validator(mode="after")
    def _one_source(self) -> Self:
        if self.store and self.store_env:
            raise ValueError("give one of store and store_env, not both")
        return self

    @property
    def clock_rules(self) -> tuple[ClockRule, ...]:
        """The clocks, or those that a configuration without any gets."""
        return RULES if self.clocks is None else self.clocks

    def url(self, file: Path) -> str:
        """The address of the store; `file` is where SQLite keeps it.

        Raises:
            StoreError: the variable is not set.
        """
        if not self.store_env:
            return self.store or f"sqlite:///{file}"
        try:
            return secret("the address of the store", env=self.store_env)
        except SecretError as error:
            raise StoreError(f"[alerting] store_env: {error}") from error
