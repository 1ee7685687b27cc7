"""The files of a recording: what they are called, what stands in them, how they come into being at once or not at all.

    FOLDER/day=2026-06-01/shard=0003/0003-00000000000000001234.parquet

The day is that of the readings (UTC), the shard a partition of `readings` (0 in `forewarn run`), the number the log's
position of the first message that is in any file of that roll.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
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
_NAME: Final = re.compile(r"^\d{4,}-(\d{20})\.parquet$")


def name_of(folder: Path, day: int, shard: int, first_position: int) -> Path:
    """Where the readings of one day and shard go; `day` counts from 1970."""
    named = (_EPOCH + timedelta(days=day)).isoformat()
    return folder / f"day={named}" / f"shard={shard:04d}" / f"{shard:04d}-{first_position:020d}.parquet"


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


def write(path: Path, table: Any, inventory: str, positions: tuple[int, int]) -> None:
    """The whole file or none, durable on return; one of the same name is replaced.

    Args:
        positions: of the first and the last message of the roll.

    Raises:
        RecordingError: the disk refuses.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with whole_file(path) as file:
            write_to(file, table, inventory, positions)
        for folder in (path.parent.parent, path.parent.parent.parent):
            sync_folder(folder)
    except (OSError, pa.ArrowException) as error:
        raise RecordingError(f"{path} cannot be written: {error}") from error


def write_to(sink: Any, table: Any, inventory: str, positions: tuple[int, int]) -> None:
    """The same into anything that pyarrow writes to."""
    notes = {
        **table.schema.metadata,
        INVENTORY: inventory.encode(),
        FIRST_POSITION: str(positions[0]).encode(),
        LAST_POSITION: str(positions[1]).encode(),
    }
    pq.write_table(table.replace_schema_metadata(notes), sink, compression="zstd", row_group_size=ROWS_A_GROUP)


def begins_from(path: Path, shard: int, position: int) -> bool:
    """Whether it is a finished file of this shard whose roll began at `position` or later."""
    found = _NAME.match(path.name)
    return path.parent.name == f"shard={shard:04d}" and bool(found and int(found[1]) >= position)


def forget_from(folder: Path, shard: int, position: int) -> None:
    """Take away what a crash left behind of rolls that were not finished: the log has it, and it is written again.

    Raises:
        RecordingError: the disk refuses.
    """
    try:
        for path in folder.glob(f"day=*/shard={shard:04d}/*"):
            if path.suffix == PART or begins_from(path, shard, position):
                path.unlink()
    except OSError as error:
        raise RecordingError(f"{folder} cannot be written: {error}") from error


def recorded(folder: Path) -> Iterator[Path]:
    """Every finished file of a recording, in order of day, shard and position."""
    return iter(sorted(folder.glob("day=*/shard=*/*.parquet")))
