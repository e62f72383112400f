"""Bytes become workbooks of cells with addresses; this room knows no form."""

from thidua_analysis.excel.cells import (
    LIMITS,
    Cell,
    Limits,
    Merge,
    Position,
    Sheet,
    Value,
    Workbook,
    address,
    column_letters,
    position,
)
from thidua_analysis.excel.reader import Reading, read

__all__ = [
    "LIMITS",
    "Cell",
    "Limits",
    "Merge",
    "Position",
    "Reading",
    "Sheet",
    "Value",
    "Workbook",
    "address",
    "column_letters",
    "position",
    "read",
]
