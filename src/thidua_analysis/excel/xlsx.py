"""Read an .xlsx or .xlsm package: scan, values, and the looks of cells on demand."""

from __future__ import annotations

from thidua_analysis.excel.appearance import Appearance, Formats
from thidua_analysis.excel.book import Book, SheetEntry, read_book
from thidua_analysis.excel.budget import Budget
from thidua_analysis.excel.cells import Sheet, Workbook
from thidua_analysis.excel.display import as_seen
from thidua_analysis.excel.gate import Package
from thidua_analysis.excel.limits import Limits
from thidua_analysis.excel.patient import read_patiently
from thidua_analysis.excel.prescan import SheetScan, Source, measure, scan_sheet
from thidua_analysis.excel.shared_strings import SharedStrings
from thidua_analysis.excel.skeleton import are_few
from thidua_analysis.excel.styles import read_styles
from thidua_analysis.excel.values import Rows, read_values


def read_xlsx(package: Package, limits: Limits) -> tuple[Workbook, bool]:
    """Read a package that passed the gate.

    Parameters
    ----------
    package
        The inflated parts.
    limits
        Bounds of the workbook.

    Returns
    -------
    tuple of Workbook and bool
        The workbook, and whether it took the slower reader.

    Raises
    ------
    Refusal
        With ``file-damaged``, ``file-too-large`` or ``file-unsafe``.
    """
    book = read_book(package.parts, limits)
    styles = read_styles(package.parts[book.styles] if book.styles else b"")
    strings = SharedStrings(package.parts[book.strings] if book.strings else b"", limits)
    few = are_few(len(book.sheets), limits)
    source = Source(styles, strings, Budget(limits), book.computes_on_load, few)
    scans = [
        # taken out, because a large part should not stand in memory twice
        scan_sheet(package.parts.pop(s.part), s.part, s.name, source)
        for s in book.sheets
    ]
    strings.refuse_amplified((s.body for s in scans), sum(s.filled for s in scans))
    values, patiently = _values(book, scans, source)
    for entry, scan, rows in zip(book.sheets, scans, values, strict=True):
        if not scan.rows and rows:
            source.budget.take_box(len(rows), len(rows[0]), entry.name)
    sheets = tuple(
        _sheet(entry, rows, scan, Appearance(scan.body, styles, strings))
        for entry, rows, scan in zip(book.sheets, values, scans, strict=True)
    )
    return Workbook(sheets, package.kind, book.date_1904), patiently


def _values(book: Book, scans: list[SheetScan], source: Source) -> tuple[list[Rows], bool]:
    bodies = [scan.body for scan in scans]
    parts = source.styles.minimal_part(), source.strings.without_claims()
    try:
        values = read_values(bodies, *parts, book.date_1904)
        missing = any(_is_silent(scan, rows) for scan, rows in zip(scans, values, strict=True))
    except (KeyboardInterrupt, MemoryError):
        raise
    except BaseException:  # a panic of the reader is no Exception
        missing = True
    if not missing:
        return values, False
    for scan in scans:
        measure(scan, source)
    return [
        read_patiently(scan, entry.name, source.styles, source.strings, book.date_1904)
        for entry, scan in zip(book.sheets, scans, strict=True)
    ], True


def _is_silent(scan: SheetScan, rows: Rows) -> bool:
    """Whether the reader of values gave nothing though there is something."""
    return not rows and scan.filled > len(scan.uncalculated) + len(scan.errors)


def _sheet(entry: SheetEntry, rows: Rows, scan: SheetScan, looks: Appearance) -> Sheet:
    stored = Sheet(
        name=entry.name,
        rows=[list(row) for row in rows],
        hidden=entry.hidden,
        merges=list(scan.merges),
        hidden_rows=set(scan.hidden_rows),
        hidden_columns=set(scan.hidden_columns),
        errors=scan.errors,
        uncalculated=set(scan.uncalculated),
        formats=dict(Formats(looks)),
        fonts={at: font for at in looks.positions() if (font := looks.font(*at))},
        runs={at: runs for at in looks.positions() if (runs := looks.runs(*at))},
    )
    return as_seen(stored, scan.codes)
