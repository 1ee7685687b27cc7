"""The words of the page: both languages complete, every key used, every value of the model named."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from enum import Enum

import pytest

from alerting.console import sensor_views, views
from alerting.console.sensor_views import Condition
from alerting.console.static_files import STATIC
from detectors.sensor_health.qualify import DROP_REASONS
from device_adapters.codecs.base import RejectReason
from pipeline.model.delivery import DeliveryState
from pipeline.model.hazard import Hazard, SensorKind
from pipeline.model.level import Level
from pipeline.model.quantity import Quantity
from pipeline.model.warning import Report, WarningStatus

SCRIPTS = "\n".join(path.read_text() for path in sorted(STATIC.rglob("*.js")))
PAGE = (STATIC / "index.html").read_text()
DICTIONARIES = {name: json.loads((STATIC / "i18n" / f"{name}.json").read_text()) for name in ("zh", "en")}


def test_both_languages_have_the_same_keys() -> None:
    assert list(DICTIONARIES["zh"]) == list(DICTIONARIES["en"])


@pytest.mark.parametrize("key", DICTIONARIES["en"])
def test_both_languages_fill_in_the_same_values(key: str) -> None:
    placeholders = [set(re.findall(r"\{(\w+)\}", words[key])) for words in DICTIONARIES.values()]
    assert placeholders[0] == placeholders[1]
    assert all(words[key].strip() for words in DICTIONARIES.values())


def test_every_hazard_that_people_see_can_be_entered() -> None:
    script = (STATIC / "js" / "panels" / "duty_after.js").read_text()
    (offered,) = re.findall(r"const HAZARDS = \[([^]]*)\]", script)
    assert re.findall(r'"(\w+)"', offered) == [one.value for one in Hazard if one is not Hazard.SENSOR_FAULT]


def test_every_key_that_is_named_has_words() -> None:
    named = set(re.findall(r"""\bt\(\s*"([\w.]+)\"""", SCRIPTS)) | set(
        re.findall(r'data-(?:text|label)="([\w.]+)"', PAGE)
    )
    assert len(named) > 50
    assert named - set(DICTIONARIES["en"]) == set()


def test_every_word_is_used() -> None:
    groups = set(re.findall(r"`(\w+)\.\$\{", SCRIPTS)) | set(re.findall(r'tCode\("(\w+)"', SCRIPTS))
    unused = [key for key in DICTIONARIES["en"] if f'"{key}"' not in SCRIPTS + PAGE and key.split(".")[0] not in groups]
    assert unused == []


MEMBERS: dict[str, Iterable[Enum | str]] = {
    "hazard": Hazard,
    "report": Report,
    "status": set(WarningStatus) - {WarningStatus.ACTUAL},
    "state": DeliveryState,
    "state_meaning": DeliveryState,
    "quantity": Quantity,
    "kind": SensorKind,
    "condition": Condition,
    "condition_meaning": Condition,
    "level": [str(int(level)) for level in Level],
    "class": [str(int(level)) for level in Level if level],
    "meaning": [str(int(level)) for level in Level if level],
}


@pytest.mark.parametrize("group", MEMBERS)
@pytest.mark.parametrize("language", DICTIONARIES)
def test_every_value_of_the_model_has_words(group: str, language: str) -> None:
    values = {member.value if isinstance(member, Enum) else member for member in MEMBERS[group]}
    named = {key.split(".")[1] for key in DICTIONARIES[language] if key.startswith(f"{group}.")}
    assert named == values


@pytest.mark.parametrize("reason", [*RejectReason, *DROP_REASONS.values()])
def test_every_reason_for_a_drop_has_words(reason: str) -> None:
    assert all(f"drop.{reason}" in words for words in DICTIONARIES.values())


@pytest.mark.parametrize("name", [*Hazard, *Condition, *(f"level-{int(level)}" for level in Level)])
def test_every_hazard_condition_and_level_has_a_shape(name: str) -> None:
    icons = (STATIC / "icons.svg").read_text()
    assert f'id="{name}"' in icons or name == Condition.ALARM  # worn by the level's shape


def test_every_icon_is_used() -> None:
    icons = re.findall(r'<symbol id="([\w-]+)"', (STATIC / "icons.svg").read_text())
    model = {*Hazard, *SensorKind, *Condition, *(f"level-{int(level)}" for level in Level), "auto", "light", "dark"}
    assert [name for name in icons if name not in model and f'"{name}"' not in SCRIPTS] == []


TYPES = {
    "Text": views.TextView,
    "Attribution": views.Attribution,
    "Process": views.ProcessView,
    "Report": views.ReportView,
    "Lead": views.LeadView,
    "Finding": views.FindingView,
    "ChannelCount": views.ChannelCount,
    "Warning": views.WarningView,
    "Delivery": views.DeliveryView,
    "LedgerRow": views.LedgerRow,
    "Pulse": views.Pulse,
    "Situation": views.Situation,
    "Sensor": sensor_views.SensorView,
    "Series": sensor_views.SeriesView,
    "Threshold": sensor_views.ThresholdView,
    "FindingDetail": sensor_views.FindingDetail,
}


@pytest.mark.parametrize("name", TYPES)
def test_the_types_of_the_scripts_are_those_of_the_views(name: str) -> None:
    declared = (STATIC / "js" / "types.d.ts").read_text()
    body = re.search(rf"interface {name} \{{(.*?)\n?\}}", declared, re.DOTALL)
    assert body is not None
    assert re.findall(r"(\w+):", body[1]) == list(TYPES[name].__struct_fields__)
