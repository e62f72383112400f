"""The list of what to mend as a workbook of its own, where a file cannot be marked."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from thidua_analysis.exchange.issue import looks
from thidua_analysis.exchange.marks.listing import Listing
from thidua_analysis.exchange.marks.styles import FILLS
from thidua_analysis.exchange.safe import Book

_LOOKS: dict[str, dict[str, Any]] = {
    "title": looks.TITLE,
    "heading": looks.LABEL,
    "text": looks.PLAIN,
    "link": looks.PLAIN,
    "plain": {**looks.PLAIN, "text_wrap": False},
    **{name: {**looks.STRONG, "bg_color": f"#{colour[2:]}"} for name, colour in FILLS.items()},
}


def write_list(listing: Listing, path: Path) -> None:
    """Write the list; without the file beside it, it has no links."""
    with Book(path, listing.sheet) as book:
        sheet = book.file.add_worksheet(listing.sheet)
        for column, width in enumerate(listing.widths):
            sheet.set_column(column, column, width)
        for row, entries in enumerate(listing.rows):
            for column, entry in enumerate(entries):
                if entry.text:
                    book.put(sheet, row, column, entry.text, **_LOOKS[entry.look])
        sheet.set_paper(9)
        sheet.set_landscape()
        sheet.fit_to_pages(1, 0)
