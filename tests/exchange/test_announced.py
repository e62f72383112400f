"""Every cell of a file is changed in turn: what moves was announced by its trace."""

import datetime as dt
from dataclasses import replace

import openpyxl
import pytest

from thidua_analysis.dataset import Dataset
from thidua_analysis.exchange.diff import compare
from thidua_analysis.exchange.template import write_template
from thidua_analysis.findings import UsageError
from thidua_analysis.form.forms import current
from thidua_analysis.lineage import register, tracing
from thidua_analysis.submission import read_file

pytestmark = pytest.mark.slow

YEAR = 2023
MEMBERS = {"unit": "ldld", "bloc": None}
#: What stands in the place of a text: another of the same list, else a text of its own.
OTHERS = {
    "level": "Cấp cơ sở", "award": "Cờ thi đua của UBND tỉnh", "method": "Đột xuất",
    "status": "Đề nghị", "direction": "Càng thấp càng tốt", "launched_by": "Cấp Trung ương",
    "scope": "Toàn quốc", "kind": "Điểm trừ", "member": "Hội Nông dân tỉnh", "role": "Trưởng khối",
    "counted_as": "người", "period": "9 tháng", "illustrative": "có",
}  # fmt: skip


@pytest.fixture(scope="module")
def small(tmp_path_factory, bloc, submissions, samples, fill):
    """A small report and a small form of the bloc: two rows a table."""
    made = {}
    for kind, member in MEMBERS.items():
        whole = next(s for s in submissions if (s.member, s.year) == (member, YEAR))
        form = current(kind)
        path = tmp_path_factory.mktemp(kind) / "tep.xlsx"
        write_template(form, bloc, YEAR, member, None, path)
        kept = {t: _few(t, member, rows) for t, rows in whole.rows.items()}
        made[kind] = fill(path, form, bloc, kept)
    return made


def _few(table, member, rows):
    if table == "scores" and member is None:  # a line of the sheet is one row a stage
        own = (row for row in rows if row.values["member"] == "ldld")
        rows = [row for row in own if row.values["stage"] == "cross"]
    return rows[:2]


def changed(value, field):
    """Another value that a sender could have typed."""
    if isinstance(value, dt.datetime):
        return value + dt.timedelta(days=1)
    if isinstance(value, int | float):
        return value + 1
    other = OTHERS.get(field)
    return other if other and other != value else f"{value} (khác)"


def announced(ds, file, sheet, cell):
    try:
        return {figure["id"] for figure in tracing.feeds(ds, file, sheet, cell)}
    except UsageError:
        return set()


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["unit", "bloc"])
def test_what_moves_with_a_cell_was_announced_by_its_trace(tmp_path, bloc, small, kind):
    read = {k: replace(read_file(path, bloc), path=f"{YEAR}/{k}.xlsx") for k, path in small.items()}
    before = read[kind]
    old = Dataset.of(read.values(), bloc)
    known = {figure["id"]: figure for figure in register.figures(old, YEAR)}
    cells = {
        (row.sheet, cell): field
        for rows in before.rows.values()
        for row in rows
        for field, cell in row.cells.items()
    }
    cells |= {place: field for field, place in before.said.items()}
    missed, moving = {}, 0
    for (sheet, cell), field in cells.items():
        book = openpyxl.load_workbook(small[kind])
        book[sheet][cell] = changed(book[sheet][cell].value, field)
        book.save(tmp_path / "sau.xlsx")
        after = replace(read_file(tmp_path / "sau.xlsx", bloc), path=before.path)
        if field not in ("form", "bloc", "member", "year"):  # two reports are not compared
            assert not compare(before, after, bloc).is_empty, (sheet, cell)
        new = Dataset.of([after if one is before else one for one in read.values()], bloc)
        now = {figure["id"]: figure for figure in register.figures(new, YEAR)}
        moved = {n for n in {*known, *now} if register.differ(known.get(n), now.get(n))}
        moving += bool(moved)
        for ds in (old, new):  # what a row leaves, and where it comes
            moved -= announced(ds, before.path, sheet, cell) if moved else set()
        if moved:
            missed[sheet, cell, field] = sorted(moved)
    assert missed == {}
    assert moving > len(cells) / 3
