"""Where the files of a recording go: a folder of this machine, or a bucket. Both keep the same names."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Protocol

import pyarrow as pa
from pyarrow.fs import FileType

from device_adapters.recordings.s3 import Bucket
from pipeline.config.recorder import RecorderOptions
from pipeline.connectors.recorder import files
from pipeline.connectors.recorder.files import Roll
from pipeline.errors import RecordingError


class Place(Protocol):
    """A file is there whole or not at all, and durable when `write` returns.

    Raises:
        RecordingError: of every method: the disk or the bucket refuses; it may be tried again.
    """

    def write(self, day: int, table: Any, roll: Roll) -> None:
        """One file of a roll; one of the same name is replaced, unless it reaches further."""
        ...

    def forget_from(self, roll: Roll) -> None:
        """Take away the files of its log and shard that begin where it does, or later."""
        ...


class Folder:
    """On this machine.

    Raises:
        RecordingError: the folder cannot be made.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            path.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise RecordingError(f"recorder.path: {path} cannot be made: {error}") from error

    def write(self, day: int, table: Any, roll: Roll) -> None:
        """Flushed to the disk under another name, then renamed."""
        files.write(files.name_of(self._path, day, roll), table, roll)

    def forget_from(self, roll: Roll) -> None:
        """What a crash left half-written goes too."""
        files.forget_from(self._path, roll)


class BucketPlace:
    """At S3. An object is seen when all of it is there."""

    def __init__(self, bucket: Bucket) -> None:
        self._bucket = bucket

    def write(self, day: int, table: Any, roll: Roll) -> None:
        """Put it there."""
        key = str(files.name_of(Path(self._bucket.root), day, roll))
        with self._bucket.told(f"does not take {key}"):
            if self._reaches_beyond(key, roll):
                return
            content = pa.BufferOutputStream()
            files.write_to(content, table, roll)
            with self._bucket.filesystem.open_output_stream(key) as stream:
                stream.write(content.getvalue())

    def _reaches_beyond(self, key: str, roll: Roll) -> bool:
        if self._bucket.filesystem.get_file_info(key).type is not FileType.File:
            return False
        with self._bucket.filesystem.open_input_file(key) as file:
            return files.reaches_beyond(file, roll)

    def forget_from(self, roll: Roll) -> None:
        """Take them away one by one."""
        for one in self._bucket.files():
            if files.is_remnant(Path(one.key), roll):
                with self._bucket.told(f"does not let go of {one.key}"):
                    self._bucket.filesystem.delete_file(one.key)


def place_of(options: RecorderOptions) -> Place:
    """What `recorder.path` names.

    Raises:
        RecordingError: the folder cannot be made, or the key of the bucket is not to be had.
    """
    if isinstance(options.path, str):
        return BucketPlace(Bucket(options.s3, options.path))
    return Folder(options.path or Path())
