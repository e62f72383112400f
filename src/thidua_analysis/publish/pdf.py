"""Prints a page to PDF with the browser that is installed."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

#: Names of browsers that print from the command line.
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "msedge")
#: Where Windows and macOS put them, which is on no search path: folder, in a variable or not.
_PLACES = (
    ("PROGRAMFILES", "Google/Chrome/Application/chrome.exe"),
    ("PROGRAMFILES(X86)", "Google/Chrome/Application/chrome.exe"),
    ("LOCALAPPDATA", "Google/Chrome/Application/chrome.exe"),
    ("PROGRAMFILES(X86)", "Microsoft/Edge/Application/msedge.exe"),
    ("PROGRAMFILES", "Microsoft/Edge/Application/msedge.exe"),
    ("", "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome"),
    ("", "/Applications/Chromium.app/Contents/MacOS/Chromium"),
    ("", "/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge"),
)
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
    found = [path for name in BROWSERS if (path := shutil.which(name))]
    for variable, place in _PLACES:
        folder = os.environ.get(variable, "") if variable else "/"
        if folder and (Path(folder) / place).is_file():
            found.append(str(Path(folder) / place))
    return found[0] if found else None


def write_pdf(page: Path, pdf: Path) -> bool:
    """Print a page and return whether that could be done; the old print stays until then.

    Where the page cannot be printed the old print is removed: its figures may be others.
    """
    with tempfile.TemporaryDirectory() as folder:
        printed = Path(folder) / "page.pdf"
        if not _printed(page, printed, Path(folder) / "profile"):
            pdf.unlink(missing_ok=True)
            return False
        temporary = pdf.with_name(f".{pdf.name}.{os.getpid()}.tmp")
        shutil.copyfile(printed, temporary)
        temporary.replace(pdf)
    return True


def _printed(page: Path, target: Path, profile: Path) -> bool:
    program = browser()
    if program is None:
        return False
    command = [program, *_FLAGS, f"--user-data-dir={profile}", f"--print-to-pdf={target}"]
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        command.append("--no-sandbox")  # as root Chromium refuses to run in its sandbox
    command.append(page.resolve().as_uri())
    try:
        subprocess.run(command, check=True, capture_output=True, timeout=_SECONDS)  # noqa: S603
    except (OSError, subprocess.SubprocessError):
        return False
    return target.is_file()
