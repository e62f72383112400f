import datetime as dt
import shutil
import struct
import subprocess
import time
from collections.abc import Iterable

import pytest

from thidua_analysis.excel import Limits, Merge, Reading, read

OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
BINARY = "application/vnd.ms-excel."


def varying(number: int) -> bytes:
    out = bytearray()
    while True:
        number, low = number >> 7, number & 0x7F
        out.append(low | (0x80 if number else 0))
        if not number:
            return bytes(out)


def record(kind: int, content: bytes = b"") -> bytes:
    return varying(kind) + varying(len(content)) + content


def text(words: str) -> bytes:
    units = words.encode("utf-16-le")
    return struct.pack("<I", len(units) // 2) + units


def cell(kind: int, column: int, content: bytes, style: int = 0) -> bytes:
    return record(kind, struct.pack("<II", column, style) + content)


def number(column: int, value: float, style: int = 0) -> bytes:
    return cell(5, column, struct.pack("<d", value), style)


def row(number: int, *cells: bytes, hidden: bool = False) -> bytes:
    header = struct.pack("<IIHBBBI", number, 0, 300, 0, 0x10 if hidden else 0, 0, 0)
    return record(0, header) + b"".join(cells)


def sheet(rows: Iterable[bytes], columns: bytes = b"", merges: bytes = b"") -> bytes:
    return b"".join(
        (
            record(129),
            record(148, struct.pack("<4I", 0, 9, 0, 9)),
            columns and record(390) + columns + record(391),
            record(145),
            *rows,
            record(146),
            merges and record(177, struct.pack("<I", 1)) + merges + record(178),
            record(130),
        )
    )


def font(name: str) -> bytes:
    look = struct.pack("<4H4B8sB", 220, 0, 400, 0, 0, 0, 0, 0, b"\7\0\0\0\0\0\0\xff", 0)
    return record(43, look + text(name))


def style(number_format: int = 0, font_number: int = 0, parent: int = 0) -> bytes:
    return record(47, struct.pack("<6H4x", parent, number_format, font_number, 0, 0, 0x3F << 2))


STYLES = b"".join(
    (
        record(278),
        record(615, struct.pack("<I", 3)),
        record(44, struct.pack("<H", 164) + text("0.0%")),
        record(44, struct.pack("<H", 165) + text("d/m")),
        record(44, struct.pack("<H", 166) + text('#,##0" đ"')),
        record(616),
        record(611, struct.pack("<I", 2)) + font("Arial") + font(".VnTime") + record(612),
        record(626, struct.pack("<I", 1)) + style(9, parent=0xFFFF) + record(627),
        record(617, struct.pack("<I", 5)),
        style() + style(164) + style(165) + style(0, 1) + style(166),
        record(618),
        record(279),
    )
)


def workbook(zipped, *sheets: bytes, flags: int = 0, states: tuple[int, ...] = ()) -> bytes:
    names = ["Chỉ tiêu", "DANHMUC"][: len(sheets)]
    states = states or (0,) * len(sheets)
    listed = b"".join(
        record(156, struct.pack("<II", state, n + 1) + text(f"rId{n + 1}") + text(name))
        for n, (name, state) in enumerate(zip(names, states, strict=True))
    )
    calculation = struct.pack("<IIIdIH", 1, 1, 100, 0.001, 1, flags)
    targets = [("worksheet", f"worksheets/sheet{n + 1}.bin") for n in range(len(sheets))]
    targets += [("styles", "styles.bin"), ("sharedStrings", "sharedStrings.bin")]
    related = "".join(
        f'<Relationship Id="rId{n + 1}" Type="{OFFICE}/{kind}" Target="{target}"/>'
        for n, (kind, target) in enumerate(targets)
    )
    types = "".join(
        f'<Override PartName="/xl/{name}.bin" ContentType="{BINARY}{kind}"/>'
        for name, kind in [("workbook", "sheet.binary.macroEnabled.main"), ("styles", "styles")]
        + [(f"worksheets/sheet{n + 1}", "worksheet") for n in range(len(sheets))]
    )
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{PACKAGE}/content-types"><Default '
        'Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Override PartName="/xl/sharedStrings.bin" ContentType="{BINARY}sharedStrings"/>'
        f"{types}</Types>",
        "_rels/.rels": f'<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="rId1" '
        f'Type="{OFFICE}/officeDocument" Target="xl/workbook.bin"/></Relationships>',
        "xl/_rels/workbook.bin.rels": f'<Relationships xmlns="{PACKAGE}/relationships">{related}'
        "</Relationships>",
        "xl/workbook.bin": record(131)
        + record(153, struct.pack("<III", 0, 0, 0))
        + record(143)
        + listed
        + record(144)
        + record(157, calculation)
        + record(132),
        "xl/styles.bin": STYLES,
        "xl/sharedStrings.bin": record(159, struct.pack("<II", 1, 1))
        + record(19, b"\0" + text("§¬n vÞ"))
        + record(160),
    }
    for n, content in enumerate(sheets):
        parts[f"xl/worksheets/sheet{n + 1}.bin"] = content
    return zipped(parts)


def formula(tokens: bytes) -> bytes:
    return struct.pack("<HI", 0, len(tokens)) + tokens + struct.pack("<I", 0)


GIVES_ERROR, GIVES_NUMBER = formula(b"\x1c\x07"), formula(b"\x1e" + struct.pack("<H", 2469))
ROWS = [
    row(2, cell(6, 1, text("Đơn vị")), cell(7, 2, struct.pack("<I", 0), style=3)),
    row(3, number(1, 0.7, style=1), number(2, 45110, style=2)),
    row(4, cell(3, 1, b"\x17"), cell(4, 2, b"\1"), number(3, 5)),
    row(5, cell(11, 1, b"\x07" + GIVES_ERROR), cell(9, 2, struct.pack("<d", 2469) + GIVES_NUMBER)),
    row(6, number(1, 9), hidden=True),
]
COLUMNS = record(60, struct.pack("<4IH", 3, 3, 2000, 0, 1))
MERGES = record(176, struct.pack("<4I", 7, 8, 1, 3))


def short(kind: int, content: bytes, style: int = 0) -> bytes:
    """Cell to the right of the one before it."""
    return record(kind, struct.pack("<I", style) + content)


@pytest.fixture
def whole(zipped) -> bytes:
    hidden = sheet([row(0, cell(6, 0, text("danh mục")))])
    return workbook(zipped, sheet(ROWS, COLUMNS, MERGES), hidden, states=(0, 1))


def filled(reading: Reading) -> dict[str, object]:
    assert reading.workbook, reading.findings
    return {cell.address: cell.value for cell in reading.workbook.sheets[0].filled()}


def test_values_have_the_addresses_of_their_records(whole) -> None:
    reading = read(whole, "a.xlsb")
    assert reading.kind == "xlsb"
    assert filled(reading) == {
        "B3": "Đơn vị",
        "C3": "§¬n vÞ",
        "B4": 0.7,
        "C4": dt.date(2023, 7, 3),
        "C5": True,
        "D5": 5.0,
        "C6": 2469.0,
        "B7": 9.0,
    }


def test_facts_come_from_the_records(whole) -> None:
    reading = read(whole, "a.xlsb")
    found, hidden = reading.workbook.sheets
    assert found.errors == {(5, 2): "#REF!", (6, 2): "#DIV/0!"}
    assert found.percents == {(4, 2)}
    assert found.formats == {(4, 2): "0.0%", (4, 3): "d/m"}
    assert (found.font(3, 2), found.font(3, 3)) == ("Arial", ".VnTime")
    assert found.merges == [Merge(8, 2, 9, 4)]
    assert found.hidden_rows == {7}
    assert found.hidden_columns == {4}
    assert not found.uncalculated
    assert (hidden.name, hidden.hidden) == ("DANHMUC", True)
    (remark,) = reading.findings
    assert remark.params == {"what": "Chỉ tiêu!7:7; Chỉ tiêu!D:D; DANHMUC"}


def test_a_number_is_what_its_format_shows(zipped) -> None:
    reading = read(workbook(zipped, sheet([row(0, number(0, 2075, 4), number(1, 5))])), "a.xlsb")
    assert filled(reading) == {"A1": "2075 đ", "B1": 5.0}
    assert reading.workbook.sheets[0].stored == {(1, 1): 2075.0}


def test_cells_that_follow_the_one_before_have_its_row_and_the_next_column(zipped) -> None:
    rows = [
        row(
            0, cell(6, 1, text("Đơn vị")), short(18, struct.pack("<I", 0)), short(13, b"\x0a\0\0\0")
        ),
        row(1, short(17, text("đầu")), short(12, b""), short(16, struct.pack("<d", 0.5), style=1)),
        row(2, number(3, 1), short(15, b"\1"), short(14, b"\x17"), number(7, 2)),
        row(3, short(61, b"\0" + text("chữ"))),
    ]
    reading = read(workbook(zipped, sheet(rows), sheet(ROWS)), "a.xlsb")
    assert reading.workbook.sheets[0].rows == [
        ["", "Đơn vị", "§¬n vÞ", 2],
        ["đầu", "", 0.5],
        ["", "", "", 1.0, True, "", "", 2.0],
        ["chữ"],
    ]
    found, other = reading.workbook.sheets
    assert found.errors == {(3, 6): "#REF!"}
    assert found.percents == {(2, 3)}
    assert other.value(3, 2) == "Đơn vị"


def test_rich_texts_are_texts(zipped) -> None:
    rich = b"\1" + text("chữ nghiêng") + struct.pack("<IHH", 1, 4, 1)
    reading = read(workbook(zipped, sheet([row(1, cell(62, 1, rich, style=3))])), "a.xlsb")
    assert filled(reading) == {"B2": "chữ nghiêng"}
    assert reading.workbook.sheets[0].font(2, 2) == ".VnTime"


def test_workbook_to_be_computed_on_opening_has_no_valid_result(zipped) -> None:
    reading = read(workbook(zipped, sheet(ROWS), flags=1), "a.xlsb")
    assert reading.workbook.sheets[0].uncalculated == {(6, 2), (6, 3)}


def test_opposite_corners_span_too_much(zipped) -> None:
    rows = [row(0, number(0, 1)), row(1_048_575, number(16_383, 1))]
    (found,) = read(workbook(zipped, sheet(rows)), "a.xlsb").findings
    assert (found.code, found.params["limit"]) == ("file-too-large", "cells")


def test_column_out_of_every_sheet_costs_no_time(zipped) -> None:
    # the cell stands before all rows
    part = sheet([number(0xFFFFFFF0, 1), row(0, number(0, 1))], COLUMNS)
    start = time.monotonic()
    (found,) = read(workbook(zipped, part), "a.xlsb").findings
    assert found.code == "file-too-large"
    assert time.monotonic() - start < 10


def test_limits_hold_for_all_sheets_together(zipped) -> None:
    data = workbook(zipped, sheet(ROWS), sheet(ROWS))
    assert read(data, "a.xlsb", Limits(cells=60)).workbook
    assert not read(data, "a.xlsb", Limits(cells=30)).workbook


def test_records_that_are_cut_off_cost_the_facts_at_most(zipped) -> None:
    whole = sheet(ROWS, COLUMNS, MERGES)
    for size in (len(whole) - 3, len(whole) // 2):
        reading = read(workbook(zipped, whole[:size]), "a.xlsb")
        codes = {found.code for found in reading.findings}
        assert (reading.workbook is None) == bool(codes & {"file-damaged", "reader-failed"})


@pytest.mark.office
def test_libreoffice_reads_these_records_the_same(whole, tmp_path) -> None:
    """The workbooks of these tests are ours; another program must understand them too."""
    if not shutil.which("soffice"):
        pytest.skip("LibreOffice is not installed")
    (tmp_path / "a.xlsb").write_bytes(whole)
    subprocess.run(
        ["soffice", f"-env:UserInstallation=file://{tmp_path}/profile", "--headless",
         "--convert-to", "ods", "--outdir", str(tmp_path), str(tmp_path / "a.xlsb")],
        check=True, capture_output=True, timeout=120,
    )  # fmt: skip
    mine = read(whole, "a.xlsb").workbook
    theirs = read((tmp_path / "a.ods").read_bytes(), "a.ods").workbook
    for one, other in zip(mine.sheets, theirs.sheets, strict=True):
        assert (one.name, one.hidden) == (other.name, other.hidden)
        assert list(one.filled()) == list(other.filled())
        assert (one.errors, one.percents, one.merges) == (
            other.errors, other.percents, other.merges
        )  # fmt: skip
        assert (one.hidden_rows, one.hidden_columns) == (other.hidden_rows, other.hidden_columns)
