"""Lollipop of targets: how far each one is from its 100 % line, and how early it was reached."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd
from matplotlib.axes import Axes

from thidua_analysis.charts import caption, phrases, theme, wording
from thidua_analysis.charts import sheet as layout
from thidua_analysis.charts.chart import Chart, compose, empty
from thidua_analysis.charts.series import (
    Point,
    dataset_of,
    definition,
    label,
    measure,
    point_of,
    records,
    unit_text,
)
from thidua_analysis.errors import UsageError
from thidua_analysis.indicators import targets as targets_of
from thidua_analysis.messages import text
from thidua_analysis.vietnamese.display import number

#: More targets than these do not fit; the rest stands in the table.
MOST = 14
#: Values beyond this are drawn at the edge, with an arrow and their number.
FAR = 180.0


@dataclass(frozen=True)
class _Target:
    name: str
    member: str
    point: Point
    lower: bool
    #: unit, plan and actual as reported
    parts: tuple[str, Any, Any]
    early: int | None
    early_id: str
    #: exceeded, met, missed; None where it cannot be judged, and why
    status: str | None
    why: str

    @property
    def place(self) -> float:
        return min(self.point.value or 0.0, FAR)

    @property
    def drawn(self) -> bool:
        """Whether it stands on the axis: where less is better, more is no better percentage."""
        return self.point.value is not None and not self.lower

    @property
    def met(self) -> bool:
        return self.status in ("met", "exceeded")

    @property
    def printed(self) -> str:
        """The value and by how many days it was early or late."""
        if self.early is None:
            return self.point.text
        return f"{self.point.text} · {phrases.early(self.early)}"


def targets(frame: pd.DataFrame, early: pd.DataFrame | None = None) -> Chart:
    """Draw the attainment of targets around 100 %, on the one scale of all members of the year.

    Targets where less is better stand in the table alone.

    Parameters
    ----------
    frame
        Frame of figures of ``attainment`` by target, of one year.
    early
        Frame of figures of ``days_early`` by the same breakdowns.

    Returns
    -------
    Chart
        Furthest above on top. Values far above are cut at the edge and say so.

    Raises
    ------
    UsageError
        If the frame has no targets.
    """
    if frame.empty:
        return empty(frame)
    if "target_name" not in frame:
        raise UsageError("chart-columns", columns="target_name")
    found = _read(frame, early)
    known = sorted((t for t in found if t.drawn), key=lambda t: -t.point.exact)
    words = _words(frame, found, known)
    half = MOST // 2
    shown = known if len(known) <= MOST else known[:half] + known[-half:]
    rows = known + [t for t in found if t not in known]
    scale = _scale(frame, known)
    return compose(words, _table(rows), lambda sheet: _draw(sheet, shown, scale))


def _scale(frame: pd.DataFrame, known: list[_Target]) -> tuple[float, float]:
    """Return the ends of the axis: those of all targets of the year that are drawn anywhere."""
    ds = dataset_of(frame)
    whole = targets_of.judged(ds, year=int(frame["year"].iloc[0])) if ds else ()
    reached = [
        float(row["actual"] / row["planned"] * 100)
        for row in whole
        if row["status"] and row["direction"] != "lower" and row["planned"]
    ]
    values = [100.0, *(min(value, FAR) for value in reached), *(t.place for t in known)]
    air = max((max(values) - min(values)) * 0.06, 2.0)
    return min(values) - air, max(values) + air


def _read(frame: pd.DataFrame, early: pd.DataFrame | None) -> list[_Target]:
    known = records(early) if early is not None else []
    days = {_key(row): row for row in known if row["value"] is not None}
    ds, scope = dataset_of(frame), frame.attrs.get("scope", {})
    judged = {_key(row)[:3]: row for row in (targets_of.judged(ds, **scope) if ds else ())}
    return [
        _target(frame, row, days.get(_key(row)), judged.get(_key({**scope, **row})[:3]))
        for row in records(frame)
    ]


def _target(
    frame: pd.DataFrame,
    row: dict[str, Any],
    early: dict[str, Any] | None,
    judged: Mapping[str, Any] | None,
) -> _Target:
    point = point_of(row)
    if judged is not None:
        status, why = judged["status"], "" if judged["status"] else targets_of.why_open(judged)
        parts = (judged["measured_in"] or "–", judged["planned"], judged["actual"])
    else:
        # a frame made by hand has nothing but its percentages
        known = point.value is not None
        status, why = (("met" if point.exact >= 100 else "missed") if known else None), ""
        parts = ("–", point.denominator, point.numerator)
    return _Target(
        name=str(row["target_name"]),
        member=label(frame, "member", str(row["member"])) if "member" in row else "",
        point=point,
        lower=row.get("direction") == "lower",
        parts=parts,
        early=int(early["value"]) if early else None,
        early_id=early.get("id", "") if early else "",
        status=status,
        why=why,
    )


def _key(row: Mapping[str, Any]) -> tuple[Any, ...]:
    return tuple(row.get(name) for name in ("year", "member", "target_name", "direction"))


def _words(frame: pd.DataFrame, found: list[_Target], known: list[_Target]) -> caption.Words:
    name, year = measure("attainment"), int(frame["year"].iloc[0])
    members = dict.fromkeys(t.member for t in found if t.member)
    who = next(iter(members)) if len(members) == 1 else text("targets-bloc", n=len(members))
    several = len(members) > 1
    judged = [t for t in found if t.status]
    open_ = [t for t in found if not t.status]
    key = "said-targets-of" if open_ else "said-targets"
    asked = frame.assign(value=pd.Series([t.status for t in found], frame.index, dtype=object))
    cover = wording.members(asked) if several else next(iter(members), "")
    absent = wording.absent(asked) if judged else []
    when = text("said-so-far", year=year, lack=cover) if absent else str(year)
    counts: dict[str, Any] = {
        "met": sum(t.met for t in found),
        "n": len(judged),
        "open": len(open_),
    }
    said = text(key if judged else "said-targets-none", who=who, year=when, **counts)
    notes = [definition("attainment")]
    if lower := sum(t.lower for t in found):
        notes.append(text("targets-lower", n=lower))
    if any(t.point.exact > FAR for t in known):
        notes.append(text("targets-far", limit=number(int(FAR), 0)))
    if len(known) > MOST:
        notes.append(text("targets-rows", part=MOST // 2, all=len(known)))
    if without := sum(t.point.value is None and not t.lower for t in found):
        notes.append(text("targets-without", n=without))
    lack = [text("lack-missing", members=phrases.listed(absent, "member"))] if absent else []
    if open_:
        names = (f"{_name(t, several=several)} ({t.why})".removesuffix(" ()") for t in open_)
        notes.append(text("targets-open", targets=phrases.listed(names, "target", "; ")))
    alt = [text("alt-targets", kind=text("kind-targets"), label=name, said=said)]
    if known:
        alt += _extremes(known, year, several=several)
    subtitle = [", ".join(filter(None, [f"{name} (%)", str(year), cover])), *notes, *lack]
    alt += map(phrases.sentence, lack)
    return caption.Words(
        said,
        " ".join(phrases.sentence(part) for part in subtitle),
        " ".join([*alt, text("chart-table-below")]),
        caption.source_of(frame),
    )


def _extremes(known: list[_Target], year: int, *, several: bool) -> list[str]:
    """Say which target is highest and which lowest; of equal ones all are named."""
    groups = [
        [t for t in known if t.point.exact == end.point.exact] for end in (known[0], known[-1])
    ]
    names = [
        phrases.listed((_name(t, several=several) for t in group), "target", "; ")
        for group in groups
    ]
    top, low = (group[0].point.text for group in groups)
    if top == low:
        key = "alt-level" if len(known) > 1 else "alt-only"
        return [text(key, year=year, names=names[0], text=top)]
    called = text("noun-target")
    said = [
        text("alt-tied", names=n, noun=called) if len(group) > 1 else n
        for n, group in zip(names, groups, strict=True)
    ]
    return [text("alt-extremes", year=year, top=said[0], low=said[1], top_text=top, low_text=low)]


def _table(rows: list[_Target]) -> pd.DataFrame:
    several = len({t.member for t in rows}) > 1
    table = pd.DataFrame(
        [
            {
                text("column-target"): _name(t, several=several),
                text("column-unit"): unit_text(t.parts[0]),
                text("column-planned"): t.parts[1],
                text("column-actual"): t.parts[2],
                text("column-percent"): "–" if t.lower else t.point.text,
                text("column-days"): "–" if t.early is None else number(t.early, 0),
                text("column-status"): text(f"name-status-{t.status}")
                if t.status
                else t.why or "–",
            }
            for t in rows
        ]
    )
    columns = [text(f"column-{name}") for name in ("planned", "actual", "percent")]
    known = [(at, t) for at, t in enumerate(rows) if t.drawn]
    table.attrs["ids"] = {
        **{(at, c): t.point.id for at, t in known for c in columns},
        **{(at, text("column-days")): t.early_id for at, t in enumerate(rows)},
    }
    return table


def _name(target: _Target, *, several: bool) -> str:
    return f"{target.member}: {target.name}" if several and target.member else target.name


def _draw(sheet: layout.Sheet, shown: list[_Target], scale: tuple[float, float]) -> None:
    if not shown:
        return
    several = len({t.member for t in shown}) > 1
    labels = [_name(t, several=several) for t in shown]
    names = sheet.beside(labels, 6.0)
    values = max(theme.text_width(t.printed, bold=True) for t in shown)
    axes = sheet.axes(names=names, right=values + 0.35, top=0.4, bottom=0.05)
    layout.bare(axes)
    axes.set_xlim(*scale)
    axes.set_xticks([])
    step = layout.rows(axes, labels, pitch=0.6)
    bottom = len(shown) - 0.5
    axes.plot([100, 100], [-0.5, bottom], color=theme.INK, linewidth=1.6, zorder=1)
    if not sheet.narrow:
        layout.write(
            axes, 100, -0.5 - 0.06 / step, text("targets-line"), ha="center", va="bottom",
            colour=theme.MUTED, size=theme.SMALL,
        )  # fmt: skip
    layout.row_labels(axes, labels, names, step)
    for row, target in enumerate(shown):
        _stick(axes, row, target)


def _stick(axes: Axes, row: int, target: _Target) -> None:
    """Draw one target: filled circle where met, hollow diamond where missed, arrow where cut."""
    colour = theme.NAVY if target.met else theme.ORANGE
    axes.plot([100, target.place], [row, row], color=colour, linewidth=4, solid_capstyle="butt")
    far = target.point.exact > FAR
    axes.plot(
        [target.place], [row], marker=">" if far else "o" if target.met else "D",
        markersize=12, color=colour, markerfacecolor=colour if target.met else theme.PAPER,
        markeredgecolor=colour, markeredgewidth=2.5, clip_on=False, zorder=3,
    )  # fmt: skip
    per_x, _ = layout.inches_per_unit(axes)
    layout.write(axes, max(target.place, 100.0) + 0.2 / per_x, row, target.printed, bold=True)
