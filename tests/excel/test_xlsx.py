import dataclasses
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from thidua_analysis.excel import LIMITS, Limits, Merge, Reading, Sheet, read, xlsx, xlsx_book
from thidua_analysis.excel.cells import Budget, Refusal
from thidua_analysis.excel.xlsx_book import Style, Text

STYLES = (
    '<numFmts count="6"><numFmt numFmtId="164" formatCode="0.0%"/>'
    '<numFmt numFmtId="165" formatCode="0&quot;%&quot;"/>'
    '<numFmt numFmtId="166" formatCode="d/m"/><numFmt numFmtId="167" formatCode="General"/>'
    '<numFmt numFmtId="168" formatCode="0\\%"/>'
    '<numFmt numFmtId="169" formatCode="[Red]0%;&quot;-&quot;"/></numFmts>'
    '<cellStyleXfs><xf numFmtId="9"/></cellStyleXfs><cellXfs>'
    + "".join(f'<xf numFmtId="{n}"/>' for n in (0, 9, 10, 14, 46, 164, 165, 166, 167, 168, 169, 1))
    + "</cellXfs>"
)


def sheet(reading: Reading) -> Sheet:
    assert reading.workbook, reading.findings
    return reading.workbook.sheets[0]


def row(*cells: str) -> str:
    return f'<row r="1">{"".join(cells)}</row>'


# --- errors and formulas


def test_error_cells_come_back_with_their_text(bare) -> None:
    cells = row(
        '<c r="A1" t="e"><v>#REF!</v></c>',
        '<c r="B1" s="0" t="e"><f>1/0</f><v>#DIV/0!</v></c>',
        '<c r="C1"><v>3</v></c>',
        '<c r="D1" t="e"><v></v></c>',
    )
    found = sheet(read(bare(cells), "a.xlsx"))
    assert found.errors == {(1, 1): "#REF!", (1, 2): "#DIV/0!", (1, 4): "#ERROR!"}
    assert not found.uncalculated.intersection({(1, 2)})
    assert found.rows == [["", "", 3.0, ""]] or found.rows == [["", "", 3.0]]


@pytest.mark.parametrize(
    "cell",
    [
        '<c r="A1"><f>1+1</f></c>',
        '<c r="A1"><f>1+1</f><v></v></c>',
        '<c r="A1"><f>1+1</f><v/></c>',
        '<c r="A1"><f>1+1</f><v /></c>',
        '<c r="A1"><f>1+1</f><v> </v></c>',
        '<c r="A1" t="b"><f>1=1</f><v/></c>',
        '<c r="A1"><f t="shared" si="0"/></c>',
        '<c r="A1"><f t="array" ref="A1:A3">B1:B3</f><v></v></c>',
        '<c r="A1">\n  <f>1+1</f>\n  <v/>\n</c>',
        '<c r="A1"><v></v><f>1+1</f></c>',
    ],
)
def test_formula_without_a_stored_result_is_uncalculated(cell: str, bare) -> None:
    assert sheet(read(bare(row(cell)), "a.xlsx")).uncalculated == {(1, 1)}


@pytest.mark.parametrize(
    "cell",
    [
        '<c r="A1"><f>1+1</f><v>2</v></c>',
        '<c r="A1"><f ca="1">1+1</f><v>0</v></c>',
        '<c r="A1" t="str"><f>""</f><v></v></c>',
        '<c r="A1" t="str"><f>""</f></c>',
        '<c r="A1"><v>2</v><f>1+1</f></c>',
        '<c r="A1">\n<f>1+1</f>\n<v>\n2</v>\n</c>',
        '<c r="A1" t="inlineStr"><f>"a"</f><is><t>a</t></is></c>',
        '<c r="A1"><v>2</v></c>',
    ],
)
def test_formula_with_a_stored_result_is_calculated(cell: str, bare) -> None:
    assert not sheet(read(bare(row(cell)), "a.xlsx")).uncalculated


def test_workbook_that_must_be_computed_on_opening_has_no_valid_result(bare) -> None:
    cells = row('<c r="A1"><f>B1*2</f><v>0</v></c>', '<c r="B1"><v>5</v></c>')
    for workbook in ('<calcPr fullCalcOnLoad="1"/>', '<calcPr calcId="1" fullCalcOnLoad="true"/>'):
        assert sheet(read(bare(cells, workbook=workbook), "a.xlsx")).uncalculated == {(1, 1)}
    assert not sheet(read(bare(cells, workbook="<calcPr/>"), "a.xlsx")).uncalculated


# --- number formats


def test_percent_cells_are_those_that_multiply_by_a_hundred(bare) -> None:
    cells = row(*(f'<c r="{chr(65 + n)}1" s="{n}"><v>0.7</v></c>' for n in range(12)))
    found = sheet(read(bare(cells, styles=STYLES), "a.xlsx"))
    # 0%, 0.00%, 0.0% and the coloured one; not those with a % in quotes or escaped
    assert found.percents == {(1, 2), (1, 3), (1, 6), (1, 11)}


def test_format_codes_are_known_for_dates_and_own_formats(bare) -> None:
    cells = row(*(f'<c r="{chr(65 + n)}1" s="{n}"><v>45000</v></c>' for n in range(12)))
    found = sheet(read(bare(cells, styles=STYLES), "a.xlsx"))
    assert found.formats[1, 8] == "d/m"
    assert dict(found.formats) == {
        (1, 2): "0%",
        (1, 3): "0.00%",
        (1, 4): "m/d/yyyy",
        (1, 5): "[h]:mm:ss",
        (1, 6): "0.0%",
        (1, 7): '0"%"',
        (1, 8): "d/m",
        (1, 10): "0\\%",
        (1, 11): '[Red]0%;"-"',
    }
    assert (1, 1) not in found.formats
    assert (99, 99) not in found.formats


def test_default_style_may_be_a_percentage(bare) -> None:
    styles = '<cellXfs><xf numFmtId="9"/></cellXfs>'
    cells = row('<c r="A1"><v>0.7</v></c>', '<c r="B1" s="0"><v>1</v></c>')
    assert sheet(read(bare(cells, styles=styles), "a.xlsx")).percents == {(1, 1), (1, 2)}


# --- what is hidden and merged


@pytest.mark.parametrize("hidden", ['hidden="1"', 'hidden="true"', "hidden = '1'"])
def test_hidden_rows_and_columns_are_known(hidden: str, bare) -> None:
    rows = (
        '<row r="2"><c r="B2"><v>1</v></c><c r="D2"><v>1</v></c></row>'
        f'<row r="4" {hidden}><c r="B4"><v>1</v></c></row>'
        f'<row r="5" spans="1:3" {hidden} collapsed="1"/>'
        '<row r="6" hidden="0"><c r="B6"><v>1</v></c></row>'
    )
    columns = f'<cols><col min="3" max="16384" width="9" {hidden}/><col min="1" max="2"/></cols>'
    reading = read(bare(rows, before=columns), "a.xlsx")
    assert sheet(reading).hidden_rows == {4, 5}
    assert sheet(reading).hidden_columns == {3, 4}
    (found,) = reading.findings
    assert (found.code, found.sheet, found.cell) == ("hidden-data", None, None)
    assert found.params == {"what": "S0!4:4; S0!D:D"}


def test_hidden_part_without_content_is_no_finding(parts, zipped) -> None:
    members = parts(
        '<cols><col min="9" max="9" hidden="1"/></cols><sheetData><row r="1"><c r="A1"><v>1</v></c>'
        '</row><row r="7" hidden="1"><c r="A7" s="0"/></row></sheetData>',
        "<sheetData/>",
    )
    members["xl/workbook.xml"] = str(members["xl/workbook.xml"]).replace(
        'name="S1"', 'name="S1" state="hidden"'
    )
    reading = read(zipped(members), "a.xlsx")
    assert reading.findings == ()
    assert [found.hidden for found in reading.workbook.sheets] == [False, True]


@pytest.mark.parametrize("state", ["hidden", "veryHidden"])
def test_hidden_sheet_with_content_is_named(state: str, parts, zipped) -> None:
    data = '<sheetData><row r="1"><c r="A1"><v>1</v></c></row></sheetData>'
    members = parts(data, data)
    members["xl/workbook.xml"] = str(members["xl/workbook.xml"]).replace(
        'name="S1"', f'name="Danh mục" state="{state}"'
    )
    (found,) = read(zipped(members), "a.xlsx").findings
    assert (found.code, found.params) == ("hidden-data", {"what": "Danh mục"})


def test_merged_ranges_are_known_whatever_their_order(bare) -> None:
    refs = "".join(f'<mergeCell ref="{ref}"/>' for ref in ("A1:C2", "D4:D3", "F1"))
    merges = f"<mergeCells>{refs}</mergeCells>"
    found = sheet(read(bare(row('<c r="A1"><v>1</v></c>'), after=merges), "a.xlsx"))
    assert found.merges == [Merge(1, 1, 2, 3), Merge(3, 4, 4, 4)]


# --- bounds


@pytest.mark.parametrize(
    "cell",
    [
        '<c r="XFE1"><v>1</v></c>',
        '<c r="A1048577"><v>1</v></c>',
        '<c r="ZZZZ1"><v>1</v></c>',
        '<c r="A99999999999"><v>1</v></c>',
        '<c r="A0"><v>1</v></c>',
        '<c r="1A"><v>1</v></c>',
        '<c r="$A$1"><v>1</v></c>',
        '<c r="A1:B2"><v>1</v></c>',
        *(f'<c r="{at}"><v>1</v></c>' for at in ("1", "A", "A1B", "A-1", "A.1", "a1 ")),
    ],
)
def test_address_that_no_sheet_has_is_damage(cell: str, bare) -> None:
    (found,) = read(bare(row(cell)), "a.xlsx").findings
    assert found.code == "file-damaged"


@pytest.mark.parametrize("ref", ["A1:XFE2", "A1:ZZZZZZZZ9", "A1:B9999999", "x", ""])
def test_merge_that_no_sheet_has_is_damage(ref: str, bare) -> None:
    merges = f'<mergeCells><mergeCell ref="{ref}"/></mergeCells>'
    (found,) = read(bare(row('<c r="A1"><v>1</v></c>'), after=merges), "a.xlsx").findings
    assert found.code == "file-damaged"


@pytest.mark.parametrize("prefix", ["", "x:"])
def test_two_cells_in_opposite_corners_span_too_much(prefix: str, parts, zipped) -> None:
    members = parts("")
    namespace = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    bound = f'xmlns{":x" if prefix else ""}="{namespace}"'
    p = prefix
    members["xl/worksheets/sheet0.xml"] = (
        f"<{p}worksheet {bound}><{p}sheetData><{p}row r='1'><{p}c r='A1'><{p}v>1</{p}v></{p}c>"
        f"</{p}row><{p}row r='1048576'><{p}c r='XFD1048576'><{p}v>1</{p}v></{p}c></{p}row>"
        f"</{p}sheetData></{p}worksheet>"
    )
    (found,) = read(zipped(members), "a.xlsx").findings
    assert (found.code, found.params["limit"]) == ("file-too-large", "cells")


def test_cell_under_a_foreign_prefix_does_not_escape_the_bounds(bare) -> None:
    for tag in ("y:c", "y:c\n", "c\t"):
        cells = (
            f'<row r="1"><c r="A1"><v>1</v></c><{tag} r="XFD1048576"><v>1</v></{tag.strip()}></row>'
        )
        reading = read(bare(cells), "a.xlsx")
        assert reading.workbook is None


def test_bounds_hold_for_all_sheets_together(parts, zipped) -> None:
    data = '<sheetData><row r="1000"><c r="CV1000"><v>1</v></c></row></sheetData>'
    members = zipped(parts(*[data] * 3))
    assert read(members, "a.xlsx", Limits(cells=300_000)).workbook
    (found,) = read(members, "a.xlsx", Limits(cells=299_999)).findings
    assert found.code == "file-too-large"


def test_blank_cells_that_share_an_address_are_counted_too(bare) -> None:
    blank = '<c r="A1" t="inlineStr"><is><t xml:space="preserve"> </t></is></c>'
    cells = row(*[blank] * 1000)
    assert read(bare(cells), "a.xlsx", Limits(cells=1000)).workbook
    assert not read(bare(cells), "a.xlsx", Limits(cells=999)).workbook


SECOND = (
    '<c r="A1"><v>2</v></c>',
    '<c r="A1" t="s"><v>0</v></c>',
    '<c r="A1" t="e"><v>#REF!</v></c>',
    '<c r="A1"><f>1</f></c>',
    '<c  r="A1"><v>2</v></c>',
)


@pytest.mark.parametrize("second", SECOND)
@pytest.mark.parametrize("first", SECOND)
def test_of_two_cells_with_one_address_nobody_knows_which_is_meant(first, second, bare) -> None:
    between = '<c r="B1"><v>1</v></c>'
    (found,) = read(
        bare(row(first, between, second), strings="<si><t>chữ</t></si>"), "a.xlsx"
    ).findings
    assert (found.code, found.sheet, found.cell) == ("file-damaged", "S0", "A1")


def test_formatted_blanks_take_nothing_of_the_bounds(bare) -> None:
    blanks = "".join(f'<row r="{n}"><c r="XFD{n}" s="0"/></row>' for n in range(2, 2000))
    found = sheet(read(bare(row('<c r="A1"><v>1</v></c>') + blanks), "a.xlsx"))
    assert found.rows == [[1.0]]


def test_many_sheets_are_too_many(parts, zipped) -> None:
    (found,) = read(zipped(parts(*["<sheetData/>"] * 201)), "a.xlsx").findings
    assert (found.code, found.params["limit"]) == ("file-too-large", "sheets")


def test_two_sheets_may_not_be_the_same_part(parts, zipped) -> None:
    members = parts("<sheetData/>", "<sheetData/>")
    members["xl/_rels/workbook.xml.rels"] = str(members["xl/_rels/workbook.xml.rels"]).replace(
        "sheet1.xml", "sheet0.xml"
    )
    assert read(zipped(members), "a.xlsx").findings[0].code == "file-damaged"


def test_many_merges_are_too_many(bare) -> None:
    merges = '<mergeCells><mergeCell ref="A1:B1"/><mergeCell ref="A2:B2"/></mergeCells>'
    data = bare(row('<c r="A1"><v>1</v></c>'), after=merges)
    assert read(data, "a.xlsx", Limits(merges=2)).workbook
    assert not read(data, "a.xlsx", Limits(merges=1)).workbook


# --- shared strings


def test_string_longer_than_excel_stores_is_too_large(bare) -> None:
    cell = row('<c r="A1" t="s"><v>0</v></c>')
    longest = "ữ" * 32_767
    assert sheet(read(bare(cell, strings=f"<si><t>{longest}</t></si>"), "a.xlsx")).rows == [
        [longest]
    ]
    (found,) = read(bare(cell, strings=f"<si><t>{longest}x</t></si>"), "a.xlsx").findings
    assert (found.code, found.params["limit"]) == ("file-too-large", "string_characters")


def test_long_string_that_many_cells_repeat_is_too_large(bare) -> None:
    rows = "".join(f'<row r="{n}"><c r="A{n}" t="s"><v>0</v></c></row>' for n in range(1, 4001))
    data = bare(rows, strings=f"<si><t>{'x' * 30_000}</t></si>")
    (found,) = read(data, "a.xlsx").findings
    assert (found.code, found.params["limit"]) == ("file-too-large", "text_characters")


def test_long_string_that_one_cell_holds_is_harmless(bare) -> None:
    rows = "".join(f'<row r="{n}"><c r="A{n}" t="s"><v>1</v></c></row>' for n in range(1, 4001))
    data = bare(rows, strings=f"<si><t>{'x' * 30_000}</t></si><si><t>a</t></si>")
    assert len(sheet(read(data, "a.xlsx")).rows) == 4000


@pytest.mark.parametrize("claim", ["4294967295", "99999999999999999999"])
def test_table_that_claims_more_strings_than_it_can_hold_is_unsafe(
    claim: str, parts, zipped
) -> None:
    members = parts('<sheetData><row r="1"><c r="A1" t="s"><v>0</v></c></row></sheetData>')
    members["xl/sharedStrings.xml"] = (
        f'<sst xmlns="x" count="1" uniqueCount="{claim}"><si><t>a</t></si></sst>'
    )
    (found,) = read(zipped(members), "a.xlsx").findings
    assert found.code == "file-unsafe"


def test_count_of_references_may_exceed_the_table(parts, zipped) -> None:
    members = parts('<sheetData><row r="1"><c r="A1" t="s"><v>0</v></c></row></sheetData>')
    members["xl/sharedStrings.xml"] = (
        '<sst xmlns="x" count="4294967295" uniqueCount="1"><si><t>a</t></si></sst>'
    )
    assert sheet(read(zipped(members), "a.xlsx")).rows == [["a"]]


def test_reference_to_a_string_that_is_not_there_is_damage(bare) -> None:
    cell = row('<c r="A1" t="s"><v>3</v></c>')
    (found,) = read(bare(cell, strings="<si><t>a</t></si>"), "a.xlsx").findings
    assert found.code == "file-damaged"


def test_empty_strings_keep_the_numbering_of_the_others(bare) -> None:
    cells = row(*(f'<c r="{chr(65 + n)}1" t="s"><v>{n}</v></c>' for n in range(4)))
    strings = "<si/><si></si><si><t/></si><si><t>d</t></si>"
    assert sheet(read(bare(cells, strings=strings), "a.xlsx")).rows == [["", "", "", "d"]]


# --- cost


def test_style_bomb_and_full_row_merges_stay_cheap(hostile) -> None:
    for name in ("28_many_merges.xlsx", "30_style_bomb.xlsx"):
        data = (hostile / name).read_bytes()
        start = time.perf_counter()
        assert read(data, name).workbook
        assert time.perf_counter() - start < 5


N = 300_000


@pytest.mark.parametrize(
    "rows",
    [
        '<c r="A1"><f>' * N,
        "</c>" * N + '<c r="A1"><f>' * N,
        '<c r="A1" t="e"><v>' * N,
        "<" + "a" * 2_000_000,
        "<a>" * N,
        "<x:c>" * N,
        "<c>" * N,
        "<c " + " ".join(f'a{n}="1"' for n in range(N)) + "/>",
        '<row r="1" hidden="1">' * N,
        '<c r="A1">' + " " * 2_000_000 + '<c r="A1">',
        "<!--" * N,
        "<row><c><is>" * (N // 10),
    ],
    ids=range(12),
)
def test_markup_made_to_cost_time_costs_little(rows: str, bare) -> None:
    start = time.perf_counter()
    read(bare(rows), "a.xlsx")
    assert time.perf_counter() - start < 10


@pytest.mark.parametrize(
    "strings",
    [
        "<si>" * N,
        "<si><r>" * N + "</si>",
        "<si><rPh >" * N,
        f"<si>{'<rPh >' * N}<t>a</t></si>",
        f"<si>{'<r>' * N}<t>a</t></si>",
        f"<si>{'<t>' * N}a</si>",
    ],
    ids=range(6),
)
def test_strings_made_to_cost_time_cost_little(strings: str, bare) -> None:
    cells = row('<c r="A1" t="s"><v>0</v></c>', '<c r="B1" t="b"><v>2</v></c>')
    start = time.perf_counter()
    reading = read(bare(cells, strings=strings), "a.xlsx")
    if reading.workbook:
        assert sheet(reading).runs is not None
    assert time.perf_counter() - start < 10


def test_other_parts_made_to_cost_time_cost_little(bare, zipped, parts) -> None:
    cell = row('<c r="A1" s="1"><v>1</v></c>')
    start = time.perf_counter()
    code = "[" * 500_000
    styles = (
        f'<numFmts><numFmt numFmtId="164" formatCode="{code}"/></numFmts>'
        '<cellXfs><xf/><xf numFmtId="164"/></cellXfs>'
    )
    assert len(sheet(read(bare(cell, styles=styles), "a.xlsx")).formats[1, 1]) == 255
    wide = row('<c r="XFD1"><v>1</v></c>')
    columns = '<col min="1" max="16384" hidden="1"/>' * 16_384
    read(bare(wide, before=f"<cols>{columns}</cols>"), "a.xlsx")
    assert time.perf_counter() - start < 10


def test_elements_within_elements_without_end_are_unsafe(parts, zipped) -> None:
    members = parts("<sheetData/>")
    for part in ("<a>" * N, "<a " + " ".join(f'a{n}="1"' for n in range(N)) + "/>"):
        members["xl/styles.xml"] = part
        (found,) = read(zipped(members), "a.xlsx").findings
        assert found.code == "file-unsafe"


def test_sheet_in_several_chunks_is_scanned_whole(bare) -> None:
    rows = "".join(
        f'<row r="{n}"><c r="A{n}" s="1"><v>{n}</v></c><c r="B{n}"><f>A{n}</f><v></v></c>'
        f'<c r="C{n}" s="1"><v>1</v></c></row>'
        for n in range(1, 20_001)
    )
    found = sheet(read(bare(rows, styles=STYLES), "a.xlsx"))
    assert len(found.percents) == 40_000
    assert len(found.uncalculated) == 20_000
    assert found.value(20_000, 1) == 20_000


# --- what cells store


@pytest.mark.parametrize("number", ["+0", "0.0", "x", "-1", "", "7", "0E0"])
def test_a_shared_string_by_no_number_is_damage_and_names_its_cell(number: str, bare) -> None:
    cells = row('<c r="A1" t="s"><v>0</v></c>', f'<c r="B1" t="s"><v>{number}</v></c>')
    (found,) = read(bare(cells, strings="<si><t>a</t></si>"), "a.xlsx").findings
    assert (found.code, found.cell) == ("file-damaged", "B1")


@pytest.mark.parametrize("number", ["1", " 1", "1 ", "01", "&#49;", "\n1\n"])
def test_white_space_around_the_number_of_a_shared_string_is_nothing(number: str, bare) -> None:
    cells = row(f'<c r="A1" t="s"><v>{number}</v></c>')
    strings = "<si><t>a</t></si><si><t>b</t></si>"
    assert sheet(read(bare(cells, strings=strings), "a.xlsx")).rows == [["b"]]


def test_digits_written_as_references_are_digits(bare) -> None:
    cells = row('<c r="A1"><v>5&#48;</v></c>', '<c r="B1"><v>&#53;</v></c>')
    assert sheet(read(bare(cells), "a.xlsx")).rows == [[50.0, 5.0]]


@pytest.mark.parametrize(
    "blank",
    [
        't="s"><v>0</v>',
        't="str"><f>""</f><v></v>',
        't="inlineStr"><is><t xml:space="preserve"> </t></is>',
        "><v></v>",
    ],
)
def test_far_blanks_do_not_count(blank: str, bare) -> None:
    cells = row('<c r="A1"><v>5</v></c>') + f'<row r="1048576"><c r="XFD1048576" {blank}</c></row>'
    strings = '<si><t xml:space="preserve"> \u00a0</t></si>'
    found = sheet(read(bare(cells.replace('" >', '">'), strings=strings), "a.xlsx"))
    assert found.rows == [[5.0]]


def test_the_cell_that_makes_a_sheet_too_large_is_named(bare) -> None:
    cells = row('<c r="A1"><v>5</v></c>', '<c r="XFD1"><v>5</v></c>') + (
        '<row r="900"><c r="B900"><v>1</v></c></row>'
    )
    (found,) = read(bare(cells), "a.xlsx").findings
    assert (found.code, found.cell) == ("file-too-large", "XFD1")


@pytest.mark.parametrize("height", ['ht="0"', "ht='0'", 'ht="0.0" customHeight="1"', 'ht=".0"'])
def test_rows_without_height_are_hidden(height: str, bare) -> None:
    cells = f'<row r="1" {height}><c r="A1"><v>5</v></c></row><row r="2" ht="0.5"/>'
    assert sheet(read(bare(cells), "a.xlsx")).hidden_rows == {1}


def test_rows_hidden_by_default_are_hidden_unless_they_say_otherwise(bare) -> None:
    cells = (
        '<row r="1"><c r="A1"><v>5</v></c></row><row r="2" hidden="0"><c r="A2"><v>5</v></c></row>'
    )
    before = '<sheetFormatPr defaultRowHeight="15" zeroHeight="1"/>'
    assert sheet(read(bare(cells, before=before), "a.xlsx")).hidden_rows == {1}


# --- two ways to read markup

FORMATTED = [Style("", "Arial"), Style("0%"), Style("dd/mm/yyyy", ".VnTime"), Style()]
SHARED = [Text("một"), Text(" "), Text("®¬n vị", (("®¬n ", ".VnTime"), ("vị", None)))]
KINDS = st.sampled_from(["", ' t="n"', ' t="s"', ' t="str"', ' t="b"', ' t="e"', ' t="d"'])
VALUES = st.sampled_from(["0", "1", "2", "-3.5", "1.5E-3", "2023-12-31", "a &lt; b", " k ", ""])
PIECES = st.sampled_from(
    ["<v>{}</v>", "<f>A1&amp;B1</f><v>{}</v>", '<f t="shared" si="0"/><v>{}</v>', "<f>1+1</f>",
     "<is><t>{}</t></is>", '<is><t xml:space="preserve">{}</t></is>', ""]
)  # fmt: skip


@st.composite
def cells(draw: st.DrawFn) -> str:
    style = draw(st.sampled_from(["", ' s="0"', ' s="1"', ' s="2"', ' s="3"', ' s="12"']))
    at = draw(st.sampled_from(["A1", "B1", "Z1", "A2", "AA2", "AB2", "B99", "XFD1048576"]))
    start = f'<c r="{at}"{style}{draw(KINDS)}'
    inside = draw(PIECES).format(draw(VALUES))
    return f"{start}>{inside}</c>" if inside else f"{start}/>"


@st.composite
def bodies(draw: st.DrawFn) -> str:
    how = st.sampled_from(["", ' hidden="1"', ' spans="1:15"', ' ht="0"', ' hidden="false"'])
    rows = draw(st.lists(st.tuples(how, st.lists(cells(), max_size=5)), max_size=5))
    return "".join(
        f'<row r="{n}"{how}>{"".join(row)}</row>' for n, (how, row) in enumerate(rows, 1)
    )


def _sheet_or_refusal(markup: str, *, plain: bool) -> object:
    book = xlsx_book.Book((), False, False, FORMATTED, SHARED, Budget(LIMITS))
    cells = xlsx._SheetCells(xlsx_book.Entry("S", "sheet.xml", False), book)
    try:
        if plain:
            assert cells.add_plain(markup) is not None
        else:
            xlsx._TagReader(cells).read(markup.encode(), "sheet.xml")
        return dataclasses.asdict(cells.sheet([]))
    except Refusal as refusal:
        return refusal.code, refusal.params


@given(bodies())
def test_plain_markup_reads_the_same_tag_by_tag(body: str) -> None:
    markup = f"<worksheet><sheetData>{body}</sheetData></worksheet>"
    plain = _sheet_or_refusal(markup, plain=True)
    assert plain == _sheet_or_refusal(markup, plain=False)
