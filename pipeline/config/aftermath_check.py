"""What is wrong with `[drill]` and `[coverage]`: exercises that could not leave, rows that count for nobody."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from alerting.coverage.reach import contradictions
from alerting.drill import gate
from pipeline.config.config import Config
from pipeline.config.coverage import load_reach
from pipeline.config.toml_file import TomlFile
from pipeline.errors import ConfigError, complaints


def drill_complaints(config: Config, file: TomlFile) -> Iterator[ConfigError]:
    """Drill channels and scenarios that are none, and routes that carry exercises to channels not named for drills."""
    for what in gate.complaints(config.drill, config.channels):
        yield file.error(("drill", "channels"), what)
    for missing in [one for one in config.drill.scenarios if not one.is_file()]:
        yield file.error(("drill", "scenarios"), f"no file {missing}")
    for number, way in enumerate(config.routes if config.drill.channels else ()):
        barred = {one.partition("/")[0] for one in (*way.to, *way.fallback)} - set(config.drill.channels)
        if way.exercise and barred:
            what = f"{', '.join(sorted(barred))}: not among [drill] channels, so no exercise leaves by it"
            yield file.error(("routes", number, "exercise"), what)


def reach_complaints(config: Config, file: TomlFile, targets: Mapping[str, Sequence[str]]) -> Iterator[ConfigError]:
    """Tables that cannot be read, and rows of areas, channels and targets that do not exist."""
    try:
        table = load_reach(config.coverage, config.inventory)
    except* ConfigError as group:
        yield from (one for one in complaints(group) if isinstance(one, ConfigError))
    else:
        for what in contradictions(table.rows, targets):
            yield file.error(("coverage", "reach"), what)
