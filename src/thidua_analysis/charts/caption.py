"""What stands beside a picture: its words, its data as a table and as other programs draw them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from html import escape
from numbers import Integral
from typing import Any

import pandas as pd

from thidua_analysis.charts.phrases import (
    Changes,
    definition,
    exact_changes,
    name_of,
    noun,
    sentence,
    signed_of,
    unit_of,
    why_no_change,
)
from thidua_analysis.charts.series import Figures, Point, Series, dataset_of, label
from thidua_analysis.charts.wording import breaks, coverage, details, lacking, members, who_lacks
from thidua_analysis.lineage.register import link, markup, unmarked
from thidua_analysis.messages import text
from thidua_analysis.vietnamese.display import is_money, money_unit, number, rounded
from thidua_analysis.vietnamese.quantities import places


@dataclass(frozen=True)
class Native:
    """What an office program draws the chart from by itself.

    Parameters
    ----------
    kind
        ``bars`` (lying, the first category on top) or ``lines`` (the categories are years).
    categories
        Names of the bars or the years.
    series
        Name and values of each series, rounded as they are printed: 67.6 for a share, money in
        ``unit``; None where there is no value.
    format
        Number format of the values.
    unit
        Unit of the values.
    reverse
        Whether the least is on top, as of ranks.
    """

    kind: str
    categories: tuple[str, ...]
    series: tuple[tuple[str, tuple[float | None, ...]], ...]
    format: str
    unit: str = ""
    reverse: bool = False


def native(
    kind: str,
    categories: Iterable[str],
    series: Mapping[str, Sequence[Fraction | None]],
    unit: str,
    *,
    reverse: bool = False,
    signed: bool = False,
    decimals: int | None = None,
) -> Native:
    """Return exact values (a share in percent, money in đồng) as other programs draw them."""
    known = [value for values in series.values() for value in values if value is not None]
    size, behind = 1, ""
    if decimals is None:
        decimals = max((_places(value) for value in known), default=0)
    if unit == "%":
        decimals, behind = 1, '"%"'
    elif is_money(unit):
        size, unit = money_unit(known)
        decimals = int(size > 1)
    drawn = tuple(
        (name, tuple(None if v is None else float(rounded(v / size, decimals)) for v in values))
        for name, values in series.items()
    )
    shown = "#,##0" + ("." + "0" * decimals if decimals else "") + behind
    shown = f"+{shown};-{shown};{shown}" if signed else shown
    return Native(kind, tuple(categories), drawn, shown, unit, reverse)


def _places(value: Fraction) -> int:
    return next((n for n in range(2) if (value * 10**n).denominator == 1), 2)


@dataclass(frozen=True)
class Words:
    """The words of one chart; in title and alternative text, figures may be marked as such."""

    title: str
    subtitle: str
    alt: str
    source: str

    def without_year(self) -> Words:
        """Return the words of figures of no year, which stands as 0 in them."""

        def told(said: str) -> str:
            return _NO_YEAR.sub(lambda m: m[2].upper() if m[1].istitle() else m[2], said)

        return Words(told(self.title), told(self.subtitle), told(self.alt), self.source)


def words(
    figures: Figures,
    kind: str,
    said: str,
    changes: Changes,
    notes: Iterable[str] = (),
    *,
    extremes: bool = True,
    unit: str = "",
) -> Words:
    """Return all words of a chart.

    Parameters
    ----------
    figures
        What is drawn.
    kind
        Kind of chart, for the alternative text.
    said
        What the measure did or is, as `trend` or `standing` says it.
    changes
        Code of each series → exact change that is shown.
    notes
        Further sentences for the subtitle.
    extremes
        Whether the alternative text names the highest and the lowest.
    unit
        What the labels are in; by default what the values are printed in.
    """
    notes = [*notes, exact_changes(figures) if changes else ""]
    told = Words(
        f"{name_of(figures)} {said}",
        subtitle(figures, notes=filter(None, notes), unit=unit),
        alternative(figures, kind, said, changes, extremes=extremes),
        source_of(figures.rows),
    )
    return told if figures.years[-1] else told.without_year()


def years(figures: Figures) -> str:
    """Return the years that are drawn: one, two or a span."""
    first, last = figures.years[0], figures.years[-1]
    if first == last:
        return str(last or "")
    key = "chart-two-years" if len(figures.years) == 2 else "chart-years"
    return text(key, first=first, last=last)


def _coverage(figures: Figures) -> str:
    """Return the coverage of the years where it is not whole; by member, of those with a value."""
    points = (p for one in figures.series for p in one.points)
    by_member = figures.dimension == "member"
    said = members(figures.rows) if by_member else coverage(points, figures.dimension)
    return said if said.endswith(text("chart-incomplete")) else ""


def stage(frame: pd.DataFrame) -> str:
    """Return the step of scoring that a frame is limited to; nothing where it is not."""
    code = frame.attrs.get("scope", {}).get("stage")
    return text("chart-stage", stage=label(frame, "stage", code)) if isinstance(code, str) else ""


def subtitle(figures: Figures, *, notes: Iterable[str] = (), unit: str = "") -> str:
    """Return unit, breakdown, years, what is missing, definition and breaks.

    The measure is named by the title.
    """
    unit = unit or unit_of(figures)
    head = [text("chart-unit", unit=unit) if unit else "", _by(figures)]
    head += [stage(figures.rows), years(figures), _coverage(figures)]
    about = ", ".join(filter(None, head))
    parts = [about[:1].upper() + about[1:]]
    if said := definition(figures.indicator):
        parts.append(said)
    parts += [*who_lacks(figures), *breaks(figures), *notes]
    return " ".join(sentence(part) for part in parts)


def _by(figures: Figures) -> str:
    """Return by what it is broken down, where the name of the measure does not say it."""
    if not figures.dimension or figures.indicator.startswith("awards_by_"):
        return ""
    return text("chart-by", noun=noun(figures.dimension, many=False))


def source_of(frame: pd.DataFrame, stages: Iterable[str] = ()) -> str:
    """Return where the figures come from and whether they are real.

    Scores of several ``stages`` come from the members and from the bloc.
    """
    attrs = frame.attrs
    known = {*stages} or {attrs.get("scope", {}).get("stage", "self")}
    key = "chart-source" if known == {"self"} else "chart-source-bloc"
    key = "chart-source-both" if len(known) > 1 and "self" in known else key
    ds = dataset_of(frame)
    called = ds.bloc.called if ds else text("bloc-called")
    said = attrs.get("source") or text(key, bloc=called)
    return f"{text('chart-illustrative')} {said}" if attrs.get("illustrative") else str(said)


def alternative(
    figures: Figures, kind: str, said: str, changes: Changes, *, extremes: bool = True
) -> str:
    """Return the alternative text: kind, measure, years, the message with its numbers, breaks."""
    parts = {"kind": text(f"kind-{kind}"), "label": name_of(figures)}
    when = ", ".join(filter(None, [years(figures), lacking(figures)]))
    parts |= {"years": f", {when}" if when else "", "said": said}
    if len(figures.series) == 1:
        values = "; ".join(f"{p.year}: {p.text}" for p in figures.series[0].points)
        told = [text("alt-one", values=values, **parts)]
    else:
        parts["label"] = ", ".join(filter(None, [parts["label"], _by(figures)]))
        told = [text("alt-many", **parts)]
    told += details(figures, changes, extremes=extremes)
    return " ".join([*told, text("chart-table-below")])


def heading(dimension: str) -> str:
    """Return what a column of the labels of a breakdown is headed."""
    try:
        return text(f"dimension-{dimension}")
    except KeyError:
        return text("column-group")


def display_rows(figures: Figures) -> pd.DataFrame:
    """Return one row a figure: group, year, value as printed, its parts, change and coverage."""
    points = [(one, point) for one in figures.series for point in one.points]
    table = pd.DataFrame([_row(figures, one, point) for one, point in points])
    shown = table.loc[:, [name for name in table.columns if not table[name].isna().all()]].copy()
    if (why := text("column-why")) in shown:
        shown[why] = shown[why].fillna("")
    shown.attrs["ids"] = {
        (at, column): point.id
        for at, (_, point) in enumerate(points)
        for column in _printed(shown)
        if point.value is not None
    }
    return shown


def _why(figures: Figures, one: Series, point: Point) -> str | None:
    """Return why there is no value or no change; nothing where there is both, or no year before."""
    if point.value is None:
        return point.reason or None
    return (why_no_change(one, point.year) or None) if point.year > figures.years[0] else None


def _printed(table: pd.DataFrame) -> list[str]:
    """Return the columns that print a figure or its parts."""
    columns = [text(f"column-{name}") for name in ("value", "vnd", "numerator", "denominator")]
    return [column for column in columns if column in table]


def _row(figures: Figures, one: Series, point: Point) -> dict[str, Any]:
    row: dict[str, Any] = {}
    if figures.dimension:
        row[heading(figures.dimension)] = one.label
    row[text("column-year")] = str(point.year)
    row[text("column-value")] = point.text
    if is_money(point.unit):
        row[text("column-vnd")] = point.numerator
    elif any(p.denominator is not None for s in figures.series for p in s.points):
        row[text("column-numerator")] = point.numerator
        row[text("column-denominator")] = point.denominator
    row[text("column-change")] = signed_of(one, point.year)
    if figures.dimension != "member":
        row[text("column-coverage")] = f"{point.reporting}/{point.expected}"
    row[text("column-why")] = _why(figures, one, point)
    return row


#: A number with its sign, parts, unit and remarks, or the mark of none.
_FIGURE = re.compile(
    r"–|không đổi|unchanged|(?:[▲▼] )?(?:dưới |under |[-−+])?"
    r"\d[\d.,/]*%?(?: [^\W\d]+){0,3}(?: %)?(?: \([^)]*\))?"
)
#: Number of a row and heading of a column → id of the figure that is printed there; a frame that
#: is printed carries it in ``attrs["ids"]``.
Ids = Mapping[tuple[int, str], str]
#: Texts of no more letters than these are not broken into lines.
_WORDS = 18
#: a year that there is not, as messages say it
_NO_YEAR = re.compile(r"\b([Nn]ăm|[Ii]n) 0(?:: |, | )(\w)")
#: Tables with no more rows than these stay together in print.
SHORT = 18


@dataclass(frozen=True)
class Drawn:
    """A small picture in a cell of a table: markup that the program made, and no text."""

    html: str

    def __str__(self) -> str:
        return ""


def printed(value: object) -> str:
    """Return a cell as it is printed; nothing for what is missing."""
    if is_missing(value):
        return "–"
    if isinstance(value, bool):
        return text("said-yes" if value else "said-no")
    if isinstance(value, Integral):
        return number(int(value), 0)
    if isinstance(value, Decimal | float):
        exact = Decimal(str(value))
        return number(exact, places(exact))
    return str(value)


def html_table(data: pd.DataFrame, caption: str, *, total: bool = False) -> str:
    """Return the frame as a table whose every text is escaped and whose figures are links.

    Parameters
    ----------
    data
        One row a line; the first column names the row. Its ``attrs["ids"]`` are `Ids`, its
        ``attrs["marks"]`` the number of a row → its class; texts may have figures marked in them.
    caption
        Printed above the table and read first by screen readers.
    total
        Whether the last row is a total.
    """
    kinds = [_kind(data[name], first=not at) for at, name in enumerate(data.columns)]
    head = "".join(
        f'<th scope="col"{_class(kind)}>{escape(str(name))}</th>'
        for name, kind in zip(data.columns, kinds, strict=True)
    )
    ids: Ids = data.attrs.get("ids", {})
    marks: Mapping[int, str] = data.attrs.get("marks", {})
    # on a narrow screen a table without figures to follow becomes a list of its rows
    labels = ["" if ids else str(name) for name in data.columns]
    rows = [
        _line(
            [_shown(v, ids.get((at, str(n)))) for v, n in zip(row, data, strict=True)],
            kinds,
            labels,
            "total" if total and at == len(data) - 1 else marks.get(at, ""),
        )
        for at, row in enumerate(data.itertuples(index=False, name=None))
    ]
    looks = " ".join(filter(None, ["short" * (len(data) <= SHORT), "listed" * (not ids)]))
    return (
        f"<table{_class(looks)}><caption>{escape(caption)}</caption><thead><tr>{head}</tr></thead>"
        f"<tbody>{''.join(rows)}</tbody></table>"
    )


def _line(cells: list[str], kinds: list[str], labels: list[str], mark: str) -> str:
    first, *rest = cells
    others = "".join(
        f"<td{_class(kind)}{_label(label)}>{value}</td>"
        for value, kind, label in zip(rest, kinds[1:], labels[1:], strict=True)
    )
    return f'<tr{_class(mark)}><th scope="row"{_class(kinds[0])}>{first}</th>{others}</tr>'


def _shown(value: object, figure: str | None) -> str:
    if isinstance(value, Drawn):
        return value.html
    return link(printed(value), figure) if figure else markup(printed(value))


def _class(kind: str) -> str:
    return f' class="{kind}"' if kind else ""


def _label(name: str) -> str:
    return f' data-label="{escape(name)}"' if name else ""


def _kind(column: pd.Series, *, first: bool) -> str:
    """Return whether a column holds figures, or words so short that they stay on one line."""
    texts = [unmarked(shown) for value in column if (shown := printed(value))]
    if texts and all(_FIGURE.fullmatch(text) for text in texts):
        return "figure"
    return "words" if not first and all(len(text) <= _WORDS for text in texts) else ""


def is_missing(value: object) -> bool:
    """Whether a cell of a frame holds nothing."""
    return value is None or value is pd.NA or (isinstance(value, float) and value != value)
