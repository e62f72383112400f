"""Values that stand elsewhere than in the row's own cell, and cells that must not be blank."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable

from thidua_analysis.excel import Merge, Position, address
from thidua_analysis.findings import Finding, finding
from thidua_analysis.form import Field, Form
from thidua_analysis.submission.columns.task import Values
from thidua_analysis.submission.extraction.extracted import Extract
from thidua_analysis.submission.hints import accepted, nearest
from thidua_analysis.submission.tables.structure import may_be_unknown
from thidua_analysis.submission.text.sheet_texts import SheetTexts
from thidua_analysis.submission.text.signs import section_text
from thidua_analysis.vietnamese.text import key


def fill_merged(asked: Field, part: Extract) -> None:
    """Let a text merged over several rows hold in each of them; numbers are never repeated."""
    done = 0
    for merge in _tall_merges(asked, part):
        # ranges that overlap are no work of Excel: what one has covered is not gone over again
        if merge.top > done:
            _spread(merge, part, part.columns[asked.name])
            done = merge.bottom


def merged_from_total(asked: Field, part: Extract) -> dict[int, int]:
    """Position of a data row → number of the total row in which its merged text stands.

    A text merged over the total of a group and its rows stands beside the total.
    """
    data, totals = part.roles.data, set(part.roles.totals)
    found: dict[int, int] = {}
    for merge in _tall_merges(asked, part) if totals else ():
        if merge.top in totals:
            position = bisect_left(data, merge.top)
            if position < len(data) and data[position] <= merge.bottom:
                found[position] = merge.top
    return found


def _tall_merges(asked: Field, part: Extract) -> list[Merge]:
    """Ranges merged over several rows of the column of a text, from top to bottom."""
    column = part.located.columns.get(asked.name)
    if column is None or asked.is_numeric or asked.type == "rank":
        return []
    tall = [m for m in part.sheet.merges if m.left == column.column and m.bottom > m.top]
    return sorted(tall, key=lambda m: m.top)


def _spread(merge: Merge, part: Extract, values: Values) -> None:
    data = part.roles.data
    top, last = bisect_left(data, merge.top), bisect_right(data, merge.bottom)
    stands_at = values.places.get(top, (data[top], merge.left)) if top < last else None
    if stands_at != (merge.top, merge.left):
        return
    for position in range(top + 1, last):
        if values.values[position] is not None:
            continue
        if top in values.broken:
            values.broken.add(position)
        elif values.values[top] is not None:
            values.values[position] = values.values[top]
            values.places[position] = (merge.top, merge.left)


def fill_sections(form: Form, texts: SheetTexts, part: Extract, found: list[Finding]) -> None:
    """Let the text of a section row stand for the field that the form names.

    A column of the field that is filled in any row goes before: a blank in it stays blank. The
    nearest section that the field accepts counts, so that a section "1. Tập thể" may stand under
    "I. CẤP TỈNH"; where a required field accepts none, the section row is reported.
    """
    table = part.table
    if table.section is None or not part.roles.sections:
        return
    asked = table.by_name[table.section]
    values = part.columns.setdefault(asked.name, Values([None] * len(part.roles.data)))
    if values.broken or any(value is not None for value in values.values):
        return
    read = _section_reader(form, texts, asked)
    reported: set[Position] = set()
    for position, row in enumerate(part.roles.data):
        places = part.roles.sections.get(row, ())
        if not places:
            continue
        at = next((place for place in places if read(place)), None)
        if at:
            values.values[position], values.places[position] = read(at), at
        elif asked.required:
            values.broken.add(position)
            if places[0] not in reported:
                reported.add(places[0])
                found.append(_unknown_section(form, texts, asked, part, places[0]))


def _section_reader(
    form: Form, texts: SheetTexts, asked: Field
) -> Callable[[Position], str | None]:
    def read(place: Position) -> str | None:
        text = section_text(texts.shown(*place))
        return form.code_index[asked.codes].get(key(text)) if asked.codes else text or None

    return read


def _unknown_section(
    form: Form, texts: SheetTexts, asked: Field, part: Extract, place: Position
) -> Finding:
    text = texts.shown(*place)
    labels = form.labels(asked.codes or "")
    private = part.table.is_private
    return finding(
        "value-not-in-list",
        sheet=part.sheet.name,
        cell=address(*place),
        heading=asked.heading,
        value=None if private else text,
        suggestion=nearest(section_text(text), labels),
        params={"accepted": accepted(labels)},
    )


def take_sizes(part: Extract, found: list[Finding]) -> None:
    """Take the size out of a rank typed "25/82"; its cell is the rank's.

    Where the column of sizes says another number, the rank is not taken.
    """
    for asked in part.table.fields:
        ranks = part.columns.get(asked.name)
        if asked.size is None or ranks is None or not ranks.sizes:
            continue
        sizes = part.columns.setdefault(asked.size, Values([None] * len(part.roles.data)))
        at = part.located.columns[asked.name].column
        for position, size in list(ranks.sizes.items()):
            if position in sizes.broken:
                continue
            if sizes.values[position] is None:
                sizes.values[position] = size
                sizes.places[position] = (part.roles.data[position], at)
            elif sizes.values[position] != size:
                _refuse_fraction(part, asked, position, found)


def _refuse_fraction(part: Extract, asked: Field, position: int, found: list[Finding]) -> None:
    ranks = part.columns[asked.name]
    found.append(
        finding(
            "number-fraction",
            sheet=part.sheet.name,
            cell=part.own_cell(asked.name, position),
            heading=asked.heading,
            value=ranks.typed.get(position),
        )
    )
    ranks.drop(position)


def withhold_defaults(part: Extract) -> None:
    """Keep the form's default out of rows in which an unread column may say otherwise."""
    rows = part.roles.data
    unread = {row for one in part.unread if one.may_be_asked for row in one.rows}
    for asked in part.table.fields:
        if asked.default is None or asked.name in part.located.columns:
            continue
        everywhere = asked.name in part.located.uncertain or may_be_unknown(part, asked)
        broken = {p for p, row in enumerate(rows) if everywhere or row in unread}
        if broken:
            part.columns[asked.name] = Values([None] * len(rows), broken=broken)


def require(part: Extract, found: list[Finding]) -> None:
    """Report blank required cells, and keep their rows out."""
    uncertain = part.located.uncertain
    for asked in part.table.required:
        values = part.columns.get(asked.name)
        if values is not None and None not in values.values:
            continue
        for position in range(len(part.roles.data)):
            if values and values.values[position] is not None:
                continue
            part.left_out.add(position)
            if values is None or position in values.broken or asked.name in uncertain:
                continue
            found.append(
                finding(
                    "required-missing",
                    sheet=part.sheet.name,
                    cell=part.own_cell(asked.name, position),
                    heading=asked.heading,
                )
            )
