"""What decides what the tables hold besides the files: the analyst's settings and the program."""

from __future__ import annotations

import hashlib
from functools import cache
from importlib import resources
from importlib.metadata import version
from pathlib import Path

from thidua_analysis import store

#: Files of the analyst in data/raw on which the tables depend.
SETTINGS = (
    "bloc.toml",
    "corrections.toml",
    "limits.toml",
    "mappings.toml",
    "received.toml",
    "withdrawn.toml",
)
#: Rooms of this package whose code decides what the tables hold.
_ROOMS = ("excel", "vietnamese", "submission", "forms")
_MODULES = (
    *("bloc", "form", "fields", "spellings", "awards", "findings", "rules", "settings", "config"),
    *("revisions", "jumps", "tidy", "schema", "store", "assembly", "receipts", "reuse", "frames"),
    "withdrawals",
)


def fingerprint(data: Path) -> str:
    """Return one hash of all but the files that decides what the tables hold."""
    settings = {name: content_hash(data / "raw" / name) for name in SETTINGS}
    return store.digest(store.dump({"program": _program(), **settings}))


def content_hash(path: Path) -> str:
    """Return the sha256 of a file, or what keeps it from being opened."""
    try:
        return store.digest(path.read_bytes())
    except OSError as error:
        return type(error).__name__


def program_files() -> dict[str, Path]:
    """Return the files of this package on which the tables depend, by their name in it."""
    package = Path(str(resources.files(__package__)))
    files = [package / f"{name}.py" for name in _MODULES]
    for room in _ROOMS:
        files += (p for p in (package / room).rglob("*") if p.suffix in (".py", ".toml", ".json"))
    return {file.relative_to(package).as_posix(): file for file in sorted(files)}


@cache
def _program() -> str:
    """Return the version and one hash of the code and forms that read and store."""
    digest = hashlib.sha256(version("thidua-analysis").encode())
    for name, file in program_files().items():
        digest.update(name.encode() + file.read_bytes())
    return digest.hexdigest()
