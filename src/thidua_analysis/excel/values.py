"""Values of .xlsx sheets by python-calamine, which is shown only what was checked before."""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO

from python_calamine import load_workbook

from thidua_analysis.excel.archive import pack
from thidua_analysis.excel.cells import Value

_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_START = f'<worksheet xmlns="{_MAIN}"><sheetData>'.encode()
_END = b"</sheetData></worksheet>"
_NO_STRINGS = f'<sst xmlns="{_MAIN}"/>'.encode()

Rows = Sequence[Sequence[Value]]


def read_values(
    bodies: Sequence[bytes], styles: bytes, strings: bytes, date_1904: bool
) -> list[Rows]:
    """Read the values of sheets.

    The reader is given a new package of its own: the rows and cells as scanned, number formats
    and strings, and a workbook part that lists the sheets by number. Odd relations, claims of
    size, merged ranges and names never reach it.

    Parameters
    ----------
    bodies
        Rows and cells of each sheet in plain markup.
    styles
        A ``styles.xml`` with the number formats.
    strings
        The ``sharedStrings.xml``, or empty bytes.
    date_1904
        Whether dates count from 1904.

    Returns
    -------
    list of rows
        For each sheet a list of rows from row 1 and column A on, whatever cell is the first
        with content: the index is the address.
    """
    sheets = [("worksheet", f"worksheets/{n}.xml") for n in range(len(bodies))]
    package = {
        "_rels/.rels": [_relations([("officeDocument", "xl/workbook.xml")])],
        "xl/workbook.xml": [_workbook(len(bodies), date_1904)],
        "xl/_rels/workbook.xml.rels": [
            _relations([*sheets, ("styles", "styles.xml"), ("sharedStrings", "sharedStrings.xml")])
        ],
        "xl/styles.xml": [styles],
        "xl/sharedStrings.xml": [strings or _NO_STRINGS],
        **{f"xl/worksheets/{n}.xml": [_START, body, _END] for n, body in enumerate(bodies)},
    }
    with load_workbook(BytesIO(pack(package))) as workbook:
        return [
            workbook.get_sheet_by_index(n).to_python(skip_empty_area=False)
            for n in range(len(bodies))
        ]


def _workbook(sheets: int, date_1904: bool) -> bytes:
    listed = "".join(f'<sheet name="{n}" sheetId="{n + 1}" r:id="r{n}"/>' for n in range(sheets))
    return (
        f'<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><workbookPr date1904="{date_1904:d}"/>'
        f"<sheets>{listed}</sheets></workbook>"
    ).encode()


def _relations(targets: list[tuple[str, str]]) -> bytes:
    listed = "".join(
        f'<Relationship Id="r{n}" Type="{_OFFICE}/{kind}" Target="{target}"/>'
        for n, (kind, target) in enumerate(targets)
    )
    return f'<Relationships xmlns="{_PACKAGE}">{listed}</Relationships>'.encode()
