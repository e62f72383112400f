import datetime as dt
import time

import pytest

from thidua_analysis.excel import Limits, Merge, Reading, Sheet, read

NAMESPACES = " ".join(
    f'xmlns:{prefix}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
    for prefix, name in {
        "office": "office",
        "style": "style",
        "text": "text",
        "table": "table",
        "draw": "drawing",
        "number": "datastyle",
        "svg": "svg-compatible",
        "fo": "xsl-fo-compatible",
    }.items()
) + (
    ' xmlns:calcext="urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0"'
    ' xmlns:xlink="http://www.w3.org/1999/xlink"'
)
STYLES = """
<office:font-face-decls><style:font-face style:name="F1" svg:font-family="'.VnTime'"/>
</office:font-face-decls>
<office:automatic-styles>
<number:percentage-style style:name="N1"><number:number/><number:text>%</number:text>
</number:percentage-style>
<number:date-style style:name="N2"><number:day/><number:text>/</number:text><number:month/>
</number:date-style>
<number:date-style style:name="N3"><number:day number:style="long"/>
<number:text> tháng </number:text>
<number:month number:textual="true"/></number:date-style>
<style:style style:name="pct" style:family="table-cell" style:data-style-name="N1"/>
<style:style style:name="day" style:family="table-cell" style:data-style-name="N2"/>
<style:style style:name="words" style:family="table-cell" style:data-style-name="N3"/>
<style:style style:name="old" style:family="table-cell"><style:text-properties
 style:font-name="F1"/></style:style>
<style:style style:name="child" style:family="table-cell" style:parent-style-name="old"/>
<style:style style:name="ring" style:family="table-cell" style:parent-style-name="ring"/>
<style:style style:name="old" style:family="text"><style:text-properties
 fo:font-family="'.VnArial'"/></style:style>
<style:style style:name="away" style:family="table"><style:table-properties
 table:display="false"/></style:style>
</office:automatic-styles>"""


@pytest.fixture
def ods(zipped):
    """Read a document from the inner XML of its one table, or of its whole body."""

    def make(
        rows: str = "", body: str = "", limits: Limits | None = None, styles: str = STYLES
    ) -> Reading:
        body = body or f'<table:table table:name="Biểu">{rows}</table:table>'
        content = (
            f"<office:document-content {NAMESPACES}>{styles}<office:body><office:spreadsheet>"
            f"{body}</office:spreadsheet></office:body></office:document-content>"
        )
        members = {
            "mimetype": "application/vnd.oasis.opendocument.spreadsheet",
            "content.xml": content,
            "styles.xml": f"<office:document-styles {NAMESPACES}><office:styles>"
            '<style:default-style style:family="table-cell"><style:text-properties'
            ' style:font-name="Liberation"/></style:default-style></office:styles>'
            "</office:document-styles>",
        }
        return read(zipped(members), "a.ods", limits or Limits())

    return make


def sheet(reading: Reading) -> Sheet:
    assert reading.workbook, reading.findings
    return reading.workbook.sheets[0]


def filled(reading: Reading) -> dict[str, object]:
    return {cell.address: cell.value for cell in sheet(reading).filled()}


def row(*cells: str, **attributes: str) -> str:
    given = "".join(f' table:{key.replace("_", "-")}="{v}"' for key, v in attributes.items())
    return f"<table:table-row{given}>{''.join(cells)}</table:table-row>"


def cell(content: str = "", kind: str = "", **attributes: str) -> str:
    given = f' office:value-type="{kind}"' if kind else ""
    for key, value in attributes.items():
        prefix = "office" if key.endswith(("value", "currency")) else "table"
        given += f' {prefix}:{key.replace("_", "-")}="{value}"'
    return f"<table:table-cell{given}>{content}</table:table-cell>"


def text(words: str, **attributes: str) -> str:
    return cell(f"<text:p>{words}</text:p>", "string", **attributes)


BLANK = "<table:table-cell/>"


def test_every_kind_of_value_is_read(ods) -> None:
    found = ods(
        row(
            cell("<text:p>1.234,5</text:p>", "float", value="1234.5"),
            cell("", "percentage", value="0.7"),
            cell("", "currency", value="5000"),
            cell("", "date", date_value="2023-12-31"),
            cell("", "date", date_value="2023-12-31T12:30:00"),
            cell("", "date", date_value="2023-12-31T00:00:00"),
            cell("", "time", time_value="PT12H30M00S"),
            cell("", "time", time_value="PT36H00M00S"),
            cell("", "boolean", boolean_value="true"),
            text("Đơn vị"),
            cell("<text:p>không kiểu</text:p>"),
            cell("<text:p>khác</text:p>", "string", string_value="thật"),
        )
    )
    assert sheet(found).rows == [
        [
            1234.5,
            0.7,
            5000.0,
            dt.date(2023, 12, 31),
            dt.datetime(2023, 12, 31, 12, 30),
            dt.date(2023, 12, 31),
            dt.time(12, 30),
            dt.timedelta(hours=36),
            True,
            "Đơn vị",
            "không kiểu",
            "thật",
        ]
    ]


def test_value_that_cannot_be_is_given_as_it_shows(ods) -> None:
    found = ods(
        row(
            cell("<text:p>nhiều</text:p>", "float", value="x"),
            cell("<text:p>31/02</text:p>", "date", date_value="2023-02-31"),
            cell("<text:p>giờ</text:p>", "time", time_value="12:30"),
        )
    )
    assert sheet(found).rows == [["nhiều", "31/02", "giờ"]]


def test_repeated_and_covered_cells_keep_all_addresses(ods) -> None:
    found = ods(
        row(BLANK, number_rows_repeated="2")
        + row(
            cell(number_columns_repeated="3"),
            cell("", "float", value="7", number_columns_repeated="2"),
            text("gộp", number_columns_spanned="2", number_rows_spanned="3"),
            "<table:covered-table-cell/>",
            text("sau"),
        )
        + row(
            cell(number_columns_repeated="3"),
            cell("", "float", value="7", number_columns_repeated="2"),
            "<table:covered-table-cell/><table:covered-table-cell/>",
            text("sau"),
        )
        + row(cell(number_columns_repeated="1024"), number_rows_repeated="1048000")
    )
    assert filled(found) == {
        f"{column}{line}": value
        for line in (3, 4)
        for column, value in (("D", 7.0), ("E", 7.0), ("F", "gộp"), ("H", "sau"))
        if (column, line) != ("F", 4)
    }
    assert sheet(found).merges == [Merge(3, 6, 5, 7)]


def test_groups_and_heading_rows_are_rows_like_others(ods) -> None:
    found = ods(
        f"<table:table-header-rows>{row(text('a'))}</table:table-header-rows>"
        f"<table:table-row-group>{row(text('b'))}<table:table-rows>{row(text('c'))}"
        "</table:table-rows></table:table-row-group>"
    )
    assert filled(found) == {"A1": "a", "A2": "b", "A3": "c"}


def test_text_is_what_the_cell_shows(ods) -> None:
    found = ods(
        row(
            text("hai<text:s text:c='2'/>dấu<text:tab/>cách<text:line-break/>dòng"),
            text("một</text:p><text:p>hai</text:p><text:p>"),
            text("\n   dài\n   dòng"),
            text("<text:s/>đầu"),
            text("<text:a xlink:href='x'>liên kết</text:a>"),
            text("chữ<office:annotation><text:p>ghi chú</text:p></office:annotation>"),
            cell("<draw:frame><text:p>hình</text:p></draw:frame><text:p>ô</text:p>", "string"),
        )
    )
    assert sheet(found).rows == [
        ["hai  dấu\tcách\ndòng", "một\nhai\n", "dài dòng", " đầu", "liên kết", "chữ", "ô"]
    ]


def test_errors_are_known_in_new_and_old_files(ods) -> None:
    found = sheet(
        ods(
            row(
                '<table:table-cell table:formula="of:=1/0" office:value-type="string" '
                'office:string-value="" calcext:value-type="error"><text:p>#DIV/0!</text:p>'
                "</table:table-cell>",
                cell("<text:p>#REF!</text:p>", "float", value="0", formula="of:=[.#REF!]"),
                cell("<text:p>Err:502</text:p>", "float", value="0", formula="of:=A1"),
                text("#N/A"),
                cell("<text:p>7</text:p>", "float", value="7", formula="of:=A1"),
            )
        )
    )
    errors = {(1, 1): "#DIV/0!", (1, 2): "#REF!", (1, 3): "Err:502", (1, 4): "#N/A"}
    assert found.errors == errors
    assert found.rows == [["", "", "", "", 7.0]]


def test_formula_without_a_stored_result_is_uncalculated(ods) -> None:
    found = sheet(ods(row(cell(formula="of:=1+1"), text("", formula="of:=&quot;&quot;"))))
    assert found.uncalculated == {(1, 1)}


@pytest.mark.parametrize("kind", ["float", "percentage", "currency", "date", "time", "boolean"])
def test_formula_with_a_type_and_no_value_is_uncalculated(kind: str, ods) -> None:
    shown = cell("<text:p>7</text:p>", kind, formula="of:=A1")
    found = sheet(ods(row(cell("", kind, formula="of:=1+1"), cell("", kind), shown)))
    assert found.uncalculated == {(1, 1)}


def test_truth_value_stored_as_a_formula_is_one(ods) -> None:
    found = ods(row(cell("<text:p>TRUE</text:p>", "float", value="1", formula="of:=TRUE()")))
    assert sheet(found).value(1, 1) is True


def test_percent_and_date_formats_are_known(ods) -> None:
    found = sheet(
        ods(
            row(
                cell("", "float", value="0.7", style_name="pct"),
                cell("", "percentage", value="0.7"),
                cell("", "date", date_value="2023-07-03", style_name="day"),
                cell("", "date", date_value="2023-07-03", style_name="words"),
            )
        )
    )
    assert found.percents == {(1, 1), (1, 2)}
    assert found.formats == {
        (1, 1): "#%", (1, 2): "0%", (1, 3): "d/m", (1, 4): 'dd" tháng "mmm'
    }  # fmt: skip


MAPPED = """
<number:number-style style:name="A"><number:number number:decimal-places="1"
 number:min-integer-digits="1" number:grouping="true" number:display-factor="1000000"/>
<number:text> triệu</number:text></number:number-style>
<number:number-style style:name="B"><number:number number:min-integer-digits="2"
 number:decimal-places="0"/><style:map style:condition="value()&gt;=1000000"
 style:apply-style-name="A"/></number:number-style>
<number:currency-style style:name="C"><number:currency-symbol>USD</number:currency-symbol>
<number:number number:min-integer-digits="1"/></number:currency-style>
<number:number-style style:name="D"><number:text>"%"</number:text>
<number:number number:decimal-places="0" number:min-integer-digits="1">
<number:embedded-text number:position="3">.</number:embedded-text></number:number>
</number:number-style>
<number:text-style style:name="E"><number:fill-character>-</number:fill-character>
<number:text-content/><style:map style:condition="value()&gt;0" style:apply-style-name="A"/>
<style:map style:condition="value()&lt;0" style:apply-style-name="nowhere"/></number:text-style>
<number:number-style style:name="F"><number:number number:min-integer-digits="1"/>
</number:number-style>"""


def test_number_styles_are_said_as_format_codes(ods) -> None:
    styles = "".join(
        f'<style:style style:name="c{name}" style:family="table-cell" style:data-style-name='
        f'"{name}"/>'
        for name in "ABCDEF"
    )
    cells = [cell("", "float", value="2500000", style_name=f"c{name}") for name in "ABCDEF"]
    cells.append(cell("", "currency", value="5", currency="USD"))
    styles = f"<office:automatic-styles>{MAPPED}{styles}</office:automatic-styles>"
    found = sheet(ods(row(*cells), styles=styles))
    triệu = '#,##0.0,," triệu"'
    assert found.formats == {
        (1, 1): triệu,
        (1, 2): f"[>=1000000]{triệu};00",
        (1, 3): '"USD"General',
        (1, 4): '""\\""%"\\"""#"."##0',
        (1, 5): f"{triệu};;*-@",
        (1, 7): '0" USD"',
    }
    assert found.value(1, 2) == "2,5 triệu"
    assert found.value(1, 7) == "5 USD"


def test_font_is_inherited_from_parent_row_column_and_default(ods) -> None:
    found = sheet(
        ods(
            '<table:table-column table:number-columns-repeated="2"/>'
            '<table:table-column table:default-cell-style-name="old"/>'
            + row(text("a", style_name="child"), text("b"), text("c"), text("d", style_name="ring"))
            + row(text("a"), default_cell_style_name="old")
        )
    )
    fonts = [found.font(1, column) for column in range(1, 5)]
    assert fonts == [".VnTime", "Liberation", ".VnTime", "Liberation"]
    assert found.font(2, 1) == ".VnTime"


def test_runs_tell_the_fonts_within_a_text(ods) -> None:
    found = sheet(
        ods(
            row(
                text("Đơn <text:span text:style-name='old'>v<text:s/>Þ</text:span> 2"),
                text("<text:span>trơn</text:span>"),
            )
        )
    )
    assert found.runs.get((1, 1)) == (
        ("Đơn ", "Liberation"),
        ("v Þ", ".VnArial"),
        (" 2", "Liberation"),
    )
    assert found.runs.get((1, 2)) is None


def test_hidden_parts_are_known(ods) -> None:
    reading = ods(
        body='<table:table table:name="Biểu"><table:table-column/><table:table-column '
        'table:visibility="collapse" table:number-columns-repeated="1000000"/>'
        + row(text("a"), text("b"))
        + row(text("c"), visibility="filter")
        + '</table:table><table:table table:name="Ẩn" table:style-name="away">'
        + row(text("d"))
        + "</table:table>"
    )
    assert sheet(reading).hidden_rows == {2}
    assert sheet(reading).hidden_columns == {2}
    (found,) = reading.findings
    assert found.params == {"what": "Biểu!2:2; Biểu!B:B; Ẩn"}


def test_stored_copy_of_another_file_is_no_sheet(ods) -> None:
    reading = ods(
        body='<table:table table:name="Biểu">'
        + row(text("a"))
        + "</table:table><table:table table:name=\"'file:///tong%20hop.ods'#$S\">"
        '<table:table-source xlink:href="../tong%20hop.ods"/>' + row(text("b")) + "</table:table>"
    )
    assert [found.name for found in reading.workbook.sheets] == ["Biểu"]
    (found,) = reading.findings
    assert (found.code, found.params) == ("external-links", {"what": "tong hop.ods"})


def test_history_and_links_of_a_document_are_no_cells(ods) -> None:
    aside = "".join(
        f"<table:{name}><table:table>{row(text('x'))}</table:table></table:{name}>"
        for name in ("tracked-changes", "dde-links", "content-validations")
    )
    reading = ods(body=f'{aside}<table:table table:name="B">{row(text("a"))}</table:table>')
    assert [list(found.rows) for found in reading.workbook.sheets] == [[["a"]]]


@pytest.mark.parametrize(
    "repeated",
    [
        {"number_columns_repeated": "6000000"},
        {"number_columns_repeated": "9" * 5000},
    ],
)
def test_content_repeated_without_end_is_too_large(repeated: dict[str, str], ods) -> None:
    start = time.perf_counter()
    (found,) = ods(row(text("x", **repeated))).findings
    assert (found.code, found.params["limit"]) == ("file-too-large", "cells")
    (found,) = ods(row(text("x"), number_rows_repeated="6000000")).findings
    assert (found.code, found.params["limit"]) == ("file-too-large", "cells")
    assert time.perf_counter() - start < 10


def test_long_text_repeated_is_too_large(ods) -> None:
    long = text("x" * 30_000, number_columns_repeated="100")
    (found,) = ods(row(long, number_rows_repeated="100")).findings
    assert (found.code, found.params["limit"]) == ("file-too-large", "text_characters")


def test_negative_or_odd_repetition_counts_once(ods) -> None:
    for odd in ("-5", "x", "", "0", "1.5"):
        assert filled(ods(row(text("a", number_columns_repeated=odd), text("b")))) == {
            "A1": "a",
            "B1": "b",
        }


def test_document_that_is_not_well_formed_is_damage(ods) -> None:
    (found,) = ods("<table:table-row>").findings
    assert found.code == "file-damaged"


def test_rows_and_columns_without_size_and_in_folded_groups_are_hidden(ods) -> None:
    styles = STYLES.replace(
        "</office:automatic-styles>",
        '<style:style style:name="flat" style:family="table-row"><style:table-row-properties '
        'style:row-height="0cm"/></style:style><style:style style:name="thin" '
        'style:family="table-column"><style:table-column-properties style:column-width="0.0in"/>'
        "</style:style></office:automatic-styles>",
    )
    columns = '<table:table-column/><table:table-column table:style-name="thin"/>'
    folded = (
        f'<table:table-row-group table:display="false">{row(text("c"))}</table:table-row-group>'
    )
    flat = row(text("b")).replace("<table:table-row", '<table:table-row table:style-name="flat"', 1)
    found = sheet(
        ods(columns + row(text("a"), text("x")) + flat + folded + row(text("d")), styles=styles)
    )
    assert found.hidden_rows == {2, 3}
    assert found.hidden_columns == {2}


def test_readings_of_signs_and_notes_are_no_part_of_a_text(ods) -> None:
    ruby = (
        '<table:table-cell office:value-type="string"><text:p><text:ruby><text:ruby-base>Cấp'
        '<text:s text:c="3"/>tỉnh</text:ruby-base><text:ruby-text>abc</text:ruby-text></text:ruby>'
        "<text:note><text:note-citation>1</text:note-citation><text:note-body><text:p>chân</text:p>"
        "</text:note-body></text:note><text:tab/>A<text:line-break/>B</text:p></table:table-cell>"
    )
    assert sheet(ods(row(ruby))).rows == [["Cấp   tỉnh\tA\nB"]]


def test_elapsed_time_is_a_duration_and_a_time_of_day_a_time(ods) -> None:
    styles = STYLES.replace(
        "</office:automatic-styles>",
        '<number:time-style style:name="N9" number:truncate-on-overflow="false"><number:hours/>'
        "<number:text>:</number:text><number:minutes/></number:time-style>"
        '<style:style style:name="long" style:family="table-cell" style:data-style-name="N9"/>'
        "</office:automatic-styles>",
    )
    plain = cell("<text:p>1:30</text:p>", "time", time_value="PT1H30M")
    styled = plain.replace("<table:table-cell", '<table:table-cell table:style-name="long"', 1)
    found = sheet(ods(row(plain, styled), styles=styles))
    assert found.rows == [[dt.time(1, 30), dt.timedelta(hours=1, minutes=30)]]
    assert found.formats[1, 2] == "[h]:m"
