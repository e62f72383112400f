"""Counting what a workbook takes of its limits, while it is read."""

from __future__ import annotations

from thidua_analysis.excel.cells import address
from thidua_analysis.excel.limits import Limits
from thidua_analysis.excel.refusal import too_large

#: Names within a file may be as long as their author likes.
_LONGEST_NAME = 100


class Budget:
    """What is left of the limits on cells, text and merged ranges.

    Parameters
    ----------
    limits
        The limits of the whole workbook.
    """

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self._cells, self._characters, self._merges = 0, 0, 0

    def refuse_box(self, rows: int, columns: int, sheet: str, cell: str = "") -> None:
        """Refuse a sheet that spans more cells than are left.

        Parameters
        ----------
        rows, columns
            Last row and column that hold something.
        sheet, cell
            Name of the sheet, and the cell that makes it so large; the last one unless given.

        Raises
        ------
        Refusal
            If it does.
        """
        if self._cells + rows * columns > self.limits.cells:
            cell, sheet = cell or address(rows, columns), sheet[:_LONGEST_NAME]
            where = f"{sheet}!{cell}"
            at = {"of": "at", "place": where, "sheet": sheet, "cell": cell}
            raise too_large("cells", self.limits.cells, where, **at)

    def take_box(self, rows: int, columns: int, sheet: str, cell: str = "") -> None:
        """Count a sheet that is read; see `refuse_box`.

        Raises
        ------
        Refusal
            If it spans more cells than are left.
        """
        self.refuse_box(rows, columns, sheet, cell)
        self._cells += rows * columns

    def take_text(self, characters: int) -> None:
        """Count the text of a cell, or of all cells that repeat it.

        Raises
        ------
        Refusal
            If all text together becomes too long.
        """
        self._characters += characters
        if self._characters > self.limits.text_characters:
            raise too_large("text_characters", self.limits.text_characters)

    def refuse_merges(self, number: int) -> None:
        """Refuse more merged ranges than are left.

        Raises
        ------
        Refusal
            If there are too many.
        """
        if self._merges + number > self.limits.merges:
            raise too_large("merges", self.limits.merges)

    def take_merges(self, number: int) -> None:
        """Count merged ranges.

        Raises
        ------
        Refusal
            If there are too many.
        """
        self.refuse_merges(number)
        self._merges += number

    def refuse_sheets(self, number: int) -> None:
        """Refuse a workbook with too many sheets.

        Raises
        ------
        Refusal
            If there are too many.
        """
        if number > self.limits.sheets:
            raise too_large("sheets", self.limits.sheets)
