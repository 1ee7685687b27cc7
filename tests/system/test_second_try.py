"""scripts/tests.sh: what fails once is tried again and named, what fails twice fails the run."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

pytestmark = pytest.mark.system

SCRIPT: Final = Path(__file__).parents[2] / "scripts" / "tests.sh"
TESTS: Final = """
from pathlib import Path
import pytest

def test_good():
    pass

def test_shaky():
    been_here = Path("been-here")
    is_first = not been_here.exists()
    been_here.touch()
    assert not is_first

@pytest.mark.parametrize("number", range(11))
def test_bad(number):
    assert False

@pytest.mark.system
def test_not_asked_for():
    assert False
"""


def ran(folder: Path, *words: str, tests: str = TESTS) -> tuple[int, str]:
    """Exit code and what was said."""
    (folder / "test_some.py").write_text(tests)
    (folder / "pytest.ini").write_text("[pytest]\nmarkers = system: as ours\n")
    command = [str(SCRIPT), sys.executable, "-m", "pytest", "-q", "-p", "xdist.plugin"]
    environment = {**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    done = subprocess.run(
        [*command, "-m", "not system", *words], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )
    return done.returncode, done.stdout


def shaky(said: str) -> list[str]:
    """The tests that it names."""
    return [line.split("::")[1] for line in said.splitlines() if line.startswith("!!!!   ")]


def test_what_passes_is_run_once(tmp_path: Path) -> None:
    code, said = ran(tmp_path, "-k", "good")
    assert (code, "tried" in said) == (0, False)


def test_what_fails_once_is_named_and_the_run_has_passed(tmp_path: Path) -> None:
    code, said = ran(tmp_path, "-k", "good or shaky", "-n", "2", "--dist", "loadfile")
    assert (code, shaky(said)) == (0, ["test_shaky"])
    assert "mend it" in said


def test_what_fails_twice_fails_the_run(tmp_path: Path) -> None:
    code, said = ran(tmp_path, "-k", "good or shaky or bad and 3")
    assert (code, shaky(said)) == (1, ["test_shaky"])
    assert said.count("FAILED test_some.py::test_bad[3]") == 2


def test_many_failures_are_no_bad_luck(tmp_path: Path) -> None:
    code, said = ran(tmp_path, "-k", "bad")
    assert (code, "11 tests failed: too many to be tried again" in said) == (1, True)


def test_a_run_that_could_not_be_done_is_not_tried_again(tmp_path: Path) -> None:
    code, said = ran(tmp_path, tests="import nothing_that_there_is")
    assert (code > 1, "tried" in said) == (True, False)
    code, said = ran(tmp_path, "-k", "nothing")
    assert (code > 1, "tried" in said) == (True, False)
