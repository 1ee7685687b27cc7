"""Components on disk, entry points in pyproject.toml and installed metadata say the same."""

from __future__ import annotations

import ast
import tomllib
from importlib import import_module
from importlib.metadata import distribution
from pathlib import Path
from typing import Final

import pytest

from pipeline.registry import Group, kinds, load
from tests.packaging.repository import ROOT, text_of, tracked

_DECLARED: Final[dict[str, dict[str, str]]] = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"].get(
    "entry-points", {}
)
_COMPONENTS: Final = {
    Group.DETECTORS: "detectors",
    Group.DEVICE_ADAPTERS: "device_adapters",
    Group.CHANNELS: "alerting",
}


def installed(group: Group) -> dict[str, str]:
    points = distribution("forewarn").entry_points.select(group=group)
    return {point.name: point.value for point in points}


def on_disk(package: str) -> dict[str, str]:
    """`kind` -> `module:Class` of every class of a package that gives itself a kind."""
    return {
        kind: f"{'.'.join(path.with_suffix('').parts)}:{node.name}"
        for path in tracked()
        if path.parts[0] == package and path.suffix == ".py"
        for node in ast.walk(ast.parse(text_of(path) or ""))
        if isinstance(node, ast.ClassDef)
        if (kind := _kind(node))
    }


def _kind(node: ast.ClassDef) -> str | None:
    for line in node.body:
        if isinstance(line, ast.Assign | ast.AnnAssign) and isinstance(line.value, ast.Constant):
            name, _, annotation = ast.unparse(line).partition(" = ")[0].partition(": ")
            if name == "kind" and annotation in ("", "ClassVar[str]"):
                return str(line.value.value)
    return None


@pytest.mark.parametrize("group", Group)
def test_installed_metadata_is_not_stale(group: Group) -> None:
    assert installed(group) == _DECLARED.get(group, {}), "reinstall: pip install --no-deps --editable ."


@pytest.mark.parametrize(("group", "package"), _COMPONENTS.items())
def test_every_component_on_disk_has_its_entry_point(group: Group, package: str) -> None:
    assert on_disk(package) == _DECLARED.get(group, {})


@pytest.mark.parametrize("group", Group)
def test_every_component_loads_under_its_own_kind(group: Group) -> None:
    assert {kind: load(group, kind).kind for kind in kinds(group)} == {kind: kind for kind in kinds(group)}


@pytest.mark.parametrize(
    "module",
    [
        ".".join(path.with_suffix("").parts).removesuffix(".__init__")
        for path in tracked()
        if path.suffix == ".py"
        and path.parts[0] in {*_COMPONENTS.values(), "pipeline"}
        and path.name not in {"__main__.py", "env.py"}  # run by Python and by Alembic
    ],
)
def test_every_module_can_be_imported(module: str) -> None:
    assert Path(str(import_module(module).__file__)).is_relative_to(ROOT)
