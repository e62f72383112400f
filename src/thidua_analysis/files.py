"""Which files of a folder are submissions."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from thidua_analysis.errors import UsageError

#: endings of spreadsheets that members send
SUFFIXES = frozenset({".xlsx", ".xlsm", ".xls", ".xlsb", ".ods"})
#: Paths of lock files and hidden ones, of settings and remarks beside the data, of answers.
_LEFT_BEHIND = re.compile(
    r"(^|/)(~\$|\.|thumbs\.db$|desktop\.ini$|readme\b|gui-lai/)|\.toml$|-can-sua\.\w+$", re.I
)
_MOST_NAMED = 20
YEAR_FOLDER = re.compile("(?:19|20)[0-9]{2}")


def find_data(given: Path | None, near: Path | None = None) -> Path:
    """Return the data folder: as given, by THIDUA_DATA, or the nearest one from here upwards.

    Parameters
    ----------
    given
        What the user named; taken as it is.
    near
        A file or folder whose surroundings are searched after the working directory's.

    Raises
    ------
    UsageError
        If there is none.
    """
    if given is None and (named := os.environ.get("THIDUA_DATA")):
        given = Path(named)
    if given is not None:
        if not (given / "raw").is_dir():
            raise UsageError("data-not-there", folder=str(given))
        return given
    starts = [Path.cwd(), *([near.resolve()] if near else []), Path(__file__)]
    for start in starts:
        for folder in (start, *start.parents):
            for candidate in (folder, folder / "data"):
                if (candidate / "raw" / "bloc.toml").is_file():
                    return candidate
        if start == Path.cwd() and (start / "data" / "raw").is_dir():
            return start / "data"  # its own bloc.toml is missing: never take another project's
    raise UsageError("data-missing")


def is_submission(path: Path) -> bool:
    """Whether a file may be a submission: a spreadsheet, no lock file, not hidden."""
    return path.suffix.lower() in SUFFIXES and not path.name.startswith(("~$", ".", "._"))


def in_folder(folder: Path) -> list[Path]:
    """All submissions below a folder, in the order of their names."""
    return sorted(p for p in folder.rglob("*") if is_submission(p) and p.is_file())


def unread(folder: Path, *, every: bool = False) -> list[Path]:
    """Return the files below a folder that are no spreadsheets, so that nothing reads them.

    What systems and offices leave behind is left out, and so is what this program wrote.

    Parameters
    ----------
    folder
        The folder.
    every
        Spreadsheets as well.
    """
    return sorted(
        path
        for path in folder.rglob("*")
        if (every or not is_submission(path))
        and not _LEFT_BEHIND.search(path.relative_to(folder).as_posix())
        and path.is_file()
    )


def not_read(paths: Iterable[Path]) -> list[Path]:
    """Files in the folders named on the command line that are no spreadsheets."""
    return [file for path in paths if path.is_dir() for file in unread(path)]


def given(paths: Iterable[Path]) -> Iterator[Path]:
    """Files named on the command line: files as they are, folders by what is in them.

    A file comes once, however often and under whatever paths it is named.

    Raises
    ------
    UsageError
        If a path does not exist, or a folder holds no submission.
    """
    seen: set[object] = set()
    for path in _named(paths):
        one = _identity(path)
        if one not in seen:
            seen.add(one)
            yield path


def _identity(path: Path) -> object:
    """What two paths to one file have in common, also where letters of either case are one."""
    known = path.stat()
    # copies that share their bytes on the disk are files of their own, by their names
    return (known.st_dev, known.st_ino) if known.st_nlink == 1 and known.st_ino else path.resolve()


def _named(paths: Iterable[Path]) -> Iterator[Path]:
    for path in paths:
        if path.is_dir():
            files = in_folder(path)
            if not files:
                spare = ", ".join(p.name for p in unread(path)[:_MOST_NAMED])
                key = "no-files-but-others" if spare else "no-files"
                raise UsageError(key, folder=str(path), files=spare)
            yield from files
        elif path.exists():
            yield path
        else:
            raise missing(path)


def missing(path: Path) -> UsageError:
    """Return the error for a path that does not exist."""
    return UsageError("path-missing", path=str(path))


def no_file(path: Path) -> UsageError:
    """Return the error for a path that is no file: a folder, or nothing."""
    return UsageError("path-is-folder", path=str(path)) if path.is_dir() else missing(path)


def below_raw(path: Path, data: Path) -> str:
    """Return how the tables name a file: its path below ``data/raw``, with slashes."""
    raw = (data / "raw").resolve()
    for candidate in (path, raw / path):
        if candidate.exists() and candidate.resolve().is_relative_to(raw):
            return candidate.resolve().relative_to(raw).as_posix()
    return path.as_posix()
