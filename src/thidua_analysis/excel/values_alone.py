"""Values by python-calamine from a file that nothing scanned; for worker processes only."""

from __future__ import annotations

from io import BytesIO

from python_calamine import (
    CalamineError,
    CalamineWorkbook,
    PasswordError,
    SheetTypeEnum,
    SheetVisibleEnum,
    load_workbook,
)

from thidua_analysis.excel.budget import Budget
from thidua_analysis.excel.cells import Merge, Value
from thidua_analysis.excel.refusal import Refusal, damaged
from thidua_analysis.excel.wire import PlainSheet


def values_alone(data: bytes, budget: Budget) -> list[PlainSheet]:
    """Read the values of a workbook, its merged ranges and which sheets are hidden.

    Error cells come as blank ones, and a hostile file may abort the process.

    Parameters
    ----------
    data
        The file, or a package made from it.
    budget
        What is left of the limits.

    Returns
    -------
    list of PlainSheet
        One for each sheet with cells.

    Raises
    ------
    Refusal
        With ``file-encrypted``, ``file-damaged`` or ``file-too-large``.
    """
    try:
        with load_workbook(BytesIO(data)) as workbook:
            budget.refuse_sheets(len(workbook.sheet_names))
            return [
                _sheet(workbook, number, budget)
                for number, known in enumerate(workbook.sheets_metadata)
                if known.typ == SheetTypeEnum.WorkSheet
            ]
    except PasswordError as error:
        raise Refusal("file-encrypted") from error
    except CalamineError as error:
        raise damaged(str(error)) from error


def _sheet(workbook: CalamineWorkbook, number: int, budget: Budget) -> PlainSheet:
    known, source = workbook.sheets_metadata[number], workbook.get_sheet_by_index(number)
    if source.end:
        # counted from 0, and refused before the blanks around the values become lists
        budget.take_box(source.end[0] + 1, source.end[1] + 1, known.name)
    rows: list[list[Value]] = [list(row) for row in source.to_python(skip_empty_area=False)]
    budget.take_text(sum(len(value) for row in rows for value in row if isinstance(value, str)))
    merges = source.merged_cell_ranges or []
    budget.take_merges(len(merges))
    return PlainSheet(
        known.name,
        rows,
        hidden=known.visible != SheetVisibleEnum.Visible,
        merges=[Merge(r + 1, c + 1, r_end + 1, c_end + 1) for (r, c), (r_end, c_end) in merges],
    )
