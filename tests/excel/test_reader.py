import datetime as dt
import io
import math
import subprocess
import sys
import zipfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from python_calamine import load_workbook

from thidua_analysis.excel import Limits, Merge, Reading, Sheet, Workbook, read, reader
from thidua_analysis.findings import CODES, UNREADABLE

RAW = Path(__file__).parents[2] / "tests" / "sample" / "data" / "raw"
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
STYLES = (
    '<numFmts><numFmt numFmtId="164" formatCode="d/m"/>'
    '<numFmt numFmtId="165" formatCode="[h]:mm"/></numFmts><cellXfs>'
    + "".join(f'<xf numFmtId="{n}"/>' for n in (0, 14, 164, 165, 20, 22))
    + "</cellXfs>"
)


def book(reading: Reading) -> Workbook:
    assert reading.workbook, reading.findings
    return reading.workbook


def sheet(reading: Reading) -> Sheet:
    return book(reading).sheets[0]


def filled(reading: Reading) -> dict[str, object]:
    return {cell.address: cell.value for cell in sheet(reading).filled()}


# --- addresses


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ('<row r="3"><c r="B3"><v>1</v></c><c r="D3"><v>2</v></c></row>', {"B3": 1.0, "D3": 2.0}),
        # as calamine, a cell stands where it says, whatever its row says
        ('<row r="2"><c r="C7"><v>1</v></c></row>', {"C7": 1.0}),
        ('<row r="5"><c r="C5"><v>1</v></c></row><row r="2"><c r="B2"><v>7</v></c></row>',
         {"B2": 7.0, "C5": 1.0}),
        ('<row r="1"><c r="A1"><v>1</v></c></row><row r="1"><c r="B1"><v>2</v></c></row>',
         {"A1": 1.0, "B1": 2.0}),
        ('<row r="1"><c r="A1"><v>1</v></c><c r="b1" s="0"/></row>', {"A1": 1.0}),
        ('<row><c><v>1</v></c><c><v>2</v></c></row><row r="5"><c><v>3</v></c></row>'
         "<row><c><v>4</v></c></row>", {"A1": 1.0, "B1": 2.0, "A5": 3.0, "A6": 4.0}),
        ('<row r="2"><c r="C2"><v>1</v></c><c><v>2</v></c></row>', {"C2": 1.0, "D2": 2.0}),
        ('<row r="2"><c r="c2"><v>1</v></c></row>', {"C2": 1.0}),
        ("<row r='2'><c t='n' r='C2'><v>1</v></c></row>", {"C2": 1.0}),
        ('<row r="2"><c t="n" s="0" r="C2"><v>1</v></c></row>', {"C2": 1.0}),
        ('<row r="1" x:y="1" xmlns:x="u"><c r="AB1" cm="1" vm="2"><v>1</v></c></row>',
         {"AB1": 1.0}),
    ],
)  # fmt: skip
def test_value_keeps_the_address_that_its_cell_has(rows: str, expected: dict, bare) -> None:
    assert filled(read(bare(rows), "a.xlsx")) == expected


def test_sample_submissions_read_as_calamine_reads_them(samples) -> None:
    compared = 0
    for path in samples:
        data = path.read_bytes()
        reading = read(data, path.name)
        with load_workbook(io.BytesIO(data)) as other:
            assert [found.name for found in book(reading).sheets] == other.sheet_names
            for found in book(reading).sheets:
                rows = other.get_sheet_by_name(found.name).to_python(skip_empty_area=False)
                mine = {(c.row, c.column): c.value for c in found.filled()}
                theirs = {
                    (r, c): value
                    for r, row in enumerate(rows, 1)
                    for c, value in enumerate(row, 1)
                    if value != ""
                }
                assert mine == theirs
                compared += len(mine)
    assert compared > 10_000


def test_samples_have_no_finding_but_hidden_code_lists(samples) -> None:
    for path in samples:
        found = [(f.code, f.params) for f in read(path.read_bytes(), path.name).findings]
        hidden = [("hidden-data", {"what": "DANHMUC"})] if path.stem == "hnd" else []
        assert found == hidden


# --- markup


PLAIN = (
    '<row r="2" hidden="1"><c r="B2" s="1"><v>45000</v></c><c r="C2" t="s"><v>0</v></c></row>'
    '<row r="3"><c r="B3" t="e"><v>#N/A</v></c><c r="C3"><f>1+1</f><v></v></c>'
    '<c r="D3" t="inlineStr"><is><t>a&lt;b</t></is></c></row>'
)
STRINGS = '<si><t xml:space="preserve"> Đơn vị &amp; số </t></si>'
MERGE = '<mergeCells><mergeCell ref="E2:E3"/></mergeCells>'
COLUMN = '<cols><col min="4" max="4" hidden="1"/></cols>'


def _prefixed(xml: str) -> str:
    return (
        xml.replace("</", "\0")
        .replace("<", "<x:")
        .replace("\0", "</x:")
        .replace("xmlns=", "xmlns:x=")
    )


def _commented(xml: str) -> str:
    return xml.replace("<v>", "<!-- <c r='ZZ9'><v>7</v></c> --><v>").replace(
        "<t>a&lt;b</t>", "<t><![CDATA[a<b]]></t>"
    )


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("change", [str, _prefixed, _commented])
def test_all_markup_that_says_the_same_reads_the_same(encoding, change, parts, zipped) -> None:
    plain = parts(f"{COLUMN}<sheetData>{PLAIN}</sheetData>{MERGE}", strings=STRINGS, styles=STYLES)
    changed = {
        name: change(str(part)).encode(encoding) if name.startswith("xl/") else part
        for name, part in plain.items()
    }
    relations = "xl/_rels/workbook.xml.rels"
    changed[relations] = plain[relations]
    if change is _prefixed:
        changed["xl/workbook.xml"] = str(plain["xl/workbook.xml"])
    reading = read(zipped(changed), "a.xlsx")
    found = sheet(reading)
    assert filled(reading) == {
        "B2": dt.date(2023, 3, 15),
        "C2": " Đơn vị & số ",
        "D3": "a<b",
    }
    assert found.errors == {(3, 2): "#N/A"}
    assert found.uncalculated == {(3, 3)}
    assert found.hidden_rows == {2}
    assert found.hidden_columns == {4}
    assert found.merges == [Merge(2, 5, 3, 5)]
    assert found.formats[2, 2] == "m/d/yyyy"


def test_declared_single_byte_encoding_is_read(parts, zipped) -> None:
    members = parts('<sheetData><row r="1"><c r="A1" t="str"><v>café</v></c></row></sheetData>')
    part = '<?xml version="1.0" encoding="ISO-8859-1"?>' + str(members["xl/worksheets/sheet0.xml"])
    members["xl/worksheets/sheet0.xml"] = part.encode("latin-1")
    assert filled(read(zipped(members), "a.xlsx")) == {"A1": "café"}


def test_markup_that_must_be_rewritten_has_a_size_of_its_own(bare) -> None:
    data = bare("<row><c><v>1</v></c></row>" * 100)
    assert read(data, "a.xlsx").workbook
    (found,) = read(data, "a.xlsx", Limits(rewritten_bytes=1000)).findings
    assert (found.code, found.params["limit"]) == ("file-too-large", "rewritten_bytes")


@pytest.mark.parametrize(
    "target",
    ["/xl/worksheets/sheet0.xml", "../xl/worksheets/sheet0.xml", "./worksheets/./sheet0.xml",
     "Worksheets/Sheet0.XML", "xl/worksheets/sheet0.xml"],
)  # fmt: skip
def test_odd_relations_lead_to_the_sheet_all_the_same(target: str, parts, zipped) -> None:
    members = parts('<sheetData><row r="1"><c r="A1"><v>1</v></c></row></sheetData>')
    related = str(members["xl/_rels/workbook.xml.rels"])
    members["xl/_rels/workbook.xml.rels"] = related.replace("worksheets/sheet0.xml", target)
    reading = read(zipped(members), "a.xlsx")
    assert filled(reading) == {"A1": 1.0}


def test_sheets_without_cells_are_left_out(parts, zipped) -> None:
    data = '<sheetData><row r="1"><c r="A1"><v>{}</v></c></row></sheetData>'
    members = parts(*(data.format(n) for n in range(3)))
    related = str(members["xl/_rels/workbook.xml.rels"])
    for n, kind in ((0, "chartsheet"), (1, "xlMacrosheet")):
        related = related.replace(
            f'worksheet" Target="worksheets/sheet{n}', f'{kind}" Target="worksheets/sheet{n}'
        )
    members["xl/_rels/workbook.xml.rels"] = related
    (only,) = book(read(zipped(members), "a.xlsx")).sheets
    assert (only.name, only.rows) == ("S2", [[2.0]])


def test_part_that_is_no_sheet_is_damage(parts, zipped) -> None:
    members = {**parts(""), "xl/worksheets/sheet0.xml": "<styleSheet/>"}
    assert read(zipped(members), "a.xlsx").findings[0].code == "file-damaged"


def test_workbook_that_claims_all_cells_and_holds_two_is_read(hostile) -> None:
    data = (hostile / "10_dimension_claim_full.xlsx").read_bytes()
    assert len(sheet(read(data, "a.xlsx")).rows) < 10


# --- values


def test_dates_count_from_the_epoch_of_their_workbook(bare) -> None:
    cells = (
        '<row r="1"><c r="A1" s="1"><v>45000</v></c><c r="B1" s="5"><v>45000.5</v></c>'
        '<c r="C1" s="4"><v>0.5</v></c><c r="D1" s="3"><v>1.5</v></c>'
        '<c r="E1"><v>45000</v></c></row>'
    )
    reading = read(bare(cells, styles=STYLES), "a.xlsx")
    assert not book(reading).date_1904
    assert sheet(reading).rows == [
        [dt.date(2023, 3, 15), dt.datetime(2023, 3, 15, 12), dt.time(12),
         dt.timedelta(days=1.5), 45000.0]
    ]  # fmt: skip
    for flag in ("1", "true"):
        later = read(
            bare(cells, styles=STYLES, workbook=f'<workbookPr date1904="{flag}"/>'), "a.xlsx"
        )
        assert book(later).date_1904
        assert sheet(later).value(1, 1) == dt.date(2027, 3, 16)


def test_control_characters_stored_as_escapes_are_decoded(bare) -> None:
    cells = '<row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1" t="str"><v>a_x000D_b</v></c></row>'
    reading = read(bare(cells, strings="<si><t>dòng 1_x000D_\n2 _x005F_x</t></si>"), "a.xlsx")
    assert sheet(reading).rows == [["dòng 1\r\n2 _x", "a\rb"]]


def test_what_is_no_number_comes_as_it_is(hostile) -> None:
    reading = read((hostile / "34_nan_inf_values.xlsx").read_bytes(), "a.xlsx")
    nan, infinite, *texts = filled(reading).values()
    assert isinstance(nan, float)
    assert math.isnan(nan)
    assert infinite == math.inf
    assert texts == ["abc", "1,5"]


def test_formulas_meant_to_run_are_text(hostile) -> None:
    reading = read((hostile / "22_dde_and_injection_strings.xlsx").read_bytes(), "a.xlsx")
    values = filled(reading)
    assert values["A2"] == "+1+1"
    assert values["A9"] == "+84 912 345 678"
    assert all(isinstance(value, str) for value in values.values())


# --- cells of odd kinds


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ('<c r="B1" t="S"><v>2</v></c>', 2.0),
        ('<c r="B1" s="3"><v>1e15</v></c>', 1e15),
        ('<c r="B1" t="zz"><v>chữ</v></c>', "chữ"),
    ],
)
def test_cell_of_an_odd_kind_does_not_cost_the_workbook(cell, value, bare) -> None:
    rows = (
        f'<row r="1" xmlns:a="u" a:b="1"><c r="A1" t="s"><v>0</v></c>{cell}'
        '<c r="C1" s="2"><v>45000</v></c>'
        '<c r="D1" t="inlineStr"><is><r><t>x</t></r><rPh sb="0" eb="1"><t>p</t></rPh>'
        '<r><t xml:space="preserve"> y_x0041_</t></r></is></c><c r="E1" t="b"><v>1</v></c>'
        '<c r="F1" t="d"><v>2023-12-31</v></c><c r="G1" t="d"><v>2023-12-31T10:00:00</v></c>'
        '<c r="H1" t="e"><v>#N/A</v></c><c r="I1" t="str"><f>A1</f><v> k </v></c></row>'
    )
    reading = read(bare(rows, strings="<si><t> Đơn vị </t></si>", styles=STYLES), "a.xlsx")
    assert not reading.findings
    assert filled(reading) == {
        "A1": "Đơn vị",
        "B1": value,
        "C1": dt.date(2023, 3, 15),
        "D1": "x yA",
        "E1": True,
        "F1": dt.date(2023, 12, 31),
        "G1": dt.datetime(2023, 12, 31, 10),
        "I1": " k ",
    }
    assert sheet(reading).errors == {(1, 8): "#N/A"}


def test_markup_that_is_not_well_formed_is_damage(bare) -> None:
    (found,) = read(bare('<row r="1"><c r="A1"><v>1</w></c></row>'), "a.xlsx").findings
    assert found.code == "file-damaged"


def test_unknown_entity_is_damage_and_never_looked_up(bare) -> None:
    (found,) = read(bare('<row r="1"><c r="A1" t="str"><v>&x;</v></c></row>'), "a.xlsx").findings
    assert found.code == "file-damaged"


# --- the same workbook in three formats


def test_three_formats_give_the_same_values(facts) -> None:
    reading = read(*facts)
    assert [found.code for found in reading.findings] == ["hidden-data"]
    assert reading.findings[0].params == {"what": "Chỉ tiêu!6:6; Chỉ tiêu!G:G; DANHMUC"}
    assert [(found.name, found.hidden) for found in book(reading).sheets] == [
        ("Chỉ tiêu", False),
        ("DANHMUC", True),
    ]
    assert filled(reading) == {
        "B3": "Đơn vị",
        "C3": "§¬n vÞ",
        "D3": "Số l\u00adîng",
        "B4": 0.7,
        "C4": dt.date(2023, 7, 3),
        "D4": dt.date(2023, 12, 31),
        "E4": dt.datetime(2023, 12, 31, 12, 30),
        "B5": 1234.5,
        "C5": True,
        "E5": 2469.0,
        "B6": "ẩn",
        "G5": "cột ẩn",
        "B8": "gộp",
    }
    assert sheet(reading).value(5, 3) is True


def test_three_formats_give_the_same_facts(facts) -> None:
    found = sheet(read(*facts))
    assert found.errors == {(5, 4): "#DIV/0!"}
    assert found.percents == {(4, 2)}
    assert found.merges == [Merge(8, 2, 9, 4)]
    assert found.hidden_rows == {6}
    assert found.hidden_columns == {7}
    assert found.formats[4, 3] == "d/m"
    assert found.formats[4, 4] == "dd/mm/yyyy"
    assert found.font(3, 2) == "Arial"
    assert found.font(3, 3) == ".VnTime"
    assert found.runs.get((3, 4)) == (("Số ", "Arial"), ("l\u00adîng", ".VnTime"))
    assert found.runs.get((3, 3)) is None
    assert found.font(99, 99) is None


def test_legacy_fonts_of_an_xls_are_known() -> None:
    path = RAW / "2021" / "ccb.xls"
    reading = read(path.read_bytes(), path.name)
    fonts = {
        found.font(cell.row, cell.column)
        for found in book(reading).sheets
        for cell in found.filled()
    }
    assert {".VnTime", ".VnTimeH"} <= fonts


# --- fonts and rich text of .xlsx


FONTS = (
    '<fonts><font><name val="Arial"/></font><font><name val=".VnTimeH"/></font><font/></fonts>'
    '<cellXfs><xf fontId="0"/><xf fontId="1"/><xf fontId="2"/><xf fontId="99"/></cellXfs>'
    '<dxfs><dxf><font><name val="Wrong"/></font></dxf></dxfs>'
)


def test_font_of_a_cell_is_that_of_its_style(bare) -> None:
    cells = '<row r="2">' + "".join(
        f'<c r="{chr(65 + n)}2" s="{n}" t="str"><v>a</v></c>' for n in range(5)
    )
    found = sheet(
        read(bare(cells + '<c r="F2" t="str"><v>a</v></c></row>', styles=FONTS), "a.xlsx")
    )
    fonts = [found.font(2, column) for column in range(1, 8)]
    assert fonts == ["Arial", ".VnTimeH", None, None, None, "Arial", None]
    assert found.font(1, 1) is None


def test_runs_of_rich_text_join_to_the_value_of_the_cell(bare) -> None:
    rich = (
        '<r><rPr><b/><rFont val=".VnTime"/></rPr><t xml:space="preserve">®¬n </t></r>'
        "<r><t> vị_x000D_ </t></r><r><rPr><rFont val='.VnArial'/></rPr><t>&lt;1</t></r>"
    )
    cells = (
        '<row r="1"><c r="A1" s="1" t="s"><v>1</v></c><c r="B1" t="s"><v>0</v></c>'
        f'<c r="C1" t="inlineStr"><is>{rich}</is></c></row>'
    )
    strings = f"<si><t>một</t></si><si>{rich}<rPh><t>zz</t></rPh></si>"
    found = sheet(read(bare(cells, strings=strings, styles=FONTS), "a.xlsx"))
    for column, font in ((1, ".VnTimeH"), (3, "Arial")):
        runs = found.runs.get((1, column))
        assert runs == (("®¬n ", ".VnTime"), ("vị\r", font), ("<1", ".VnArial"))
        assert "".join(text for text, _ in runs) == found.value(1, column)
    assert found.runs.get((1, 2)) is None


# --- whatever comes


def test_unexpected_failure_is_a_finding(bare, monkeypatch) -> None:
    class Panic(BaseException):
        pass

    def panic(*_: object) -> None:
        raise Panic

    monkeypatch.setattr(reader, "read_xlsx", panic)
    reading = read(bare(""), "a.xls")
    assert reading.workbook is None
    assert [found.code for found in reading.findings] == ["wrong-extension", "reader-failed"]


def test_interruption_by_the_user_is_not_swallowed(bare, monkeypatch) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(reader, "read_xlsx", interrupt)
    with pytest.raises(KeyboardInterrupt):
        read(bare(""), "a.xlsx")


def sound(reading: Reading) -> None:
    found = {finding.code for finding in reading.findings}
    assert found <= CODES.keys()
    assert (reading.workbook is None) == bool(found & UNREADABLE)
    for each in reading.workbook.sheets if reading.workbook else ():
        assert all("".join(text for text, _ in runs) for runs in each.runs.values())
        assert all(each.formats.values())


@given(st.binary(max_size=300))
@settings(max_examples=200, deadline=None)
def test_random_bytes_never_raise(data: bytes) -> None:
    for magic in (b"", b"PK\x03\x04"):
        sound(read(magic + data, "a.xlsx"))


@st.composite
def mutations(draw: st.DrawFn, size: int) -> list[tuple[int, bytes]]:
    places = st.integers(0, size - 1)
    return draw(st.lists(st.tuples(places, st.binary(min_size=1, max_size=6)), max_size=8))


def mutated(data: bytes, changes: list[tuple[int, bytes]]) -> bytes:
    changed = bytearray(data)
    for place, piece in changes:
        changed[place : place + len(piece)] = piece
    return bytes(changed)


SAMPLE = (RAW / "2023" / "hnd.xlsx").read_bytes()


@given(mutations(len(SAMPLE)))
@settings(max_examples=150, deadline=None)
def test_sample_with_changed_bytes_never_raises(changes) -> None:
    sound(read(mutated(SAMPLE, changes), "a.xlsx"))


@given(st.data())
@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_sample_with_changed_markup_never_raises(zipped, data) -> None:
    """Change inflated parts, where the checksum of the container does not catch it."""
    with zipfile.ZipFile(io.BytesIO(SAMPLE)) as container:
        members = {name: container.read(name) for name in container.namelist()}
    name = data.draw(st.sampled_from([n for n in sorted(members) if n.startswith("xl/")]))
    members[name] = mutated(members[name], data.draw(mutations(len(members[name]))))
    reading = read(zipped(members, zipfile.ZIP_STORED), "a.xlsx")
    sound(reading)


TAGS = st.sampled_from(
    ["<row>", "</row>", '<row r="2">', '<c r="B2">', '<c r="B2" t="s">', "<c>", "</c>", "<v>1</v>",
     "<f>A1</f>", "<v/>", '<c r="A1"/>', "<is><t>x</t></is>", "<!-- x -->", "text", "<x:c>",
     "</x:c>", '<c r="XFD1048576"><v>1</v></c>', "<![CDATA[<c>]]>", "<?pi x?>", '<c t="e" r="C3">',
     "</sheetData>", "<sheetData>", '<c r="A9" s="5"><v>45000</v></c>', "&lt;", "&#x0;"]
)  # fmt: skip


@given(st.lists(TAGS, max_size=12).map("".join))
@settings(
    max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_odd_markup_never_raises_and_never_escapes_the_bounds(bare, rows: str) -> None:
    reading = read(bare(rows, styles=STYLES, strings="<si><t>a</t></si>"), "a.xlsx")
    sound(reading)
    for found in reading.workbook.sheets if reading.workbook else ():
        assert len(found.rows) < 100


def test_threads_read_as_one_does(samples) -> None:
    xlsx = [path for path in samples if path.suffix == ".xlsx"] * 3
    with ThreadPoolExecutor(4) as pool:
        readings = list(pool.map(lambda path: read(path.read_bytes(), path.name), xlsx))
    for path, reading in zip(xlsx, readings, strict=True):
        alone = read(path.read_bytes(), path.name)
        for one, other in zip(book(reading).sheets, book(alone).sheets, strict=True):
            assert one.rows == other.rows
            assert (one.percents, one.merges) == (other.percents, other.merges)


def test_reading_an_xlsx_loads_nothing_heavy(samples) -> None:
    path = next(path for path in samples if path.suffix == ".xlsx")
    script = """
import sys
from pathlib import Path
from thidua_analysis.excel import read
assert read(Path(sys.argv[1]).read_bytes(), "a.xlsx").workbook
heavy = {"pandas", "numpy", "matplotlib", "openpyxl", "xlrd", "multiprocessing", "subprocess",
         "asyncio", "urllib.request", "xml.etree", "xml.sax"}
print(sorted(heavy & sys.modules.keys()))
"""
    result = subprocess.run(
        [sys.executable, "-c", script, str(path)], capture_output=True, text=True, check=True
    )
    assert result.stdout.strip() == "[]"
