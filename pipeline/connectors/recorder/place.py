"""Where the files of a recording go: a folder of this machine, or a bucket. Both keep the same names."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Protocol

import pyarrow as pa

from device_adapters.recordings.s3 import Bucket
from pipeline.config.recorder import RecorderOptions
from pipeline.connectors.recorder import files
from pipeline.errors import RecordingError


class Place(Protocol):
    """A file is there whole or not at all, and durable when `write` returns.

    Raises:
        RecordingError: of every method: the disk or the bucket refuses; it may be tried again.
    """

    def write(self, day: int, shard: int, table: Any, inventory: str, positions: tuple[int, int]) -> None:
        """One file of a roll; one of the same day, shard and first position is replaced."""
        ...

    def forget_from(self, shard: int, position: int) -> None:
        """Take away the files of a shard that begin at `position` or later."""
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

    def write(self, day: int, shard: int, table: Any, inventory: str, positions: tuple[int, int]) -> None:
        """Flushed to the disk under another name, then renamed."""
        files.write(files.name_of(self._path, day, shard, positions[0]), table, inventory, positions)

    def forget_from(self, shard: int, position: int) -> None:
        """What a crash left half-written goes too."""
        files.forget_from(self._path, shard, position)


class BucketPlace:
    """At S3. An object is seen when all of it is there."""

    def __init__(self, bucket: Bucket) -> None:
        self._bucket = bucket

    def write(self, day: int, shard: int, table: Any, inventory: str, positions: tuple[int, int]) -> None:
        """Put it there."""
        key = str(files.name_of(Path(self._bucket.root), day, shard, positions[0]))
        with self._bucket.told(f"does not take {key}"):
            content = pa.BufferOutputStream()
            files.write_to(content, table, inventory, positions)
            with self._bucket.filesystem.open_output_stream(key) as stream:
                stream.write(content.getvalue())

    def forget_from(self, shard: int, position: int) -> None:
        """Take them away one by one."""
        for one in self._bucket.files():
            if files.begins_from(Path(one.key), shard, position):
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
