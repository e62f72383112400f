"""The findings of one file, at most so many that people could still look at them."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice

from thidua_analysis.findings import Finding

#: a file with more findings than this is no report; what is wrong in it stays out of the rows
MOST = 100_000


class Found(list[Finding]):
    """A list that takes no more findings once it is full, so that no file fills the memory."""

    def append(self, one: Finding) -> None:
        """Add a finding while there is room."""
        if len(self) < MOST:
            super().append(one)

    def extend(self, several: Iterable[Finding]) -> None:
        """Add findings while there is room; the others are not even made."""
        super().extend(islice(several, max(0, MOST - len(self))))
