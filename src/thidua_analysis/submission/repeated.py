"""The same rows or table twice: drafts, copies, last year's; only one of the sheets counts."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from thidua_analysis.excel import address
from thidua_analysis.findings import Finding, finding
from thidua_analysis.form import awards
from thidua_analysis.submission import row_words
from thidua_analysis.submission.table import ReadTable
from thidua_analysis.submission.texts import SheetTexts, is_filled, shown
from thidua_analysis.submission.which_form import year_in_titles, years_named
from thidua_analysis.vietnamese.text import key

#: what names a recipient beside the award
_RECIPIENT = ("name", "level", "award", "method", "decision")
_NUMBER = re.compile(r"(.+?)(?:\s*\(\d{1,2}\)|_\d{1,2})$")
RowKey = tuple[object, ...]


def check_duplicates(parts: Sequence[ReadTable]) -> Iterator[Finding]:
    """One `duplicate-row` for each row that repeats one of the same table, wherever that stands.

    A row is named by its leftmost filled cell. In a list of recipients only people or bodies
    with a name are compared, and nothing typed is repeated.
    """
    seen: dict[RowKey, tuple[ReadTable, int]] = {}
    for part in parts:
        contents = zip(*(part.values(f.name) for f in part.table.fields), strict=True)
        broken = part.left_out.union(*(c.broken for c in part.columns.values()))
        named = part.values("name") if part.table.is_private else part.body.data
        for position, content in enumerate(contents):
            if position in broken or named[position] is None:
                continue
            if content in seen:
                yield _duplicate(part, part.body.data[position], *seen[content])
            else:
                seen[content] = part, part.body.data[position]


def _duplicate(part: ReadTable, row: int, other: ReadTable, other_row: int) -> Finding:
    left, sheet = part.located.left, part.sheet
    cells = {c: sheet.value(row, c) for c in range(left, part.located.right + 1)}
    column = next((c for c, value in cells.items() if is_filled(value)), left)
    where = "" if other.sheet.name == sheet.name else f" ({other.sheet.name})"
    return finding(
        "duplicate-row",
        sheet=sheet.name,
        cell=address(row, column),
        value=None if part.table.is_private else shown(cells[column]),
        params={"other": f"{other_row}{where}"},
    )


def repeated(
    parts: Sequence[ReadTable], texts: Mapping[str, SheetTexts], year: int | None
) -> Iterator[tuple[ReadTable, Finding]]:
    """Places of one table that must not be added to the others, with the finding on each.

    The sheet that bears the form's name counts, else the one with most rows; real continuations,
    whose rows are others and whose names say nothing else, count too.
    """
    sheets: dict[str, list[ReadTable]] = {}
    for part in parts:
        sheets.setdefault(part.sheet.name, []).append(part)
    if len(sheets) < 2:
        return
    why = {name: _says(name, sheets, texts[name], year) for name in sheets}
    first, *others = sorted(sheets, key=lambda name: _rank(sheets[name], why[name]))
    seen: dict[RowKey, tuple[str, int]] = {}
    for name in (first, *others):
        rows = [(row, at) for part in sheets[name] for at, row in _keys(part)]
        again = next(((*seen[row], at) for row, at in rows if row in seen), None)
        is_other = why[name] is not None and why[first] is None
        if not is_other and not again:
            seen.update((row, (name, at)) for row, at in rows)
            continue
        other, other_row, row = (first, 0, 0) if is_other or not again else again
        for part in sheets[name]:
            if part.body.data:
                said = why[name] if is_other else None
                yield part, _table_repeated(part, said or "rows", other, row, other_row)


def _table_repeated(part: ReadTable, why: str, other: str, row: int, other_row: int) -> Finding:
    at, rows = part.located.corner, {"row": str(row), "other_row": str(other_row)}
    where = at.row, at.column
    return part.report("table-repeated", where, part.table.sheet, of=why, other=other, **rows)


def _rank(parts: Sequence[ReadTable], why: str | None) -> tuple[bool, bool, int]:
    named = key(parts[0].sheet.name) == parts[0].table.sheet_key
    return why is not None, not named, -sum(len(part.kept) for part in parts)


def _keys(part: ReadTable) -> Iterator[tuple[int, RowKey]]:
    """Number and identity of each row that has one."""
    table = part.table
    names = [n for n in (_RECIPIENT if table.is_private else table.key) if n in table.by_name]
    broken = part.left_out.union(*(part.columns[name].broken for name in names))
    # people and bodies are known by their name, other rows by anything
    needed = 1 if table.is_private else len(names)
    rows = zip(*(_compared(part, name) for name in names), strict=True)
    for at, values in enumerate(rows):
        if at not in broken and values[:needed].count(None) < needed:
            yield part.body.data[at], values


def _compared(part: ReadTable, name: str) -> list[object]:
    """The values of a column as they are compared; the form's default where a cell is blank."""
    asked = part.table.by_name[name]
    read = _award if asked.type == "award" else key
    values = (asked.default if value is None else value for value in part.values(name))
    return [read(value) if isinstance(value, str) else value for value in values]


def _award(text: str) -> str:
    return awards.fold(awards.canonical(text))


def _says(
    name: str, sheets: Mapping[str, Sequence[ReadTable]], texts: SheetTexts, year: int | None
) -> str | None:
    """Whether a sheet is another year's, a draft or a copy, by its name or its title."""
    if year is not None:
        titled = year_in_titles([texts])
        if _is_other_year(years_named(name), year) or titled not in (None, year):
            return "year"
    words = _words(name)
    others = {_words(other) for other in (*sheets, sheets[name][0].table.sheet) if other != name}
    numbered, rest = _NUMBER.match(name.strip()), row_words.without_draft(words)
    is_copy = numbered and _words(numbered[1]) in others
    is_remnant = rest is not None and (not rest or rest in others)
    return "draft" if row_words.is_draft(words) or is_copy or is_remnant else None


def other_year(part: ReadTable, year: int | None) -> Iterator[Finding]:
    """The finding on a table that counts though its sheet is named for another year."""
    years, corner = years_named(part.sheet.name), part.located.corner
    rest = [word for word in _words(part.sheet.name).split() if not word.isdigit()]
    # a movement may bear a year in its name
    is_named = " ".join(rest).removesuffix(" năm") == part.table.sheet_key
    if year is not None and is_named and _is_other_year(years, year):
        at, words = (corner.row, corner.column), {"of": "sheet", "expected": str(years[0])}
        yield part.report("year-mismatch", at, part.table.sheet, str(year), **words)


def _is_other_year(years: Sequence[int], year: int) -> bool:
    return bool(years) and not min(years) <= year <= max(years)


def _words(name: str) -> str:
    return " ".join(re.split(r"[\W_]+", key(name))).strip()
