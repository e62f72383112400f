"""Workbooks for the tests of the reader: honest ones from XlsxWriter, odd ones from bare XML."""

from __future__ import annotations

import datetime as dt
import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
import xlsxwriter

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
HERE = Path(__file__).parent

Parts = dict[str, str | bytes]


def _rels(*targets: tuple[str, str]) -> str:
    listed = "".join(
        f'<Relationship Id="r{n}" Type="{OFFICE}/{kind}" Target="{target}"/>'
        for n, (kind, target) in enumerate(targets)
    )
    return f'<Relationships xmlns="{PACKAGE}">{listed}</Relationships>'


def _parts(*sheets: str, strings: str = "", styles: str = "", workbook: str = "") -> Parts:
    listed = "".join(
        f'<sheet name="S{n}" sheetId="{n + 1}" r:id="r{n}"/>' for n in range(len(sheets))
    )
    targets = [("worksheet", f"worksheets/sheet{n}.xml") for n in range(len(sheets))]
    return {
        "[Content_Types].xml": "<Types/>",
        "_rels/.rels": _rels(("officeDocument", "xl/workbook.xml")),
        "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}">{workbook}'
        f"<sheets>{listed}</sheets></workbook>",
        "xl/_rels/workbook.xml.rels": _rels(
            *targets, ("sharedStrings", "sharedStrings.xml"), ("styles", "styles.xml")
        ),
        "xl/sharedStrings.xml": f'<sst xmlns="{MAIN}">{strings}</sst>',
        "xl/styles.xml": f'<styleSheet xmlns="{MAIN}">{styles}</styleSheet>',
        **{
            f"xl/worksheets/sheet{n}.xml": f'<worksheet xmlns="{MAIN}">{sheet}</worksheet>'
            for n, sheet in enumerate(sheets)
        },
    }


def _zipped(parts: Parts, compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", compression) as container:
        for name, content in parts.items():
            container.writestr(name, content)
    return out.getvalue()


@pytest.fixture
def parts() -> Callable[..., Parts]:
    """Parts of a bare .xlsx by name: sheets, and the inner XML of the other parts."""
    return _parts


@pytest.fixture
def zipped() -> Callable[..., bytes]:
    """Pack parts into a zip container."""
    return _zipped


@pytest.fixture
def bare() -> Callable[..., bytes]:
    """Make an .xlsx from the rows and cells of one sheet."""

    def make(rows: str, before: str = "", after: str = "", **other: str) -> bytes:
        return _zipped(_parts(f"{before}<sheetData>{rows}</sheetData>{after}", **other))

    return make


def build_facts() -> bytes:
    """Workbook with one of each: the same as in data/facts.xls and data/facts.ods."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True})
    sheet = book.add_worksheet("Chỉ tiêu")
    formats = {
        code: book.add_format({"num_format": code})
        for code in ("0.0%", "d/m", "dd/mm/yyyy", "dd/mm/yyyy hh:mm", "[h]:mm")
    }
    legacy = book.add_format({"font_name": ".VnTime"})
    plain = book.add_format({"font_name": "Arial"})
    sheet.write_string("B3", "Đơn vị", plain)
    sheet.write_string("C3", "§¬n vÞ", legacy)
    sheet.write_rich_string("D3", plain, "Số ", legacy, "l­îng", plain)
    sheet.write_number("B4", 0.7, formats["0.0%"])
    sheet.write_datetime("C4", dt.datetime(2023, 7, 3), formats["d/m"])
    sheet.write_datetime("D4", dt.datetime(2023, 12, 31), formats["dd/mm/yyyy"])
    sheet.write_datetime("E4", dt.datetime(2023, 12, 31, 12, 30), formats["dd/mm/yyyy hh:mm"])
    sheet.write_number("B5", 1234.5)
    sheet.write_boolean("C5", True)
    sheet.write_formula("D5", "=1/0", None, "#DIV/0!")
    sheet.write_formula("E5", "=B5*2", None, 2469)
    sheet.write_string("B6", "ẩn")
    sheet.write_string("G5", "cột ẩn")
    sheet.merge_range("B8:D9", "gộp", plain)
    sheet.set_row(5, None, None, {"hidden": True})
    sheet.set_column("G:G", None, None, {"hidden": True})
    hidden = book.add_worksheet("DANHMUC")
    hidden.write_string("A1", "danh mục")
    hidden.hide()
    book.close()
    return out.getvalue()


@pytest.fixture(params=["xlsx", "xls", "ods"])
def facts(request: pytest.FixtureRequest) -> tuple[bytes, str]:
    """Return the same workbook in each format, with its name."""
    kind: str = request.param
    if kind == "xlsx":
        return build_facts(), "facts.xlsx"
    return (HERE / "data" / f"facts.{kind}").read_bytes(), f"facts.{kind}"


@pytest.fixture(scope="session")
def samples() -> list[Path]:
    """Return the sample submissions of all years."""
    return sorted((HERE.parents[1] / "tests" / "sample" / "data" / "raw").glob("20*/*"))


@pytest.fixture(scope="session")
def hostile() -> Path:
    """Return the folder of workbooks made to break readers."""
    return HERE.parent / "hostile"
