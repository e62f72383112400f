"""What is known of one member's report for a year: its files, what counts, what was put right."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from thidua_analysis.dataset import Dataset
from thidua_analysis.exchange.answer import said
from thidua_analysis.findings import Finding
from thidua_analysis.form import Form, current, forms
from thidua_analysis.sent import SentFile, chain


@dataclass(frozen=True, slots=True)
class Report:
    """What is known of one member's report for a year.

    Parameters
    ----------
    dataset
        All data, also of other years.
    files
        All files that came in.
    member, year
        Whose report it is.
    today
        The day on which the page is written.
    """

    dataset: Dataset
    files: tuple[SentFile, ...]
    member: str
    year: int
    today: dt.date

    @property
    def own(self) -> list[SentFile]:
        """The member's files for the year, oldest first."""
        found = [f for f in self.files if (f.member, f.year) == (self.member, self.year)]
        return [one for last in found if last.used for one in (*chain(found, last), last)]

    @property
    def used(self) -> SentFile | None:
        """The file that counts."""
        return self.own[-1] if self.own else None

    @property
    def fixed(self) -> list[Finding]:
        """What was put right since the file before."""
        if len(self.own) < 2:
            return []
        return said.put_right(self.own[-2].findings, self.own[-1].findings)

    @property
    def form(self) -> Form:
        """The form that was filled in, else the current one."""
        return forms()[self.used.form or ""] if self.used else current("unit")

    def received(self, file: SentFile) -> dt.date | None:
        """Return the day on which a file came in, if it was recorded."""
        rows = self.dataset.records("submissions")
        return next((row["received"] for row in rows if row["file"] == file.file), None)

    @property
    def first_received(self) -> dt.date | None:
        """The day on which the first file came in."""
        days = [day for file in self.own if (day := self.received(file))]
        return min(days, default=None)
