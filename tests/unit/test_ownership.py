"""Another distribution with one of our names is seen, by its list of files or of names."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.metadata import Distribution, distributions
from pathlib import Path

import pytest

from pipeline.ownership import check_owners

CASES = {
    "a package in RECORD": ("RECORD", "alerting/__init__.py,sha256=x,1\n", "alerting"),
    "a module in RECORD": ("RECORD", "other/a.py,,\npipeline.py,sha256=x,1\n", "pipeline"),
    "an extension in RECORD": ("RECORD", "detectors.abi3.so,sha256=x,1\n", "detectors"),
    "a legacy list of names": ("top_level.txt", "other\ndevice_adapters\n", "device_adapters"),
    "another name that begins alike": ("RECORD", "pipelines/a.py,,\nx/detectors/b.py,,\n", None),
}


def installed(folder: Path, files: Mapping[str, str], name: str = "stranger") -> list[Distribution]:
    info = folder / f"{name}-1.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1\n")
    for file, text in files.items():
        (info / file).write_text(text)
    return list(distributions(path=[str(folder)]))


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_a_second_owner_is_named(tmp_path: Path, case: tuple[str, str, str | None]) -> None:
    file, text, package = case
    complaints = check_owners(installed(tmp_path, {file: text}))
    expected = [
        f"import package {package!r} is also provided by stranger; install forewarn into an environment of its own"
    ]
    assert complaints == (expected if package else [])


def test_our_own_distribution_may_own_them(tmp_path: Path) -> None:
    record = "alerting/a.py,,\ndetectors/b.py,,\ndevice_adapters/c.py,,\npipeline/d.py,,\n"
    assert check_owners(installed(tmp_path, {"RECORD": record}, "forewarn")) == []


def test_this_environment_has_one_owner_for_each_name() -> None:
    assert check_owners() == []
