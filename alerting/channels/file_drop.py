"""Channel `file_drop`: the CAP document of each report as a file in a folder that another system reads.

A target is a folder, made if its parent exists. The file is named after the report's id. It appears whole or not at
all: written beside, synced, renamed. It is there when `send` says DELIVERED; whether anybody read it, nobody knows.
"""

from __future__ import annotations

import errno
from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar, Final
from urllib.parse import quote

from pydantic import Field

from alerting.base import Channel, ChannelOptions, FailureReason, Message, Outcome, failed
from alerting.channels.blocking import in_thread
from pipeline.durable import whole_file
from pipeline.model.delivery import DeliveryState

_MISCONFIGURED: Final = {errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOTDIR, errno.ENAMETOOLONG}
"""The rest may pass: a share that is away (ENOENT, EIO, ESTALE), a disk that is full (ENOSPC)."""


class FileDropOptions(ChannelOptions):
    """Where it writes.

    Attributes:
        targets: name -> folder; it is made, its parent must be there.
    """

    targets: dict[str, Path] = Field(min_length=1)


class FileDrop(Channel):
    """Writes each report once; to write the same again changes nothing."""

    kind: ClassVar[str] = "file_drop"
    options_type: ClassVar[type[ChannelOptions]] = FileDropOptions

    def __init__(self, name: str, options: FileDropOptions) -> None:
        super().__init__(name, options)
        self._folders = dict(options.targets)

    @property
    def targets(self) -> Sequence[str]:
        """Names of the folders."""
        return tuple(sorted(self._folders))

    async def send(self, message: Message, target: str) -> Outcome:
        """DELIVERED once the file is in its folder and would survive a loss of power."""
        folder = self._folders.get(target)
        if folder is None:
            return failed(FailureReason.MISCONFIGURED, f"no target {target!r} in channel {self.name!r}")
        path = folder / file_name(message.warning.id)
        try:
            await in_thread(lambda: write_once(path, message.cap_xml), self.timeout_s)
        except TimeoutError:
            return failed(FailureReason.TIMEOUT, f"{folder} did not answer within {self.timeout_s:g} s")
        except OSError as error:
            reason = FailureReason.MISCONFIGURED if error.errno in _MISCONFIGURED else FailureReason.UNREACHABLE
            return failed(reason, f"cannot write into {folder}: {error.strerror}")
        return Outcome(DeliveryState.DELIVERED, detail=path.name)


def file_name(warning_id: str) -> str:
    """The report's id, with what a path could take for a direction escaped."""
    return quote(warning_id, safe="").replace(".", "%2E", 1 if warning_id.startswith(".") else 0) + ".xml"


def write_once(path: Path, content: bytes) -> None:
    """Have `path` hold `content`, durably and never in part. The folder is made; its parent must be there."""
    path.parent.mkdir(exist_ok=True)
    if path.exists() and path.read_bytes() == content:
        return
    with whole_file(path) as file:
        file.write(content)
