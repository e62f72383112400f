"""The first sheet of a marked copy: a list with links to the marked cells."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from thidua_analysis.excel import address
from thidua_analysis.exchange.marks.markup import escape
from thidua_analysis.exchange.marks.package import attribute, reference
from thidua_analysis.exchange.marks.styles import Styles

_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_LONGEST = 32_767
_LINE_HEIGHT, _HIGHEST = 16.5, 400.0
#: Behind this column stand hidden samples of the fills that marks cover, in the first row, which
#: nobody deletes; a program that saves the copy carries them along whatever numbers it gives.
SAMPLES_AFTER = 26


class Entry(NamedTuple):
    """One cell of the list: text, look (see `Styles.look`), and the cell that it links to."""

    text: str
    look: str = "text"
    link: tuple[str, str] | None = None


class Listing(NamedTuple):
    """The list: name of its sheet, widths of its columns, rows of cells."""

    sheet: str
    widths: tuple[float, ...]
    rows: tuple[Sequence[Entry], ...]


def sheet_part(listing: Listing, styles: Styles) -> bytes:
    """Return the part of the list's sheet."""
    columns = "".join(
        f'<col min="{n}" max="{n}" width="{width}" customWidth="1"/>'
        for n, width in enumerate(listing.widths, 1)
    )
    samples = styles.samples
    if samples:
        first, last = SAMPLES_AFTER + min(samples), SAMPLES_AFTER + max(samples)
        columns += f'<col min="{first}" max="{last}" width="2" hidden="1" customWidth="1"/>'
    hidden = "".join(
        f'<c r="{address(1, SAMPLES_AFTER + n)}" s="{s}"/>' for n, s in sorted(samples.items())
    )
    rows = "".join(
        f'<row r="{n}" ht="{_height(row, listing.widths)}" customHeight="1">'
        f"{_cells(n, row, styles)}{hidden if n == 1 else ''}</row>"
        for n, row in enumerate(listing.rows, 1)
    )
    return (
        '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
        f'<worksheet xmlns="{_MAIN}"><sheetPr><tabColor rgb="FFC00000"/><pageSetUpPr '
        'fitToPage="1"/></sheetPr><sheetViews><sheetView showGridLines="0" workbookViewId="0"/>'
        f'</sheetViews><sheetFormatPr defaultRowHeight="15"/><cols>{columns}</cols>'
        f"<sheetData>{rows}</sheetData>{_links(listing.rows)}"
        '<pageMargins left="0.5" right="0.5" top="0.6" bottom="0.6" header="0.3" footer="0.3"/>'
        '<pageSetup paperSize="9" orientation="landscape" fitToHeight="0"/></worksheet>'
    ).encode()


def _height(row: Sequence[Entry], widths: Sequence[float]) -> float:
    """Height in which every wrapped text shows whole: not all programs find it themselves."""
    wrapped = (
        sum(1 + int(len(line) * 1.15 / width) for line in entry.text.split("\n"))
        for entry, width in zip(row, widths, strict=False)
        if entry.look not in ("title", "plain")
    )
    return min(_HIGHEST, _LINE_HEIGHT * max(wrapped, default=1) + 3)


def _cells(number: int, row: Iterable[Entry], styles: Styles) -> str:
    return "".join(
        f'<c r="{address(number, column)}" s="{styles.look(entry.look)}" t="inlineStr"><is>'
        f'<t xml:space="preserve">{escape(entry.text[:_LONGEST]).decode()}</t></is></c>'
        for column, entry in enumerate(row, 1)
        if entry.text
    )


def _links(rows: Iterable[Sequence[Entry]]) -> str:
    links = [
        f'<hyperlink ref="{address(number, column)}" '
        f'location="{attribute(reference(*entry.link))}" display="{attribute(entry.text)}"/>'
        for number, row in enumerate(rows, 1)
        for column, entry in enumerate(row, 1)
        if entry.link
    ]
    return f"<hyperlinks>{''.join(links)}</hyperlinks>" if links else ""
