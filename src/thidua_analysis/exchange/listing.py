"""What is said to a sender about findings, and the sheet that lists it in a marked copy."""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import cache
from importlib import resources
from pathlib import Path
from typing import NamedTuple

from thidua_analysis.excel import address
from thidua_analysis.exchange import new_book
from thidua_analysis.exchange.marked_package import MAIN, escape
from thidua_analysis.exchange.new_book import LINE_HEIGHT, Book, lines
from thidua_analysis.findings import UNREADABLE, Finding, Severity
from thidua_analysis.messages import describe, text
from thidua_analysis.vietnamese.display import Lang

#: Colour of a mark, by severity.
FILLS = {"error": "FFFFC7C9", "warning": "FFFFE9A8", "note": "FFD6E8FB"}
_STYLES: dict[str, new_book.Style] = {
    "title": new_book.TITLE,
    # a text keeps clear of the column before it
    "heading": {**new_book.LABEL, "indent": 1},
    "text": {**new_book.PLAIN, "indent": 1},
    "link": {**new_book.PLAIN, "indent": 1},
    "plain": {**new_book.PLAIN, "text_wrap": False},
    **{
        name: {**new_book.STRONG, "indent": 1, "bg_color": f"#{colour[2:]}"}
        for name, colour in FILLS.items()
    },
}
_ORDER: tuple[Severity, ...] = ("error", "warning", "note")
_WIDTHS = (12, 18, 9, 20, 20, 34, 36)
_COLUMNS = ("severity", "sheet-name", "cell", "heading", "typed", "wrong", "accepted")
#: what the indent of a text takes of the width of its column
_INDENT = 1.5
#: Excel links 65,530 cells of a sheet at most, and nobody reads more lines than this.
MOST_LINES = 5_000
_LONGEST = 32_767
_HIGHEST = 400.0
_OPENING, _CLOSING = "“(", "”)"


#: Kinds of findings that cost more than the cell they stand at.
_FAR_REACHING = frozenset({"file", "identity", "structure"})


@cache
def kinds() -> dict[str, tuple[str, ...]]:
    """Return the codes of every kind of finding, in the order in which kinds are shown."""
    content = (resources.files(__package__) / "kinds.toml").read_text(encoding="utf-8")
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


def fixes(findings: Iterable[Finding]) -> list[list[Finding]]:
    """Return findings in groups of one code and column, those that help most first.

    Errors come before warnings; what concerns the file, who reports, sheets and headings before
    single cells, because it costs whole columns; then the group with most cells. Notes ask for
    nothing.
    """
    groups: dict[tuple[object, ...], list[Finding]] = {}
    for found in findings:
        if found.severity != "note":
            key = (found.code, found.severity, found.sheet, found.heading)
            groups.setdefault(key, []).append(found)

    def weight(group: list[Finding]) -> tuple[bool, bool, int]:
        first = group[0]
        return first.severity != "error", kind(first.code) not in _FAR_REACHING, -len(group)

    return sorted(groups.values(), key=weight)


def comment(found: Finding, lang: Lang) -> str:
    """Return what the note on a cell says."""
    return f"{text(f'severity-{found.severity}', lang)}: {describe(found, lang)}"


class Entry(NamedTuple):
    """One cell of the list: text, name of its look, and sheet and cell that it links to."""

    text: str
    look: str = "text"
    link: tuple[str, str] | None = None


class Listing(NamedTuple):
    """The list: name of its sheet, widths of its columns, rows of cells."""

    sheet: str
    widths: tuple[float, ...]
    rows: tuple[Sequence[Entry], ...]


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

    It says what is to be mended in the next file, which states this revision, and what was put
    right since the file before; a remark says what is special about the copy. Of cells on which
    our note does not show (sheet and cell of these are ``unseen``) it says so.
    """
    found, gone = in_order(findings), in_order(fixed)
    totals = Counter(one.severity for one in found)
    counts = {f"{name}s": totals[name] for name in _ORDER}
    headings = [Entry(text(f"list-{name}", lang), "heading") for name in _COLUMNS]
    rows = [
        [Entry(text("list-title", lang, **counts), "title")],
        [Entry(text("list-how", lang, revision=revision), "plain")],
    ]
    if remark:
        rows.append([Entry(remark, "plain")])
    rows += [[], headings, *(_row(one, lang, unseen) for one in found[:MOST_LINES])]
    if len(found) > MOST_LINES:
        rows.append([Entry(text("list-more", lang, count=len(found) - MOST_LINES), "plain")])
    if gone:
        rows += [[], [Entry(text("list-fixed", lang, count=len(gone)), "title")], headings]
        rows += [_fixed_row(one, lang) for one in gone[:MOST_LINES]]
    return Listing(sheet, _WIDTHS, tuple(rows))


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
    _, sheet, _, heading, typed, wrong, _ = _row(found, lang)
    fixed, cell = Entry(text("list-is-fixed", lang)), Entry(found.cell or "")
    return [fixed, sheet, cell, heading, typed, wrong, Entry("")]


def write_list(listing: Listing, path: Path) -> None:
    """Write a workbook that holds nothing but the list; without the file it has no links."""
    with Book(path, listing.sheet) as book:
        sheet = book.file.add_worksheet(listing.sheet)
        for column, width in enumerate(listing.widths):
            sheet.set_column(column, column, width)
        for row, entries in enumerate(listing.rows):
            for column, entry in enumerate(entries):
                if entry.text:
                    book.put(sheet, row, column, entry.text, **_STYLES[entry.look])
        sheet.set_paper(9)
        sheet.set_landscape()
        sheet.fit_to_pages(1, 0)


def sheet_part(listing: Listing, formats: Mapping[str, int]) -> bytes:
    """Return the part of the list's sheet, given the number of the format of each look."""
    columns = "".join(
        f'<col min="{n}" max="{n}" width="{width}" customWidth="1"/>'
        for n, width in enumerate(listing.widths, 1)
    )
    rows = "".join(
        f'<row r="{n}" ht="{_height(row, listing.widths)}" customHeight="1">'
        f"{_cells(n, row, formats)}</row>"
        for n, row in enumerate(listing.rows, 1)
    )
    return (
        '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
        f'<worksheet xmlns="{MAIN}"><sheetPr><tabColor rgb="FFC00000"/><pageSetUpPr '
        'fitToPage="1"/></sheetPr><sheetViews><sheetView showGridLines="0" workbookViewId="0"/>'
        f'</sheetViews><sheetFormatPr defaultRowHeight="15"/><cols>{columns}</cols>'
        f"<sheetData>{rows}</sheetData>{_links(listing.rows)}"
        '<pageMargins left="0.5" right="0.5" top="0.6" bottom="0.6" header="0.3" footer="0.3"/>'
        '<pageSetup paperSize="9" orientation="landscape" fitToHeight="0"/></worksheet>'
    ).encode()


def _height(row: Sequence[Entry], widths: Sequence[float]) -> float:
    """Height in which every wrapped text shows whole: not all programs find it themselves."""
    wrapped = (
        sum(lines(line, width - _INDENT) for line in entry.text.split("\n"))
        for entry, width in zip(row, widths, strict=False)
        if entry.look not in ("title", "plain")
    )
    return min(_HIGHEST, LINE_HEIGHT * max(wrapped, default=1) + 3)


def _cells(number: int, row: Iterable[Entry], formats: Mapping[str, int]) -> str:
    return "".join(
        f'<c r="{address(number, column)}" s="{formats[entry.look]}" t="inlineStr"><is>'
        f'<t xml:space="preserve">{escape(entry.text[:_LONGEST])}</t></is></c>'
        for column, entry in enumerate(row, 1)
        if entry.text
    )


def _links(rows: Iterable[Sequence[Entry]]) -> str:
    links = [
        f'<hyperlink ref="{address(number, column)}" '
        f'location="{escape(_reference(*entry.link))}" display="{escape(entry.text)}"/>'
        for number, row in enumerate(rows, 1)
        for column, entry in enumerate(row, 1)
        if entry.link
    ]
    return f"<hyperlinks>{''.join(links)}</hyperlinks>" if links else ""


def _reference(sheet: str, cell: str) -> str:
    """Return the address of a cell as a link within the workbook names it."""
    if sheet.isascii() and re.fullmatch(r"[^\W\d]\w*", sheet):
        return f"{sheet}!{cell}"
    quoted = sheet.replace("'", "''")
    return f"'{quoted}'!{cell}"
