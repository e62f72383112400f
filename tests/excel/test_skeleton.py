"""A sheet scanned as a whole: the same answer as cell by cell, and no address out of bounds."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from thidua_analysis.excel import prescan, read
from thidua_analysis.excel.budget import Budget
from thidua_analysis.excel.limits import LIMITS, Limits
from thidua_analysis.excel.prescan import Source
from thidua_analysis.excel.shared_strings import SharedStrings
from thidua_analysis.excel.skeleton import COLUMNS, ROWS, are_few, usual
from thidua_analysis.excel.styles import Styles

STYLES = Styles(b"", ("", "0%", "", "0.0%"))
VALUES = st.sampled_from(["0", "12", "-3.5", "1.5E-3", "0.1", "803", ""])
KINDS = st.sampled_from(["", ' t="s"', ' t="n"', ' t="str"', ' t="b"', ' t="e"', ' t="sX"'])
LETTERS = st.sampled_from([*"ABYZ", "AA", "XFD", "a"])


@st.composite
def cells(draw: st.DrawFn) -> str:
    style = draw(st.sampled_from(["", ' s="0"', ' s="1"', ' s="3"', ' s="12"']))
    row = draw(st.sampled_from([1, 2, 99, 9_999, 10_000, 1_048_576]))
    inside = draw(VALUES)
    shown = f"<v>{inside}</v>" if inside else draw(st.sampled_from(["", "<v></v>", "<f>1+1</f>"]))
    start = f'<c r="{draw(LETTERS)}{row}"{style}{draw(KINDS)}'
    return f"{start}>{shown}</c>" if shown else f"{start}/>"


@st.composite
def bodies(draw: st.DrawFn) -> bytes:
    hidden = st.sampled_from(["", ' hidden="1"', ' spans="1:15"', ' ht="15" customHeight="1"'])
    rows = draw(st.lists(st.tuples(hidden, st.lists(cells(), max_size=5)), max_size=5))
    markup = (f'<row r="{n}"{how}>{"".join(row)}</row>' for n, (how, row) in enumerate(rows, 1))
    return "".join(markup).encode()


@given(bodies())
def test_a_sheet_taken_at_once_is_what_it_is_cell_by_cell(body: bytes) -> None:
    at_once = prescan._at_once(body, STYLES)
    if at_once is None:
        return
    each = prescan._one_by_one(body, Source(STYLES, SharedStrings(b"", LIMITS), Budget(LIMITS)))
    assert each is not None
    assert (at_once.body, at_once.filled) == (each.body, each.filled)
    assert at_once.codes == each.codes
    assert (each.errors, each.uncalculated, each.hidden_rows) == ({}, frozenset(), frozenset())
    assert each.rows <= ROWS
    assert each.columns <= COLUMNS


@given(bodies(), st.binary(max_size=60), st.integers(0, 400))
def test_whatever_passes_no_address_leads_out(body: bytes, noise: bytes, at: int) -> None:
    for tried in (body, body[:at] + noise + body[at:], body[:at] + body[at + len(noise) :]):
        if usual(tried) is None:
            continue
        for letters, row in re.findall(rb'<c r="([A-Z]*)([0-9]*)', tried):
            assert len(letters) <= 1
            assert len(row) <= 4


@pytest.mark.parametrize(
    "body",
    [
        '<row r="1"><c r="A1"><v>1</v></c></row>',
        '<row r="1" spans="1:2"><c r="A1" s="4" t="s"><v>0</v></c><c r="Z9999"/></row>',
        '<row r="1"/><row r="2"><c r="B2" t="n"><v>-1.5E-3</v></c></row>\n',
        "",
    ],
)
def test_plain_sheets_are_taken_at_once(body: str) -> None:
    assert usual(body.encode())


@pytest.mark.parametrize("where", ["1", "A", "", "1A", "A1B", "A-1", "A.1", "A0", "a1 "])
def test_an_address_that_is_none_is_damage(where: str, bare) -> None:
    reading = read(bare(f'<row r="1"><c r="{where}"><v>1</v></c></row>'), "a.xlsx")
    assert [one.code for one in reading.findings] == ["file-damaged"]


def test_only_few_sheets_of_the_largest_usual_size_need_no_measuring() -> None:
    assert are_few(19, LIMITS)
    assert not are_few(20, LIMITS)
    assert not are_few(1, Limits(cells=1_000))
