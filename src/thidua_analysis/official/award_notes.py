"""Notes under the forms of commendations: what has no column, no row, or no form."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from thidua_analysis.dataset import Record
from thidua_analysis.form.awards import COUNTED_AS, match, never_given_to
from thidua_analysis.indicators import rows as names
from thidua_analysis.indicators.counts import SUBJECTS
from thidua_analysis.indicators.figure import amount
from thidua_analysis.messages import text
from thidua_analysis.official.fill import accepts
from thidua_analysis.official.filled import Note
from thidua_analysis.official.form_notes import Told

#: Parts of the individuals that no official form has a row for.
_WITHOUT_ROW = ("women", "ethnic_minority")
#: At most so many awards are named in one note.
_LISTED = 12


def of_awards(told: Told) -> Iterator[Note]:
    """Yield what a form of commendations leaves out, with its amounts."""
    if told.form.layout.total:
        yield from _without_column(told)
    else:
        yield from _without_method(told)
    yield from _misgiven(told)
    yield from _elsewhere(told)
    yield from _proposed(told)
    yield from _status_only(told)
    yield from _without_row(told)


def _without_column(told: Told) -> Iterator[Note]:
    """Name awards that no column takes: all of them, or a kind of recipient."""
    columns = [c for c in told.form.columns if c.id != told.form.layout.total]
    total = next(c for c in told.form.columns if c.id == told.form.layout.total)
    outside: dict[str, dict[str, int]] = {}
    inside: dict[str, dict[str, int]] = {}
    for row in told.rows:
        found = inside if accepts(total.where, row) else outside
        taking = [column for column in columns if accepts(column.where, row)]
        for name in SUBJECTS:
            taken = any(name in c.source.fields or not c.source.fields for c in taking)
            if row[name] and not taken:
                kinds = found.setdefault(names.award_at(told.ds, row["award"], row["level"]), {})
                kinds[name] = kinds.get(name, 0) + row[name]
    for key, found in (("official-no-column", outside), ("official-only-total", inside)):
        if found:
            yield told.say(key, awards=_listed(told, found))


def _misgiven(told: Told) -> Iterator[Note]:
    """Name awards given to those who cannot receive them, as `check` does."""
    found: dict[str, dict[str, int]] = {}
    for row in told.rows:
        for subject in never_given_to(row["award"] or ""):
            kind = COUNTED_AS[subject]
            if row[kind]:
                kinds = found.setdefault(names.award_at(told.ds, row["award"], row["level"]), {})
                kinds[kind] = kinds.get(kind, 0) + row[kind]
    if found:
        yield told.say("official-misgiven", awards=_listed(told, found))


def _listed(told: Told, found: dict[str, dict[str, int]]) -> str:
    """Return awards with their amounts: ``Tập thể lao động xuất sắc (48 tập thể)``."""
    shown = []
    for award, kinds in list(found.items())[:_LISTED]:
        counted = ", ".join(
            f"{told.number(n)} {names.label(told.ds, 'subject', kind).lower()}"
            for kind, n in kinds.items()
        )
        shown.append(f"{award} ({counted})")
    if len(found) > _LISTED:
        shown.append(text("official-more", told.ds.lang, n=len(found) - _LISTED))
    return "; ".join(shown)


def _without_method(told: Told) -> Iterator[Note]:
    """Name methods that no column takes: column 3 is then more than 6 + 10 + 14 + 16."""
    taken = {m for c in told.form.columns for m in c.where.get("method", ())}
    rest: dict[str, list[Record]] = {}
    for row in told.rows:
        if row["method"] not in taken:
            rest.setdefault(row["method"] or names.UNKNOWN, []).append(row)
    shown = [
        f"{names.label(told.ds, 'method', method)}: {counted}"
        for method, rows in rest.items()
        if (counted := _amounts(told, rows))
    ]
    if shown:
        yield told.say("official-no-method", methods="; ".join(shown))


def _elsewhere(told: Told) -> Iterator[Note]:
    """Name levels that the form is not about, with what they have."""
    wanted = told.form.layout.where.get("level")
    if wanted is None:
        return
    others = [row for row in told.all_rows if row["level"] not in wanted and _awarded(told, row)]
    shown = []
    for level in names.code_order("commendations", "level"):
        counted = _amounts(told, (row for row in others if row["level"] == level))
        if counted:
            name = names.label(told.ds, "level", level)
            goes_to = told.form.layout.elsewhere.get(level)
            shown.append(f"{name}: {counted}" + (f" ({goes_to})" if goes_to else ""))
    if shown:
        yield told.say("official-elsewhere", levels="; ".join(shown))
    unknown = [row for row in others if row["level"] is None]
    if counted := _amounts(told, unknown):
        members = dict.fromkeys(told.ds.bloc.member(row["member"]).short for row in unknown)
        yield told.say("official-no-level", counted=counted, members=", ".join(members))


def _awarded(told: Told, row: Record) -> bool:
    return row["status"] in told.form.layout.where["status"]


def _proposed(told: Told) -> Iterator[Note]:
    """Say how much is only proposed: it is never added to what was awarded."""
    levels = told.form.layout.where.get("level")
    rows = [
        row
        for row in told.all_rows
        if not _awarded(told, row) and (levels is None or row["level"] in levels)
    ]
    counted = _amounts(told, rows)
    if counted:
        yield told.say("official-proposed", counted=counted)


def _status_only(told: Told) -> Iterator[Note]:
    """Say that a status of tens of thousands (Gia đình văn hóa) is no commendation."""
    levels = told.form.layout.where.get("level")
    found = {
        award.name
        for row in told.ds.records("commendations")
        if row["year"] == told.form.year
        and row["award"]
        and (levels is None or row["level"] in levels)
        and (award := match(row["award"])) is not None
        and award.status_only
    }
    if found:
        yield told.say("official-status-only", awards=", ".join(sorted(found)))


def _without_row(told: Told) -> Iterator[Note]:
    """Say how many women and people of ethnic minorities are among the individuals."""
    shown = []
    for name in _WITHOUT_ROW:
        given = [row for row in told.rows if row[name] is not None]
        if given:
            what = text(f"official-{name}", told.ds.lang)
            shown.append(f"{what} {_amounts(told, given, (name,))}")
    if shown:
        yield told.say("official-no-row", groups=", ".join(shown))


def _amounts(told: Told, rows: Iterable[Record], fields: tuple[str, ...] = SUBJECTS) -> str:
    """Return the sum of fields, turns and people apart: ``96 lượt, 12 người``."""
    sums: dict[str, int] = {}
    for row in rows:
        counted = amount(row, fields)
        if counted is not None:
            sums[row["counted_as"]] = sums.get(row["counted_as"], 0) + int(counted)
    parts = (f"{told.number(n)} {text(f'unit-{c}', told.ds.lang)}" for c, n in sums.items())
    return ", ".join(parts)
