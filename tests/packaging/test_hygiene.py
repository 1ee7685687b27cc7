"""Rules for every tracked file: no trace of one machine, sizes that stay readable, a licence for what is not ours."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from tests.packaging.repository import PACKAGES, ROOT, text_of, tracked

# The brackets keep this file from finding itself.
MACHINE_PATHS: Final = re.compile(r"(?<![\w.~)}\]*-])/(?:wor[k]|roo[t]|hom[e]/\w+|tm[p])(?:/|\b)")
HOSTS: Final = re.compile(r"pyp[i]\.org|pythonhoste[d]|index-ur[l]|find-link[s]")
NAMES_THE_OPTION: Final = {Path("scripts/lock.sh")}  # it says that no host may be written
BYTES_MAX: Final = 1_000_000
LINES_MAX: Final = 300
FUNCTION_LINES_MAX: Final = 60
DATA: Final = (".csv", ".csv.gz", ".parquet", ".h5", ".xsd")


def places(pattern: re.Pattern[str]) -> Iterator[str]:
    for path in tracked():
        for number, line in enumerate((text_of(path) or "").splitlines(), 1):
            if pattern.search(line):
                yield f"{path}:{number}: {line.strip()[:100]}"


def python_files() -> list[Path]:
    return [path for path in tracked() if path.suffix == ".py"]


def test_no_path_of_one_machine_is_written_down() -> None:
    assert list(places(MACHINE_PATHS)) == []


def test_no_registry_host_is_written_down() -> None:
    assert [place for place in places(HOSTS) if Path(place.split(":")[0]) not in NAMES_THE_OPTION] == []


def test_no_file_is_larger_than_a_megabyte() -> None:
    assert [str(path) for path in tracked() if (ROOT / path).stat().st_size > BYTES_MAX] == []


def test_python_files_are_short() -> None:
    lengths = {str(path): len((text_of(path) or "").splitlines()) for path in python_files()}
    assert {path: lines for path, lines in lengths.items() if lines > LINES_MAX} == {}


def test_functions_are_short() -> None:
    too_long = [
        f"{path}:{node.lineno}: {node.name} has {node.end_lineno - node.lineno + 1} lines"
        for path in python_files()
        for node in ast.walk(ast.parse(text_of(path) or ""))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        if node.end_lineno and node.end_lineno - node.lineno >= FUNCTION_LINES_MAX
    ]
    assert too_long == []


def test_init_files_hold_a_docstring_and_no_code() -> None:
    with_code = [
        str(path)
        for path in python_files()
        if path.name == "__init__.py"
        for code in [ast.parse(text_of(path) or "")]
        if len(code.body) > (ast.get_docstring(code) is not None)
    ]
    assert with_code == []


def test_every_package_is_typed() -> None:
    assert [package for package in PACKAGES if Path(package, "py.typed") not in tracked()] == []


def test_data_of_others_has_a_licence_note_beside_it() -> None:
    bare = {str(path.parent) for path in tracked() if path.name.endswith(DATA) and not _has_licence_note(path.parent)}
    assert bare == set()


def _has_licence_note(folder: Path) -> bool:
    """In the folder or one above it, below the root: a licence or notice, or a README that speaks of the licence."""
    notes = [note for part in [folder, *folder.parents] if part != Path() for note in (ROOT / part).iterdir()]
    return any(
        re.match(r"LICEN[CS]E|NOTICE", note.name)
        or (note.name == "README.md" and re.search(r"[Ll]icen[cs]e", note.read_text()))
        for note in notes
    )
