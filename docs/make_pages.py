"""Makes the pages of this folder that list forms, indicators and findings, so that none differs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from thidua_analysis.findings import CODES
from thidua_analysis.form.forms import forms
from thidua_analysis.form.model import Field, Form, Table
from thidua_analysis.indicators.dictionary import entry, functions
from thidua_analysis.messages import message

_MADE = "<!-- Made by `make docs`; edit the TOML files, not this page. -->"


def data_dictionary() -> str:
    """Describe every form, table and field, with the headings that the reader accepts."""
    lines = ["# Data dictionary", "", _MADE, ""]
    for form in sorted(forms().values(), key=lambda f: f.kind, reverse=True):
        lines += [f"## {form.id}: {form.title}", "", *_info(form)]
        for table in form.tables:
            lines += [f"### `{table.id}`: {table.sheet}", "", *_table(form, table)]
    return "\n".join(lines)


def indicator_list() -> str:
    """Describe every indicator in the words of the dictionary."""
    lines = ["# Indicators", "", _MADE, ""]
    for name in functions():
        one = entry(name)
        lines += [
            f"## `{name}`",
            "",
            f"**{one.label.vi}** · {one.label.en}",
            "",
            f"{one.definition.vi}. *{one.definition.en}.*",
            "",
            *_rows(
                ("", ""),
                [
                    ("formula", f"`{one.formula}`"),
                    ("table", f"`{one.table}`"),
                    ("unit, decimals", f"{one.unit.vi or '–'}, {one.decimals}"),
                    ("aggregation", one.aggregation),
                    ("missing", f"{one.missing.vi} / {one.missing.en}"),
                    ("breaks", ", ".join(one.breaks) or "–"),
                ],
            ),
        ]
    return "\n".join(lines)


def finding_list() -> str:
    """List every finding code with its severity and wording."""
    rows = [(f"`{code}`", CODES[code], *map(message(code).get, ("vi", "en"))) for code in CODES]
    head = ("code", "severity", "Tiếng Việt", "English")
    return "\n".join(["# Findings", "", _MADE, "", *_rows(head, rows)])


#: File → what makes it.
PAGES = {
    "data-dictionary.md": data_dictionary,
    "indicators.md": indicator_list,
    "findings.md": finding_list,
}


def _info(form: Form) -> Iterator[str]:
    yield f"Sheet `{form.info.sheet}`, label beside value:"
    yield ""
    yield from _rows(_HEAD, (_field(form, field) for field in form.info.fields))


_HEAD = ("field", "heading", "also read", "type", "required", "default")


def _table(form: Form, table: Table) -> Iterator[str]:
    yield from _rows(_HEAD, (_field(form, field) for field in table.fields))


def _field(form: Form, field: Field) -> tuple[str, ...]:
    kind: str = field.type
    if field.codes:
        labels = (f"`{code}` {form.label(field.codes, code)}" for code in form.codes[field.codes])
        kind = "; ".join(labels)
    return (
        f"`{field.name}`",
        f"{field.group} > {field.heading}" if field.group else field.heading,
        "; ".join(field.aliases),
        kind,
        "yes" if field.required else "",
        "" if field.default is None else str(field.default),
    )


def _rows(head: Iterable[str], rows: Iterable[Iterable[str]]) -> Iterator[str]:
    titles = list(head)
    yield _line(titles)
    yield _line(["---"] * len(titles))
    for row in rows:
        yield _line(row)
    yield ""


def _line(cells: Iterable[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in cells) + " |"


if __name__ == "__main__":
    for name, make in PAGES.items():
        Path(__file__).with_name(name).write_text(make(), encoding="utf-8")
