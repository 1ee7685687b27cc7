"""The sample site's forewarn.toml."""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256
from typing import Final

from alerting.stages.route import RouteOptions
from pipeline.config.load import SECTIONS
from pipeline.registry import Group, kinds, load
from sample_site.settings import table

TOKEN: Final = "change-me"  # noqa: S105  # the one everybody knows, to be changed

_HEAD: Final = """\
# A small site to start from: one village, one filling station, three sensors, all of them made up.
# `forewarn check` reads this file, `forewarn run` starts it. Each option is here: those that begin with # have the
# default that is shown; take the # away to change one. Paths start from this file's folder.
"""
_WORDS: Final = {
    "process": "The process itself.",
    "inventory": "Areas, sites and sensors: one TOML file, or a folder with areas.csv, sites.csv, sensors.csv.",
    "console": "The page.",
    "quality": "Tests of the readings themselves; for one sensor, in its `thresholds` as `sensor_health.NAME`.",
    "assessment": "How the findings of an area are weighed.",
    "warnings": "Who speaks, and when a report is due. Put your own name here.",
    "alerting": "Where warnings and deliveries are kept.",
    "retry": "When a delivery is tried again.",
    "release": "Who must say yes before a report reaches whom. What no [[release.rules]] fits goes out at once.",
    "routing": "What is not sent at once though a route leads there: silence of the lesser, limits, gathering.",
    "intake": "What alerts of Prometheus and Alertmanager mean here, where they are sent to this page.",
    "duty": "People, rosters, and whom to call until someone answers: docs/duty.md.",
    "coverage": "Whom each channel reaches, to tell how much of the population was told: docs/coverage.md.",
    "drill": "What exercises may leave by: docs/drills.md.",
    "kafka": "Many machines: for `forewarn gateway`, `worker` and `topics`; `forewarn run` needs none of it.",
    "influx": "InfluxDB, for Grafana: written by `forewarn sink` and, where a url is given, by `forewarn run`.",
    "recorder": "Every reading to Parquet files, for `forewarn replay`: by `forewarn sink` and `forewarn run`.",
    "service": "Health and metrics of `forewarn gateway`, `worker`, `sink` and `console`, and how they log.",
}
_GIVEN: Final = {
    "inventory": {"path": "inventory.toml"},
    "warnings": {"sender": "sample-site.forewarn.invalid"},
}


def configuration() -> str:
    """The file, from the options of everything that is installed."""
    return "\n\n".join([_HEAD, *_sections(), *_adapters(), *_detectors(), *_channels()]) + "\n"


def _sections() -> Iterator[str]:
    for name, model in SECTIONS.items():
        yield f"# {_WORDS[name]}\n" + table(name, model, _GIVEN.get(name))


def _adapters() -> Iterator[str]:
    def adapter(name: str, kind: str, given: dict[str, object], *, live: bool = True) -> str:
        options = load(Group.DEVICE_ADAPTERS, kind).options_type
        return table(f"adapters.{name}", options, {"kind": kind, **given}, live=live)

    yield (
        "# Where readings come from. This one plays a recording, as if it ended now; take it out when devices send.\n"
        + (adapter("recording", "replay", {"files": ["readings.csv"], "last_at": "now"}))
    )
    yield (
        "# Devices that push over HTTP. The token is 'change-me'; for one of your own: printf %s TOKEN | sha256sum\n"
        + adapter("http", "http", {"devices": {"station": _device()}})
    )
    yield (
        "# Devices that publish over MQTT, one message a reading, topic forewarn/SITE/SENSOR.\n"
        + adapter(
            "mqtt",
            "mqtt",
            {"host": "127.0.0.1", "client_id": "forewarn-sample-site", "topics": ["forewarn/#"]},
            live=False,
        )
    )


def _device() -> dict[str, object]:
    return {"token_sha256": sha256(TOKEN.encode()).hexdigest(), "sensors": ["*"]}


def _detectors() -> Iterator[str]:
    yield "# Detectors. All that are installed are at work; `enabled = false` switches one off."
    for kind in kinds(Group.DETECTORS):
        yield table(f"detectors.{kind}", load(Group.DETECTORS, kind).options_type)


def _channels() -> Iterator[str]:
    options = load(Group.CHANNELS, "file_drop").options_type
    given = {"kind": "file_drop", "targets": {"public": "outbox", "workshop": "repairs"}}
    yield (
        "# Ways to reach people. This one writes each report as a CAP 1.2 file; `forewarn list` shows the others.\n"
        + table("channels.files", options, given)
    )
    route = table("routes", RouteOptions, {"name": "everything for the public", "to": ["files/public"]})
    yield "# Who is told of what.\n" + route.replace("[routes]", "[[routes]]", 1)
    yield ('[[routes]]\nname = "faults of sensors"\naudience = "maintenance"\nto = ["files/workshop"]')
