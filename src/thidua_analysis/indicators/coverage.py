"""Which members are expected to be in a figure, and which of them are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from thidua_analysis import losses
from thidua_analysis.dataset import Dataset
from thidua_analysis.indicators.dictionary import Indicator
from thidua_analysis.indicators.pieces import Figure, Key, Piece
from thidua_analysis.indicators.rows import Scope, values
from thidua_analysis.vietnamese.text import key


class Coverage:
    """Which members are expected to be in a figure, and which of them are.

    Parameters
    ----------
    ds, about, by, scope
        As for `figures`.
    present
        Year and member of all who reported the table, whatever is asked of it.
    """

    def __init__(
        self,
        ds: Dataset,
        about: Indicator,
        by: Sequence[str],
        present: frozenset[tuple[int, str]],
        scope: Scope,
    ) -> None:
        self._ds, self._by, self._present = ds, tuple(by), present
        asked = {column: values(v) for column, v in scope.items() if v is not None}
        self._members = frozenset(map(key, asked.get("member", ds.members)))
        years = asked.get("year", asked.get("reported_in", ds.years))
        self._years = tuple(year for year in ds.years if year in years)
        self._by_year: dict[int, dict[str, None]] = {}
        self._lost_rows = losses.rows(ds, about.table)

    def silent(self, groups: Mapping[Key, Figure]) -> list[Key]:
        """Return keys of members that are expected and sent nothing: shown without a value."""
        if "member" not in self._by or not set(self._by) <= {"year", "member"}:
            return []
        keys = (
            tuple(year if column == "year" else member for column in self._by)
            for year in self._years
            for member in self._expected(year)
        )
        return [one for one in dict.fromkeys(keys) if one not in groups]

    def complete(self, figure: Figure) -> None:
        """Say who is expected in a figure, who is missing, and of whom a row was left out."""
        own = dict(zip(self._by, figure.key, strict=True))
        year = own.get("year", own.get("reported_in"))
        years = self._years if year is None else (year,)
        wanted = [(y, m) for y in years for m in self._expected(y, own.get("member"))]
        unusable = {who(p) for p in figure.pieces} - {who(p) for p in figure.used}
        absent = {pair[1] for pair in wanted if pair not in self._present or pair in unusable}
        partial = {p.row["member"] for p in figure.pieces if not p.usable}
        partial |= {p.row["member"] for p in figure.used if p.lost}
        partial |= {pair[1] for pair in wanted if pair in self._lost_rows}
        figure.expected = tuple(dict.fromkeys(member for _, member in wanted))
        figure.missing = tuple(m for m in figure.expected if m in absent)
        incomplete = tuple(m for m in figure.expected if m in partial and m not in absent)
        figure.lineage = replace(figure.lineage, partial=incomplete)

    def _expected(self, year: int, member: str | None = None) -> tuple[str, ...]:
        if year not in self._by_year:
            everyone = (m for m in self._ds.expected(year) if key(m) in self._members)
            self._by_year[year] = dict.fromkeys(everyone)
        expected = self._by_year[year]
        if member is not None:
            return (member,) if member in expected else ()
        return tuple(expected)


def who(piece: Piece) -> tuple[int, str]:
    """Return year and member of the row of a piece."""
    return piece.row["year"], piece.row["member"]
