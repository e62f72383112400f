"""Files are taken out of the count, and put back: they stay where they are, with the reason."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from thidua_analysis import files, pipeline, withdrawals
from thidua_analysis.errors import UsageError
from thidua_analysis.exchange.receive import accepted, ledger
from thidua_analysis.fingerprint import content_hash
from thidua_analysis.revisions import folder_year
from thidua_analysis.withdrawals import Withdrawals, Withdrawn

_HEAD = (
    "# Tệp không tính vào số liệu, do thidua withdraw ghi; tệp vẫn giữ nguyên trong data/raw.\n"
    "# Files that do not count; written by thidua withdraw. The files stay in data/raw.\n"
)


def withdraw(
    data: Path,
    file: Path,
    reason: str,
    *,
    undo: bool = False,
    accept: bool = False,
    on: dt.date | None = None,
) -> Withdrawn:
    """Take a file out of the count, or put it back.

    Parameters
    ----------
    data
        The data folder.
    file
        The file, as named from here or below ``data/raw``.
    reason
        Why; needed to take it out.
    undo
        Put it back.
    accept
        Do so although figures of its year were published; it is recorded as a late change.
    on
        The day; today by default.

    Returns
    -------
    Withdrawn
        The entry that was written.

    Raises
    ------
    UsageError
        If there is no such submission, it is out already (or is not), there is no reason, or
        figures of its year were published and ``accept`` was not given.
    ConfigError
        If ``withdrawn.toml``, ``published.toml`` or ``accepted.toml`` is wrong.
    """
    name, reason = files.below_raw(file, data), reason.strip()
    out = withdrawals.read(data)
    path = data / "raw" / name
    if path not in pipeline.raw_files(data):
        raise UsageError("withdraw-no-file", file=str(file))
    if (name in out) != undo:
        raise UsageError("withdraw-not-out" if undo else "withdraw-out", file=name)
    if not (reason or undo):
        raise UsageError("withdraw-no-reason", file=name)
    year = folder_year(name)
    published = year in accepted.published_years(data)
    if published and not accept:
        raise UsageError("withdraw-published", year=year, file=name)
    entry = Withdrawn(file=name, on=on or dt.date.today(), reason=reason, undone=undo)
    _record(data, entry)
    if published:
        sha256 = content_hash(path) if undo else ""
        change = accepted.Change(file=name, sha256=sha256, on=entry.on, reason=reason)
        accepted.record(data, change)
    return entry


def _record(data: Path, entry: Withdrawn) -> None:
    values: dict[str, ledger.Value] = {
        "file": entry.file,
        "on": ledger.Day(entry.on.isoformat()),
        "reason": entry.reason,
        **({"undone": True} if entry.undone else {}),
    }
    ledger.append(data / "raw" / withdrawals.FILE, Withdrawals, "withdrawn", [values], head=_HEAD)
