"""Values that stand elsewhere than in the row's own cell, and cells that must not be blank."""

from __future__ import annotations

from bisect import bisect_left, bisect_right

from thidua_analysis.excel import Merge
from thidua_analysis.findings import Finding, finding
from thidua_analysis.form import Field
from thidua_analysis.submission.columns.task import Values
from thidua_analysis.submission.extraction.extracted import Extract
from thidua_analysis.submission.tables.structure import may_be_unknown


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
