"""From submissions to the tables and the manifest of one build."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from thidua_analysis import jumps, revisions, store, tidy
from thidua_analysis.bloc import Bloc
from thidua_analysis.submission.rows import Submission


def assemble(submissions: Iterable[Submission], bloc: Bloc) -> tuple[tidy.Tables, dict[str, Any]]:
    """Return the tables and the manifest of submissions, in whatever order they come."""
    placed = revisions.place(submissions)
    placed = jumps.compare_years(placed, bloc)
    missing = revisions.missing_members(placed, bloc)
    manifest = {
        "format": store.FORMAT,
        "bloc": bloc.id,
        "years": sorted({p.submission.year for p in placed if p.used and p.submission.year}),
        "files": [store.entry(p) for p in placed],
        "findings": [tidy.finding_record(found) for found in missing],
    }
    return tidy.tables(placed, missing), manifest
