"""The pages of the command line and the configuration are what the program says now."""

from __future__ import annotations

import pytest
from make_reference import DOCS, MARK, PAGES, made

from alerting.stages.route import RouteOptions
from pipeline.cli.commands import SUMMARIES
from pipeline.config.describe import options
from pipeline.config.load import COMPONENTS, SECTIONS
from pipeline.model.area import Area
from pipeline.model.site import Sensor, Site
from pipeline.registry import Group, kinds, load

COMPONENT_MODELS = {kind: load(group, kind).options_type for group in Group for kind in kinds(group)}
MODELS = {**SECTIONS, **COMPONENT_MODELS, "routes": RouteOptions, "areas": Area, "sites": Site, "sensors": Sensor}


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_what_the_program_says_now(name: str) -> None:
    assert (DOCS / name).read_text("utf-8") == made(name), "run scripts/make_reference.py"


@pytest.mark.parametrize("name", PAGES)
def test_what_is_written_by_hand_stands_above_the_mark(name: str) -> None:
    by_hand, mark, _ = (DOCS / name).read_text("utf-8").partition(MARK)
    assert mark
    assert by_hand.startswith("# ")


@pytest.mark.parametrize("name", MODELS)
def test_every_option_says_what_it_means(name: str) -> None:
    assert [option.name for option in options(MODELS[name]) if not option.about] == []


def test_every_command_section_and_component_has_its_place() -> None:
    commands, configuration = ((DOCS / name).read_text("utf-8") for name in ("cli.md", "configuration.md"))
    assert [name for name in SUMMARIES if f"## forewarn {name}\n" not in commands] == []
    headings = [f"### [{name}]" for name in SECTIONS]
    headings += [f"### [detectors.{kind}]" for kind in kinds(Group.DETECTORS)]
    headings += [f'### {section}: kind = "{kind}"' for section, group in COMPONENTS.items() for kind in kinds(group)]
    assert [heading for heading in headings if f"{heading}\n" not in configuration] == []
