"""Years whose figures were published, and late changes to them that somebody accepted."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field

from thidua_analysis import config
from thidua_analysis.config import Day, Entry
from thidua_analysis.exchange.receive import ledger

PUBLISHED_FILE = "published.toml"
FILE = "accepted.toml"
_HEAD = (
    "# Thay đổi sau khi số liệu của năm đã công bố và được chấp nhận bằng --accept.\n"
    "# Files that came in, changed or went after their year was published, and were accepted.\n"
)


class Change(Entry):
    """One late file that was accepted."""

    #: path below data/raw
    file: str
    #: empty where the file was taken away
    sha256: str
    on: Day
    #: the file that counted before, itself where it was changed; empty where there was none
    replaces: str = ""
    reason: str = ""


class Accepted(Entry):
    """Everything that ``accepted.toml`` says."""

    accepted: tuple[Change, ...] = Field(default=())


def published_years(data: Path) -> frozenset[int]:
    """Return the years of which ``raw/published.toml`` holds figures.

    A claim that cannot be derived rests on no file, and one on who leads the bloc is made in the
    year before; a claim that a figure rose rests on the year before as well.

    Raises
    ------
    ConfigError
        If the file is no TOML.
    """
    path = data / "raw" / PUBLISHED_FILE
    if not path.exists():
        return frozenset()
    content = config.mapping(config.text_of(path), str(path))
    listed = content.get("claim", [])
    claims = listed if isinstance(listed, list) else []
    return frozenset(year for claim in claims for year in _years(claim))


def _years(claim: object) -> tuple[int, ...]:
    """Return the years whose files a claim rests on."""
    if not isinstance(claim, dict) or not isinstance(year := claim.get("year"), int):
        return ()
    computed = claim.get("computed_from")
    announced = isinstance(computed, dict) and computed.get("table") == "roles"
    if announced or "underivable" in claim:
        return ()
    return (year - 1, year) if claim.get("kind") == "rises" else (year,)


def read(data: Path) -> tuple[Change, ...]:
    """Return the late changes that were accepted.

    Raises
    ------
    ConfigError
        If the file is wrong.
    """
    path = data / "raw" / FILE
    return config.read(Accepted, path).accepted if path.exists() else ()


def record(data: Path, change: Change) -> None:
    """Record an accepted change.

    Raises
    ------
    ConfigError
        If the file is wrong.
    """
    entry: dict[str, ledger.Value] = {
        "file": change.file,
        "sha256": change.sha256,
        "on": ledger.Day(change.on.isoformat()),
        "replaces": change.replaces,
        "reason": change.reason,
    }
    ledger.append(data / "raw" / FILE, Accepted, "accepted", [entry], head=_HEAD)
