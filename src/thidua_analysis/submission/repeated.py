"""The same table on several sheets: drafts, copies, last year's; only one of them counts."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from thidua_analysis.excel import address
from thidua_analysis.findings import Finding, finding
from thidua_analysis.form import awards
from thidua_analysis.submission import row_words
from thidua_analysis.submission.columns import shown
from thidua_analysis.submission.extracted import Extract
from thidua_analysis.submission.texts import SheetTexts
from thidua_analysis.submission.which_form import year_in_titles, years_named
from thidua_analysis.vietnamese.text import key

Place = tuple[Extract, int]


def check_duplicates(parts: Sequence[Extract]) -> Iterator[Finding]:
    """One `duplicate-row` for each row that repeats one of the same table.

    A row is named by its leftmost filled cell. In a list of recipients only people or bodies
    with a name are compared, and nothing typed is repeated.

    Parameters
    ----------
    parts
        All places of the submission where one table stands.
    """
    seen: dict[tuple[object, ...], Place] = {}
    for part in parts:
        columns = [part.values(f.name) for f in part.table.fields]
        if len(parts) == 1 and any(len(set(column)) == len(column) for column in columns):
            return
        contents = list(zip(*columns, strict=True))
        broken = set().union(*(c.broken for c in part.columns.values()), part.left_out)
        if len(parts) == 1 and len(set(contents)) == len(contents):
            return
        named = part.values("name") if part.table.is_private else None
        for position, content in enumerate(contents):
            if position in broken or (named is not None and named[position] is None):
                continue
            if content in seen:
                yield _finding(part, position, seen[content])
            else:
                seen[content] = part, position


def _finding(part: Extract, position: int, first: Place) -> Finding:
    other, other_position = first
    row, other_row = part.roles.data[position], other.roles.data[other_position]
    column = _leftmost(part, row)
    same_sheet = other.sheet.name == part.sheet.name
    return finding(
        "duplicate-row",
        sheet=part.sheet.name,
        cell=address(row, column),
        value=None if part.table.is_private else shown(part.sheet.value(row, column)),
        params={"other": str(other_row) if same_sheet else f"{other_row} ({other.sheet.name})"},
    )


def _leftmost(part: Extract, row: int) -> int:
    """Leftmost filled column of a row within its table."""
    columns = range(part.located.left, part.located.right + 1)
    return next(
        (c for c in columns if part.sheet.value(row, c) not in (None, "")), part.located.left
    )


#: what names a recipient beside the award
_RECIPIENT = ("name", "level", "award", "method", "decision")
_NUMBER = re.compile(r"(.+?)(?:\s*\(\d{1,2}\)|_\d{1,2})$")
RowKey = tuple[object, ...]


@dataclass(frozen=True, slots=True)
class Repeated:
    """A table that is kept out because another sheet counts.

    ``why`` is ``year`` or ``draft`` where the sheet says so, ``rows`` where rows recur.
    """

    part: Extract
    other: Extract
    why: str
    row: int = 0
    other_row: int = 0

    def finding(self) -> Finding:
        """The finding that names both sheets."""
        corner = self.part.located.corner
        return finding(
            "table-repeated",
            sheet=self.part.sheet.name,
            cell=address(corner.row, corner.column),
            heading=self.part.table.sheet,
            params={
                "of": self.why,
                "other": self.other.sheet.name,
                "row": str(self.row),
                "other_row": str(self.other_row),
            },
        )


def repeated(
    parts: Sequence[Extract], texts: Mapping[str, SheetTexts], year: int | None
) -> Iterator[Repeated]:
    """Places of one table that must not be added to the others.

    The sheet that bears the form's name counts, else the one with most rows; real continuations,
    whose rows are others and whose names say nothing else, count too.

    Parameters
    ----------
    parts
        All places where the table stands.
    texts
        The visible sheets by name.
    year
        Year of the report.
    """
    sheets: dict[str, list[Extract]] = {}
    for part in parts:
        sheets.setdefault(part.sheet.name, []).append(part)
    if len(sheets) < 2:
        return
    why = {name: _says(name, sheets, texts[name], year) for name in sheets}
    order = sorted(sheets, key=lambda name: _rank(sheets[name], why[name]))
    first = sheets[order[0]][0]
    seen: dict[RowKey, tuple[Extract, int]] = {}
    for name in order:
        is_other = why[name] is not None and why[order[0]] is None
        rows = [(part, at, row) for part in sheets[name] for at, row in _keys(part)]
        again = next(((at, row) for _, at, row in rows if row in seen), None)
        if is_other or again:
            for part in sheets[name]:
                if part.roles.data:
                    yield _repetition(part, first, why[name] if is_other else None, again, seen)
            continue
        seen.update((row, (part, at)) for part, at, row in rows)


def _repetition(
    part: Extract,
    first: Extract,
    why: str | None,
    again: tuple[int, RowKey] | None,
    seen: Mapping[RowKey, tuple[Extract, int]],
) -> Repeated:
    if why or not again:
        return Repeated(part, first, why or "rows")
    other, at = seen[again[1]]
    return Repeated(part, other, "rows", again[0], at)


def _rank(parts: Sequence[Extract], why: str | None) -> tuple[bool, bool, int]:
    named = key(parts[0].sheet.name) == parts[0].table.sheet_key
    return why is not None, not named, -sum(len(part.kept) for part in parts)


def _keys(part: Extract) -> Iterator[tuple[int, RowKey]]:
    """Number and identity of each row that has one."""
    table = part.table
    asked = _RECIPIENT if table.is_private else table.key
    names = [name for name in asked if name in table.by_name]
    for at in part.kept:
        if any(part.is_broken(name, at) for name in names):
            continue
        values = tuple(_compared(part, name, at) for name in names)
        if (values and values[0] is not None) or (any(values) and not table.is_private):
            yield part.roles.data[at], values


def _compared(part: Extract, name: str, at: int) -> object:
    value = part.value(name, at)
    if not isinstance(value, str):
        return value
    is_award = part.table.by_name[name].type == "award"
    return awards.fold(awards.canonical(value)) if is_award else key(value)


# --- what a sheet says about itself ---------------------------------------------------------------


def _says(
    name: str, sheets: Mapping[str, Sequence[Extract]], texts: SheetTexts, year: int | None
) -> str | None:
    """Whether a sheet is another year's, a draft or a copy, by its name or its title."""
    if year is not None:
        titled = year_in_titles([texts])
        if _is_other_year(years_named(name), year) or titled not in (None, year):
            return "year"
    words = _words(name)
    if row_words.is_draft(words):
        return "draft"
    table = sheets[name][0].table
    others = {_words(other) for other in (*sheets, table.sheet) if other != name}
    numbered = _NUMBER.match(name.strip())
    if numbered and _words(numbered[1]) in others:
        return "draft"
    rest = row_words.without_draft(words)
    return "draft" if rest is not None and (not rest or rest in others) else None


def other_year(part: Extract, year: int | None) -> Finding | None:
    """The finding on a table that counts though its sheet is named for another year."""
    years, corner = years_named(part.sheet.name), part.located.corner
    if year is None or not _is_other_year(years, year):
        return None
    rest = [word for word in _words(part.sheet.name).split() if not word.isdigit()]
    if " ".join(rest).removesuffix(" năm") != part.table.sheet_key:
        return None  # a movement may bear a year in its name
    return finding(
        "year-mismatch",
        sheet=part.sheet.name,
        cell=address(corner.row, corner.column),
        heading=part.table.sheet,
        value=str(year),
        params={"of": "sheet", "expected": str(years[0])},
    )


def _is_other_year(years: Sequence[int], year: int) -> bool:
    return bool(years) and not min(years) <= year <= max(years)


def _words(name: str) -> str:
    return " ".join(re.split(r"[\W_]+", key(name))).strip()
