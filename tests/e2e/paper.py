"""Finds the charts and headings of a page on the images of its print, by colours of their own."""

import re
import subprocess
from pathlib import Path

import numpy as np

from thidua_analysis.publish.report import write_pdf

DPI = 60
#: Inches; the margins of the print style are no smaller.
MARGIN = 14 / 25.4
#: Dots; the number of the page stands at the foot, on the right.
_NUMBER = 40
HEADING, RULER = (0, 255, 0), (0, 0, 250)
_IMAGE = re.compile(r'<img (?=src="data:image/svg)')
_SIZE = re.compile(r'<img src="data:image/svg[^>]* width="(\d+)" height="(\d+)"')
_HEADINGS = (
    "h1, h2, h3, h4, .prose:has(h2, h3, h4) > p, caption, figcaption, thead th, summary"
    "{ background: rgb(0, 255, 0) !important }"
)
_RULER = (
    "html::before { content: ''; position: absolute; top: 0; left: 0;"
    "width: 100mm; height: 1mm; background: rgb(0, 0, 250) }"
)


def colour(chart):
    """Colour of the frame of a chart; no chart or page has it otherwise."""
    return (250 - 8 * (chart // 30), 8 * (chart % 30), 250)


class Paper:
    """A page as it is printed, with a frame on every chart that takes no room.

    Parameters
    ----------
    page
        The HTML file.
    folder
        Where the print goes.
    css
        Further style, to plant a failure.
    """

    def __init__(self, page: Path, folder: Path, css: str = ""):
        html = page.read_text(encoding="utf-8")
        self.ratios = [int(high) / int(wide) for wide, high in _SIZE.findall(html)]
        numbers = iter(range(len(self.ratios)))

        def framed(_):
            tone = ",".join(map(str, colour(next(numbers))))
            return f'<img style="outline:4px solid rgb({tone});outline-offset:-4px" '

        marked = folder / page.name
        style = f"<style>{_HEADINGS} {_RULER} {css}</style></head>"
        marked.write_text(_IMAGE.sub(framed, html).replace("</head>", style), encoding="utf-8")
        pdf = marked.with_suffix(".pdf")
        assert write_pdf(marked, pdf)
        command = ["pdftoppm", "-r", str(DPI), "-aa", "no", "-aaVector", "no", "-png", pdf]
        subprocess.run([*command, folder / "page"], check=True)
        self.pages = [_read(path) for path in sorted(folder.glob("page-*.png"))]

    def faults_of_charts(self):
        """Say of each chart that is not whole on one page what is wrong with it."""
        told = {n: self._fault(colour(n), ratio) for n, ratio in enumerate(self.ratios)}
        return {n: fault for n, fault in told.items() if fault}

    def _fault(self, tone, ratio):
        seen = [n for n, page in enumerate(self.pages) if (page == _code(tone)).any()]
        if len(seen) != 1:
            return f"on pages {[n + 1 for n in seen]}"
        page = self.pages[seen[0]]
        top, bottom, left, right = _box(page == _code(tone))
        frame = page[top:bottom, left:right]
        for edge in (frame[0], frame[-1], frame[:, 0], frame[:, -1]):
            if (edge == _code(tone)).mean() < 0.95:
                return f"frame is open on page {seen[0] + 1}"
        wide, high = right - left, bottom - top
        room = page.shape[1] - 2 * MARGIN * DPI
        if abs(high - wide * ratio) > 4 or wide < 0.97 * room:
            return f"{wide} x {high} on page {seen[0] + 1}"
        if not (_grey(frame) < 100).any():
            return f"blank on page {seen[0] + 1}"
        return ""

    def scale(self):
        """Size of what is printed; a browser shrinks a page of which something is too wide."""
        _, _, left, right = _box(self.pages[0] == _code(RULER))
        return (right - left) * 25.4 / DPI / 100

    def pages_with_ink_in_the_margin(self):
        """Pages on which something but their number stands in the margin."""
        edge = int(MARGIN * DPI) - 1
        found = []
        for number, page in enumerate(self.pages, 1):
            inked = _grey(page) < 200
            inked[edge:-edge, edge:-edge] = False
            inked[-edge:, -edge - _NUMBER : -edge] = False
            if inked.any():
                found.append(number)
        return found

    def pages_that_end_in_a_heading(self):
        """Pages with nothing below their last heading, caption or head of a table."""
        found, foot = [], int(MARGIN * DPI)
        for number, page in enumerate(self.pages, 1):
            headed = page == _code(HEADING)
            if headed.any() and not (_grey(page[_box(headed)[1] : -foot]) < 200).any():
                found.append(number)
        return found


def _read(path):
    from PIL import Image

    with Image.open(path) as image:
        red, green, blue = np.moveaxis(np.asarray(image.convert("RGB"), dtype=int), 2, 0)
    return red << 16 | green << 8 | blue


def _code(tone):
    return tone[0] << 16 | tone[1] << 8 | tone[2]


def _grey(page):
    return ((page >> 16) + (page >> 8 & 255) + (page & 255)) // 3


def _box(mask):
    down, across = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    return down[0], down[-1] + 1, across[0], across[-1] + 1
