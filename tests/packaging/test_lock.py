"""The lock files hold what pyproject.toml asks for, in versions that agree, each file with its hash, and no host."""

from __future__ import annotations

import re
import tomllib
from itertools import chain
from typing import Final

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.packaging.repository import ROOT

_PROJECT: Final = tomllib.loads((ROOT / "pyproject.toml").read_text())
_PIN: Final = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^]]*\])?==(\S+)")
_EXTRAS: Final[dict[str, list[str]]] = _PROJECT["project"]["optional-dependencies"]
_GROUPS: Final[dict[str, list[str | dict[str, str]]]] = _PROJECT["dependency-groups"]


def group(name: str) -> list[str]:
    entries = [[entry] if isinstance(entry, str) else group(entry["include-group"]) for entry in _GROUPS[name]]
    return [requirement for entry in entries for requirement in entry]


WANTED: Final = {
    "run": [*_PROJECT["project"]["dependencies"], *_EXTRAS["plot"], *_EXTRAS["demo"], *group("build")],
    "dev": [*_PROJECT["project"]["dependencies"], *chain.from_iterable(_EXTRAS.values()), *group("dev")],
}


def pins(lock: str) -> dict[str, set[str]]:
    """Distribution -> versions (two where one depends on Python's own version)."""
    found: dict[str, set[str]] = {}
    for line in (ROOT / "requirements" / f"{lock}.lock").read_text().splitlines():
        if match := _PIN.match(line):
            found.setdefault(canonicalize_name(match[1]), set()).add(match[2])
    return found


@pytest.mark.parametrize("lock", WANTED)
def test_everything_asked_for_is_locked(lock: str) -> None:
    locked = pins(lock)
    missing = [
        text
        for text in WANTED[lock]
        for wanted in [Requirement(text)]
        if not any(wanted.specifier.contains(version) for version in locked.get(canonicalize_name(wanted.name), ()))
    ]
    assert missing == [], "run `make lock`"


def test_run_is_a_part_of_dev_in_the_same_versions() -> None:
    dev = pins("dev")
    assert {name: versions for name, versions in pins("run").items() if not versions <= dev.get(name, set())} == {}


@pytest.mark.parametrize("lock", WANTED)
def test_every_pin_has_a_hash_and_nothing_names_a_host(lock: str) -> None:
    text = (ROOT / "requirements" / f"{lock}.lock").read_text()
    pinned = re.findall(r"^\S+==.*(?:\n    .*)*", text, re.MULTILINE)
    assert [entry.splitlines()[0] for entry in pinned if "--hash=sha256:" not in entry] == []
    assert "://" not in text
