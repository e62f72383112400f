"""Lists that are no frames of figures: honours, ranks, findings, claims, results, key figures."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from html import escape

import pandas as pd

from thidua_analysis import indicators
from thidua_analysis.charts import phrases, wording
from thidua_analysis.charts.series import measure, read, records, unit_text
from thidua_analysis.claims.claims import verify
from thidua_analysis.dataset import Dataset, Record
from thidua_analysis.findings import Finding
from thidua_analysis.indicators.engine import uncovered
from thidua_analysis.indicators.selection import named
from thidua_analysis.lineage.register import link, marked, markup, unmarked
from thidua_analysis.messages import describe, text
from thidua_analysis.publish.html import Block, Cell, figure, paragraph, table_block, unbroken
from thidua_analysis.vietnamese.display import (
    NO_VALUE,
    bounded,
    money,
    money_alike,
    number,
    sort_key,
)
from thidua_analysis.vietnamese.units import is_currency, read_unit

#: More findings than these are counted, not listed.
MOST = 60
#: A published value of so many letters stays on one line.
_SHORT = 16
#: Values before and after stay on one line.
_ARROW = "\N{NO-BREAK SPACE}→\N{NO-BREAK SPACE}"
#: A sign beside the word, so that a verdict is seen at a glance.
_MARKS = {"reproduced": "✓", "does-not-follow": "✗", "cannot-be-derived": "○"}


def short(ds: Dataset, member: str | None) -> str:
    """Return the short name of a member; a dash where it is none."""
    return ds.bloc.member(member).short if member else NO_VALUE


def honours(ds: Dataset, year: int) -> Block:
    """Return who was proposed for what, with the votes and the voted rank."""
    votes = {
        (row["member"], row["honour"]): figure(row)
        for row in records(indicators.vote_share(ds, year=year))
    }
    proposed = {
        (row["member"], row["honour"]): row for row in named(ds, "honours") if row["year"] == year
    }
    rows = [
        {
            text("column-honour"): honour or NO_VALUE,
            text("column-member"): short(ds, member),
            text("column-votes"): votes.get((member, honour), NO_VALUE),
            text("column-voted"): number(row.get("voted_rank"), 0),
            text("column-authority"): row.get("authority") or NO_VALUE,
        }
        for member, honour in dict.fromkeys([*proposed, *votes])
        for row in [proposed.get((member, honour), {})]
    ]
    return table_block(rows, text("table-honours", year=year))


def ranks(ds: Dataset) -> Block:
    """Return the ranks that others gave the members, one cluster a row, years across."""
    rows: dict[tuple[str, str], dict[str, str | Cell]] = {}
    frame = indicators.rank(ds)
    columns = [text("column-member"), text("column-cluster")]
    for row in records(frame):
        member, cluster = str(row["member"]), str(row["cluster"])
        head = dict(zip(columns, (short(ds, member), cluster), strict=True))
        rows.setdefault((member, cluster), {**head})[str(row["year"])] = figure(row)
    columns += sorted({str(year) for year in frame["year"]})
    return table_block(rows.values(), text("table-ranks"), columns=columns)


def findings(ds: Dataset, year: int) -> Block:
    """Return the kinds of errors and warnings by how often they occur."""
    kinds: dict[tuple[str, str], list[Record]] = {}
    for row in _findings(ds, year):
        if row["severity"] != "note":
            kinds.setdefault((row["severity"], row["code"]), []).append(row)
    if not kinds:
        return paragraph(text("no-findings", year=year))
    rows = [
        {
            text("column-kind"): text(f"severity-{severity}"),
            text("column-finding"): message(alike[0]),
            text("column-count"): len(alike),
            text("column-file"): ", ".join(sorted({row["file"] or NO_VALUE for row in alike})),
        }
        for (severity, _), alike in sorted(
            kinds.items(), key=lambda item: (item[0][0] != "error", -len(item[1]), item[0])
        )
    ]
    return table_block(rows, text("table-findings", year=year))


def message(row: Record) -> str:
    """Return the message of a stored finding."""
    names = ("code", "sheet", "cell", "heading", "value", "suggestion", "severity")
    given = json.loads(row["params"]) if row["params"] else {}
    return describe(Finding(**{name: row[name] for name in names}, params=given))


def _findings(ds: Dataset, year: int) -> list[Record]:
    files = ds.records("submissions")
    out = {row["file"] for row in files if row["superseded"] or row["withdrawn"]}
    return [row for row in ds.records("findings") if row["year"] == year and row["file"] not in out]


def errors(ds: Dataset, year: int) -> Block:
    """Return the errors one by one: file, sheet, cell and what to do."""
    found = [row for row in _findings(ds, year) if row["severity"] == "error"]
    if not found:
        return paragraph(text("no-errors", year=year))
    rows = [
        {
            text("column-file"): row["file"] or "–",
            text("column-place"): "!".join(filter(None, [row["sheet"], row["cell"]])) or "–",
            text("column-finding"): message(row),
        }
        for row in found[:MOST]
    ]
    return table_block(rows, text("table-findings-list", year=year, most=MOST))


def claims(ds: Dataset, year: int) -> Block:
    """Return what was published on a year beside what the reports give.

    The dataset holds the year before as well.
    """
    verified = verify(ds)
    linked = verified.attrs["linked"]
    found = [row for row in records(verified) if row["year"] == year]
    rows = [
        {
            text("column-claim"): row["claim"],
            text("column-published"): (
                unbroken(published) if len(published) <= _SHORT else published
            ),
            text("column-computed"): linked[row["id"]].replace(" → ", _ARROW) or NO_VALUE,
            text("column-verdict"): f"{_MARKS[row['verdict']]} {text('verdict-' + row['verdict'])}",
            text("column-why"): why[:1].upper() + why[1:],
        }
        for row in found
        for published, why in [(row["published"] or NO_VALUE, row["why"] or "")]
    ]
    if not rows:
        return paragraph(text("say-no-claims", year=year))
    counts = Counter(row["verdict"] for row in found)
    note = text(
        "note-claims",
        reproduced=counts["reproduced"],
        wrong=counts["does-not-follow"],
        open=counts["cannot-be-derived"],
        n=len(rows),
    )
    return table_block(rows, text("table-claims", year=year), [note])


def _quantity(row: Record) -> str:
    """Return a quantity as printed; an amount of money in tỷ or triệu."""
    if row["unit"] != "đồng" or row["value"] is None:
        return str(row["text"])
    return money(row["value"]).removesuffix(" đồng")


def shared_measures(ds: Dataset, year: int, most: int = 2) -> tuple[str, ...]:
    """Return at most so many results that several members report in one unit, to be drawn."""
    totals = records(indicators.result_total(ds, by=("measure",), year=year))
    own = records(indicators.result_total(ds, by=("member", "measure"), year=year))
    members = Counter(row["measure"] for row in own if row["value"] is not None)
    known = [str(r["measure"]) for r in totals if r["value"] is not None]
    shared = [measure for measure in known if members[measure] > 1]
    return tuple(sorted(shared, key=lambda one: (-members[one], sort_key(one)))[:most])


def results(ds: Dataset, year: int) -> Block:
    """Return the results of movements: quantity, unit and value of each measure, and the sums.

    What was given and what was lent and comes back stand in columns of their own, all in one unit.
    Money that is in neither is named below.
    """
    by = ("measure", "measured_in")
    totals = records(indicators.result_total(ds, by=by, year=year))
    worth = records(indicators.result_value(ds, by=(*by, "nature"), year=year))
    sums = records(indicators.result_value(ds, by=("nature",), year=year))
    values = {(row["measure"], row["measured_in"]): row for row in worth}
    shown = money_alike(row["value"] for row in worth)
    unit = shown(0).partition(" ")[2]
    natures = list(dict.fromkeys(row["nature"] for row in sums))
    heads = {one: f"{text(f'column-worth-{one}')} ({unit})" for one in natures}

    def amounts(found: Iterable[Record | None]) -> dict[str, str | Cell]:
        return {
            heads[row["nature"]]: figure(
                row, bounded(shown(row["value"]).removesuffix(f" {unit}"), row["bound"] or None)
            )
            for row in found
            if row and row["value"] is not None
        }

    rows: list[dict[str, object]] = [
        {
            text("column-result"): row["measure"],
            text("column-quantity"): figure(row, _quantity(row)),
            text("column-unit"): unit_text(row["unit"]),
            **amounts([values.get((row["measure"], row["measured_in"]))]),
        }
        for row in sorted(totals, key=lambda row: sort_key(str(row["measure"])))
    ]
    if rows and sums:
        rows.append({text("column-result"): text("column-sum"), **amounts(sums)})
    other = sorted(
        f"“{row['measure']}” ({row['unit']})"
        for row in totals
        if (row["measure"], row["measured_in"]) not in values and _may_be_money(row["unit"])
    )
    notes = [text("note-other-money", measures=", ".join(other))] if other else []
    names = [text(f"column-{name}") for name in ("result", "quantity", "unit")]
    columns = [*names, *heads.values()]
    caption = text("table-results", year=year)
    return table_block(rows, caption, notes, columns=columns, total=bool(sums))


def _may_be_money(unit: str) -> bool:
    """Whether a unit is money of another country, or "tỷ" or "triệu" of nobody knows what."""
    read = read_unit(unit)
    return is_currency(read) or (not read.base and read.scale > 1)


#: Everything up to the last digit of a printed value; its unit follows.
_NUMBER = re.compile(r".*\d%?")


def key_figures(ds: Dataset, year: int) -> Block:
    """Return the figures that open the report, with their changes to the year before."""
    cards = [_card(frame, year) for frame in _frames(ds, year)]
    items = "".join(
        f'<li><span class="label">{escape(name)}</span>'
        f'<span class="value">{_value(value, figure)}</span>'
        + "".join(f'<span class="more">{markup(one)}</span>' for one in more)
        + "</li>"
        for name, value, more, figure in cards
    )
    plain = "\n".join(f"{name}: {value} ({' · '.join(more)})" for name, value, more, _ in cards)
    return Block(f'<ul class="cards">{items}</ul>', unmarked(plain))


def _value(shown: str, figure: str) -> str:
    """Return a value as markup: its number large and a link, its unit small, neither broken."""
    found = _NUMBER.match(shown)
    end = found.end() if found else len(shown)
    number, unit = link(shown[:end], figure), shown[end:].strip()
    return f'{number} <span class="unit">{escape(unit)}</span>' if unit else number


def _frames(ds: Dataset, year: int) -> Iterator[pd.DataFrame]:
    near = ds.filter(year=[y for y in ds.years if year - 1 <= y <= year])
    yield indicators.commendations(near, by=("year",))
    yield indicators.non_leader_share(near, by=("year",))
    yield indicators.women_share(near, by=("year",))
    yield indicators.targets_met(near, by=("year",))
    yield indicators.initiatives_recognized(near, by=("year", "level"), level="unit")
    yield indicators.result_value(near, by=("year",))
    yield indicators.movements(near, by=("year",))


def _card(frame: pd.DataFrame, year: int) -> tuple[str, str, list[str], str]:
    """Return name, value, further words and id; a dash and the reason where there is no value."""
    name = measure(str(frame.attrs["indicator"]))
    if frame.empty:
        return name, NO_VALUE, [text("said-no-value", year=year)], ""
    figures = read(frame)
    one = figures.series[0]
    name = phrases.name_of_one(figures)
    point = next((p for p in one.points if p.year == year), None)
    if point is None or point.value is None:
        why = point.reason if point else ""
        said = text("said-refused" if why else "said-no-value", year=year, reason=why)
        cover = [wording.coverage([point])] if point and point.expected else []
        return name, NO_VALUE, [said, *cover], ""
    plain = point.unit in ("%", "đồng")
    value = point.text if plain else f"{point.text} {point.unit}"
    more = [marked(phrases.parts(point), point.id)] if point.unit == "%" else []
    if one.change(year) is not None:
        key = "card-change" if one.change(year) else "card-same"
        more.append(text(key, change=phrases.signed_of(one, year), year=year - 1))
    elif why := phrases.why_no_change(one, year):
        more.append(text("card-no-change", year=year - 1, reason=why))
        before = one.at(year - 1)
        if before and before.denominator is not None and not plain:
            # parts of too few for a share: both are given, and nothing is computed of them
            more.append(marked(f"{before.year}: {before.text} {before.unit}", before.id))
    own = next(row for row in records(frame) if row["year"] == year)
    more += [*filter(None, [uncovered(own)]), wording.coverage([point])]
    return name, value, more, point.id
