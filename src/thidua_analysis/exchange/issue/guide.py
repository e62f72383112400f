"""The guide beside the forms: explanations, worked examples, what is filled in from last year."""

from __future__ import annotations

import datetime as dt
from functools import cache
from importlib import resources
from typing import Literal

from pydantic import Field, RootModel

from thidua_analysis import config
from thidua_analysis.config import Entry
from thidua_analysis.form import Form, Table, current

FILE = "guide.toml"

Example = str | int | float | dt.date


class TableGuide(Entry):
    """What the template says and fills in for one table; see the head of ``guide.toml``."""

    about: str = ""
    example: dict[str, Example] = Field(default_factory=dict)
    carry: tuple[str, ...] = ()
    rows: Literal["own", "criteria", "grid", "roles"] = "own"
    compare: tuple[str, ...] = ()


class _Guide(RootModel[dict[str, dict[str, TableGuide]]]):
    pass


def of(form: Form, table: Table) -> TableGuide:
    """Return the guide of a table; an empty one where the file has none.

    Fields that an older or newer version of the form does not have are left out.
    """
    found = guide().get(form.family, {}).get(table.id, TableGuide())
    known = table.by_name
    return found.model_copy(
        update={
            "example": {name: v for name, v in found.example.items() if name in known},
            "carry": tuple(name for name in found.carry if name in known),
            "compare": tuple(name for name in found.compare if name in known),
        }
    )


@cache
def guide() -> dict[str, dict[str, TableGuide]]:
    """Return the guides of all tables by form family and table id.

    Raises
    ------
    ConfigError
        If the file is wrong, or names a table or field that the current form does not have.
    """
    text = (resources.files(__package__) / FILE).read_text(encoding="utf-8")
    entries = config.parse(_Guide, text, FILE).root
    for kind in ("unit", "bloc"):
        form = current(kind)
        for table_id, entry in entries.get(form.family, {}).items():
            tables = {table.id: table for table in form.tables}
            config.known(FILE, form.family, table_id, tables)
            for name in (*entry.example, *entry.carry, *entry.compare):
                config.known(FILE, f"{form.family}.{table_id}", name, tables[table_id].by_name)
    return entries
