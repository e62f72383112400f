"""The hidden sheet with the lists that cells of the template choose from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from thidua_analysis import awards
from thidua_analysis.bloc import Bloc
from thidua_analysis.excel import column_letters
from thidua_analysis.exchange.safe import Book
from thidua_analysis.form import Form

#: a code with more spellings than this gathers different things, such as the peoples
_FEW = 10


def choices(form: Form, bloc: Bloc, year: int) -> dict[str, tuple[str, ...]]:
    """Return every list that a field of the form chooses from, by its name.

    Lists of codes have the name of the form; ``award`` are the awards of the year, ``member``
    the names of the members.
    """
    fields = [*form.info.fields, *(f for table in form.tables for f in table.fields)]
    found: dict[str, tuple[str, ...]] = {}
    for field in fields:
        if field.type == "code" and field.codes:
            found[field.codes] = _labels(form, field.codes)
        elif field.type == "award":
            found["award"] = tuple(dict.fromkeys(_awards(year)))
        elif field.type == "member":
            found["member"] = tuple(full_name(bloc, m.id) for m in bloc.members_in(year))
    return found


def full_name(bloc: Bloc, member: str) -> str:
    """Return the official name of a member with its province."""
    return f"{bloc.member(member).name} {bloc.province}"


def _labels(form: Form, codes: str) -> tuple[str, ...]:
    """One label a code; all spellings where a code gathers many names, such as peoples."""
    labels = form.codes[codes]
    if any(len(texts) > _FEW for texts in labels.values()):
        return tuple(text for texts in labels.values() for text in texts)
    return form.labels(codes)


def _awards(year: int) -> Iterator[str]:
    """Names of the awards that exist in a year, with their classes."""
    for award in awards.awards().values():
        if (award.from_ or year) <= year <= (award.until or year):
            if award.ranked:
                yield from (f"{award.name} hạng {rank}" for rank in ("Nhất", "Nhì", "Ba"))
            else:
                yield award.name


def ranges(found: Mapping[str, tuple[str, ...]]) -> dict[str, str]:
    """Return the name of the range that holds each list."""
    return {entry: f"chon_{entry}" for entry in found}


def write(book: Book, name: str, found: Mapping[str, tuple[str, ...]]) -> None:
    """Write the lists on a hidden sheet and name the range of each.

    Ranges serve lists of any length and with commas in their entries, which a check that holds
    the entries themselves (at most 255 characters) does not.
    """
    sheet = book.file.add_worksheet(name)
    names = ranges(found)
    for column, (entry, texts) in enumerate(found.items()):
        book.put(sheet, 0, column, entry, bold=True)
        for row, label in enumerate(texts, 1):
            book.put(sheet, row, column, label, num_format="@")
        letters = column_letters(column + 1)
        span = f"${letters}$2:${letters}${max(2, len(texts) + 1)}"
        book.file.define_name(names[entry], f"='{name}'!{span}")
    sheet.protect()
    sheet.hide()
