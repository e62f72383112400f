"""The words around a chart: title, subtitle, source and alternative text, from its figures."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import pandas as pd

from thidua_analysis.charts.figures import Figures, dataset_of, label
from thidua_analysis.charts.measure import definition
from thidua_analysis.charts.wording import (
    Changes,
    breaks,
    coverage,
    details,
    lacking,
    members,
    name_of,
    noun,
    sentence,
    who_lacks,
)
from thidua_analysis.messages import text


@dataclass(frozen=True)
class Words:
    """The words of one chart; in title and alternative text, figures may be marked as such."""

    title: str
    subtitle: str
    alt: str
    source: str


def words(
    figures: Figures,
    kind: str,
    said: str,
    changes: Changes,
    notes: Iterable[str] = (),
    *,
    extremes: bool = True,
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
    """
    title = f"{name_of(figures)} {said}"
    notes = tuple(notes)
    return Words(
        title,
        subtitle(figures, notes=notes),
        alternative(figures, kind, said, changes, extremes=extremes),
        source_of(figures.rows),
    )


def years(figures: Figures) -> str:
    """Return the years that are drawn: one, two or a span."""
    first, last = figures.years[0], figures.years[-1]
    if first == last:
        return str(last)
    key = "chart-two-years" if len(figures.years) == 2 else "chart-years"
    return text(key, first=first, last=last)


def _coverage(figures: Figures) -> str:
    """Return the coverage of the years; by member, how many members have a value."""
    if figures.dimension == "member":
        return members(figures.rows)
    return coverage(p for one in figures.series for p in one.points)


def stage(frame: pd.DataFrame) -> str:
    """Return the step of scoring that a frame is limited to; nothing where it is not."""
    code = frame.attrs.get("scope", {}).get("stage")
    return text("chart-stage", stage=label(frame, "stage", code)) if isinstance(code, str) else ""


def subtitle(figures: Figures, *, notes: Iterable[str] = ()) -> str:
    """Return measure, unit, breakdown, years, coverage, definition and breaks."""
    head = [f"{name_of(figures)} ({figures.unit})".removesuffix(" ()")]
    head.append(_by(figures))
    head += [stage(figures.rows), years(figures), _coverage(figures)]
    parts = [", ".join(filter(None, head))]
    if said := definition(figures.indicator):
        parts.append(said)
    parts += [*who_lacks(figures), *breaks(figures), *notes]
    return " ".join(sentence(part) for part in parts)


def _by(figures: Figures) -> str:
    """Return by what it is broken down, where the name of the measure does not say it."""
    if not figures.dimension or figures.indicator.startswith("awards_by_"):
        return ""
    return text("chart-by", noun=noun(figures.dimension))


def source_of(frame: pd.DataFrame) -> str:
    """Return where the figures come from and whether they are real."""
    attrs = frame.attrs
    own = attrs.get("scope", {}).get("stage", "self") == "self"
    ds = dataset_of(frame)
    called = ds.bloc.called if ds else "khối"
    said = attrs.get("source") or text("chart-source" if own else "chart-source-bloc", bloc=called)
    return f"{text('chart-illustrative')} {said}" if attrs.get("illustrative") else str(said)


def alternative(
    figures: Figures, kind: str, said: str, changes: Changes, *, extremes: bool = True
) -> str:
    """Return the alternative text: kind, measure, years, the message with its numbers, breaks."""
    parts = {"kind": text(f"kind-{kind}"), "label": name_of(figures)}
    parts |= {"years": years(figures), "said": said}
    if lack := lacking(figures):
        parts["years"] = f"{parts['years']}, {lack}"
    if len(figures.series) == 1:
        values = "; ".join(f"{p.year}: {p.text}" for p in figures.series[0].points)
        told = [text("alt-one", values=values, **parts)]
    else:
        parts["label"] = ", ".join(filter(None, [parts["label"], _by(figures)]))
        told = [text("alt-many", **parts)]
    told += details(figures, changes, extremes=extremes)
    return " ".join([*told, text("chart-table-below")])
