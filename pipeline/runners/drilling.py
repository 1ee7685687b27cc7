"""Holds drills for the page: each is `forewarn drill` in a process of its own, for it plays a whole recording.

So what the command refuses is refused here, in its words: a live drill beside a run on SQLite.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from threading import Lock, Thread
from typing import Final

from alerting.drill.start import Begun, BegunState
from pipeline.config.config import Config
from pipeline.errors import DutyError, UnknownError

KEPT: Final = 20
_PROGRAM: Final = "from pipeline.cli.main import main; main()"
_WORDS_MAX: Final = 500


class Drilling:
    """One at a time. A drill goes on when this process ends."""

    def __init__(self, config: Config) -> None:
        self._config = config
        self._files = {one.stem: one for one in config.drill.scenarios}
        self._begun: list[Begun] = []
        self._turn = Lock()

    @property
    def scenarios(self) -> Sequence[str]:
        """What may be started."""
        return tuple(sorted(self._files))

    def begun(self) -> Sequence[Begun]:
        """What was started, the latest first."""
        with self._turn:
            return tuple(reversed(self._begun))

    def start(self, begun: Begun) -> None:
        """Start one.

        Raises:
            DutyError: there is no such scenario, or another drill is still running.
        """
        if begun.scenario not in self._files:
            known = ", ".join(self.scenarios) or "none; [drill] scenarios names them"
            raise UnknownError(f"no scenario {begun.scenario!r}; known: {known}")
        with self._turn:
            running = next((one for one in self._begun if one.state is BegunState.RUNNING), None)
            if running:
                raise DutyError(f"drill {running.scenario!r} is still running; one at a time")
            self._begun = [*self._begun, begun][-KEPT:]
        Thread(target=self._hold, args=(begun,), name=f"drill {begun.scenario}", daemon=True).start()

    def _hold(self, begun: Begun) -> None:
        state, words = BegunState.REFUSED, ""
        try:
            done = subprocess.run(self._command(begun), capture_output=True, check=False)  # noqa: S603  # ourselves
            said = done.stderr.decode(errors="replace").strip().splitlines()
            state, words = (BegunState.REFUSED, said[-1] if said else "") if done.returncode else (BegunState.ENDED, "")
        except OSError as error:
            words = f"cannot be started: {error.strerror}"
        ended = begun.model_copy(update={"state": state, "words": words.removeprefix("error: ")[:_WORDS_MAX]})
        with self._turn:
            self._begun = [ended if one is begun else one for one in self._begun]

    def _command(self, begun: Begun) -> list[str]:
        process, alerting = self._config.process, self._config.alerting
        page = process.data / f"drill-{begun.scenario}.html"
        words = ["drill", str(self._files[begun.scenario]), "--mode", begun.mode, "--page", str(page)]
        words += ["--config", str(self._config.path)]
        if not (alerting.store or alerting.store_env):
            words += ["--data", str(process.data)]
        return [sys.executable, "-c", _PROGRAM, *words]
