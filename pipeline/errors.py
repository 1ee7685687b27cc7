"""Errors that Forewarn raises on purpose.

    ForewarnError                 every one of them; `str()` is fit for an operator: who, what, bound, remedy
    +-- ConfigError               a file to repair: path, line, what; stops the start
    +-- PluginError               a kind that no installed component has, or one that cannot be loaded
    +-- RecordingError            a recording that cannot be read or written: path, row, what
    +-- JournalError              the journal cannot be written or read; readings are not acknowledged
    +-- BrokerError               Kafka refuses, or its topics do not fit; readings are not acknowledged
    |   +-- BrokerAwayError       Kafka cannot be reached just now
    +-- InfluxError               InfluxDB's token, organisation or bucket is wrong, or its spool cannot be used
    +-- SecretError               a token, password or key is not where it should be; turned into the reader's own
    +-- StoreError                the store of warnings and deliveries cannot be opened, read or written
    |   +-- StoreAwayError        its server cannot be reached just now
    +-- DutyError                 what a person asked for cannot be done, or not any more
    |   +-- ForbiddenError        this person may not
    |   +-- UnknownError          there is no such thing
    +-- AddressError              an address that cannot be listened on
    +-- BackPressureError         not taken now; come again after `retry_after_s`
    +-- ChannelError              a channel could not be set up (a failed delivery is an Outcome, not an error)

ValueErrors of the model (BatchError, InventoryError, UnitError) are turned into these at the edge.
"""

from __future__ import annotations

from pathlib import Path


class ForewarnError(Exception):
    """Root of the tree; shown to the operator without a traceback."""


class ConfigError(ForewarnError):
    """Something in a configuration or inventory file is wrong."""

    def __init__(self, path: Path | str, what: str, line: int | None = None) -> None:
        place = f"{path}:{line}" if line else str(path)
        super().__init__(f"{place}: {what}")
        self.path = str(path)
        self.line = line
        self.what = what


class PluginError(ForewarnError):
    """No component of that kind is installed, or its extra is missing."""


class RecordingError(ForewarnError):
    """A recording that cannot be read or written."""


class JournalError(ForewarnError):
    """The journal cannot be opened, written or read."""


class BrokerError(ForewarnError):
    """Kafka cannot be reached, refuses, or its topics are not what the configuration says."""


class InfluxError(ForewarnError):
    """InfluxDB refuses the token, has no such bucket, or its spool on disk cannot be used."""


class BrokerAwayError(BrokerError):
    """Kafka cannot be reached just now."""


class SecretError(ForewarnError):
    """A secret is not to be had where a configuration says it is."""


class StoreError(ForewarnError):
    """The store cannot be opened, read or written."""


class StoreAwayError(StoreError):
    """The server of the store cannot be reached just now, or does not take connections yet."""


class DutyError(ForewarnError):
    """What a person asked for cannot be done, or not any more."""


class ForbiddenError(DutyError):
    """This person may not; somebody else may."""


class UnknownError(DutyError):
    """There is no such report, call, roster, silence, token."""


class ChannelError(ForewarnError):
    """A channel whose options cannot work."""


class AddressError(ForewarnError):
    """An address that cannot be listened on."""


class BackPressureError(ForewarnError):
    """What was offered is not taken now; nothing of it was kept."""

    def __init__(self, why: str, retry_after_s: float) -> None:
        super().__init__(f"{why}; try again in {retry_after_s:g} s")
        self.retry_after_s = retry_after_s


def complaints(error: BaseException) -> list[ForewarnError]:
    """The single complaints of an error or a group of them, however deep.

    Raises:
        BaseException: what is in it and is no complaint.
    """
    if isinstance(error, BaseExceptionGroup):
        return [one for inner in error.exceptions for one in complaints(inner)]
    if isinstance(error, ForewarnError):
        return [error]
    raise error
