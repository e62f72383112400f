"""How the tables of a form stand in a file: sent, empty, missing, unreadable."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from thidua_analysis.exchange.receive.sent import SentFile
from thidua_analysis.form import Form, Table
from thidua_analysis.vietnamese.text import key


@dataclass(frozen=True, slots=True)
class TableState:
    """One table: ``sent``, ``empty``, ``missing`` or ``unreadable``, its rows and findings."""

    state: str
    rows: int
    errors: int
    warnings: int


def table_states(form: Form, file: SentFile | None) -> dict[str, TableState]:
    """Return the state of every table that a complete report has.

    Parameters
    ----------
    form
        The form.
    file
        The file that counts; None where there is none.
    """
    return {table.id: table_state(table, file) for table in form.tables if not table.optional}


def table_state(table: Table, file: SentFile | None) -> TableState:
    """Return the state of one table; findings are those on the sheet that bears its name."""
    if file is None:
        return TableState("missing", 0, 0, 0)
    sheet = key(table.sheet)
    wrong = Counter(f.severity for f in file.findings if f.sheet and key(f.sheet) == sheet)
    rows = file.counts.get(table.id, 0)
    return TableState(_word(table, file, rows), rows, wrong["error"], wrong["warning"])


def _word(table: Table, file: SentFile, rows: int) -> str:
    if rows:
        return "sent"
    if file.status == "unreadable":
        return "unreadable"
    absent = {f.params.get("table") for f in file.findings if f.code == "table-missing"}
    return "missing" if table.sheet in absent else "empty"
