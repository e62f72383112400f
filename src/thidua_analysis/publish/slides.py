"""The report as slides: one message a slide, in charts and tables that the office can edit."""

from __future__ import annotations

import io
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from html import escape
from itertools import groupby
from pathlib import Path
from typing import Any

from thidua_analysis import indicators
from thidua_analysis.charts import sheet, theme
from thidua_analysis.charts.caption import Native, source_of
from thidua_analysis.charts.phrases import definition, sentence
from thidua_analysis.charts.series import records
from thidua_analysis.messages import text
from thidua_analysis.publish import deck, slide_charts
from thidua_analysis.publish.deck import (
    BODY,
    CARDS,
    FIGURE,
    INSIDE,
    PLOT,
    SAID,
    SMALL,
    SOURCE,
    TABLE,
    TEXT,
    Deck,
    clean,
    cut,
    drop,
    even,
    height,
    write,
)
from thidua_analysis.publish.downloads import Cell, Table
from thidua_analysis.publish.native_charts import alternative, of_native
from thidua_analysis.publish.pack import Card, Pack, Shown, settled
from thidua_analysis.publish.sources import PAGE
from thidua_analysis.publish.status import marks_of
from thidua_analysis.store.disk import write_file
from thidua_analysis.vietnamese.display import NO_VALUE, number

FILE = "trinh-chieu.pptx"
#: So many figures are named one by one in the notes of a slide.
_MOST_IDS = 12
#: Points of facts and of key figures, the largest that has room; of the unit of a key figure.
_MEASURES = (TEXT, 16)
_FACTS, _VALUES, _UNIT = (26, 24, 22, 20), (60, 54, 44, 36, 30, 24), 30
#: The program's own table with a line below its head and light stripes.
_STYLE = "{3B4B98B0-60AC-42C2-AFA5-B58CD77FA1E5}"
#: Inches above and below, left and right of the words of a cell; the least of a column of names;
#: a heading that stands on one line.
_HIGH, _WIDE, _NAMES, _SHORT = 0.12, 0.22, 3.2, 1.0
_EMU = 914400


@dataclass(frozen=True)
class _Listed:
    """A table to show: title, head, rows, which columns stand right, source, ids of figures."""

    title: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    right: frozenset[int]
    source: str
    figures: tuple[str, ...]


def write_slides(pack: Pack) -> tuple[Path, ...]:
    """Write the slides of a report: title, facts, key figures, charts, targets.

    Charts and tables are those of the office program, so that they can be edited; the notes of a
    slide say what it shows, where that comes from and how its cells are found.

    Returns
    -------
    tuple of Path
        The file that was written.
    """
    made = Deck.of(pack.title, pack.ds.bloc.name, illustrative=pack.illustrative)
    _opening(made, pack)
    for part in pack.parts:
        charts = (one for one in pack.charts if one.part == part.title)
        shown = "".join(part.shown)
        found: list[tuple[int, Shown | Table]] = [(_place(shown, c.title), c) for c in charts]
        for key in ("table-targets", "table-limits"):
            caption = text(key, year=pack.year)
            if (at := _place(shown, caption)) >= 0:
                found += [(at, one) for one in pack.tables if one.caption == caption]
        for _, one in sorted(found, key=lambda pair: pair[0]):
            if isinstance(one, Shown):
                _chart(made, one)
                continue
            for table in _listed(pack, one):
                _table(made, table, part.title)
    path = pack.folder / FILE
    write_file(path, settled(made.data()))
    return (path,)


def _place(shown: str, caption: str) -> int:
    """Return where a table stands in markup, be it that of the data of a chart."""
    return shown.find(f"<caption>{escape(caption)}</caption>")


def _opening(made: Deck, pack: Pack) -> None:
    """Add the cover, the facts and the key figures."""
    name, cells = text("slides-opening"), list(_cells(()))
    rows, state = [pack.ds.bloc.name, pack.state], pack.state
    places = made.add("cover", pack.title, name, [pack.title, *rows])
    if not marks_of(pack.ds, pack.year)[0]:
        # a hall is told of errors that are left, not of warnings that the office reads
        state = state.rpartition(" · ")[0] or state
    write(places[1], [(row, 0) for row in (pack.ds.bloc.name, state)])
    title, told = text("slides-facts", year=pack.year), [clean(one) for one in pack.facts]
    for some in even(told, lambda some: _facts_high(some, _FACTS[-1]) <= BODY.box[3]):
        size = next((s for s in _FACTS if _facts_high(some, s) <= BODY.box[3]), TEXT)
        places = made.add("facts", title, name, [title, *some, *cells])
        write(places[1], [(row, 0) for row in some], size if size < _FACTS[0] else None)
    title = text("slides-cards", year=pack.year)
    for at in range(0, len(pack.cards), len(CARDS)):
        cards = pack.cards[at : at + len(CARDS)]
        said = [
            f"{one.label}: {one.value} {one.unit}".strip() + f" ({'; '.join(one.more)})"
            for one in cards
        ]
        places = made.add("cards", title, name, [title, *said, *cells])
        for number_, place in enumerate(places.values()):
            if number_ < len(cards):
                _card(place, cards[number_])
            else:
                drop(place)


def _facts_high(rows: Iterable[str], size: int) -> float:
    look = BODY.looks[0]
    return sum(height(row, BODY.box[2] - 0.4, size) + look.before / 72 for row in rows)


def _card(shape: Any, card: Card) -> None:
    """Write a key figure: what it is, its number with its unit, what else there is to say."""
    from pptx.util import Pt

    _, _, width, high = CARDS[0].box
    label = cut(card.label, (0, 0, width, 0.7), FIGURE[0].size)
    high -= height(label, width, FIGURE[0].size) + height(card.value, 99, FIGURE[1].size)
    more = cut(" · ".join(card.more), (0, 0, width, high), FIGURE[2].size)
    write(shape, [(label, 0), (card.value, 1), (more, 2)])
    number_, unit = shape.text_frame.paragraphs[1], f" {clean(card.unit)}".rstrip()
    room = width - theme.text_width(unit, _UNIT, bold=True)
    fits = (s for s in _VALUES if theme.text_width(card.value, s, bold=True) <= room)
    if (size := next(fits, _VALUES[-1])) < FIGURE[1].size:
        number_.runs[0].font.size = Pt(size)
    if unit:
        run = number_.add_run()
        run.text, run.font.size = unit, Pt(_UNIT)


def _cells(figures: Sequence[str]) -> Iterator[str]:
    """Yield where the cells of figures are found."""
    yield text("slides-note-cells", page=text("page-sources"), file=PAGE)
    if figures:
        yield text("slides-note-trace")
        yield from (f'thidua trace "{one}"' for one in figures[:_MOST_IDS])
    if len(figures) > _MOST_IDS:
        yield text("slides-note-more", n=number(len(figures) - _MOST_IDS, 0))


def _numbered(title: str, page: int, pages: int) -> str:
    return text("slides-page", title=title, page=page, pages=pages) if pages > 1 else title


def _chart(made: Deck, shown: Shown) -> None:
    """Add a chart; one with more bars than a slide has room for goes on on the next."""
    parts = slide_charts.split(shown.native) if shown.native else [None]
    for page, native in enumerate(parts, 1):
        title = _numbered(shown.title, page, len(parts))
        notes = [shown.title, shown.subtitle, shown.source, *_cells(shown.figures)]
        places = made.add("chart" if native else "picture", title, shown.part, notes)
        if said := _measure(shown):
            _said(places[SAID.idx], said)
        else:
            drop(places[SAID.idx])
        write(places[SOURCE.idx], [(cut(shown.source, SOURCE.box, SMALL), 0)])
        alt = _alternative(shown, native)
        if native and shown.native:
            slide_charts.insert(places[12], native, shown.native, alt)
        else:
            _picture(places[12], shown, alt)


def _measure(shown: Shown) -> str:
    """Return what a slide says below its title: unit, years, what is missing, what was drawn.

    The definition is told in the notes; what the picture says of its own drawing is left out.
    """
    said, native = clean(shown.subtitle), shown.native
    for name in dict.fromkeys(one.partition("/")[0] for one in shown.figures):
        said = said.replace(sentence(definition(name)), "")
    if native is None:
        return clean(said)
    said = of_native(said)
    if len(native.series) > 1:  # the values of both years, and no changes
        said = said.replace(sentence(text("changes-exact")), "")
    head, comma, rest = said.partition(",")
    if native.unit and head.startswith(text("chart-unit", unit="").rstrip()):
        said = text("chart-unit", unit=native.unit) + comma + rest
    if native.kind == "bars" and len(native.series) == 1:
        first, _, rest = said.partition(". ")
        said = f"{first.rstrip('.')}. {_bars(native)} {rest}"
    return clean(said)


def _bars(native: Native) -> str:
    """Return what the bars of a chart with one series are."""
    name = native.series[0][0]
    name = text("slides-year", year=name) if name.isdigit() else f"{name[:1].lower()}{name[1:]}"
    return text("slides-bars", name=name)


def _alternative(shown: Shown, native: Native | None) -> str:
    """Return what a slide shows, in words: of bars of one series, also what they are."""
    alt = clean(alternative(shown) if native else shown.alt)
    one = native and native.kind == "bars" and len(native.series) == 1
    return f"{alt} {_bars(native)}" if native and one else alt


def _said(place: Any, words: str) -> None:
    """Write what is measured, in whole sentences, as many as there is room for."""
    sizes = (s for s in _MEASURES if height(words, SAID.box[2], s) <= SAID.box[3])
    size = next(sizes, _MEASURES[-1])
    told = words.split(". ")
    fits = (". ".join(told[:n]) for n in range(len(told), 0, -1))
    room = (one for one in fits if height(f"{one}.", SAID.box[2], size) <= SAID.box[3])
    whole = next(room, cut(words, SAID.box, size)).rstrip(".")
    write(place, [(f"{whole}.", 0)], size if size < TEXT else None)


def _picture(place: Any, shown: Shown, alt: str) -> None:
    """Show the part of a picture that is between its title and its source."""
    drawn = sheet.sheet(shown.title, shown.subtitle, shown.source)
    room = 0.1
    left, top = (theme.MARGIN - room) / theme.WIDTH, 1 - (drawn.top + room) / theme.HEIGHT
    low = (drawn.bottom - room) / theme.HEIGHT
    picture = place.insert_picture(io.BytesIO(shown.files["png@2x"]))
    x, y, width, high = (round(part * _EMU) for part in PLOT)
    shape = theme.WIDTH * (1 - 2 * left) / (theme.HEIGHT * (1 - top - low))
    wide = min(width, round(high * shape))
    picture.left, picture.top = x + (width - wide) // 2, y
    picture.width, picture.height = wide, round(wide / shape)
    picture.crop_left = picture.crop_right = left
    picture.crop_top, picture.crop_bottom = top, low
    picture._element.nvPicPr.cNvPr.set("descr", alt)
    picture.name = text("slides-part-pic")


def _listed(pack: Pack, table: Table) -> Iterator[_Listed]:
    """Yield the targets of each member, with how many it met; of limits, the table as it is."""
    met = indicators.targets_met(pack.ds, ("year", "member"), year=pack.year)
    source, said = source_of(met), dict[str, str]()
    if table.head[0] != text("column-group"):
        yield _of_rows(table.caption, table.head, table.rows, source)
        return
    source = f"{text('slides-also')} {source}" if _with_limits(pack) else source
    exceeded = indicators.targets_exceeded(pack.ds, ("year", "member"), year=pack.year)
    over = {row["member"]: row["numerator"] for row in records(exceeded)}
    for row in records(met):
        more = over.get(row["member"])
        words = {"met": row["text"], "exceeded": NO_VALUE if more is None else number(more)}
        key = "targets-group-open" if row["value"] is None else "targets-group"
        name = " ".join(pack.ds.bloc.member(row["member"]).short.split())
        said[name] = text(key, **words)
    for name, rows in groupby(table.rows, key=lambda row: row[0].text):
        title = text("slides-member", member=name, said=said.get(name, table.caption))
        yield _of_rows(title, table.head[1:], [row[1:] for row in rows], source)


def _with_limits(pack: Pack) -> bool:
    """Whether targets met are counted that stand in the table of limits."""
    return any(one.caption == text("table-limits", year=pack.year) for one in pack.tables)


def _of_rows(
    title: str, head: Sequence[str], rows: Sequence[Sequence[Cell]], source: str
) -> _Listed:
    figures = dict.fromkeys(cell.figure for row in rows for cell in row if cell.figure)
    texts = tuple(tuple(clean(cell.text) for cell in row) for row in rows)
    right = frozenset(at for at in range(len(head)) if any(row[at].counts for row in rows))
    return _Listed(title, tuple(map(clean, head)), texts, right, source, tuple(figures))


def _table(made: Deck, table: _Listed, part: str) -> None:
    """Add a table; one with more rows than a slide has room for goes on on the next."""
    from pptx.util import Inches

    widths = _widths(table)
    head = _row_high(table.head, widths, bold=True)
    rows = [(_row_high(row, widths), row) for row in table.rows]
    parts = even(rows, lambda some: sum(high for high, _ in some) <= TABLE.box[3] - head)
    for page, some in enumerate(parts, 1):
        notes = [table.title, table.source, *_cells(table.figures)]
        places = made.add("table", _numbered(table.title, page, len(parts)), part, notes)
        write(places[SOURCE.idx], [(cut(table.source, SOURCE.box, SMALL), 0)])
        frame = places[TABLE.idx].insert_table(len(some) + 1, len(table.head))
        columns = ", ".join(table.head)
        alt = text("slides-table-alt", title=table.title, rows=len(some), columns=columns)
        frame._element.nvGraphicFramePr.cNvPr.set("descr", clean(alt))
        frame.name = text("slides-part-tbl")
        frame._element.find(f".//{deck.tag('a:tableStyleId')}").text = _STYLE
        for column, width in zip(frame.table.columns, widths, strict=True):
            column.width = Inches(width)
        shown = [(head, table.head), *some]
        for row, (high, words) in zip(frame.table.rows, shown, strict=True):
            row.height = Inches(high)
            _write_row(row, words, table.right, bold=words is table.head)
        frame.height = sum(row.height for row in frame.table.rows)


def _widths(table: _Listed) -> list[float]:
    """Return how wide columns are: each as it needs, the first one what is left.

    Where that leaves the first one little, long texts share what there is.
    """
    wanted = []
    for at, name in enumerate(table.head):
        cells = [theme.text_width(row[at], TEXT) for row in table.rows]
        words = [theme.text_width(word, TEXT, bold=True) for word in name.split()]
        whole = theme.text_width(name, TEXT, bold=True)
        wanted.append(max([*cells, *words, whole if whole < _SHORT else whole * 0.6]) + _WIDE)
    first = INSIDE - sum(wanted[1:])
    if first >= min(_NAMES, wanted[0]):
        return [first, *wanted[1:]]
    most = INSIDE / len(wanted)
    long = sum(width for width in wanted if width > most)
    rest = INSIDE - (sum(wanted) - long)
    return [rest * width / long if width > most else width for width in wanted]


def _row_high(row: Sequence[str], widths: Sequence[float], *, bold: bool = False) -> float:
    cells = zip(row, widths, strict=True)
    return max(height(words, width - _WIDE, TEXT, bold=bold) for words, width in cells) + _HIGH


def _write_row(row: Any, words: Sequence[str], right: Collection[int], *, bold: bool) -> None:
    from pptx.enum.text import PP_ALIGN
    from pptx.util import Pt

    for at, (cell, said) in enumerate(zip(row.cells, words, strict=True)):
        cell.text = said
        paragraph = cell.text_frame.paragraphs[0]
        paragraph.font.size, paragraph.font.bold = Pt(TEXT), bold or None
        if at in right:
            paragraph.alignment = PP_ALIGN.RIGHT
