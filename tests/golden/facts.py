"""The facts of a workbook as plain data: the one place that looks into sheets."""

from dataclasses import asdict

from thidua_analysis.excel import read


def facts(data, name):
    """Return all that the reader knows of a file, as data that JSON can hold."""
    reading = read(data, name)
    book = reading.workbook
    return {
        "kind": reading.kind,
        "sha256": reading.sha256,
        "findings": [asdict(one) for one in reading.findings],
        "date_1904": book and book.date_1904,
        "sheets": [_sheet(one) for one in book.sheets] if book else None,
    }


def _sheet(sheet):
    cells = [(cell.row, cell.column, cell.value) for cell in sheet.filled()]
    texts = [(row, column) for row, column, value in cells if isinstance(value, str)]
    return {
        "name": sheet.name,
        "hidden": sheet.hidden,
        "merges": sorted([m.top, m.left, m.bottom, m.right] for m in sheet.merges),
        "hidden_rows": sorted(sheet.hidden_rows),
        "hidden_columns": sorted(sheet.hidden_columns),
        "values": _by_cell({(row, column): value for row, column, value in cells}),
        "errors": _by_cell(sheet.errors),
        "uncalculated": sorted(sheet.uncalculated),
        "percents": sorted(sheet.percents),
        "unlike": sorted(sheet.unlike),
        "stored": _by_cell(sheet.stored),
        "formats": _by_cell(sheet.formats),
        "covered": _by_cell(sheet.covered),
        "fonts": _by_cell({at: sheet.font(*at) for at in texts}),
        "runs": _by_cell({at: sheet.runs.get(at) for at in texts}),
    }


def _by_cell(values):
    """One text a cell: ``[7, 3] float 0.5``; what is empty everywhere says nothing."""
    filled = {at: value for at, value in values.items() if value not in (None, "", ())}
    return [f"{list(at)} {type(v).__name__} {v!r}" for at, v in sorted(filled.items())]
