"""Where things stand on a chart: title, plot and source, and labels that keep apart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, cast

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patheffects import withStroke
from matplotlib.text import Text
from matplotlib.ticker import FuncFormatter
from matplotlib.transforms import Bbox, blended_transform_factory

from thidua_analysis.charts import theme
from thidua_analysis.vietnamese.display import is_money, money, number

TITLE, SUBTITLE, SOURCE = "chart-title", "chart-subtitle", "chart-source"
#: Lines that must keep off the labels get an outline in the colour of the paper.
HALO = [withStroke(linewidth=3.5, foreground=theme.PAPER)]

#: A dot that is not filled: the year before, a stage before the one that decides.
HOLLOW: dict[str, Any] = {
    "markerfacecolor": theme.PAPER,
    "markeredgecolor": theme.NAVY,
    "markeredgewidth": 2.2,
}

#: Inches of a row on a phone beside its name, and from the middle of its bar up to the name.
_NARROW_PITCH, _NARROW_BAR = 0.5, 0.2
#: Inches left and right on a phone.
_EDGE = 0.06
#: Inches from the first row up to the key of the marks.
ABOVE = 0.2
#: Inches of a row beside which letters are small.
_LOW_ROW = 0.6


@dataclass(frozen=True)
class Sheet:
    """A figure with its title, subtitle and source; the plot goes between ``bottom`` and ``top``.

    Parameters
    ----------
    figure
        The whole picture.
    top, bottom
        Edges of the part for the plot, in inches from below.
    margin
        Inches left and right of the plot's part.
    """

    figure: Figure
    top: float
    bottom: float
    margin: float = theme.MARGIN

    @property
    def narrow(self) -> bool:
        """Whether it is for a phone: names stand above their rows."""
        return bool(self.figure.get_figwidth() < theme.WIDTH / 2)

    @property
    def width(self) -> float:
        """Inches between the margins."""
        return float(self.figure.get_figwidth()) - 2 * self.margin

    def beside(self, labels: Sequence[str], most: float) -> float:
        """Return how many inches the names of the rows take left of the plot; see `row_labels`."""
        return 0.0 if self.narrow else label_width(labels, most)

    def axes(
        self,
        left: float = 0.0,
        right: float = 0.0,
        top: float = 0.0,
        bottom: float = 0.0,
        *,
        names: float = 0.0,
    ) -> Axes:
        """Add axes that leave so many inches free inside the plot's part and the margins.

        The names of the rows, where they stand beside the plot, are as wide as ``names``.
        """
        left += names + 0.2 if names else 0.0
        width, height = self.figure.get_size_inches()
        x0, x1 = self.margin + left, width - self.margin - right
        y0, y1 = self.bottom + bottom, self.top - top
        axes = self.figure.add_axes(
            (x0 / width, y0 / height, (x1 - x0) / width, (y1 - y0) / height)
        )
        axes.tick_params(labelfontfamily=theme.FAMILY)
        return axes


def sheet(title: str, subtitle: str, source: str) -> Sheet:
    """Write title, subtitle and source on an empty figure.

    Parameters
    ----------
    title, subtitle, source
        Plain text; broken into at most two, three and two lines.
    """
    width = theme.WIDTH - 2 * theme.MARGIN
    rows = [
        (TITLE, theme.wrap(title, width, theme.TITLE, bold=True, balanced=True), theme.TITLE),
        (SUBTITLE, theme.wrap(subtitle, width, theme.SUBTITLE, lines=3), theme.SUBTITLE),
        (SOURCE, theme.wrap(source, width, theme.SOURCE), theme.SOURCE),
    ]
    heights = [(row.count("\n") + 1) * theme.line_height(size) for _, row, size in rows]
    head = 0.3 + heights[0] + 0.1 + heights[1] + 0.25
    foot = 0.25 + heights[2] + 0.15
    figure, height = theme.blank(), theme.HEIGHT
    _write(figure, rows[0], height - 0.3, colour=theme.INK, bold=True)
    _write(figure, rows[1], height - 0.4 - heights[0], colour=theme.MUTED)
    _write(figure, rows[2], 0.15 + heights[2], colour=theme.MUTED)
    return Sheet(figure, height - head, foot)


def phone() -> Sheet:
    """Return a sheet for a narrow screen, without words: the page prints them as text.

    Rows go on below it as far as they need; see `rows` and `drawn`.
    """
    figure = theme.blank(theme.PHONE_WIDTH, theme.PHONE_HEIGHT)
    return Sheet(figure, theme.PHONE_HEIGHT, 0.0, margin=_EDGE)


def is_narrow(axes: Axes) -> bool:
    """Whether axes stand on a sheet for a phone."""
    return figure_size(axes)[0] < theme.WIDTH / 2


def _write(
    figure: Figure, row: tuple[str, str, float], top: float, *, colour: str, bold: bool = False
) -> None:
    gid, text, size = row
    width, height = figure.get_size_inches()
    figure.text(
        theme.MARGIN / width,
        top / height,
        text,
        gid=gid,
        ha="left",
        va="top",
        color=colour,
        linespacing=1.0,
        fontproperties=theme.font(bold=bold, size=size),
    )


def words_around(figure: Figure) -> list[Text]:
    """Return the title, subtitle and source, which a page prints as text of its own."""
    return [text for text in figure.texts if text.get_gid() in (TITLE, SUBTITLE, SOURCE)]


def drawn(figure: Figure) -> Bbox:
    """Return the part of the figure that anything is drawn on, over its whole width, in inches."""
    box = figure.get_tightbbox()
    return Bbox([[0.0, box.y0 - 0.1], [figure.get_figwidth(), box.y1 + 0.1]])


def spread(wanted: Sequence[float], gap: float, low: float, high: float) -> list[float]:
    """Move positions as little as possible so that neighbours are at least a gap apart.

    Parameters
    ----------
    wanted
        Where the labels would like to be, in any order.
    gap
        Least distance of two neighbours.
    low, high
        Limits; where there is not room for all, the gap shrinks to what there is.

    Returns
    -------
    list of float
        New positions, in the order of ``wanted``.

    Examples
    --------
    >>> spread([5.0, 5.0, 9.0], 1.0, 0.0, 10.0)
    [4.5, 5.5, 9.0]
    """
    if not wanted:
        return []
    gap = min(gap, (high - low) / max(1, len(wanted) - 1))
    order = sorted(range(len(wanted)), key=lambda index: (wanted[index], index))
    blocks: list[list[float]] = []  # sum of wanted minus own offset, count
    for place, index in enumerate(order):
        blocks.append([wanted[index] - place * gap, 1.0])
        while len(blocks) > 1 and _mean(blocks[-2]) > _mean(blocks[-1]):
            total, count = blocks.pop()
            blocks[-1][0] += total
            blocks[-1][1] += count
    starts = [_mean(block) for block in blocks for _ in range(int(block[1]))]
    room = high - (len(wanted) - 1) * gap
    result = [0.0] * len(wanted)
    for place, index in enumerate(order):
        result[index] = min(max(starts[place], low), room) + place * gap
    return result


def _mean(block: list[float]) -> float:
    return block[0] / block[1]


def write(
    axes: Axes,
    x: float,
    y: float,
    text: str,
    *,
    ha: str = "left",
    va: str = "center",
    bold: bool = False,
    colour: str = theme.INK,
    size: float = theme.LABEL,
    **more: Any,
) -> Text:
    """Write a label in the bundled font; it may stand outside the axes."""
    return axes.text(
        x, y, text, ha=ha, va=va, color=colour, linespacing=1.0, clip_on=False,
        fontproperties=theme.font(bold=bold, size=size), **more,
    )  # fmt: skip


def figure_size(axes: Axes) -> tuple[float, float]:
    """Return width and height of the whole picture in inches."""
    width, height = cast(Figure, axes.figure).get_size_inches()
    return float(width), float(height)


def inches_per_unit(axes: Axes) -> tuple[float, float]:
    """Return how many inches one unit of x and one unit of y take."""
    width, height = figure_size(axes)
    box = axes.get_position()
    (x0, x1), (y0, y1) = axes.get_xlim(), axes.get_ylim()
    return box.width * width / abs(x1 - x0), box.height * height / abs(y1 - y0)


def value_axis(axes: Axes, which: str = "x", *, unit: str = "") -> None:
    """Write the numbers of an axis the Vietnamese way: percent, money or a plain number."""
    axis = axes.xaxis if which == "x" else axes.yaxis
    low, high = axis.get_view_interval()
    decimals = 1 if unit == "%" and high - low < 4 else 0

    def printed(value: float, _: int) -> str:
        exact = Decimal(repr(float(value)))
        if is_money(unit):
            return money(exact, padded=False).removesuffix(f" {unit}")
        return f"{number(exact, decimals)}{'%' if unit == '%' else ''}"

    axis.set_major_formatter(FuncFormatter(printed))


def year_axis(axes: Axes, years: Sequence[int], size: float = theme.LABEL) -> None:
    """Write the years below (or above) the axes, as many as have room, the last one always."""
    per_x, _ = inches_per_unit(axes)
    room = theme.text_width("2023", size) + 0.12
    step = next((n for n in range(1, len(years)) if n * per_x >= room), len(years))
    shown = [year for year in years if (years[-1] - year) % step == 0]
    axes.set_xticks(shown, [str(year) for year in shown])
    axes.tick_params(axis="x", labelsize=size)


def bare(axes: Axes) -> None:
    """Take off spines and ticks where direct labels say it all."""
    for spine in axes.spines.values():
        spine.set_visible(False)
    axes.tick_params(length=0)


def rows(
    axes: Axes,
    labels: Sequence[str],
    pitch: float = 0.72,
    *,
    edge: float = 0.0,
    beside: bool = False,
) -> float:
    """Set the vertical axis for the rows of these names and return their pitch in inches.

    The first is on top. Few rows keep together at the top instead of filling the height; on a
    phone they go on below it, and stand apart for their names unless these are ``beside`` them;
    so many inches of the names' lines are for other words at the right edge, see `at_edge`.
    """
    box, whole, count = axes.get_position(), figure_size(axes)[1], len(labels)
    step = min(pitch, float(box.height) * whole / max(1, count))
    if is_narrow(axes) and beside:
        step = pitch
    elif is_narrow(axes):
        lines = max((_above(label, edge).count("\n") for label in labels), default=0) + 1
        step = _NARROW_PITCH + lines * theme.line_height()
    used = step * max(1, count) / whole
    axes.set_position((box.x0, box.y1 - used, box.width, used))
    axes.set_ylim(max(1, count) - 0.5, -0.5)
    axes.set_yticks([])
    return step


def thickness(axes: Axes, step: float, most: float = 0.45) -> float:
    """Return how thick a bar is, in rows; on a phone it leaves room for the name above it."""
    return 0.3 / step if is_narrow(axes) else min(0.62, most / step)


def row_labels(
    axes: Axes,
    labels: Sequence[str],
    width: float,
    step: float,
    *,
    edge: float = 0.0,
    beside: bool = False,
) -> None:
    """Write the names of the rows left of the axes, all in one size.

    On a phone they stand above the rows, unless they are to stand ``beside`` them there too.
    They take two lines, or are all smaller, where one of them is too wide; see `rows`.
    """
    per_x, _ = inches_per_unit(axes)
    if is_narrow(axes) and not beside:
        across = blended_transform_factory(cast(Figure, axes.figure).transFigure, axes.transData)
        for row, label in enumerate(labels):
            shown, y = _above(label, edge), row - _NARROW_BAR / step
            write(
                axes, _EDGE / theme.PHONE_WIDTH, y, shown, va="bottom", transform=across,
                bbox={"facecolor": theme.PAPER, "edgecolor": "none", "pad": 1},
            )  # fmt: skip
        return
    size = theme.LABEL if step >= 0.3 else theme.SMALL
    lines = 2 if step >= 2.1 * theme.line_height(size) else 1
    if lines == 1 and label_width(labels, 2 * width, size) > width + 0.06:
        size = theme.SMALL
    for row, label in enumerate(labels):
        shown = theme.wrap(label, width, size, lines=lines, balanced=True)
        write(axes, axes.get_xlim()[0] - 0.15 / per_x, row, shown, ha="right", size=size)


def at_edge(
    axes: Axes,
    row: float,
    words: str,
    *,
    inside: float = 0.0,
    low: bool = False,
    bold: bool = False,
    colour: str = theme.MUTED,
    size: float = theme.LABEL,
) -> None:
    """Write words at the right edge of the picture, or so many inches inside of it.

    On a phone they stand on the line of the row's name, unless they are to stand ``low``.
    """
    figure, narrow = cast(Figure, axes.figure), is_narrow(axes)
    edge = (_EDGE if narrow else theme.MARGIN) + inside
    narrow = narrow and not low
    across = blended_transform_factory(figure.transFigure, axes.transData)
    y = row - _NARROW_BAR / inches_per_unit(axes)[1] if narrow else row
    write(
        axes, 1 - edge / figure.get_figwidth(), y, words, ha="right",
        va="bottom" if narrow else "center", bold=bold, colour=colour, size=size, transform=across,
    )  # fmt: skip


def small(axes: Axes, step: float) -> float:
    """Return the size of small letters: of the tiniest on a phone and beside rows that are low."""
    return theme.TINY if is_narrow(axes) or step < _LOW_ROW else theme.SMALL


def key(axes: Axes, step: float, marks: Sequence[tuple[str, dict[str, Any]]]) -> None:
    """Write above the rows what each mark stands for: its name, and how it is drawn."""
    per_x, _ = inches_per_unit(axes)
    y = -0.5 - (ABOVE + 0.25 if is_narrow(axes) else ABOVE) / step
    size = small(axes, step)
    x = axes.get_xlim()[0]
    for name, style in marks:
        axes.plot(
            [x + 0.1 / per_x], [y],
            **{"linestyle": "none", "markersize": 10, "color": theme.NAVY, **style}, clip_on=False,
        )  # fmt: skip
        write(axes, x + 0.25 / per_x, y, name, size=size)
        x += (0.25 + theme.text_width(name, size) + 0.3) / per_x


def _above(label: str, edge: float) -> str:
    return theme.wrap(label, theme.PHONE_WIDTH - 2 * _EDGE - edge, theme.LABEL)


def label_width(labels: Sequence[str], most: float, size: float = theme.LABEL) -> float:
    """Return how many inches the row labels need, at most so many; long ones take two lines."""
    widths = [theme.text_width(theme.printable(label), size) for label in labels]
    return min(max(widths, default=0.0) + 0.05, most)
