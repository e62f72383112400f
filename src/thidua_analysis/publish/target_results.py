"""Targets in sentences, and as tables that are seen like a chart: the unmet first, on one scale."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from html import escape
from typing import Any

from thidua_analysis import indicators
from thidua_analysis.charts import phrases, wording
from thidua_analysis.charts.series import records
from thidua_analysis.dataset import Dataset, Record
from thidua_analysis.indicators.figure import bound, figure_id
from thidua_analysis.indicators.targets import TARGET, judged, why_open
from thidua_analysis.lineage.register import link, marked, markup, unmarked
from thidua_analysis.messages import text
from thidua_analysis.publish.html import Block, bullets, paragraph, table_block
from thidua_analysis.vietnamese.display import NO_VALUE, bounded, number, unit_text

#: Bars end here in percent, so that one target far above leaves the others visible.
FAR = 200
_MARKS = {"missed": "✗", "met": "✓", "exceeded": "✓"}
_ORDER = {"missed": 0, None: 1, "exceeded": 2, "met": 2}
_COLUMNS = ("target", "unit", "planned", "actual", "percent", "days", "status")


@dataclass(frozen=True)
class _Target:
    """A target with its attainment and its days, each as a row of a frame where there is one."""

    row: Record
    percent: Record | None
    days: Record | None

    @property
    def reached(self) -> Fraction | None:
        if self.percent is None or self.percent["value"] is None:
            return None
        return Fraction(self.percent["numerator"]) * 100 / Fraction(self.percent["denominator"])

    @property
    def place(self) -> tuple[int, Fraction]:
        """Missed ones first, the furthest below first; then the open ones; the best of the rest."""
        status, reached = self.row["status"], self.reached or Fraction(0)
        return _ORDER[status], reached if status == "missed" else -reached


def targets(ds: Dataset, year: int) -> Block:
    """Return the targets of a year by member, those where less is better apart.

    Each row has unit, plan, actual, percent with a bar from the 100 % line and by how many days it
    was early or late. All members have one scale. Targets where less is better have no percentage:
    whether they were kept is said, with both numbers.

    Parameters
    ----------
    ds
        The dataset.
    year
        The year of the targets.
    """
    found = _read(ds, year)
    if not found:
        return paragraph(text("say-nothing"))
    higher = [t for t in found if t.row["direction"] != "lower"]
    lower = [t for t in found if t.row["direction"] == "lower"]
    shown = [_higher(ds, year, higher, also=bool(lower))] * bool(higher)
    shown += [_lower(ds, year, lower)] * bool(lower)
    plain = "\n".join(_plain(ds, t) for t in found)
    return Block("".join(shown), unmarked(plain))


def _read(ds: Dataset, year: int) -> list[_Target]:
    key = ("member", "target_name")
    percents = indicators.attainment(ds, year=year)
    days = indicators.days_early(ds, year=year)
    percent, early = (
        {tuple(row[name] for name in key): row for row in records(frame)}
        for frame in (percents, days)
    )
    rows = {tuple(row[name] for name in key): row for row in judged(ds, year=year)}
    places = {member.id: at for at, member in enumerate(ds.bloc.members)}
    found = [_Target(row, percent.get(at), early.get(at)) for at, row in rows.items()]
    return sorted(found, key=lambda t: (places.get(t.row["member"], len(places)), t.place))


def _higher(ds: Dataset, year: int, found: Sequence[_Target], *, also: bool) -> str:
    scale = _Scale.of(t.reached for t in found)
    notes = [text("targets-scale"), *[text("targets-cut", limit=FAR)] * scale.cut]
    notes += [text("targets-also")] * also
    heads = "".join(
        f'<th scope="col"{_right(name)}>{escape(text(f"column-{name}"))}</th>' for name in _COLUMNS
    )
    groups = "".join(
        f"<tbody>{_group(ds, year, member)}{''.join(_row(t, scale) for t in own)}</tbody>"
        for member, own in _by_member(found)
    )
    if len({t.row["member"] for t in found}) > 1:
        groups += f"<tbody>{_group(ds, year)}</tbody>"
    caption = text("table-targets", year=year)
    return (
        f'<div class="scroll" role="group" aria-label="{escape(caption)}">'
        '<table class="targets listed">'
        f"<caption>{escape(caption)}</caption><thead><tr>{heads}</tr></thead>{groups}</table></div>"
        f'<p class="note">{escape(" ".join(notes))}</p>'
    )


def _by_member(found: Iterable[_Target]) -> Iterator[tuple[str, list[_Target]]]:
    groups: dict[str, list[_Target]] = {}
    for target in found:
        groups.setdefault(target.row["member"], []).append(target)
    yield from groups.items()


def _group(ds: Dataset, year: int, member: str = "") -> str:
    """Return the row that opens a member's targets: its name and how many it met; or of all."""
    of = {"year": year} | ({"member": member} if member else {})
    (met,) = records(indicators.targets_met(ds, ("year",), **of))
    (over,) = records(indicators.targets_exceeded(ds, ("year",), **of))
    said = text("targets-group-open")
    if met["value"] is not None:
        more = marked(number(over["numerator"]), over["id"])
        said = text("targets-group", met=marked(met["text"], met["id"]), exceeded=more)
    name = escape(ds.bloc.member(member).short if member else wording.everyone(ds))
    return (
        f'<tr class="{"group" if member else "group total"}">'
        f'<th scope="rowgroup" colspan="{len(_COLUMNS)}">{name}'
        f'<span class="more">{markup(said)}</span></th></tr>'
    )


def _row(target: _Target, scale: _Scale) -> str:
    row, percent, days = target.row, target.percent or {}, target.days
    own = percent["id"] if percent.get("value") is not None else ""
    cells = {
        "unit": escape(unit_text(row["measured_in"] or "") or NO_VALUE),
        "planned": link(_number(row, "planned"), own),
        "actual": link(_number(row, "actual"), own),
        "percent": scale.bar(target) + (link(str(percent["text"]), own) if own else NO_VALUE),
        "days": _days(days),
        "status": escape(_status(row)),
    }
    shown = "".join(
        f'<td{_right(name)} data-label="{escape(text(f"column-{name}"))}">{cell}</td>'
        for name, cell in cells.items()
    )
    return f'<tr><th scope="row">{escape(str(row["target_name"]))}</th>{shown}</tr>'


def _right(name: str) -> str:
    return ' class="figure"' if name in ("planned", "actual", "percent") else ""


def _number(row: Record, column: str) -> str:
    if row[column] is None:
        return NO_VALUE
    return bounded(phrases.unrounded(row[column]), bound(row, [column]))


def _days(early: Record | None) -> str:
    if early is None or early["value"] is None:
        return NO_VALUE
    return markup(phrases.early(int(early["value"]), early["id"]))


def _status(row: Record) -> str:
    if not row["status"]:
        return why_open(row)
    return f"{_MARKS[row['status']]} {text('name-status-' + row['status']).lower()}"


@dataclass(frozen=True)
class _Scale:
    """The one scale of all bars, in percent; the line of 100 % is always on it."""

    low: Fraction
    high: Fraction
    cut: bool

    @classmethod
    def of(cls, reached: Iterable[Fraction | None]) -> _Scale:
        known = [one for one in reached if one is not None]
        high = min(max([Fraction(110), *known]), Fraction(FAR))
        return cls(min([Fraction(90), *known]), high, any(one > FAR for one in known))

    def bar(self, target: _Target) -> str:
        """Return the bar between 100 % and what was reached, to the left where that is less."""
        reached = target.reached
        if reached is None:
            return '<span class="bar"></span>'
        ends = sorted([Fraction(100), min(reached, self.high)])
        zero, start, end = (self._at(one) for one in (Fraction(100), *ends))
        places = f"--zero:{zero:.1f}%;--from:{start:.1f}%;--part:{end - start:.1f}%"
        kind = "bar short" if reached < 100 else "bar far" if reached > self.high else "bar"
        return f'<span class="{kind}" style="{places}"></span>'

    def _at(self, value: Fraction) -> float:
        return float((value - self.low) * 100 / (self.high - self.low))


def _lower(ds: Dataset, year: int, found: Sequence[_Target]) -> str:
    rows = [
        {
            text("column-target"): str(t.row["target_name"]),
            text("column-member"): ds.bloc.member(t.row["member"]).short,
            text("column-kept"): kept(t.row),
        }
        for t in found
    ]
    marks = dict.fromkeys(range(len(rows)), "limit")
    return table_block(rows, text("table-limits", year=year), marks=marks).html


def kept(row: Record) -> str:
    """Return how a target where less is better stands: ``✓ 2/3 vụ – đạt``."""
    if not row["status"]:
        return why_open(row)
    key = "targets-not-kept" if row["status"] == "missed" else "targets-kept"
    return text(key, parts=of_limit(row))


def of_limit(row: Record) -> str:
    """Return what came of a limit: ``2/3 vụ``, marked as a figure."""
    parts = f"{_number(row, 'actual')}/{_number(row, 'planned')}"
    unit = unit_text(row["measured_in"] or "")
    shown = f"{parts}{unit}" if unit == "%" else f"{parts} {unit}".rstrip()
    return marked(shown, figure_id("target_status", {name: row[name] for name in TARGET}))


def _plain(ds: Dataset, target: _Target) -> str:
    row, name = target.row, ds.bloc.member(target.row["member"]).short
    if row["direction"] == "lower":
        return f"{name}: {row['target_name']}: {kept(row)}"
    percent = target.percent["text"] if target.percent else NO_VALUE
    parts = f"{_number(row, 'actual')}/{_number(row, 'planned')} {row['measured_in'] or ''}"
    return f"{name}: {row['target_name']}: {parts} ({percent}), {_status(row)}"


def say_targets(ds: Dataset, year: int) -> Block:
    """Say which targets were met first, which were missed, which are left open.

    How many were met is the first sentence of the part; see `publish.headline`.
    """
    found = records(indicators.targets_met(ds, by=("year",), year=year))
    if not found:
        return paragraph(text("say-nothing"))
    (met,) = found
    told = [] if met["value"] is not None else [text("say-targets-none", year=year)]
    if met["missing"]:
        absent = ", ".join(ds.bloc.member(member).short for member in met["missing"])
        told.append(phrases.sentence(text("lack-missing", members=absent)))
    lists = [*_missed(ds, year), *_open(ds, year)]
    told += [*_early(ds, year), *lists]
    return bullets(told) if told else Block("", "")


def _early(ds: Dataset, year: int) -> Iterator[str]:
    early = indicators.days_early(ds, year=year)
    days = [row for row in records(early) if row["value"] is not None]
    if not days:
        return
    best = max(int(row["value"]) for row in days)
    first = [row for row in days if row["value"] == best]
    late = [row for row in days if row["value"] < 0]
    if best > 0:
        key = "say-earliest-tied" if len(first) > 1 else "say-earliest"
        who = phrases.listed((_who(ds, row) for row in first), "target", "; ")
        yield text(key, who=who, days=marked(number(best, 0), first[0]["id"]))
    if late:
        listed = "; ".join(_who(ds, row) for row in late)
        yield text("say-late", n=len(late), targets=listed)


def _missed(ds: Dataset, year: int) -> Iterator[str]:
    missed = [row for row in judged(ds, year=year) if row["status"] == "missed"]
    if not missed:
        return
    percent = {_target(row): row for row in records(indicators.attainment(ds, year=year))}
    listed = []
    for row in missed:
        own = percent.get(_target(row))
        counts = {name: phrases.unrounded(row[name]) for name in ("planned", "actual")}
        printed = text("targets-counts", **counts)
        if row["direction"] == "lower":
            printed = of_limit(row)
        elif own and own["value"] is not None:
            printed = marked(own["text"], own["id"])
        listed.append(f"{_who(ds, row)} ({printed})")
    yield text("say-missed", n=len(missed), targets="; ".join(listed))


def _open(ds: Dataset, year: int) -> Iterator[str]:
    left = [row for row in judged(ds, year=year) if not row["status"]]
    if left:
        listed = "; ".join(f"{_who(ds, row)} ({why_open(row)})" for row in left)
        yield text("say-open", n=len(left), targets=listed)


def _target(row: Record) -> tuple[Any, ...]:
    return row["year"], row["member"], row["target_name"]


def _who(ds: Dataset, row: Mapping[str, Any]) -> str:
    return f"{ds.bloc.member(row['member']).short}: {row['target_name']}"
