"""Lists that are no frames of figures: honours, ranks, findings, claims, results."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from thidua_analysis import indicators
from thidua_analysis.charts import phrases
from thidua_analysis.charts.series import records
from thidua_analysis.dataset import Dataset, Record
from thidua_analysis.findings import Finding
from thidua_analysis.indicators.counts import identity
from thidua_analysis.indicators.selection import honour_name, named
from thidua_analysis.lineage.claims import verify
from thidua_analysis.messages import describe, text
from thidua_analysis.publish.html import Block, Cell, figure, paragraph, table_block, unbroken
from thidua_analysis.vietnamese.display import (
    NO_VALUE,
    bounded,
    is_money,
    money,
    money_alike,
    money_unit,
    number,
    rank,
    unit_text,
)
from thidua_analysis.vietnamese.quantities import is_currency, read_unit
from thidua_analysis.vietnamese.text import sort_key

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


def voted(ds: Dataset, year: int) -> dict[str, list[str]]:
    """Return honour → the members that the bloc voted for it, in their order."""
    rows = [row for row in named(ds, "honours") if row["year"] == year]
    found: dict[str, list[str]] = {}
    for row in sorted(rows, key=lambda r: (r["voted_rank"] is None, r["voted_rank"] or 0)):
        if row["honour"] and row["member"]:
            found.setdefault(row["honour"], []).append(row["member"])
    return found


def quotas(ds: Dataset, year: int) -> dict[str, int]:
    """Return honour → how many members the bloc may propose for it."""
    own = (quota for quota in ds.bloc.quotas if quota.year in (None, year))
    return {honour_name(ds, quota.honour): quota.places for quota in own}


def proposed(ds: Dataset, year: int, honour: str) -> Block:
    """Return whom the bloc proposes for an honour; places for which nobody was voted are blank."""
    ranked = {row["member"]: row for row in records(indicators.ranking(ds, year))}
    size = sum(row["rank"] is not None for row in ranked.values())
    met = {
        row["member"]: figure(row)
        for row in records(indicators.targets_met(ds, by=("member",), year=year))
    }
    votes = {
        row["member"]: figure(row)
        for row in records(indicators.vote_share(ds, year=year))
        if row["honour"] == honour
    }
    head = (text("documents-column-order"), *map(text, ("column-member", "column-rank")))
    head += (*map(text, ("column-score", "column-votes")), text("documents-column-targets"))
    members, places = voted(ds, year).get(honour, []), quotas(ds, year).get(honour)
    rows = []
    for at, member in enumerate(members, 1):
        own = ranked.get(member, {})
        place = rank(own["rank"], size) if own.get("rank") else NO_VALUE
        beside = votes.get(member, NO_VALUE), met.get(member, NO_VALUE)
        cells = str(at), ds.bloc.member(member).name, place, own.get("text", NO_VALUE), *beside
        rows.append(dict(zip(head, cells, strict=True)))
    blank = dict.fromkeys(head, text("documents-open"))
    rows += [blank | {head[0]: str(at)} for at in range(len(rows) + 1, (places or 1) + 1)]
    notes = _open_places(ds, year, honour, len(members), places)
    return table_block(rows, text("documents-proposed", honour=honour), notes)


def _open_places(
    ds: Dataset, year: int, honour: str, given: int, places: int | None
) -> Iterator[str]:
    """Say what is open: nobody was voted, more than there are places, conditions to confirm."""
    chosen = [r for r in records(indicators.proposals(ds, year)) if r["honour"] == honour]
    if not given:
        names = ", ".join(row["label"] for row in chosen if row["member"])
        key = "documents-by-points" if names else "documents-unvoted"
        yield text(key, bloc=ds.bloc.called, members=names)
    if places is not None and given > places:
        yield text("documents-too-many", places=number(places))
    for condition in chosen[0]["conditions"] or () if chosen else ():
        said = text("mark-condition", condition=condition)
        yield phrases.sentence(said[:1].upper() + said[1:])


def members(ds: Dataset, year: int) -> Block:
    """Return the members that are expected to report, with a blank for who represents each."""
    heads = text("documents-column-order"), text("column-member"), text("documents-column-person")
    names = [ds.bloc.member(member).name for member in ds.expected(year)]
    cells = [(str(at), name, 3 * text("documents-open")) for at, name in enumerate(names, 1)]
    rows = [dict(zip(heads, row, strict=True)) for row in cells]
    return table_block(rows, text("documents-members"))


def movements(ds: Dataset, year: int) -> Block:
    """Return the movements of a year, each once: who launched it, how, and who reports it."""
    found: dict[Any, list[Record]] = {}
    for row in (row for row in named(ds, "movements") if row["year"] == year):
        found.setdefault(identity(row), []).append(row)
    rows = [
        {
            text("documents-column-movement"): own[0]["name"],
            **{text(f"dimension-{name}"): _of_code(name, own[0]) for name in _OF_MOVEMENTS},
            text("documents-column-by"): ", ".join(
                dict.fromkeys(short(ds, row["member"]) for row in own)
            ),
        }
        for own in found.values()
    ]
    return table_block(rows, text("documents-movements", year=year, n=number(len(rows))))


_OF_MOVEMENTS = ("launched_by", "method")


def _of_code(name: str, row: Record) -> str:
    return text(f"name-{name}-{row[name]}") if row[name] else NO_VALUE


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
            text("column-finding"): _alike([message(row) for row in alike]),
            text("column-count"): len(alike),
            text("column-member"): phrases.listed(
                dict.fromkeys(_sender(ds, row) for row in alike), "member"
            ),
        }
        for (severity, _), alike in sorted(
            kinds.items(), key=lambda item: (item[0][0] != "error", -len(item[1]), item[0])
        )
    ]
    return table_block(rows, text("table-findings", year=year))


def _alike(messages: list[str]) -> str:
    """Return one message of a kind, and how many others say it of something else."""
    more = len(set(messages)) - 1
    return text("finding-more", message=messages[0], n=more) if more else messages[0]


def message(row: Record) -> str:
    """Return the message of a stored finding."""
    names = ("code", "sheet", "cell", "heading", "value", "suggestion", "severity")
    given = json.loads(row["params"]) if row["params"] else {}
    return describe(Finding(**{name: row[name] for name in names}, params=given))


def _findings(ds: Dataset, year: int) -> list[Record]:
    files = ds.records("submissions")
    out = {row["file"] for row in files if row["superseded"] or row["withdrawn"]}
    return [row for row in ds.records("findings") if row["year"] == year and row["file"] not in out]


def _sender(ds: Dataset, row: Record) -> str:
    """Return whose file a finding is in; of nobody's file, its name."""
    files = ds.memo("files by name", lambda: {f["file"]: f for f in ds.records("submissions")})
    own = files.get(row["file"])
    if member := own["member"] if own else row["member"]:
        return short(ds, member)
    if own and own["used"]:
        return text("sender-bloc", bloc=ds.bloc.called.capitalize())
    return row["file"] or NO_VALUE


def errors(ds: Dataset, year: int) -> Block:
    """Return the errors one by one: member, sheet, cell and what to do."""
    found = [row for row in _findings(ds, year) if row["severity"] == "error"]
    if not found:
        return paragraph(text("no-errors", year=year))
    rows = [
        {
            text("column-member"): _sender(ds, row),
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
    said, table = paragraph(_counted(found)), table_block(rows, text("table-claims", year=year))
    return Block(said.html + table.html, f"{said.plain}\n{table.plain}")


def claims_in_short(ds: Dataset, year: int) -> str:
    """Return how many published figures of a year agree; nothing where there are none."""
    found = [row for row in records(verify(ds)) if row["year"] == year]
    return _counted(found) if found else ""


def _counted(found: Sequence[Record]) -> str:
    counts = Counter(row["verdict"] for row in found)
    return text(
        "note-claims",
        reproduced=counts["reproduced"],
        wrong=counts["does-not-follow"],
        open=counts["cannot-be-derived"],
        n=len(found),
    )


def _quantity(row: Record) -> str:
    """Return a quantity as printed; an amount of money in tỷ or triệu."""
    if not is_money(row["unit"]) or row["value"] is None:
        return str(row["text"])
    return money(row["value"]).rpartition(" ")[0]


def shared_measures(ds: Dataset, year: int, most: int = 2) -> tuple[str, ...]:
    """Return at most so many results that several members report in one unit, to be drawn."""
    totals = records(indicators.result_total(ds, by=("measure",), year=year))
    own = records(indicators.result_total(ds, by=("measure", "member"), year=year))
    members = Counter(row["measure"] for row in own if row["value"] is not None)
    known = [
        str(row["measure"])
        for row in totals
        if row["value"] is not None and members[row["measure"]] > 1
    ]
    return tuple(sorted(known, key=lambda name: (-members[name], sort_key(name)))[:most])


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

    names = [text(f"column-{name}") for name in ("result", "quantity", "unit")]
    rows: list[dict[str, object]] = [
        {
            names[0]: row["measure"],
            names[1]: figure(row, _quantity(row)),
            names[2]: unit_text(money_unit(())[1] if is_money(row["unit"]) else row["unit"]),
            **amounts([values.get((row["measure"], row["measured_in"]))]),
        }
        for row in sorted(totals, key=lambda row: sort_key(str(row["measure"])))
    ]
    if rows and sums:
        blank = dict.fromkeys(names[1:], "")
        rows.append({names[0]: text("column-sum"), **blank, **amounts(sums)})
    other = [
        f"“{row['measure']}” ({row['unit']})"
        for row in totals
        if (row["measure"], row["measured_in"]) not in values and _may_be_money(row["unit"])
    ]
    other.sort(key=sort_key)
    gone = phrases.listed((short(ds, m) for row in totals for m in row["missing"]), "member")
    notes = [text("table-note-missing", members=gone)] if gone else []
    notes += [text("note-other-money", measures=", ".join(other))] if other else []
    columns = [*names, *heads.values()]
    caption = text("table-results", year=year)
    return table_block(rows, caption, notes, columns=columns, total=bool(sums))


def _may_be_money(unit: str) -> bool:
    """Whether a unit is money of another country, or "tỷ" or "triệu" of nobody knows what."""
    read = read_unit(unit)
    return is_currency(read) or (not read.base and read.scale > 1)
