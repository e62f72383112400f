"""Counting what a workbook takes of its limits, while it is read."""

from __future__ import annotations

from thidua_analysis.excel.limits import Limits
from thidua_analysis.excel.refusal import too_large


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

    def refuse_box(self, rows: int, columns: int) -> None:
        """Refuse a sheet that spans more cells than are left.

        Raises
        ------
        Refusal
            If it does.
        """
        if self._cells + rows * columns > self.limits.cells:
            raise too_large("cells", self.limits.cells)

    def take_box(self, rows: int, columns: int) -> None:
        """Count a sheet that is read.

        Raises
        ------
        Refusal
            If it spans more cells than are left.
        """
        self.refuse_box(rows, columns)
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
