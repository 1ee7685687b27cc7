"""Holds drills for the page: each is `forewarn drill` in a process of its own, for it plays a whole recording.

So what the command refuses is refused here, in its words: a live drill beside a run on SQLite.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path
from threading import Lock
from typing import Final

from alerting.drill.start import Begun, BegunState
from pipeline.config.config import Config
from pipeline.errors import DutyError, UnknownError
from pipeline.model.instant import to_text
from pipeline.runners.drill_lock import DrillLock

KEPT: Final = 20
_PROGRAM: Final = "from pipeline.cli.main import main; main()"
_WORDS_MAX: Final = 500
_TAIL: Final = 10_000


class Drilling:
    """One at a time in a data folder. A drill goes on when this process ends: nothing of it hangs on this one."""

    def __init__(self, config: Config) -> None:
        self._config = config
        self._files = {one.stem: one for one in config.drill.scenarios}
        self._held: list[_Held] = []
        self._turn = Lock()

    @property
    def scenarios(self) -> Sequence[str]:
        """What may be started."""
        return tuple(sorted(self._files))

    def begun(self) -> Sequence[Begun]:
        """What was started, the latest first."""
        with self._turn:
            return tuple(one.look() for one in reversed(self._held))

    def start(self, begun: Begun, note: Callable[[], object]) -> None:
        """Start one; `note` is called when nothing speaks against it, and before it begins.

        Raises:
            DutyError: there is no such scenario, another drill is still running, or it cannot be started.
        """
        if begun.scenario not in self._files:
            known = ", ".join(self.scenarios) or "none; [drill] scenarios names them"
            raise UnknownError(f"no scenario {begun.scenario!r}; known: {known}")
        folder = self._config.process.data
        words = f"{begun.scenario!r}, started by {begun.by} at {to_text(begun.at)},"
        with closing(DrillLock(folder, words)) as lock:
            note()
            said = folder / f"drill-{begun.scenario}.log"
            try:
                child = _spawn(self._command(begun), said, lock)
            except OSError as error:
                raise DutyError(f"drill {begun.scenario!r} cannot be started: {error.strerror}") from error
        with self._turn:
            self._held = [*self._held, _Held(begun, child, said)][-KEPT:]

    def _command(self, begun: Begun) -> list[str]:
        process, alerting = self._config.process, self._config.alerting
        page = process.data / f"drill-{begun.scenario}.html"
        words = ["drill", str(self._files[begun.scenario]), "--mode", begun.mode, "--page", str(page)]
        words += ["--config", str(self._config.path)]
        if not (alerting.store or alerting.store_env):
            words += ["--data", str(process.data)]
        return [sys.executable, "-c", _PROGRAM, *words]


class _Held:
    """One drill that was started here."""

    def __init__(self, begun: Begun, child: subprocess.Popen[bytes], said: Path) -> None:
        self._begun = begun
        self._child = child
        self._said = said

    def look(self) -> Begun:
        """What has become of it until now."""
        code = self._child.poll()
        if code is not None and self._begun.state is BegunState.RUNNING:
            state = BegunState.REFUSED if code else BegunState.ENDED
            words = _last_line(self._said) if code else ""
            self._begun = self._begun.model_copy(update={"state": state, "words": words})
        return self._begun


def _spawn(command: Sequence[str], said: Path, lock: DrillLock) -> subprocess.Popen[bytes]:
    """In a session of its own, out of reach of this one's Ctrl-C; a pipe to here would break when this process ends."""
    with said.open("wb") as file:
        return subprocess.Popen(  # noqa: S603  # ourselves
            command,
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            pass_fds=(lock.file,),
        )


def _last_line(said: Path) -> str:
    try:
        lines = said.read_bytes()[-_TAIL:].decode(errors="replace").strip().splitlines()
    except OSError as error:
        return f"{said}: {error.strerror}"
    return lines[-1].removeprefix("error: ")[:_WORDS_MAX] if lines else ""
