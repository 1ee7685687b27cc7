"""The plugin `forewarn`, which pytest loads by its entry point: see docs/pytest-plugin.md."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import pytest

if TYPE_CHECKING:  # who collects tests that do not play anything waits for none of it
    from pipeline.testing.played import Played

CONFIG = "forewarn_config"


class Replay(Protocol):
    """What the fixture `forewarn_replay` gives."""

    def __call__(
        self,
        *files: str | Path,
        config: str | Path | None = None,
        truth: str | Path | None = None,
        from_at: datetime | None = None,
        until_at: datetime | None = None,
        tick_s: float = 60.0,
        **form: Any,
    ) -> Played:
        """Play a recording.

        Args:
            files: Parquet or CSV files, or folders of the recorder; relative ones start from the test's own folder.
            config: whose inventory, detectors and rules, in place of the setting `forewarn_config`.
            truth: CSV of what really happened: hazard, area, onset_at.
            from_at, until_at: only readings from the one instant on, and before the other.
            tick_s: event time between looks for silence and expiry.
            form: more options of adapter `replay`, such as layout, zone or columns.

        Raises:
            ForewarnError, ExceptionGroup[ForewarnError]: a file that cannot be read, in the words of `forewarn replay`.
        """
        ...


def pytest_addoption(parser: pytest.Parser) -> None:
    """The one setting."""
    parser.addini(CONFIG, "configuration whose detectors the recordings are played through", default="forewarn.toml")


@pytest.fixture
def forewarn_config(pytestconfig: pytest.Config) -> Path:
    """Path of the configuration, by default `forewarn.toml` beside the settings of pytest; override it for another."""
    return pytestconfig.rootpath / str(pytestconfig.getini(CONFIG))


@pytest.fixture
def forewarn_replay(forewarn_config: Path, request: pytest.FixtureRequest) -> Replay:
    """Plays recordings through the whole core: quality, detectors, assessment, warnings; in event time."""
    from pipeline.testing.played import play  # noqa: PLC0415  # see above

    return _bound(play, forewarn_config, request.path.parent)


def _bound(play: Callable[..., Played], default: Path, folder: Path) -> Replay:
    def replay(
        *files: str | Path, config: str | Path | None = None, truth: str | Path | None = None, **options: Any
    ) -> Played:
        chosen = default if config is None else folder / config
        known = None if truth is None else folder / truth
        return play([folder / file for file in files], chosen, known, **options)

    return replay
