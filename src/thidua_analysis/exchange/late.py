"""Late changes: files of a published year that are not those of its report, and who accepted it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from msgspec.structs import asdict

from thidua_analysis import pipeline
from thidua_analysis.findings import UsageError
from thidua_analysis.form import config
from thidua_analysis.form.bloc import Bloc, load_bloc
from thidua_analysis.form.config import Entry, raw_of
from thidua_analysis.store import disk, inputs, revisions
from thidua_analysis.store.inputs import FileReader, Ledger
from thidua_analysis.submission import Submission

PUBLISHED_FILE = "published.toml"

How = Literal["added", "changed", "removed"]


class Change(Entry):
    """One late file that was accepted."""

    #: path below data/raw
    file: str
    #: empty where the file was taken away
    sha256: str
    on: dt.date
    #: the file that counted before, itself where it was changed; empty where there was none
    replaces: str = ""
    reason: str = ""


class Accepted(Entry):
    """Everything that ``accepted.toml`` says."""

    accepted: tuple[Change, ...] = ()


class Held(Entry):
    """One file of a published year, by its path below data/raw, as it was when reported."""

    file: str
    sha256: str


class HeldFiles(Entry):
    """Everything that ``published-files.toml`` says."""

    held: tuple[Held, ...] = ()


ACCEPTED = Ledger(
    "accepted.toml",
    Accepted,
    "accepted",
    "# Thay đổi sau khi số liệu của năm đã công bố và được chấp nhận bằng --accept.\n"
    "# Files that came in, changed or went after their year was published, and were accepted.\n",
)
HELD = Ledger(
    "published-files.toml",
    HeldFiles,
    "held",
    "# Các tệp mà báo cáo của năm đã công bố được làm ra từ đó; do thidua report ghi, không sửa tay.\n"  # noqa: E501
    "# The files that the reports of published years were made of; written by thidua report.\n",
)


def published_years(data: Path) -> frozenset[int]:
    """Return the years of which ``raw/published.toml`` holds figures.

    A claim that cannot be derived rests on no file, and one on who leads the bloc is made in the
    year before; a claim that a figure rose rests on the year before as well.

    Raises
    ------
    ConfigError
        If the file is no TOML.
    """
    path = raw_of(data) / PUBLISHED_FILE
    if not path.exists():
        return frozenset()
    listed = config.mapping(config.text_of(path), str(path)).get("claim", [])
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


@dataclass(frozen=True, slots=True)
class Late:
    """One file that is not as it was published or accepted; ``sha256`` is empty once removed."""

    file: str
    how: How
    sha256: str


def late_changes(data: Path, until: int | None = None) -> tuple[Late, ...]:
    """Return what is new, changed or gone in the folders of published years up to one.

    A year is compared once its files are held, and with what was accepted since.
    """
    years = [y for y in sorted(published_years(data)) if until is None or y <= until]
    held, accepted = (_hashes(ledger.read(data)) for ledger in (HELD, ACCEPTED))
    return tuple(
        change
        for year in years
        for now in [_files(data, year)]
        for change in _differences((_of(held, year) or now) | _of(accepted, year), now)
    )


def refuse(changes: Iterable[Late]) -> None:
    """Refuse to go on with changes that nobody has accepted."""
    changes = tuple(changes)
    if not changes:
        return
    words = {
        how: ", ".join(change.file for change in changes if change.how == how) or "–"
        for how in ("added", "changed", "removed")
    }
    years = sorted({change.file.split("/")[0] for change in changes})
    raise UsageError("late-changes", years=", ".join(years), **words)


def accept(data: Path, changes: Iterable[Late], reason: str, on: dt.date | None = None) -> None:
    """Record changes as accepted on a day (today), each with the file that it replaces."""
    changes = tuple(changes)
    if not changes:
        return
    bloc = load_bloc(data)
    fresh = {change.file for change in changes if change.how == "added"}
    with disk.together(data):
        for change in changes:
            replaced = change.file if change.how == "changed" else None
            if change.how == "added":
                reader, path = FileReader.of(data), raw_of(data) / change.file
                (read,) = pipeline.read_all(data, [path], bloc, reader)
                replaced = counted_before(data, bloc, read, fresh)
            record(data, change.file, change.sha256, on or dt.date.today(), reason, replaced)


def record(
    data: Path, file: str, sha256: str, on: dt.date, reason: str, replaces: str | None = None
) -> None:
    """Record an accepted change."""
    change = Change(file=file, sha256=sha256, on=on, replaces=replaces or "", reason=reason)
    ACCEPTED.add(data, [asdict(change)])


def hold(data: Path, years: Iterable[int]) -> None:
    """Keep the hashes of the files that published years are reported from, once."""
    held = _hashes(HELD.read(data))
    fresh = sorted(y for y in published_years(data) & set(years) if not _of(held, y))
    entries = [
        {"file": file, "sha256": sha256}
        for year in fresh
        for file, sha256 in _files(data, year).items()
    ]
    try:
        HELD.add(data, entries)
    except OSError as error:  # in a folder that is locked nothing changes either
        if error.errno not in disk.NOT_ALLOWED:
            raise


def counted_before(
    data: Path,
    bloc: Bloc,
    submission: Submission,
    without: Collection[str] = (),
    also: Iterable[Submission] = (),
) -> str | None:
    """Return the file of the same form, member and year that counts but for some new files."""
    for one in counted(data, bloc, submission.path[:4], without=without, also=also):
        if (one.member, one.form) == (submission.member, submission.form):
            return one.path
    return None


def counted(
    data: Path,
    bloc: Bloc,
    *years: str,
    without: Collection[str] = (),
    also: Iterable[Submission] = (),
) -> Iterator[Submission]:
    """Yield what the files say that count in the folders of some years, without some of them.

    What is ``also`` there has been read, but is not yet in its folder.
    """
    paths = (path for path in pipeline.raw_files(data) if path.parent.name in years)
    asked = [path for path in paths if f"{path.parent.name}/{path.name}" not in without]
    read = pipeline.read_all(data, asked, bloc, FileReader.of(data))
    for placed in revisions.place((*read, *also), withdrawn=inputs.read_withdrawals(data)):
        if placed.used:
            yield placed.submission


def _hashes(entries: Iterable[Held | Change]) -> dict[str, str]:
    return {one.file: one.sha256 for one in entries}


def _of(files: Mapping[str, str], year: int) -> dict[str, str]:
    return {file: sha256 for file, sha256 in files.items() if file.startswith(f"{year}/")}


def _files(data: Path, year: int) -> dict[str, str]:
    """Files of a year that may count, with their hashes; empty where one cannot be opened."""
    out = inputs.read_withdrawals(data)
    paths = (path for path in pipeline.raw_files(data) if path.parent.name == str(year))
    named = {f"{year}/{path.name}": path for path in paths}
    return {name: _hash(path) for name, path in named.items() if name not in out}


def _hash(path: Path) -> str:
    try:
        return disk.digest(path.read_bytes())
    except OSError:
        return ""


def _differences(known: Mapping[str, str], now: Mapping[str, str]) -> Iterator[Late]:
    for file in sorted({*known, *now}):
        before, after = known.get(file, ""), now.get(file, "")
        if before != after:
            how: How = "changed" if before and after else "added" if after else "removed"
            yield Late(file, how, after)
