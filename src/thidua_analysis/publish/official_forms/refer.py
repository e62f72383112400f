"""How notes name cells: ``mã 03: cột 3, 4; mã 14, 16: mọi cột``."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Sequence

from thidua_analysis.messages import text
from thidua_analysis.publish.official_forms.filled import Place, PlacedColumn
from thidua_analysis.publish.official_forms.layout import ABOVE
from thidua_analysis.vietnamese.display import Lang


def column_name(column: PlacedColumn, columns: Iterable[PlacedColumn]) -> str:
    """Return the number of a column, with its headings where several share the number."""
    number = column.number.partition("=")[0]
    same = Counter(other.number for other in columns)[column.number]
    if same == 1:
        return number
    path = [part for part in column.path if part and part != ABOVE]
    return f"{number} ({', '.join(path[2:] or path[-1:])})"


def places(
    cells: Collection[Place],
    columns: Sequence[PlacedColumn],
    possible: Collection[Place],
    lang: Lang,
) -> str:
    """Name cells as shortly as they can be told.

    Parameters
    ----------
    cells
        Row codes and column ids.
    columns
        Columns of the form.
    possible
        Cells that the form could fill: a column all of whose possible cells are named is named
        alone, then rows of which all that is left is named.
    lang
        Language.
    """
    chosen, asked = set(cells), set(possible)
    whole = [c.id for c in columns if _full({p for p in asked if p[1] == c.id}, chosen)]
    chosen = {place for place in chosen if place[1] not in whole}
    asked = {place for place in asked if place[1] not in whole}
    names = {column.id: column_name(column, columns) for column in columns}
    parts = [_columns(whole, columns, names, lang)] if whole else []
    order = list(dict.fromkeys(row for row, _ in possible))
    rows = [code for code in order if code in {row for row, _ in chosen}]
    by_columns: dict[tuple[str, ...] | None, list[str]] = {}
    for row in rows:
        in_row = {place for place in chosen if place[0] == row}
        every = in_row >= {place for place in asked if place[0] == row}
        key = None if every else tuple(c.id for c in columns if (row, c.id) in in_row)
        by_columns.setdefault(key, []).append(row)
    for key, codes in by_columns.items():
        which = text("official-rows", lang, which=_runs(codes, order))
        parts.append(which if key is None else f"{which}: {_columns(key, columns, names, lang)}")
    return "; ".join(parts)


def _runs(codes: Sequence[str], order: Sequence[str]) -> str:
    """Join codes; three or more that stand one below the other as ``06–10``."""
    runs: list[list[str]] = []
    for code in codes:
        if runs and order.index(code) == order.index(runs[-1][-1]) + 1:
            runs[-1].append(code)
        else:
            runs.append([code])
    return ", ".join(f"{run[0]}–{run[-1]}" if len(run) > 2 else ", ".join(run) for run in runs)


def _full(of_column: set[Place], chosen: set[Place]) -> bool:
    return bool(of_column) and of_column <= chosen


def _columns(
    ids: Iterable[str], columns: Sequence[PlacedColumn], names: dict[str, str], lang: Lang
) -> str:
    """Name columns; where all of one number are meant, by that number alone."""
    wanted = set(ids)
    told: dict[str, None] = {}
    for column in columns:
        if column.id in wanted:
            same = {other.id for other in columns if other.number == column.number}
            name = column.number.partition("=")[0] if same <= wanted else names[column.id]
            told[name] = None
    return text("official-columns", lang, which=", ".join(told))
