"""Warnings in force as Alertmanager's v2 `alerts` interface lists alerts, for tools that read it: amtool, Grafana.

Format: prometheus/alertmanager, api/v2/openapi.yaml, `getAlerts`; matchers as in its documentation of `filter`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from pydantic import BaseModel, ConfigDict

from alerting.api.endpoint import Ask, Endpoint
from alerting.desk import Desk
from alerting.short_text import text_of
from alerting.store.hold import HoldKind
from pipeline.errors import DutyError
from pipeline.model.instant import Instant
from pipeline.model.level import Level
from pipeline.model.warning import HazardWarning

RECEIVER: Final = "forewarn"
SEVERITIES: Final = {Level.BLUE: "info", Level.YELLOW: "warning", Level.ORANGE: "error", Level.RED: "critical"}
"""The words of `[intake] severities`, so that what is read here and sent there means the same."""
MATCHER_MAX: Final = 200
_MATCHER: Final = re.compile(r'\s*([A-Za-z_][\w]*)\s*(=~|!~|!=|=)\s*(?:"((?:[^"\\]|\\.)*)"|([^"]*?))\s*')
_REPEATED_GROUP: Final = re.compile(r"\)\s*[*+{]")
"""A pattern that might take for ever."""


class Receiver(BaseModel):
    """Who is told."""

    name: str


class Status(BaseModel):
    """Whether it is told: active, suppressed (by a silence, or a greater report), unprocessed (waits for release)."""

    state: str
    silencedBy: tuple[str, ...]  # noqa: N815  # Alertmanager's own names
    inhibitedBy: tuple[str, ...]  # noqa: N815
    mutedBy: tuple[str, ...] = ()  # noqa: N815


class Listed(BaseModel):
    """One warning in force."""

    model_config = ConfigDict(frozen=True)

    fingerprint: str
    labels: dict[str, str]
    annotations: dict[str, str]
    receivers: tuple[Receiver, ...]
    status: Status
    startsAt: Instant  # noqa: N815
    updatedAt: Instant  # noqa: N815
    endsAt: Instant  # noqa: N815
    generatorURL: str = ""  # noqa: N815


def _alerts(ask: Ask) -> list[Listed]:
    wanted = [_matcher(one) for one in ask.repeated.get("filter", ())]
    shown = {name for name in ("active", "silenced", "inhibited", "unprocessed") if ask.query.get(name) != "false"}
    pending = {one.chain for one in ask.desk.store.pending()}
    reports = ask.desk.store.warnings_in_force(ask.desk.clock.now())
    listed = (_listed(ask.desk, one, is_pending=one.chain in pending) for one in reports)
    return [one for one in listed if _is_shown(one.status, shown) and all(each(one.labels) for each in wanted)]


def _is_shown(status: Status, shown: set[str]) -> bool:
    if status.state != "suppressed":
        return status.state in shown
    return not ((status.silencedBy and "silenced" not in shown) or (status.inhibitedBy and "inhibited" not in shown))


def _listed(desk: Desk, last: HazardWarning, *, is_pending: bool) -> Listed:
    held = [one for one in desk.store.held(chain=last.chain) if one.over_at is None]
    silenced = sorted({one.by for one in held if one.kind is HoldKind.SILENCE})
    inhibited = sorted({one.by for one in held if one.kind is HoldKind.INHIBITION})
    state = "unprocessed" if is_pending else "suppressed" if silenced or inhibited else "active"
    text = text_of(last, "en-US")
    return Listed(
        fingerprint=last.chain,
        labels={
            "alertname": last.hazard.value,
            "area": ",".join(last.areas),
            "chain": last.chain,
            "level": last.level.word,
            "severity": SEVERITIES.get(last.level, "none"),
            "status": last.status.value,
        },
        annotations={"summary": text.headline, "description": text.description, "instruction": text.instruction},
        receivers=(Receiver(name=RECEIVER),),
        status=Status(state=state, silencedBy=tuple(silenced), inhibitedBy=tuple(inhibited)),
        startsAt=last.references[0][1] if last.references else last.sent_at,
        updatedAt=last.sent_at,
        endsAt=last.expires_at,
    )


def _matcher(text: str) -> _Matcher:
    found = _MATCHER.fullmatch(text)
    if found is None or len(text) > MATCHER_MAX:
        raise DutyError(f'filter: {text[:50]!r} is no matcher; want for example area=~"3301.*"')
    name, how, quoted, bare = found.groups()
    value = bare if quoted is None else re.sub(r"\\(.)", r"\1", quoted)
    return _Matcher(name, how, value)


class _Matcher:
    """`name=value`, `!=`, and with a pattern that the whole value fits: `=~`, `!~`. A label that is not there is ""."""

    def __init__(self, name: str, how: str, value: str) -> None:
        self._name = name
        self._positive = how in {"=", "=~"}
        if _REPEATED_GROUP.search(value) and "~" in how:
            raise DutyError(f"filter: a repeated group is not taken: {value[:50]!r}")
        try:
            self._pattern = re.compile(value if "~" in how else re.escape(value))
        except re.error as error:
            raise DutyError(f"filter: {value[:50]!r} is no pattern: {error}") from error

    def __call__(self, labels: dict[str, str]) -> bool:
        return bool(self._pattern.fullmatch(labels.get(self._name, ""))) is self._positive


LISTED: Final = Endpoint(
    "GET",
    "/alerts",
    "Warnings in force as Alertmanager's v2 interface lists alerts; also served at /api/v2/alerts.",
    _alerts,
    list[Listed],
    query={
        "filter": 'a matcher such as level="red" or area=~"3301.*"; may stand several times',
        "active": '"false" leaves out those that are told',
        "silenced": '"false" leaves out what a silence hides',
        "inhibited": '"false" leaves out what a greater report swallowed',
        "unprocessed": '"false" leaves out what waits for release',
        "receiver": "taken and passed over: there is one",
    },
)
ENDPOINTS: Sequence[Endpoint] = (LISTED,)
