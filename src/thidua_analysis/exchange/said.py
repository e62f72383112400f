"""What is said to a sender about findings: in order, in plain words, and what was put right."""

from __future__ import annotations

import tomllib
from collections import Counter
from collections.abc import Collection, Iterable
from functools import cache
from importlib import resources

from thidua_analysis.exchange.marks.listing import Entry, Listing
from thidua_analysis.findings import UNREADABLE, Finding, Severity
from thidua_analysis.messages import describe, text
from thidua_analysis.vietnamese.display import Lang

KINDS_FILE = "kinds.toml"
_ORDER: tuple[Severity, ...] = ("error", "warning", "note")
_WIDTHS = (13, 24, 8, 30, 30, 52, 60)
_COLUMNS = ("severity", "sheet-name", "cell", "heading", "typed", "wrong", "accepted")
#: Excel links 65,530 cells of a sheet at most, and nobody reads more lines than this.
MOST_LINES = 5_000
_OPENING, _CLOSING = "“(", "”)"


@cache
def kinds() -> dict[str, tuple[str, ...]]:
    """Return the codes of every kind of finding, in the order in which kinds are shown."""
    content = (resources.files(__package__) / KINDS_FILE).read_text(encoding="utf-8")
    return {name: tuple(codes.split()) for name, codes in tomllib.loads(content).items()}


def kind(code: str) -> str:
    """Return the kind of a code; the last one for a code that the list does not know yet."""
    return next((name for name, codes in kinds().items() if code in codes), list(kinds())[-1])


def in_order(findings: Iterable[Finding]) -> list[Finding]:
    """Return findings with the worst first; within a severity as they were found."""
    return sorted(findings, key=lambda found: _ORDER.index(found.severity))


def halves(found: Finding, lang: Lang) -> tuple[str, str]:
    """Return what is wrong and what is accepted: the first sentence, and the others."""
    message = describe(found, lang)
    depth = 0
    for place, letter in enumerate(message):
        depth += (letter in _OPENING) - (letter in _CLOSING)
        if letter in ".?" and depth <= 0 and message[place + 1 : place + 2] in (" ", ""):
            return message[: place + 1], message[place + 1 :].strip()
    return message, ""


def put_right(before: Iterable[Finding], now: Iterable[Finding]) -> list[Finding]:
    """Return the errors and warnings of the file before that are found no more.

    Findings are the same where code, sheet, column and what was typed are; rows may move.
    """
    left = Counter(_same(found) for found in now)
    gone = []
    for found in before:
        if found.severity == "note":
            continue
        if left[_same(found)]:
            left[_same(found)] -= 1
        else:
            gone.append(found)
    return gone


def _same(found: Finding) -> tuple[object, ...]:
    return found.code, found.sheet, found.heading, found.value


def comment(found: Finding, lang: Lang) -> str:
    """Return what the comment on a cell says."""
    return f"{text(f'severity-{found.severity}', lang)}: {describe(found, lang)}"


# --- the list in front of a marked copy ------------------------------------------------------


def listing(
    findings: Iterable[Finding],
    fixed: Iterable[Finding],
    *,
    sheet: str,
    remark: str,
    revision: int,
    lang: Lang,
    unseen: Collection[tuple[str, str]] = (),
) -> Listing:
    """Return the list of a marked copy.

    Parameters
    ----------
    findings
        What is to be mended or looked at.
    fixed
        What was put right since the file before.
    sheet
        Name of the list's sheet.
    remark
        What is special about this copy; may be empty.
    revision
        The revision that the sender states in the next file.
    lang
        Language.
    unseen
        Sheet and cell of the cells on which a comment does not show.
    """
    found, gone = in_order(findings), in_order(fixed)
    totals = Counter(one.severity for one in found)
    counts = {f"{name}s": totals[name] for name in _ORDER}
    rows = [
        [Entry(text("list-title", lang, **counts), "title")],
        [Entry(text("list-how", lang, revision=revision), "plain")],
    ]
    if remark:
        rows.append([Entry(remark, "plain")])
    rows += [[], _headings(lang), *(_row(one, lang, unseen) for one in found[:MOST_LINES])]
    if len(found) > MOST_LINES:
        rows.append([Entry(text("list-more", lang, count=len(found) - MOST_LINES), "plain")])
    if gone:
        rows += [[], [Entry(text("list-fixed", lang, count=len(gone)), "title")], _headings(lang)]
        rows += [_fixed_row(one, lang) for one in gone[:MOST_LINES]]
    return Listing(sheet, _WIDTHS, tuple(rows))


def _headings(lang: Lang) -> list[Entry]:
    return [Entry(text(f"list-{name}", lang), "heading") for name in _COLUMNS]


def _row(found: Finding, lang: Lang, unseen: Collection[tuple[str, str]] = ()) -> list[Entry]:
    wrong, accepted = halves(found, lang)
    if (found.sheet, found.cell) in unseen:
        accepted = f"{accepted} {text('list-unseen', lang)}".strip()
    unread = found.code in UNREADABLE
    place = (found.sheet, found.cell) if found.sheet and found.cell and not unread else None
    return [
        Entry(text(f"severity-{found.severity}", lang), found.severity),
        Entry(found.sheet or text("whole-file", lang)),
        Entry(found.cell or "", "link" if place else "text", place),
        Entry(found.heading or ""),
        Entry(found.value or ""),
        Entry(wrong),
        Entry(accepted),
    ]


def _fixed_row(found: Finding, lang: Lang) -> list[Entry]:
    entries = _row(found, lang)
    entries[0] = Entry(text("list-is-fixed", lang))
    entries[2] = Entry(found.cell or "")
    entries[6] = Entry("")
    return entries
