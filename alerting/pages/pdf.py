"""A page as PDF, printed by a browser: Chromium, or one of its kin."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from pipeline.errors import PluginError

BROWSERS: Final = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "microsoft-edge")
_LONGEST_S: Final = 60.0


def print_pdf(page: Path, pdf: Path) -> None:
    """Print `page` to `pdf`. It needs nothing from elsewhere, and nothing is fetched.

    Raises:
        PluginError: no browser, or one that does not print.
    """
    program = next((found for name in BROWSERS if (found := shutil.which(name))), None)
    if program is None:
        raise PluginError(
            f"a PDF is printed by a browser, and none of {', '.join(BROWSERS)} is on PATH; install chromium"
        )
    with TemporaryDirectory(prefix="forewarn-print-") as profile:
        command = [program, "--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={profile}"]
        command += ["--no-pdf-header-footer", f"--print-to-pdf={pdf.absolute()}", page.absolute().as_uri()]
        try:
            done = subprocess.run(command, capture_output=True, timeout=_LONGEST_S, check=False)  # noqa: S603  # a browser found by name
        except (OSError, subprocess.TimeoutExpired) as error:
            raise PluginError(f"{program} cannot print: {type(error).__name__}") from error
    if done.returncode or not pdf.is_file():
        said = done.stderr.decode(errors="replace").strip().splitlines()[-1:]
        raise PluginError(f"{program} did not print {pdf}: {' '.join(said)}")
