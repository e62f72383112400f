import datetime as dt

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from thidua_analysis.excel import read
from thidua_analysis.excel.number_formats import date_kind, from_serial, is_telling, shown


@pytest.mark.parametrize("code", ["0%", "0.00%", "[Red]0%", '0.0" "%', "0%;-0%", "#,##0.0 %"])
def test_code_that_multiplies_by_a_hundred_is_a_percentage(code: str) -> None:
    assert shown(0.7, code).is_percent


@pytest.mark.parametrize("code", ["", "0", '0"%"', "0\\%", '0"% của"', "[$%-42A]0", "0_%", '0"%'])
def test_code_that_only_prints_the_sign_is_no_percentage(code: str) -> None:
    assert not (is_telling(code) and shown(0.7, code).is_percent)


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("dd/mm/yyyy", "date"),
        ('"ngày" d "tháng" m', "date"),
        ("[$-42A]dd mmmm yyyy", "date"),
        ("h:mm AM/PM", "date"),
        ("[h]:mm:ss", "duration"),
        ("[mm]:ss", "duration"),
        ('#,##0 "đồng"', None),
        ('0 "m²"', None),
        ("0\\d", None),
        ("[Red]0", None),
        ("@", None),
        ("", None),
    ],
)
def test_code_of_a_date_is_told_from_others(code: str, kind: str | None) -> None:
    assert date_kind(code) == kind


@pytest.mark.parametrize(
    ("serial", "code", "value"),
    [
        (45291, "d/m/yyyy", dt.date(2023, 12, 31)),
        (1, "d/m/yyyy", dt.date(1900, 1, 1)),
        (59, "d/m/yyyy", dt.date(1900, 2, 28)),
        (61, "d/m/yyyy", dt.date(1900, 3, 1)),
        (45291.25, "d/m/yyyy h:mm", dt.datetime(2023, 12, 31, 6)),
        (0.5, "h:mm", dt.time(12)),
        (1.5, "[h]:mm", dt.timedelta(hours=36)),
        (-1, "[h]:mm", dt.timedelta(days=-1)),
        (0.7, "0%", 0.7),
        (-1.0, "d/m/yyyy", -1.0),
        (2_958_465, "d/m/yyyy", dt.date(9999, 12, 31)),
        # a moment before the year 10000, which rounds into it
        (2_958_465.9999999995, "d/m/yyyy", 2_958_465.9999999995),
        (2_958_466.0, "d/m/yyyy", 2_958_466.0),
        (float("inf"), "d/m/yyyy", float("inf")),
    ],
)
def test_number_with_the_code_of_a_date_is_that_date(serial, code, value) -> None:
    assert from_serial(serial, code) == value


def test_dates_of_1904_are_four_years_later() -> None:
    assert from_serial(0.5, "h:mm", date_1904=True) == dt.time(12)
    assert from_serial(45000, "d/m/yyyy", date_1904=True) == dt.date(2027, 3, 16)
    assert from_serial(2_957_500, "d/m/yyyy", date_1904=True) == 2_957_500


@given(st.floats(0, 2_900_000).map(lambda serial: round(serial, 4)), st.booleans())
@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_own_dates_are_those_of_calamine(bare, serial: float, date_1904: bool) -> None:
    """The patient reader and the reader of .xls must not differ from the usual one."""
    data = bare(
        f'<row r="1"><c r="A1" s="0"><v>{serial!r}</v></c><c r="B1"><v>1</v></c></row>',
        styles='<numFmts><numFmt numFmtId="164" formatCode="d/m/yyyy h:mm"/></numFmts>'
        '<cellXfs><xf numFmtId="164"/></cellXfs>',
        workbook=f'<workbookPr date1904="{date_1904:d}"/>',
    )
    theirs = read(data, "a.xlsx").workbook.sheets[0].value(1, 1)
    assert from_serial(serial, "d/m/yyyy h:mm", date_1904) == theirs
