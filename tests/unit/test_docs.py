"""What the pages say is there: links, files, targets, commands, configurations."""

from __future__ import annotations

import re
import shlex
import tomllib
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any, Final

import pytest
import typer
import typer.main
from pydantic import BaseModel

from alerting.stages.route import RouteOptions
from pipeline.config.load import COMPONENTS, SECTIONS
from pipeline.errors import PluginError
from pipeline.model.area import Area
from pipeline.model.site import Sensor, Site
from pipeline.registry import Group, load
from tests.unit.markdown import ROOT, Block, blocks, pages

_MAKEFILE: Final = (ROOT / "Makefile").read_text()
TARGETS: Final = set(re.findall(r"^([a-z-]+):.*## ", _MAKEFILE, re.MULTILINE))
VARIABLES: Final = set(re.findall(r"^(?:export )?([A-Z]+) \?=", _MAKEFILE, re.MULTILINE)) | {"UPGRADE"}
SCRIPTS: Final[dict[str, str]] = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["scripts"]
LISTS: Final[dict[str, type[BaseModel]]] = {"routes": RouteOptions, "areas": Area, "sites": Site, "sensors": Sensor}
MADE: Final = ("docs/benchmarks.json", "docs/benchmarks.md")
"""Named by pages, and there once `make bench` has run."""


def commands(program: str) -> list[tuple[Block, list[str]]]:
    """Every line of a console block that calls `program`, without its prompt, as words."""
    return [
        (block, words)
        for block in blocks("console", "bash", "sh")
        for line in block.text.replace("\\\n", " ").splitlines()
        for words in [shlex.split(line.removeprefix("$ "), comments=True)]
        if words and words[0].rpartition("/")[2] == program
    ]


def made_in_text() -> Iterator[tuple[Path, str]]:
    """Every `make ...` in running text."""
    for page in pages():
        for match in re.finditer(r"`make ([^`]+)`", (ROOT / page).read_text()):
            yield page, match[1]


def test_every_make_target_that_pages_name_exists() -> None:
    told = [(page, text.split()) for page, text in made_in_text()]
    told += [(Path(block.page), words[1:]) for block, words in commands("make")]
    unknown = [
        f"{page}: make {word}"
        for page, words in told
        for word in words
        if word.partition("=")[0] not in TARGETS | VARIABLES
    ]
    assert unknown == []


def test_every_target_is_described_by_help_and_declared_phony() -> None:
    (phony,) = re.findall(r"^\.PHONY: (.*)$", _MAKEFILE, re.MULTILINE)
    assert set(phony.split()) == TARGETS


def test_every_link_leads_to_a_file() -> None:
    broken = [
        f"{page}: {target}"
        for page in pages()
        for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", (ROOT / page).read_text())
        if "://" not in target and not (ROOT / page.parent / target).exists()
    ]
    assert [link for link in broken if not link.endswith(("benchmarks.json", "benchmarks.md"))] == []


def test_every_path_that_pages_name_exists() -> None:
    paths = re.compile(
        r"`((?:pipeline|detectors|device_adapters|alerting|deploy|docs|tests|scripts|requirements)/[^`*\s]+)`"
    )
    missing = [
        f"{page}: {path}"
        for page in pages()
        for path in paths.findall((ROOT / page).read_text())
        if path not in MADE and not (ROOT / path).exists()
    ]
    assert missing == []


def test_every_decision_is_listed_and_has_its_four_parts() -> None:
    folder = ROOT / "docs" / "decisions"
    index = (folder / "README.md").read_text()
    notes = sorted(folder.glob("[0-9]*.md"))
    assert [note.name[:4] for note in notes] == [f"{number:04d}" for number in range(1, len(notes) + 1)]
    for note in notes:
        text = note.read_text()
        title = text.splitlines()[0].removeprefix(f"# {note.name[:4]} ")
        assert f"[{note.name[:4]}]({note.name}) | {title} |" in index
        assert re.findall(r"^\*\*(\w+)\.\*\*", text, re.MULTILINE) == ["Question", "Options", "Choice", "Consequence"]


def test_every_page_is_listed_in_the_index() -> None:
    index = (ROOT / "docs" / "README.md").read_text()
    unlisted = [
        str(page)
        for page in pages()
        if page.parts[0] == "docs" and page.parts[1] != "decisions" and page != Path("docs/README.md")
        if f"({page.relative_to('docs').as_posix()})" not in index
    ]
    assert unlisted == []


def options_of(command: Any) -> set[str]:
    return {name for parameter in command.params for name in (*parameter.opts, *parameter.secondary_opts)} | {"--help"}


def complaint(app: Any, words: list[str]) -> str:
    """What is wrong with `forewarn words...`: a command or an option that is not there; "" if all is well."""
    command = app
    for word in words:
        inner = getattr(command, "commands", {})
        if word in inner:
            command = inner[word]
        elif inner and not word.startswith("-"):
            return f"no command {word!r}"
        elif word.startswith("-") and word.partition("=")[0] not in options_of(command):
            return f"no option {word!r}"
    return ""


def test_every_command_that_pages_show_is_one_of_ours() -> None:
    shown = commands("forewarn")
    if not shown:
        return
    module = import_module(SCRIPTS["forewarn"].partition(":")[0])
    app = typer.main.get_command(module.app)
    found = [(str(block), " ".join(words), complaint(app, words[1:])) for block, words in shown]
    assert [line for line in found if line[2]] == []


def test_the_check_of_commands_sees_what_is_wrong() -> None:
    app = typer.Typer()

    @app.command()
    def replay(file: str, json: bool = False) -> None: ...  # noqa: FBT001, FBT002  # how typer reads a flag

    @app.command()
    def check() -> None: ...

    command = typer.main.get_command(app)
    lines = ["replay a.csv --json", "check", "reply a.csv", "replay a.csv --yaml", "--help"]
    assert [complaint(command, line.split()) for line in lines] == [
        "",
        "",
        "no command 'reply'",
        "no option '--yaml'",
        "",
    ]


def validate(data: dict[str, Any]) -> None:
    """Hold a configuration, or a part of one, or of an inventory, to the models of its sections.

    Raises:
        ValueError, PluginError: an unknown section, kind or option, or a value out of bounds.
    """
    for section, content in data.items():
        if section in SECTIONS:
            SECTIONS[section].model_validate(content)
        elif section in LISTS:
            for entry in content:
                LISTS[section].model_validate(entry)
        elif section in COMPONENTS:
            for table in content.values():
                _component(COMPONENTS[section], **table)
        elif section == "detectors":
            for kind, table in content.items():
                _component(Group.DETECTORS, kind, **{key: value for key, value in table.items() if key != "enabled"})
        else:
            raise ValueError(f"unknown section [{section}]")


def _component(among: Group, /, kind: str, **options: Any) -> None:
    load(among, kind).options_type.model_validate(options)


def test_every_configuration_that_pages_show_is_valid() -> None:
    for block in blocks("toml"):
        if "/extending/" not in block.page and not block.page.endswith("evaluating.md"):  # tested on their own
            validate(tomllib.loads(block.text))


@pytest.mark.parametrize(
    "text", ["[proces]", "[process]\ndata_folder = 1", "[detectors.nothing]", "[[routes]]\nsurprise = 1"]
)
def test_the_check_of_configurations_sees_what_is_wrong(text: str) -> None:
    with pytest.raises((ValueError, PluginError)):
        validate(tomllib.loads(text))
