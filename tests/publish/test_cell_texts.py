"""Cells as the page of sources prints them: the Vietnamese way, and no more than is needed."""

from decimal import Decimal

import pytest

from thidua_analysis.indicators.figure import Term
from thidua_analysis.publish.sources import cell_texts

VALUE = Term("value", ("quantity",), table="results", rows=("r",))
DAYS = Term("value", ("deadline",), table="targets", rows=("r",), days=True)
COUNTED = Term("numerator", ("actual",), table="targets", rows=("r",), counts=True)
NAMED = Term("value", ("name",), table="movements", rows=("r",), counts=True)


def told(term, *cells):
    where = {"table": term.table, "field": term.fields[0], "role": term.role}
    rows = [{**where, "cell": c, "typed": t, "value": v} for c, t, v in cells]
    return "; ".join(cell_texts(rows, [term])).replace("\N{NO-BREAK SPACE}", " ")


@pytest.mark.parametrize(
    ("typed", "value", "printed"),
    [
        ("95.7", Decimal("95.7"), "H7 = 95,7"),
        ("3666", 3666, "H7 = 3.666"),
        ("6.125", 6125, "H7 = 6.125"),
        ("56,7", Decimal("56.7"), "H7 = 56,7"),
        ("98,6%", Decimal("98.6"), "H7 “98,6%” = 98,6"),
        ("0.8", 80, "H7 “0,8” = 80"),
        ("11862.5", 11862500000, "H7 “11.862,5” = 11.862.500.000"),
        ("4.660", 4660000000, "H7 “4.660” = 4.660.000.000"),
        ("không", 0, "H7 “không” = 0"),
        ("92", -92, "H7 = −92"),
        ("1", 1, "H7 = 1"),
        (None, 1, "H7"),
    ],
)
def test_a_cell_is_printed_with_what_it_adds(typed, value, printed):
    assert told(VALUE, ("H7", typed, value)) == printed


def test_dates_are_printed_as_dates_and_the_one_taken_off_is_marked():
    cells = [("I7", "2023-12-15", 45275), ("J7", "23.6.2023", -45100)]
    assert told(DAYS, *cells) == "I7 = 15/12/2023; J7 “23.6.2023” = 23/06/2023 (trừ)"


def test_counted_cells_are_addresses_and_those_below_each_other_a_range():
    cells = [(f"C{row}", "5", 1) for row in (9, 4, 2, 3, 10)]
    assert told(COUNTED, *cells) == "C2–C4; C9; C10"


def test_what_is_counted_once_for_several_members_is_named():
    assert told(NAMED, ("B2", "Vì người nghèo", 1)) == "B2 “Vì người nghèo”"


def test_what_stands_in_no_cell_is_its_value():
    assert told(COUNTED, (None, None, 1)) == "1"
