"""The data folder of a site, for the commands that look into it while `forewarn run` may be at work or not."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from alerting.store.store import Store
from pipeline.config.config import Config
from pipeline.errors import StoreError
from pipeline.runners.embedded import STORE_FILE, store_url


def data_folder(config: Config, instead: Path | None) -> Path:
    """The folder that holds what a run has stored: the configured one, or the one named instead.

    Raises:
        StoreError: nothing is stored there.
    """
    folder = instead or config.process.data
    if not (folder / STORE_FILE).is_file():
        raise StoreError(f"{folder}: nothing is stored here; name the folder that `forewarn run` writes to with --data")
    return folder


@contextmanager
def open_store(folder: Path) -> Iterator[Store]:
    """The store in a data folder, closed at the end."""
    store = Store(store_url(folder))
    try:
        yield store
    finally:
        store.close()
