"""Scores: a dot a stage on the scale that matters, with the maximum of the year and deductions."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from math import floor, log10
from typing import Any

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from thidua_analysis.charts import caption, phrases, theme
from thidua_analysis.charts import sheet as layout
from thidua_analysis.charts.caption import heading, native
from thidua_analysis.charts.chart import Chart, compose, empty, kind_of_chart
from thidua_analysis.charts.phrases import definition, measure
from thidua_analysis.charts.series import Point, dataset_of, label, point_of, records
from thidua_analysis.findings import UsageError
from thidua_analysis.lineage.register import marked
from thidua_analysis.messages import text
from thidua_analysis.vietnamese.display import NO_VALUE, number

_STAGES = ("self", "cross", "appraised")
#: Name of the deductions among the figures of a member.
_LESS = "deduction"
_MARKS: dict[str, dict[str, Any]] = {
    "self": {"marker": "o", **layout.HOLLOW},
    "cross": {"marker": "D", **layout.HOLLOW},
    "appraised": {"marker": "o", "markersize": 13},
}


@dataclass(frozen=True)
class _Score:
    """Points of a member by stage with their ids; less what was deducted in the deciding one."""

    name: str
    points: dict[str, Fraction]
    ids: dict[str, str]
    total: Fraction
    deducted: Fraction
    by_rules: bool


@dataclass(frozen=True)
class _Year:
    """The scores of a year, highest first; who has no total and why; stages; maximum."""

    year: int
    found: list[_Score]
    left: dict[str, str]
    stages: list[str]
    decides: str
    most: Fraction | None

    @property
    def low(self) -> int:
        """Where the axis begins: below the fewest points, and at 0 where they are few."""
        points = [value for score in self.found for value in score.points.values()]
        least, high = float(min(points, default=Fraction(0))), self.high
        if least < (high - least) * 3:
            return min(0, floor(least))
        step = 10.0 ** floor(log10(max(high - least, 1.0)))
        return floor((least - step / 4) / step) * int(step)

    @property
    def high(self) -> float:
        """Where it ends: at the maximum."""
        points = [value + s.deducted for s in self.found for value in s.points.values()]
        return float(max([*points, self.most or Fraction(0)], default=Fraction(1))) or 1.0


@kind_of_chart
def scores(
    totals: pd.DataFrame, shares: pd.DataFrame | None = None, parts: pd.DataFrame | None = None
) -> Chart:
    """Draw the points of each member as given by itself, by others and by the bloc.

    Parameters
    ----------
    totals
        Frame of figures of ``score_total`` of one year, by member and stage.
    shares
        Frame of ``score_share`` by the same: its denominators are the maximum of the year.
    parts
        Frame of ``score_total`` of the deciding stage by member and kind: its deductions are
        drawn.

    Returns
    -------
    Chart
        Highest total on top. The axis ends at the maximum.

    Raises
    ------
    UsageError
        If the totals lack a column: ``year``, ``member`` or ``stage``.
    """
    if totals.empty:
        return empty(totals)
    if lack := [name for name in ("year", "member", "stage") if name not in totals]:
        raise UsageError("chart-lacks", columns=", ".join(lack))
    year = _read(totals, shares, parts)
    decides = {text(f"name-stage-{year.decides}"): [score.total for score in year.found]}
    names, unit = [score.name for score in year.found], str(totals["unit"].iloc[0])
    return compose(
        _words(totals, year),
        _table(year),
        lambda sheet: _draw(sheet, year),
        native("bars", names, decides, unit, decimals=2) if names else None,
    )


def _read(totals: pd.DataFrame, shares: pd.DataFrame | None, parts: pd.DataFrame | None) -> _Year:
    when, ds = int(totals["year"].iloc[0]), dataset_of(totals)
    known = [stage for stage in _STAGES if (totals["stage"] == stage).any()]
    decides = ds.bloc.scoring_in(when).decides if ds else known[-1]
    rows: dict[str, dict[str, Any]] = {}
    reasons: dict[str, str] = {}
    for row in records(totals):
        member, stage, point = str(row["member"]), str(row["stage"]), point_of(row)
        if point.value is not None:
            rows.setdefault(member, {})[stage] = point
        elif stage == decides:
            reasons[member] = point.reason
    found = []
    for member, own in rows.items():
        if decides not in own:
            continue
        points = {stage: own[stage].exact for stage in known if stage in own}
        ids = {stage: own[stage].id for stage in points}
        kinds = _kinds(parts, member)
        less = kinds.get(_LESS)
        deducted = -less.exact if less else Fraction(0)
        ids |= {_LESS: less.id} if less else {}
        sums = sum((point.exact for point in kinds.values()), Fraction(0))
        by_rules = bool(kinds) and sums != points[decides]
        name = label(totals, "member", member)
        found.append(_Score(name, points, ids, points[decides], deducted, by_rules))
    wanted = dict.fromkeys([*(ds.expected(when) if ds else ()), *rows, *reasons])
    names = {m: ds.bloc.member(m).short if ds else label(totals, "member", m) for m in wanted}
    have = {score.name for score in found}
    left = {names[m]: reasons.get(m, "") for m in wanted if names[m] not in have}
    order = sorted(found, key=lambda score: -score.total)
    return _Year(when, order, left, known, decides, _most(shares, decides))


def _kinds(parts: pd.DataFrame | None, member: str) -> dict[str, Point]:
    """Return the points of a member by kind of criterion; deductions are below zero."""
    rows = [] if parts is None else records(parts)
    points = {str(row["kind"]): point_of(row) for row in rows if str(row["member"]) == member}
    return {kind: point for kind, point in points.items() if point.value is not None}


def _most(shares: pd.DataFrame | None, decides: str) -> Fraction | None:
    """Return the maximum of the year, where it is the same for all."""
    rows = [] if shares is None else records(shares)
    known = {r["denominator"] for r in rows if r["stage"] == decides and r["value"] is not None}
    return Fraction(known.pop()) if len(known) == 1 else None


def _words(frame: pd.DataFrame, year: _Year) -> caption.Words:
    name, said = measure("score_total"), _said(year)
    alt = [text("alt-scores", kind=text("kind-scores"), label=name, year=year.year, said=said)]
    if year.found:
        totals = "; ".join(f"{s.name} {number(s.total, 2)}" for s in year.found)
        alt.append(text("alt-listed", listed=totals))
    notes = list(_notes(year))
    head = [text("chart-unit", unit=frame["unit"].iloc[0])]
    head += [text("chart-by", noun=phrases.noun("member", many=False)), str(year.year)]
    if year.left:
        counts: dict[str, Any] = {"reporting": len(year.found)}
        counts["expected"] = len(year.found) + len(year.left)
        head += [text("chart-coverage", **counts), text("chart-incomplete")]
    subtitle = [", ".join(head), definition("score_total"), *notes]
    return caption.Words(
        said,
        " ".join(phrases.sentence(part) for part in subtitle),
        " ".join([*alt, *(phrases.sentence(note) for note in notes), text("chart-table-below")]),
        caption.source_of(frame, year.stages),
    )


def _notes(year: _Year) -> Iterator[str]:
    """Yield the maximum, where the axis begins, what the rules changed, who has no total."""
    if year.most is not None:
        yield text("scores-most", points=phrases.unrounded(year.most))
    if year.found and year.low > 0:
        yield text("chart-axis-cut", low=number(year.low, 0))
    if any(score.deducted for score in year.found):
        yield text("scores-deducted")
    if any(score.by_rules for score in year.found):
        yield text("scores-rules")
    yield from (f"{who}: {reason}" for who, reason in year.left.items() if reason)


def _said(year: _Year) -> str:
    """Return who leads; nobody does while others have no total yet."""
    found, left = year.found, year.left
    if left:
        words: dict[str, Any] = {"n": len(found), "expected": len(found) + len(left)}
        return text(
            "said-scores-some", year=year.year, absent=phrases.listed(left, "member"), **words
        )
    if not found:
        return f"{measure('score_total')} {text('said-none')}"
    first = [score.name for score in found if score.total == found[0].total]
    top = marked(number(found[0].total, 2), found[0].ids[year.decides])
    behind = next((s for s in found if s.total != found[0].total), None)
    gap = number(found[0].total - behind.total, 2) if behind else ""
    key = "said-scores" if len(first) == 1 else "said-scores-joint"
    if not behind:
        key = "said-scores-tied" if len(found) > 1 else "said-scores-one"
    who = phrases.listed(first, "member")
    return text(key, who=who, total=top, year=year.year, gap=gap, n=len(found))


def _table(year: _Year) -> pd.DataFrame:
    heads = {stage: text(f"name-stage-{stage}") for stage in year.stages}
    less = text("scores-less") if any(score.deducted for score in year.found) else ""
    rows: list[dict[str, str]] = []
    columns = {**heads, _LESS: less} if less else heads
    for score in year.found:
        row = {heading("member"): score.name}
        row |= {heads[s]: number(score.points.get(s), 2) for s in year.stages}
        rows.append(row | ({less: _deducted(score)} if less else {}))
    dashes = dict.fromkeys([*heads.values(), *filter(None, [less])], NO_VALUE)
    why = text("column-why")
    rows += [{heading("member"): who, **dashes, why: said} for who, said in year.left.items()]
    table = pd.DataFrame(rows).fillna("")
    table.attrs["ids"] = {
        (at, columns[name]): figure
        for at, score in enumerate(year.found)
        for name, figure in score.ids.items()
        if name in columns
    }
    return table


def _deducted(score: _Score) -> str:
    return number(-score.deducted, 2) if score.deducted else NO_VALUE


def _draw(sheet: layout.Sheet, year: _Year) -> None:
    if not year.found:
        return
    labels = [score.name for score in year.found]
    names = sheet.beside(labels, 3.6)
    columns = [year.decides] if sheet.narrow else year.stages
    widths = [_column_width(year, stage) for stage in columns]
    axes = sheet.axes(
        left=0.2 if sheet.narrow else 0.0, right=sum(widths) + 0.3, top=0.5, bottom=0.4, names=names
    )
    layout.bare(axes)
    _scale(axes, year)
    step = layout.rows(axes, labels, edge=widths[-1])
    layout.row_labels(axes, labels, names, step, edge=widths[-1])
    small = layout.small(axes, step)
    axes.tick_params(axis="x", labelsize=small, pad=7)
    for row, score in enumerate(year.found):
        _dots(axes, row, score, year, step)
        for at, stage in enumerate(columns):
            shown, bold = number(score.points.get(stage), 2), stage == year.decides
            colour = theme.INK if bold else theme.MUTED
            layout.at_edge(axes, row, shown, inside=sum(widths[at + 1 :]), bold=bold, colour=colour)
    marks = [(text(f"name-stage-{stage}"), _MARKS[stage]) for stage in year.stages]
    layout.key(axes, step, marks)
    for at, stage in enumerate(columns if not sheet.narrow else ()):
        head, inside = text(f"name-stage-{stage}"), sum(widths[at + 1 :])
        layout.at_edge(axes, -0.5 - layout.ABOVE / step, head, inside=inside, size=small)


def _column_width(year: _Year, stage: str) -> float:
    values = (theme.text_width(number(s.points.get(stage), 2), bold=True) for s in year.found)
    return max([*values, theme.text_width(text(f"name-stage-{stage}"), theme.SMALL)]) + 0.3


def _scale(axes: Axes, year: _Year) -> None:
    """Set the axis from below the fewest points to the maximum, which is drawn."""
    low, high = year.low, year.high
    axes.set_xlim(low, high)
    ticks = MaxNLocator(5, steps=[1, 2, 5, 10]).tick_values(low, high)
    per_x, _ = layout.inches_per_unit(axes)
    room = (theme.text_width(text("scores-at-most", points="1.000"), theme.SMALL) * 0.8) / per_x
    shown = {tick: number(round(tick), 0) for tick in ticks if low <= tick < high - room}
    if year.most is not None:
        at = float(year.most)
        axes.axvline(at, color=theme.INK, linewidth=1.6, zorder=1, clip_on=False)
        shown[at] = text("scores-at-most", points=phrases.unrounded(year.most))
    axes.set_xticks(list(shown), list(shown.values()))
    axes.grid(axis="x", color=theme.RULE, linewidth=0.6)
    axes.set_axisbelow(True)


def _dots(axes: Axes, row: int, score: _Score, year: _Year, step: float) -> None:
    ends = [float(min(score.points.values())), float(max(score.points.values()))]
    axes.plot(ends, [row, row], color=theme.CONTEXT, linewidth=3, zorder=2)
    for stage in [*(s for s in year.stages if s != year.decides), year.decides]:
        if stage in score.points:
            style = {"markersize": 10, "color": theme.NAVY, "zorder": 3, **_MARKS[stage]}
            axes.plot([float(score.points[stage])], [row], linestyle="none", clip_on=False, **style)
    if score.deducted > 0:
        _deduction(axes, row + 0.2 / step, score, layout.small(axes, step))


def _deduction(axes: Axes, y: float, score: _Score, size: float) -> None:
    """Draw what the total would be without the deduction, and the way down from there."""
    low, high = float(score.total), float(score.total + score.deducted)
    axes.plot([low, high], [y, y], color=theme.PLUM, linewidth=2, linestyle=(0, (2, 1.5)))
    axes.plot([high], [y], color=theme.PLUM, marker="|", markersize=10, markeredgewidth=2)
    shown = _deducted(score)
    per_x, _ = layout.inches_per_unit(axes)
    layout.write(axes, high + 0.1 / per_x, y, shown, size=size, colour=theme.PLUM)
