"""The files that came in, as the last build knows them: whose, which revision, what is wrong."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from thidua_analysis.findings import Finding, Severity
from thidua_analysis.form.model import forms
from thidua_analysis.store.revisions import Withdrawn, folder_year, natural, rejects


@dataclass(frozen=True, slots=True)
class SentFile:
    """One file below ``data/raw``.

    Parameters
    ----------
    file
        Path below ``data/raw``.
    form, member, year, revision, status
        What the file says of itself, as far as it could be read.
    used, superseded
        Whether its values count, and whether a later file of the same member does instead.
    withdrawn
        Why and since when the analyst took it out of the count; None where it was not.
    period
        ``year``, ``six_months`` or ``nine_months``.
    counts
        Number of rows by table.
    places
        By table and sheet the first and the last line of its rows.
    findings
        What was found.
    """

    file: str
    form: str | None
    member: str | None
    year: int | None
    revision: int
    status: str
    used: bool
    superseded: bool
    withdrawn: Withdrawn | None
    period: str
    counts: Mapping[str, int]
    places: Mapping[str, Mapping[str, Sequence[int]]]
    findings: tuple[Finding, ...]

    @property
    def kind(self) -> str | None:
        """``unit`` or ``bloc``; None where the form is not known."""
        form = forms().get(self.form or "")
        return form.kind if form else None

    @property
    def about(self) -> int | None:
        """The year of its folder, else the year that it states."""
        return folder_year(self.file) or self.year

    @property
    def hindrance(self) -> Finding | None:
        """The finding for which nothing of it is used; None where there is none."""
        unknown = (f for f in self.findings if f.code == "member-unknown")
        return next((f for f in self.findings if rejects(f)), next(unknown, None))

    def count(self, severity: Severity) -> int:
        """Return how many findings have a severity."""
        return sum(found.severity == severity for found in self.findings)


def sent_files(manifest: Mapping[str, Any]) -> tuple[SentFile, ...]:
    """Return the files of a manifest."""
    return tuple(_sent_file(entry) for entry in manifest["files"])


def _sent_file(entry: Mapping[str, Any]) -> SentFile:
    return SentFile(
        file=entry["file"],
        form=entry["form"],
        member=entry["member"],
        year=entry["year"],
        revision=entry["revision"],
        status=entry["status"],
        used=entry["used"],
        superseded=entry["superseded"],
        withdrawn=Withdrawn(**entry["withdrawn"]) if entry["withdrawn"] else None,
        period=entry["period"],
        counts=entry["counts"],
        places=entry["places"],
        findings=tuple(Finding(**found) for found in entry["findings"]),
    )


def chain(files: Iterable[SentFile], one: SentFile) -> tuple[SentFile, ...]:
    """Return the files of the same form, member and year that came before one, oldest first."""
    return tuple(
        sorted(
            (
                other
                for other in files
                if other.used | other.superseded
                and (other.kind, other.member, other.year) == (one.kind, one.member, one.year)
                and _order(other) < _order(one)
            ),
            key=_order,
        )
    )


def _order(file: SentFile) -> tuple[Any, ...]:
    return file.revision, natural(file.file), file.file
