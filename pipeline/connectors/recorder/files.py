"""The files of a recording: what they are called, what stands in them, how they come into being at once or not at all.

    FOLDER/day=2026-06-01/shard=0003/0003-5f0c91d2-00000000000000001234.parquet

The day is that of the readings (UTC), the shard a partition of `readings` (0 in `forewarn run`). 5f0c91d2 is the log
that they were taken from: positions of another begin again, and must not take the place of these. The number is the
log's position of the first message that is in any file of that roll.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from device_adapters.recordings.writer import readings_table
from pipeline.durable import PART, sync_folder, whole_file
from pipeline.errors import RecordingError
from pipeline.model.batch import ReadingBatch
from pipeline.model.instant import NS_PER_S

INVENTORY: Final = b"forewarn.inventory"
FIRST_POSITION: Final = b"forewarn.first_position"
LAST_POSITION: Final = b"forewarn.last_position"
ROWS_A_GROUP: Final = 65_536
DAY_NS: Final = 86_400 * NS_PER_S
_EPOCH: Final = date(1970, 1, 1)
_FAR_DAYS: Final = 31
"""A reading dated further than this from its receipt is filed under the day of the receipt: a clock gone wrong must
not make a folder for every day of a century."""
_NAME: Final = re.compile(r"^\d{4,}-([0-9a-f]{8})-(\d{20})\.parquet$")


@dataclass(frozen=True, slots=True)
class Roll:
    """What is written at one time of one shard.

    Attributes:
        log: eight hexadecimal digits that tell its log from others.
        first, last: positions of its first and its last message there.
        inventory: the version of the inventory.
    """

    log: str
    shard: int
    first: int
    last: int
    inventory: str


def name_of(folder: Path, day: int, roll: Roll) -> Path:
    """Where its readings of one day go; `day` counts from 1970."""
    named = (_EPOCH + timedelta(days=day)).isoformat()
    name = f"{roll.shard:04d}-{roll.log}-{roll.first:020d}.parquet"
    return folder / f"day={named}" / f"shard={roll.shard:04d}" / name


def table_of(batch: ReadingBatch) -> tuple[Any, np.ndarray[tuple[int], np.dtype[np.int64]]]:
    """The readings with the column received_at, and of each the day that it is filed under."""
    received_ns = np.full(len(batch), batch.received_at_ns or 0, np.int64)
    mask = np.full(len(batch), batch.received_at_ns is None)
    received = pa.array(received_ns, mask=mask).view(pa.timestamp("ns", "UTC"))
    day = batch.observed_at_ns // DAY_NS
    if batch.received_at_ns is not None:
        received_day = batch.received_at_ns // DAY_NS
        day = np.where(np.abs(day - received_day) > _FAR_DAYS, received_day, day)
    return readings_table(batch).append_column("received_at", received), day


def write(path: Path, table: Any, roll: Roll) -> None:
    """The whole file or none, durable on return; one of the same name is replaced, unless it reaches further.

    Raises:
        RecordingError: the disk refuses.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.exists() and reaches_beyond(path, roll):
            return
        with whole_file(path) as file:
            write_to(file, table, roll)
        for folder in (path.parent.parent, path.parent.parent.parent):
            sync_folder(folder)
    except (OSError, pa.ArrowException) as error:
        raise RecordingError(f"{path} cannot be written: {error}") from error


def write_to(sink: Any, table: Any, roll: Roll) -> None:
    """The same into anything that pyarrow writes to."""
    notes = {
        **table.schema.metadata,
        INVENTORY: roll.inventory.encode(),
        FIRST_POSITION: str(roll.first).encode(),
        LAST_POSITION: str(roll.last).encode(),
    }
    pq.write_table(table.replace_schema_metadata(notes), sink, compression="zstd", row_group_size=ROWS_A_GROUP)


def reaches_beyond(source: Any, roll: Roll) -> bool:
    """Whether a file, opened or by its path, holds later positions: a successor wrote it, while we were paused."""
    notes = pq.read_schema(source).metadata or {}
    return int(notes.get(LAST_POSITION, b"-1")) > roll.last


def is_remnant(path: Path, roll: Roll) -> bool:
    """Whether it is a finished file of the same log and shard that begins where the roll does, or later."""
    found = _NAME.match(path.name)
    same_shard = path.parent.name == f"shard={roll.shard:04d}"
    return same_shard and bool(found and found[1] == roll.log and int(found[2]) >= roll.first)


def forget_from(folder: Path, roll: Roll) -> None:
    """Take away what a crash left behind of rolls that were not finished: the log has it, and it is written again.

    Raises:
        RecordingError: the disk refuses.
    """
    try:
        for path in folder.glob(f"day=*/shard={roll.shard:04d}/*"):
            if path.suffix == PART or is_remnant(path, roll):
                path.unlink(missing_ok=True)
    except OSError as error:
        raise RecordingError(f"{folder} cannot be written: {error}") from error


def recorded(folder: Path) -> Iterator[Path]:
    """Every finished file of a recording, in order of day, shard, log and position."""
    return iter(sorted(folder.glob("day=*/shard=*/*.parquet")))
