"""What people do to a sheet without meaning it: cells moved, headings broken, rows put in."""

from dataclasses import replace

from thidua_analysis.excel import Merge


def rows_of(sheet):
    return [list(row) for row in sheet.rows]


def width(sheet):
    return max(map(len, sheet.rows), default=1)


def with_cell(sheet, row, column, value):
    """The sheet with one cell replaced; positions count from 1."""
    rows = rows_of(sheet)
    rows += [[] for _ in range(row - len(rows))]
    rows[row - 1] += [""] * (column - len(rows[row - 1]))
    rows[row - 1][column - 1] = value
    at = row, column
    errors = {place: text for place, text in sheet.errors.items() if place != at}
    return replace(sheet, rows=rows, errors=errors, uncalculated=sheet.uncalculated - {at})


def _anywhere(sheet, rng):
    return rng.randint(1, len(sheet.rows) + 3), rng.randint(1, width(sheet) + 3)


def move_a_cell(sheet, rng):
    filled = list(sheet.filled())
    if not filled:
        return sheet
    cell = rng.choice(filled)
    emptied = with_cell(sheet, cell.row, cell.column, "")
    return with_cell(emptied, *_anywhere(sheet, rng), cell.value)


def break_a_heading(sheet, rng):
    texts = [c for c in sheet.filled() if isinstance(c.value, str) and c.row <= 10]
    if not texts:
        return sheet
    cell = rng.choice(texts)
    broken = rng.choice(["", None, 5.0, "xyz", "Năm 2022", True])
    return with_cell(sheet, cell.row, cell.column, broken)


def _plain(sheet, rows):
    return replace(sheet, rows=rows, errors={}, uncalculated=frozenset(), merges=())


def put_rows_in(sheet, rng):
    rows, at = rows_of(sheet), rng.randint(0, len(sheet.rows))
    return _plain(sheet, [*rows[:at], *([] for _ in range(rng.randint(1, 4))), *rows[at:]])


def shift_right(sheet, rng):
    return _plain(sheet, [["", "", *row] for row in rows_of(sheet)])


def drop_a_row(sheet, rng):
    rows = rows_of(sheet)
    if rows:
        del rows[rng.randrange(len(rows))]
    return _plain(sheet, rows)


def repeat_a_row(sheet, rng):
    rows = rows_of(sheet)
    if rows:
        rows += [*([] for _ in range(rng.randint(0, 3))), list(rng.choice(rows))]
    return replace(sheet, rows=rows)


def merge_cells(sheet, rng):
    row, column = _anywhere(sheet, rng)
    merge = Merge(row, column, row + rng.randint(0, 3), column + rng.randint(0, 3))
    return replace(sheet, merges=(*sheet.merges, merge))


def break_a_formula(sheet, rng):
    at = _anywhere(sheet, rng)
    blanked = with_cell(sheet, *at, "")
    if rng.random() < 0.5:
        return replace(blanked, errors={**blanked.errors, at: "#REF!"})
    return replace(blanked, uncalculated=blanked.uncalculated | {at})


def rename(sheet, rng):
    return replace(sheet, name=rng.choice(["Sheet1", "Phụ lục", f"{sheet.name} (2)"]))


MUTATIONS = (
    *(move_a_cell, break_a_heading, put_rows_in, shift_right, drop_a_row, repeat_a_row),
    *(merge_cells, break_a_formula, rename),
)


def mutated(book, rng):
    """The workbook after a few accidents, some sheets of it perhaps copied."""
    sheets = list(book.sheets)
    for _ in range(rng.randint(0, 4)):
        at = rng.randrange(len(sheets))
        sheets[at] = rng.choice(MUTATIONS)(sheets[at], rng)
    if rng.random() < 0.2:
        copied = rng.choice(sheets)
        sheets.append(replace(copied, name=f"{copied.name} (3)"))
    by_name = {sheet.name: sheet for sheet in sheets}
    return replace(book, sheets=tuple(by_name.values()))
