"""From submissions to the tables and the manifest of one build."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any

from thidua_analysis import jumps, revisions, store, tidy
from thidua_analysis.bloc import Bloc
from thidua_analysis.submission.rows import Submission
from thidua_analysis.withdrawals import Withdrawn


def assemble(
    submissions: Iterable[Submission],
    bloc: Bloc,
    received: Mapping[str, dt.date] | None = None,
    withdrawn: Mapping[str, Withdrawn] | None = None,
) -> tuple[tidy.Tables, dict[str, Any]]:
    """Return the tables and the manifest of submissions, in whatever order they come.

    Parameters
    ----------
    submissions
        What the files say.
    bloc
        Who is expected to report, and the local rules.
    received
        File → day on which it came in, where that is known.
    withdrawn
        File → why it was taken out of the count.
    """
    placed = revisions.place(submissions, received, withdrawn)
    placed = jumps.compare_years(placed, bloc)
    missing = revisions.missing_members(placed, bloc)
    manifest = {
        "format": store.FORMAT,
        "bloc": bloc.id,
        "years": sorted({p.submission.year for p in placed if p.used and p.submission.year}),
        "files": [store.entry(p) for p in placed],
        "findings": [tidy.finding_record(found) for found in missing],
    }
    return tidy.tables(placed, missing, received), manifest
