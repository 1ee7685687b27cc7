"""Whether the secrets that a configuration names are there, for those who check it before they start anything."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from pipeline.config.config import Config
from pipeline.config.toml_file import TomlFile
from pipeline.config.toml_lines import Place
from pipeline.errors import ConfigError, ForewarnError


def missing_secrets(config: Config) -> list[ConfigError]:
    """Tokens, passwords and keys that are not to be had here; those of adapters and channels a rehearsal asks for."""
    file = TomlFile(config.path)
    return [file.error(place, _plain(place, str(error))) for place, error in _asked(config)]


def _asked(config: Config) -> Iterator[tuple[Place, ForewarnError]]:
    for place, get in _named(config):
        try:
            get()
        except ForewarnError as error:
            yield place, error


def _named(config: Config) -> Iterator[tuple[Place, Callable[[], object]]]:
    if config.influx.url:
        yield ("influx", config.influx.token_source), config.influx.token
    if config.kafka.sasl != "off":
        source = "password_file" if config.kafka.password_file else "password_env"
        yield ("kafka", source), config.kafka.password
    if config.kafka.tls == "on":
        yield ("kafka", "tls"), config.kafka.context
    if isinstance(config.recorder.path, str):
        yield ("recorder", "s3"), config.recorder.s3.key
    if config.alerting.store_env:
        yield ("alerting", "store_env"), lambda: config.alerting.url(config.process.data)


def _plain(place: Place, words: str) -> str:
    """Without the name of the option, where the words begin with it."""
    section, option = place[0], place[-1]
    begun = f"{section}: {option}"
    for prefix in (
        f"{section}.{option}: ",
        f"{begun}: ",
        f"{begun} ",
        f"{section}: ",
        f"[{section}] {option}: ",
        "s3.",
    ):
        if words.startswith(prefix):
            return words.removeprefix(prefix)
    return words
