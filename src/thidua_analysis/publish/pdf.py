"""Prints a page to PDF with the browser that is installed."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

#: Names of browsers that print from the command line.
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "msedge")
_SECONDS = 180
_FLAGS = (
    "--headless=new",
    "--disable-gpu",
    "--disable-extensions",
    "--disable-background-networking",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--no-pdf-header-footer",
    "--generate-pdf-document-outline",
)


def browser() -> str | None:
    """Return the path of an installed Chromium, Chrome or Edge; None where there is none."""
    return next((path for name in BROWSERS if (path := shutil.which(name))), None)


def write_pdf(page: Path, pdf: Path) -> bool:
    """Print a page; the old file stays until the new one is whole.

    Parameters
    ----------
    page
        The HTML file.
    pdf
        Where to write.

    Returns
    -------
    bool
        False where no browser is installed or it could not print.
    """
    program = browser()
    if program is None:
        return False
    with tempfile.TemporaryDirectory() as folder:
        printed = Path(folder) / "page.pdf"
        command = [program, *_FLAGS, *_privileges(), f"--user-data-dir={folder}/profile"]
        command += [f"--print-to-pdf={printed}", page.resolve().as_uri()]
        try:
            subprocess.run(command, check=True, capture_output=True, timeout=_SECONDS)  # noqa: S603
        except (OSError, subprocess.SubprocessError):
            return False
        if not printed.is_file():
            return False
        temporary = pdf.with_name(f".{pdf.name}.{os.getpid()}.tmp")
        shutil.copyfile(printed, temporary)
        temporary.replace(pdf)
    return True


def _privileges() -> list[str]:
    """Chromium refuses to run as root with its sandbox."""
    root = hasattr(os, "geteuid") and os.geteuid() == 0
    return ["--no-sandbox"] if root else []
