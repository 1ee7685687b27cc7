"""Real processes: what a shell sees of the command line."""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

from pipeline.cli.exit import Exit
from tests.unit.cli_rig import SAMPLE

pytestmark = pytest.mark.system

FOREWARN: Final = str(Path(sys.executable).with_name("forewarn"))


def forewarn(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([FOREWARN, *arguments], cwd=SAMPLE, capture_output=True, text=True, check=False)


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ("--version", Exit.DONE),
        ("check gone.toml", Exit.REPAIR),
        ("chek", Exit.USAGE),
        ("explain abc", Exit.OUTSIDE),
    ],
)
def test_a_shell_sees_the_exit_code(words: str, code: Exit) -> None:
    ended = forewarn(*words.split())
    assert ended.returncode == code
    assert "Traceback" not in ended.stderr


def test_json_is_all_of_standard_output() -> None:
    ended = forewarn("check", "--json")
    assert (ended.returncode, ended.stdout[0], ended.stdout[-2:], ended.stderr) == (Exit.DONE, "{", "}\n", "")


def test_a_pipe_that_is_closed_early_is_no_defect() -> None:
    piped = f"{FOREWARN} list detectors --json | head -1"
    ended = subprocess.run(["sh", "-c", piped], capture_output=True, text=True, check=False)
    assert (ended.stdout, "Traceback" in ended.stderr) == ("[\n", False)


def test_ctrl_c_stops_a_run_in_good_order(tmp_path: Path) -> None:
    shutil.copytree(SAMPLE, tmp_path, dirs_exist_ok=True)
    path = tmp_path / "forewarn.toml"
    path.write_text(path.read_text("utf-8").replace("# port = 8081", "port = 0 #"), "utf-8")
    command = [FOREWARN, "run", str(path), "--port", "0"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as child:
        assert child.stderr is not None
        assert child.stderr.readline().startswith("The page is at http://127.0.0.1:")
        child.send_signal(signal.SIGINT)
        said = child.stderr.read()
        assert (child.wait(180), "Traceback" in said) == (Exit.DONE, False)
