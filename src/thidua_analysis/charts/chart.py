"""The Chart object: a figure with its title, alt text, data and source."""

from __future__ import annotations

import base64
import inspect
import io
import re
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import wraps
from html import escape
from math import inf, nan
from pathlib import Path
from typing import Any

import pandas as pd
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from thidua_analysis.charts import caption, phrases, theme
from thidua_analysis.charts import sheet as layout
from thidua_analysis.charts.caption import Native, Words, html_table, is_missing
from thidua_analysis.charts.phrases import measure
from thidua_analysis.charts.series import printed, year_of
from thidua_analysis.findings import UsageError
from thidua_analysis.lineage.register import markup, unmarked
from thidua_analysis.messages import Lang, in_its_language, language, text
from thidua_analysis.vietnamese import display

_METADATA: dict[str, dict[str, Any]] = {
    "png": {"Software": None},
    "svg": {"Date": None, "Creator": None},
    "pdf": {"CreationDate": None, "Creator": None, "Producer": None},
}
#: how hard a PNG is packed: more takes half as long again, and saves a tenth of its size
_PACKING = 3


@dataclass(frozen=True, eq=False, repr=False)
class Chart:
    """A chart that says what it shows.

    In Jupyter and on a page it appears as a ``<figure>`` with caption, alternative text and the
    table of its data.

    Parameters
    ----------
    figure
        The picture, 12.8 inches wide.
    title
        The message, computed from the data.
    subtitle
        What is measured, in which unit, where and when, and how many members reported.
    alt
        The same in one to three sentences for who cannot see the picture.
    data
        The rows that were drawn, as printed.
    source
        Where the figures come from.
    message
        The title with its figures marked, for pages; see `thidua_analysis.lineage.register`.
    draw
        Draws the plot on another sheet: pages show it to phones.
    native
        What an office program draws it from; None where no such drawing says the same.
    """

    figure: Figure
    title: str
    subtitle: str
    alt: str
    data: pd.DataFrame
    source: str
    message: str = ""
    draw: Callable[[layout.Sheet], None] | None = None
    native: Native | None = None
    #: what it was drawn in and is shown in, whatever is spoken then
    lang: Lang = field(default_factory=language)

    def __repr__(self) -> str:
        return f"{self.title}\n{self.subtitle}\n{self.alt}\n{self.source}"

    @property
    def is_empty(self) -> bool:
        """Whether there was nothing to draw; it is shown as a sentence then."""
        return not self.figure.axes

    @in_its_language
    def titled(self, title: str, subtitle: str | None = None) -> Chart:
        """Return the chart under a title of one's own, in the picture and wherever it is shown.

        Parameters
        ----------
        title
            Takes the place of the sentence that is computed from the data.
        subtitle
            Takes the place of what is measured, in which unit, where and when; by default that
            stays.
        """
        said = self.subtitle if subtitle is None else subtitle
        own = compose(Words(title, said, self.alt, self.source), self.data, self.draw, self.native)
        return replace(own, alt=f"{title}. {self.alt}")

    @in_its_language
    def _repr_html_(self) -> str:
        if self.is_empty:
            return f'<p class="note">{markup(phrases.sentence(self._message))}</p>'
        wide, width, height = _as_data(self.svg(page=True))
        return self.figure_of(
            f'<div class="picture"><picture>{self._for_phones()}'
            f'<img src="{wide}" alt="{escape(self.alt)}" '
            f'width="960" height="{960 * height / width:.0f}"></picture></div>'
        )

    @in_its_language
    def figure_of(self, picture: str) -> str:
        """Return the markup of the chart around that of its picture."""
        return (
            '<figure class="chart">'
            f'<figcaption><p class="message">{markup(self._message)}</p>'
            f'<p class="measure">{escape(self.subtitle)}</p></figcaption>'
            f"{picture}{self._table()}"
            f'<p class="source">{escape(self.source)}</p></figure>'
        )

    def _for_phones(self) -> str:
        if self.draw is None:
            return ""
        stream = io.StringIO()
        with theme.drawing():
            sheet = layout.phone()
            self.draw(sheet)
            _write_part(sheet.figure, stream)
        narrow, width, height = _as_data(_for_page(stream.getvalue()))
        return (
            f'<source media="screen and (max-width: 40rem)" srcset="{narrow}" '
            f'width="360" height="{360 * height / width:.0f}">'
        )

    @property
    def _message(self) -> str:
        return self.message or self.title

    def _table(self) -> str:
        named = f"{text('chart-data')}: {self.title}"
        return (
            f"<details><summary>{escape(text('chart-data'))}</summary>"
            f'<div class="scroll" role="group" aria-label="{escape(named)}">'
            f"{html_table(self.data, self.title)}</div>"
            f"<details><summary>{escape(text('chart-csv'))}</summary>"
            f'<pre class="csv">{escape(csv_text(self.data))}</pre></details></details>'
        )

    def svg(self, *, page: bool = False) -> str:
        """Return the picture as SVG, the same bytes each time.

        Parameters
        ----------
        page
            Whether it goes into a page: without title, subtitle and source, which the page
            prints as text, and with its colours for dark screens.
        """
        stream = io.StringIO()
        with theme.drawing():
            if page:
                self._without_words(stream)
            else:
                self.figure.savefig(stream, format="svg", metadata=self._metadata("svg"))
        picture = stream.getvalue()
        return _for_page(picture) if page else picture

    def _without_words(self, stream: io.StringIO) -> None:
        around = layout.words_around(self.figure)
        try:
            for words in around:
                words.set_visible(False)
            _write_part(self.figure, stream)
        finally:
            for words in around:
                words.set_visible(True)

    def save(self, path: str | Path, *, scale: int = 1) -> Path:
        """Write the picture to a file.

        Parameters
        ----------
        path
            Ends in ``.png``, ``.svg`` or ``.pdf``.
        scale
            1 makes a PNG 1920 pixels wide, 2 one of 3840.

        Raises
        ------
        UsageError
            If the name ends in something else.
        """
        target = Path(path)
        kind = target.suffix.lower().removeprefix(".")
        if kind not in _METADATA:
            raise UsageError("chart-file", name=target.name)
        with theme.drawing():
            canvas = FigureCanvasAgg(self.figure) if kind == "png" else self.figure.canvas
            told: dict[str, Any] = {"metadata": self._metadata(kind)}
            if kind == "png":
                told["pil_kwargs"] = {"compress_level": _PACKING}
            canvas.print_figure(target, format=kind, dpi=theme.DPI * scale, **told)
        return target

    def files(self) -> dict[str, bytes]:
        """Return the picture by kind of file: ``png``, ``png@2x``, ``svg``, ``pdf``."""
        with tempfile.TemporaryDirectory() as folder:
            kinds = (("png", 1), ("png@2x", 2), ("svg", 1), ("pdf", 1))
            return {
                kind: self.save(Path(folder) / f"a.{kind[:3]}", scale=scale).read_bytes()
                for kind, scale in kinds
            }

    def _metadata(self, kind: str) -> dict[str, Any]:
        described = {"png": "Description", "svg": "Description", "pdf": "Subject"}[kind]
        return {**_METADATA[kind], "Title": self.title, described: self.alt}


def completed(frame: pd.DataFrame) -> pd.DataFrame:
    """Return a frame of figures as it is, and any other one with what a figure has besides.

    Parameters
    ----------
    frame
        Of one's own it needs ``value``, numbers. ``year``, ``unit`` ("%", "đồng", "người"),
        ``text`` (how a value is printed) and ``indicator`` (what is measured) are understood,
        any other column and a named index break it down; a series holds the values.

    Raises
    ------
    UsageError
        If there are no values, or these are no numbers, or a year is none.
    """
    frame = frame.rename("value").to_frame() if isinstance(frame, pd.Series) else frame
    if not isinstance(frame, pd.DataFrame):
        raise UsageError("chart-no-frame", kind=type(frame).__name__)
    if {"indicator", "value", "text", "unit"} <= set(frame.columns):
        return frame
    own = frame.reset_index() if any(name is not None for name in frame.index.names) else frame
    kind = own["value"].dtype if "value" in own else object
    numbers = pd.api.types.is_numeric_dtype(kind) and not pd.api.types.is_bool_dtype(kind)
    if not (numbers or own.empty):
        raise UsageError("chart-columns", columns=", ".join(map(str, own.columns)))
    # a part of 0 has no share
    own = own.assign(value=own["value"].replace([inf, -inf], nan) if numbers else nan)
    if "year" in own:
        own["year"] = [*map(year_of, own["year"])]
    for name, usual in (("indicator", text("chart-own")), ("unit", "")):
        own = own.assign(**{name: own.get(name, usual)})
    if "text" not in own:
        own["text"] = [*map(printed, own["value"], map(str, own["unit"]))]
    own.attrs = {"source": text("chart-source-own"), **frame.attrs}
    return own


def kind_of_chart(draw: Callable[..., Chart]) -> Callable[..., Chart]:
    """Let a chart speak the language of its frame, and take any frame and words of one's own."""
    own = [
        inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=None, annotation=str | None)
        for name in ("title", "subtitle")
    ]

    @in_its_language
    @wraps(draw)
    def drawn(
        frame: Any,
        *others: Any,
        title: str | None = None,
        subtitle: str | None = None,
        **options: Any,
    ) -> Chart:
        made = draw(completed(frame), *others, **options)
        if title is None and subtitle is None:
            return made
        return made.titled(made.title if title is None else title, subtitle)

    known = inspect.signature(draw)
    told = known.replace(parameters=[*known.parameters.values(), *own])
    drawn.__signature__ = told  # type: ignore[attr-defined]
    return drawn


def compose(
    words: Words,
    data: pd.DataFrame,
    draw: Callable[[layout.Sheet], None] | None,
    native: Native | None = None,
) -> Chart:
    """Return the chart of a sheet with its words, on which ``draw`` draws the plot, if any."""
    with theme.drawing():
        sheet = layout.sheet(unmarked(words.title), words.subtitle, words.source)
        if draw:
            draw(sheet)
    return Chart(
        sheet.figure,
        unmarked(words.title),
        words.subtitle,
        unmarked(words.alt),
        data,
        words.source,
        words.title,
        draw,
        native,
    )


def nothing(name: str, said: str, source: str) -> Chart:
    """Return a chart of nothing: a sentence that says what there is, or that there is nothing.

    Parameters
    ----------
    name
        What was to be drawn.
    said
        What there is to say of it.
    source
        Where the figures come from.
    """
    message = f"{name} {said}"
    title = unmarked(message)
    with theme.drawing():
        figure = layout.sheet(title, "", source).figure
    return Chart(figure, title, "", phrases.sentence(title), pd.DataFrame(), source, message)


def empty(frame: pd.DataFrame) -> Chart:
    """Return the sentence that there is nothing to draw."""
    name = measure(str(frame.attrs.get("indicator", "")))
    return nothing(name, text("said-none"), caption.source_of(frame))


def _write_part(figure: Figure, stream: io.StringIO) -> None:
    """Write the part of a figure that anything is drawn on."""
    box = layout.drawn(figure)
    figure.savefig(stream, format="svg", bbox_inches=box, metadata={"Date": None, "Creator": None})


def _as_data(svg: str) -> tuple[str, float, float]:
    """Return a picture as an address of its own, with its width and height."""
    size = re.search(r'viewBox="0 0 ([\d.]+) ([\d.]+)"', svg)
    width, height = (float(size[1]), float(size[2])) if size else (16.0, 9.0)
    data = base64.b64encode(svg.encode()).decode()
    return f"data:image/svg+xml;base64,{data}", width, height


def _for_page(svg: str) -> str:
    """Drop what a page does not need and add the colours of the dark look."""
    bare = re.sub(
        r"<metadata>.*?</metadata>|<!--.*?-->|<\?xml.*?\?>|<!DOCTYPE.*?>", "", svg, flags=re.S
    )
    rules = "".join(
        f'[style*="{name}: {light}"]{{{name}:{dark}!important}}'
        for light, dark in theme.DARK.items()
        if light in bare
        for name in ("fill", "stroke")
    )
    # half of a picture is letters: their names are said in short
    bare = bare.replace("ThiduaSans-Regular-", "r").replace("ThiduaSans-Bold-", "b")
    bare = re.sub(r' transform="translate\((\S+) 0\)"/>', r' x="\1"/>', bare)
    style = f"<style>@media screen and (prefers-color-scheme:dark){{{rules}}}</style>"
    return re.sub(r"\n\s*", "\n", bare.replace("<defs>", style + "<defs>", 1)).strip()


def csv_text(data: pd.DataFrame) -> str:
    """Return the frame as CSV; text that a spreadsheet would take for a formula is marked.

    Where each row holds one figure, its id is the last column: ``thidua trace ID`` lists the cells.
    """
    ids = _ids_of_rows(data)
    head = [str(name) for name in data.columns]
    rows = [
        [None if is_missing(value) else value for value in row]
        for row in data.itertuples(index=False, name=None)
    ]
    if ids:
        head.append(text("column-id"))
        rows = [[*row, ids.get(at)] for at, row in enumerate(rows)]
    # pages hold line feeds alone
    return display.csv_text(head, rows).replace("\r\n", "\n")


def _ids_of_rows(data: pd.DataFrame) -> dict[int, str]:
    """Return the id of each row; none where a row holds several figures."""
    rows: dict[int, set[str]] = {}
    for (at, _), figure in data.attrs.get("ids", {}).items():
        rows.setdefault(at, set()).add(figure)
    if any(len(figures) > 1 for figures in rows.values()):
        return {}
    return {at: figures.pop() for at, figures in rows.items()}
