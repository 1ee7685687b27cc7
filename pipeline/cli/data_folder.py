"""What a site has stored, for the commands that look into it while `forewarn run` may be at work or not."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from alerting.store.store import Store
from pipeline.config.config import Config
from pipeline.errors import StoreError
from pipeline.runners.embedded import STORE_FILE


def data_folder(config: Config, instead: Path | None) -> Path:
    """The folder that a run writes to: the configured one, or the one named instead."""
    return instead or config.process.data


@contextmanager
def open_store(config: Config, instead: Path | None) -> Iterator[Store]:
    """The configured store, closed at the end; the one in another data folder, if one is named `instead`.

    Raises:
        StoreError: nothing is stored there.
    """
    file = data_folder(config, instead) / STORE_FILE
    url = f"sqlite:///{file}" if instead else config.alerting.url(file)
    if url.startswith("sqlite") and not file.is_file():
        raise StoreError(
            f"{file.parent}: nothing is stored here; name the folder that `forewarn run` writes to with --data"
        )
    store = Store(url)
    try:
        yield store
    finally:
        store.close()
