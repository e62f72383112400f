"""The slides of the pack: what stands on them, as an office program reads and draws them."""

import base64
import io
import re
import shutil
import subprocess
import types
import xml.etree.ElementTree as ET
import zipfile
from decimal import ROUND_HALF_UP, Decimal

import openpyxl
import pytest
from disturbed import disturbed, whole
from msgspec.structs import replace

from thidua_analysis import charts, indicators, publish
from thidua_analysis.charts import theme
from thidua_analysis.charts.caption import Native
from thidua_analysis.charts.series import records
from thidua_analysis.messages import text
from thidua_analysis.publish import deck, slide_charts, slides
from thidua_analysis.publish import pack as packs
from thidua_analysis.publish.notebook import CHART
from thidua_analysis.publish.pack import Pack
from thidua_analysis.publish.page import Part

pptx = pytest.importorskip("pptx")
EMU = 914400
SHARES = (("non_leader_share", "member"), ("women_share", "level"))


def shown_of(ds, year):
    """What the parts of a report show, as far as it is on slides."""
    near, now = ds.filter(year=[year - 1, year]), ds.filter(year=year)
    yield (
        "Khen thưởng",
        [
            charts.contributions(indicators.commendations(near, by=("year", "member"))),
            charts.bars(indicators.awards_by_level(near, by=("year", "level"))),
            charts.bars(indicators.awards_by_award(near, by=("year", "award"))),
            charts.dumbbells(indicators.non_leader_share(near, by=("year", "member"))),
            charts.dumbbells(indicators.women_share(near, by=("year", "level"))),
        ],
    )
    yield (
        "Chỉ tiêu",
        [
            publish.targets(ds, year),
            charts.contributions(indicators.result_value(near, by=("year", "member"))),
        ],
    )
    stages = ("year", "member", "stage")
    points = [indicators.score_total(now, by=stages), indicators.score_share(now, by=stages)]
    yield "Chấm điểm", [
        charts.scores(*points, indicators.score_total(
            now, by=("year", "member", "kind"), stage="appraised"
        )),
        charts.bump(indicators.score_share(ds, by=("year", "member"), stage="appraised")),
        charts.heatmap(indicators.completeness(now, by=("year", "member", "table"))),
    ]  # fmt: skip


def output(one):
    """One output of a run notebook as the pack reads it."""
    if getattr(one, "is_empty", True):
        return {"output_type": "display_data", "data": {"text/html": one._repr_html_()}}
    told = {name: getattr(one, name) for name in ("title", "subtitle", "alt", "source")}
    native = one.native and {**vars(one.native)}
    picture = io.BytesIO()
    if native is None:
        with theme.drawing():
            one.figure.savefig(picture, format="png", dpi=2 * theme.DPI)
    files = {"png@2x": base64.b64encode(picture.getvalue()).decode()}
    ids = list(dict.fromkeys(one.data.attrs.get("ids", {}).values()))
    chart = {**told, "native": native, "figures": ids, "files": files}
    return {
        "output_type": "display_data",
        "data": {"text/html": one.figure_of(""), CHART: chart},
    }


def pack_of(ds, year, folder):
    ds = ds.filter(year=[y for y in ds.years if y <= year])
    parts = [
        Part(f"0{at}_x.html", title, "", {"cells": [{"outputs": [output(one) for one in told]}]})
        for at, (title, told) in enumerate(shown_of(ds, year), 1)
    ]
    return Pack.of(ds, year, folder, parts)


@pytest.fixture(scope="module")
def pack(samples, tmp_path_factory):
    return pack_of(samples, 2023, tmp_path_factory.mktemp("slides"))


@pytest.fixture(scope="module")
def path(pack):
    (made,) = slides.write_slides(pack)
    return made


@pytest.fixture(scope="module")
def shown(path):
    return list(pptx.Presentation(path).slides)


def titled(shown, title):
    """The slides of a message, be it in several parts; the notes say all of it."""
    told = [s.notes_slide.notes_text_frame.text.split("\n")[0] for s in shown]
    return [s for s, words in zip(shown, told, strict=True) if words == deck.clean(title)]


def chart_on(slide):
    return next(s.chart for s in slide.shapes if s.has_chart)


def test_every_slide_has_a_title_a_number_and_notes(pack, shown):
    for at, slide in enumerate(shown, 1):
        assert slide.shapes.title.text
        notes = slide.notes_slide.notes_text_frame.text
        assert slide.shapes.title.text[:20] in notes
        assert slide.slide_layout.name in {text(f"slides-layout-{n}") for n in deck.LAYOUTS}
        if at > 1:
            numbers = [s.text for s in slide.placeholders if s.placeholder_format.idx == 21]
            assert numbers == [str(at)]
            assert text("page-sources") in notes
    for chart in pack.charts:
        for slide in titled(shown, chart.title):
            notes = slide.notes_slide.notes_text_frame.text
            assert {chart.title, chart.subtitle, chart.source} <= set(notes.split("\n"))
            assert f'thidua trace "{chart.figures[0]}"' in notes


def test_no_two_slides_have_the_same_title(shown):
    titles = [slide.shapes.title.text for slide in shown]
    assert len({*titles}) == len(titles)


def test_there_is_one_slide_a_message(pack, shown):
    """Cover, facts, key figures; a chart each; a table of each member's targets and the limits."""
    for chart in pack.charts:
        assert len(titled(shown, chart.title)) == (2 if "danh hiệu" in chart.title else 1)
    tables = [s for slide in shown for s in slide.shapes if s.has_table]
    assert len(tables) == len(pack.ds.members) + 1
    assert len(shown) == 3 + len(pack.charts) + 1 + len(tables)


def test_every_chart_table_and_picture_says_what_it_shows(shown):
    found = [
        shape._element.xpath(".//p:cNvPr/@descr")
        for slide in shown
        for shape in slide.shapes
        if shape.has_chart or shape.has_table or hasattr(shape, "image")
    ]
    assert all(len(told) == 1 and re.search(r"\d", told[0]) for told in found)
    assert not any("bảng số liệu" in told[0].lower() for told in found)


def test_native_charts_are_described_as_they_are_drawn(shown):
    alts = [
        (shape.chart, shape._element.xpath(".//p:cNvPr/@descr")[0])
        for slide in shown
        for shape in slide.shapes
        if shape.has_chart
    ]
    for chart, alt in alts:
        kind = "Biểu đồ thanh ngang" if "BAR" in chart.chart_type.name else "Biểu đồ "
        assert alt.startswith(kind)
        assert "chấm" not in alt.partition(":")[0]
        assert "Trục bắt đầu" not in alt
        assert "nét đứt" not in alt


def test_what_does_not_fit_below_a_title_ends_with_a_whole_sentence(pack):
    made = deck.Deck.of("T", "A", illustrative=False)
    place = made.add("chart", "T", "P", [])[deck.SAID.idx]
    slides._said(place, " ".join(f"Câu thứ {n} nói về số liệu của các đơn vị." for n in range(20)))
    assert place.text_frame.text.startswith("Câu thứ 0 nói")
    assert place.text_frame.text.endswith("của các đơn vị.")
    assert 3 < place.text_frame.text.count("Câu") < 20


def test_targets_counted_with_limits_say_so(pack, shown):
    slide = next(s for s in shown if s.shapes.title.text.endswith("trong đó vượt 5"))
    said = [p.text for p in slide.placeholders if p.placeholder_format.idx == deck.SOURCE.idx]
    limits = any(t.caption == text("table-limits", year=2023) for t in pack.tables)
    assert said[0].startswith(text("slides-also")) == limits


def test_native_charts_hold_the_figures_of_the_indicators(samples, pack, shown):
    counts = indicators.awards_by_level(samples, by=("year", "level"), year=2023)
    told = {row["text"] for row in records(counts)}
    slide = next(s for s in shown if s.shapes.title.text.startswith("Khen thưởng theo cấp"))
    values = chart_on(slide).plots[0].series[0].values
    assert {f"{int(v):,}".replace(",", ".") for v in values} == told
    for name, by in SHARES:
        frame = indicators.functions()[name](samples, by=("year", by), year=2023)
        exact = [Decimal(r["numerator"]) * 100 / Decimal(r["denominator"]) for r in records(frame)]
        wanted = [v.quantize(Decimal("0.1"), ROUND_HALF_UP) for v in exact]
        chart = next(c for c in pack.charts if f"{name}/year=2023/{by}" in " ".join(c.figures))
        series = chart_on(titled(shown, chart.title)[0]).plots[0].series
        assert [one.name for one in series] == ["2022", "2023"]
        assert sorted(Decimal(str(v)) for v in series[1].values) == sorted(wanted)


def test_every_native_chart_is_that_of_the_report_and_can_be_edited(pack, shown):
    for one in (c for c in pack.charts if c.native):
        categories, series = [], {name: [] for name, _ in one.native.series}
        for slide in titled(shown, one.title):
            chart = chart_on(slide)
            categories += chart.plots[0].categories
            for drawn in chart.plots[0].series:
                series[drawn.name] += drawn.values
            book = openpyxl.load_workbook(io.BytesIO(chart.part.chart_workbook.xlsx_part.blob))
            rows = list(book.active.iter_rows(values_only=True))
            assert [row[0] for row in rows[1:]] == list(chart.plots[0].categories)
            assert list(rows[0][1:]) == [drawn.name for drawn in chart.plots[0].series]
            columns = list(zip(*rows[1:], strict=True))[1:]
            assert columns == [drawn.values for drawn in chart.plots[0].series]
        assert tuple(categories) == one.native.categories
        assert {name: tuple(v) for name, v in series.items()} == dict(one.native.series)


def test_bars_start_at_0_with_the_first_on_top_and_the_first_ones_named_where_there_are_several(
    shown,
):
    bars = [chart_on(s) for s in shown if any(x.has_chart for x in s.shapes)]
    for chart in (c for c in bars if c.chart_type == pptx.enum.chart.XL_CHART_TYPE.BAR_CLUSTERED):
        assert chart.category_axis.reverse_order
        assert chart.value_axis.minimum_scale == 0
        series = list(chart.plots[0].series)
        assert chart.plots[0].data_labels.show_value
        assert not chart.has_legend
        named = [one.points[0].data_label._dLbl for one in series if len(series) > 1]
        assert [shown_in(label, "showSerName", "showVal") for label in named] == [2] * len(named)
        others = [one._element.find(deck.tag("c:dLbls")) for one in series if len(series) > 1]
        assert [shown_in(label, "showSerName", "showVal") for label in others] == [1] * len(others)


def shown_in(label, *parts):
    """How many parts a label of a point shows; none where it has no look of its own."""
    found = (
        [] if label is None else [label.find(deck.tag(f"c:{part}")).get("val") for part in parts]
    )
    return found.count("1")


def test_a_slide_says_what_its_own_bars_are_and_in_which_unit(pack, shown):
    for one in (c for c in pack.charts if c.native):
        (said,) = {
            place.text
            for slide in titled(shown, one.title)
            for place in slide.placeholders
            if place.placeholder_format.idx == deck.SAID.idx
        }
        assert said.startswith(text("chart-unit", unit=one.native.unit)), said
        assert "Trục bắt đầu" not in said
        assert "mẫu số" not in said
        alone = one.native.kind == "bars" and len(one.native.series) == 1
        assert (text("slides-bars", name="\0").partition("\0")[0] in said) == alone
        assert not re.search(r"trên cột: \d", said)


def test_key_figures_and_facts_are_those_of_the_first_screen(pack, shown):
    told = [p.text for p in shown[1].placeholders if p.placeholder_format.idx == deck.BODY.idx]
    assert told == ["\n".join(pack.facts)]
    cards = {place.placeholder_format.idx: place.text for place in shown[2].placeholders}
    for idx, card in enumerate(pack.cards, deck.CARDS[0].idx):
        value = f"{card.value} {card.unit}".strip()
        assert cards[idx].split("\n") == [card.label, value, " · ".join(card.more)]


def test_targets_stand_in_tables_as_printed(pack, shown):
    table = next(t for t in pack.tables if t.caption == text("table-targets", year=2023))
    printed = [[cell.text for cell in row[1:]] for row in table.rows]
    found = [
        [cell.text for cell in row.cells]
        for slide in shown
        for shape in slide.shapes
        if shape.has_table and len(shape.table.columns) == 7
        for row in list(shape.table.rows)[1:]
    ]
    assert found == printed
    assert any(row[-1].startswith("✗") for row in found)
    assert any(s.shapes.title.text.endswith("trong đó vượt 5") for s in shown)


def test_letters_are_large_enough_for_a_hall(path, shown):
    for place in (place for layout in deck.LAYOUTS.values() for place in layout):
        small = place.idx == deck.SOURCE.idx
        assert min(look.size for look in place.looks) >= (12 if small else 18)
    with zipfile.ZipFile(path) as package:
        parts = [n for n in package.namelist() if re.match(r"ppt/(slides|charts)/[^/]*\.xml", n)]
        sizes = {s for n in parts for s in re.findall(rb' sz="(\d+)"', package.read(n))}
    assert min(map(int, sizes)) >= 1800


def test_the_look_is_that_of_the_charts_and_the_banner_is_on_every_slide(path, pack):
    with zipfile.ZipFile(path) as package:
        master = package.read("ppt/slideMasters/slideMaster1.xml").decode()
        look = package.read("ppt/theme/theme1.xml").decode()
        everything = b"".join(package.read(n) for n in package.namelist() if n.endswith("xml"))
    assert text("status-illustrative") in master
    assert [c.lower() for c in re.findall(r"<a:accent\d><a:srgbClr val=\"(\w+)", look)] == [
        colour[1:] for colour in theme.PALETTE
    ]
    for foreign in (b"Click to edit", b"python", b"Second level", b"(4:3)"):
        assert foreign not in everything
    real = deck.Deck.of("Báo cáo", "Khối", illustrative=False)
    assert text("status-illustrative") not in "".join(
        shape.text_frame.text for shape in real.shown.slide_master.shapes
    )


def test_the_same_data_give_the_same_bytes(path, pack):
    first = path.read_bytes()
    path.unlink()
    slides.write_slides(pack)
    assert path.read_bytes() == first
    with zipfile.ZipFile(path) as package:
        assert {one.date_time for one in package.infolist()} == {(1980, 1, 1, 0, 0, 0)}


@pytest.mark.parametrize(
    "name",
    [
        *("missing member", "ties", "bounds", "gap year", "refused counts", "no actual"),
        *("no table", "no year before", "late member", "alone", "half scored"),
    ],
)
def test_slides_are_made_of_disturbed_years(name, tmp_path):
    (made,) = slides.write_slides(pack_of(disturbed(name).dataset(), 2023, tmp_path))
    found = list(pptx.Presentation(made).slides)
    assert all(slide.shapes.title.text for slide in found)
    for slide in found:
        empty = [s for s in slide.placeholders if s.has_text_frame and not s.text_frame.text]
        assert not empty, slide.shapes.title.text


def test_a_large_bloc_with_long_and_hostile_names_keeps_every_row(tmp_path):
    names = ["=1+1", "<b>&amp;</b>", 'Hội "A" & B', "Hội " + "rất dài " * 12, "X" * 90, "@SUM(A1)"]
    small = whole(members=("an", "binh", "chau", "dong", "em", "giang"))
    small.bloc["members"] = tuple(
        replace(m, short=name) for m, name in zip(small.bloc["members"], names, strict=True)
    )
    pack = pack_of(small.dataset(), 2023, tmp_path)
    (made,) = slides.write_slides(pack)
    found = list(pptx.Presentation(made).slides)
    members = next(c for c in pack.charts if c.native and "=1+1" in c.native.categories)
    shown = titled(found, members.title)
    categories = [one for slide in shown for one in chart_on(slide).plots[0].categories]
    assert categories == [deck.clean(one) for one in members.native.categories]
    for slide in shown:
        blob = chart_on(slide).part.chart_workbook.xlsx_part.blob
        cells = [c for row in openpyxl.load_workbook(io.BytesIO(blob)).active.rows for c in row]
        assert not [cell for cell in cells if cell.data_type == "f"]


@pytest.mark.parametrize(
    ("form", "values", "wanted"),
    [
        ("#,##0", (53211.0, 7.0), '[>=1000000]0"."000"."000;[>=1000]0"."000;0'),
        ("#,##0", (-5.0, 7.0), "[$-42A]#,##0"),
        ('#,##0.0"%"', (52.3,), '[$-42A]#,##0.0"%"'),
        ("+#,##0;-#,##0;0", (5.0,), "[$-42A]+#,##0;[$-42A]-#,##0;[$-42A]0"),
    ],
)
def test_numbers_have_vietnamese_formats(form, values, wanted):
    native = Native("bars", ("a", "b")[: len(values)], (("x", values),), form)
    assert slide_charts._format(native) == wanted


def test_bars_that_have_no_room_go_on_on_the_next_slide_on_the_same_scale():
    names = tuple(f"Danh hiệu {at}" for at in range(30))
    native = Native("bars", names, (("2023", tuple(map(float, range(30)))),), "#,##0")
    parts = slide_charts.split(native)
    assert [len(part.categories) for part in parts] == [10, 10, 10]
    assert sum((part.categories for part in parts), ()) == names


@pytest.mark.parametrize(
    ("ends", "named"),
    [((1.0, 2.0, 3.0), True), ((1.0, 1.0, 3.0), False), ((1.0, None, 3.0), False)],
)
def test_names_stand_at_the_ends_of_lines_that_are_apart_else_in_a_legend(ends, named):
    series = tuple((f"Hội {at}", (float(4 - at), end)) for at, end in enumerate(ends, 1))
    native = Native("lines", ("2022", "2023"), series, "#,##0", "hạng", reverse=True)
    made = deck.Deck.of("Báo cáo", "Khối", illustrative=False)
    slide_charts.insert(made.add("chart", "Thứ hạng", "Điểm", [])[12], native, native, "Hạng 2023")
    chart = chart_on(made.shown.slides[0])
    assert chart.has_legend != named
    assert (b'<c:showSerName val="1"/>' in chart.part.blob) == named
    assert chart.value_axis.reverse_order
    assert [one.values for one in chart.plots[0].series] == [values for _, values in series]


@pytest.fixture(scope="module")
def drawn(path, tmp_path_factory):
    """The slides as LibreOffice draws them, in letters as high as Arial's and no narrower."""
    office, reader = shutil.which("soffice"), shutil.which("pdftotext")
    if office is None or reader is None:
        pytest.skip("LibreOffice or pdftotext is not installed")
    folder = tmp_path_factory.mktemp("office")
    _fonts(folder)
    profile = f"-env:UserInstallation={(folder / 'profile').as_uri()}"
    subprocess.run(
        [office, profile, "--headless", "--convert-to", "pdf", "--outdir", folder, path],
        check=True, capture_output=True, timeout=120,
        env={"PATH": "/usr/bin:/bin", "HOME": str(folder),
             "FONTCONFIG_FILE": str(folder / "fonts.conf")},
    )  # fmt: skip
    pdf = folder / f"{path.stem}.pdf"
    told = subprocess.run([reader, "-bbox", pdf, "-"], check=True, capture_output=True, timeout=60)
    space = "{http://www.w3.org/1999/xhtml}"
    return [
        [(w.text, *(float(w.get(n)) for n in ("xMin", "yMin", "xMax", "yMax")))
         for w in page.iter(f"{space}word")]
        for page in ET.fromstring(told.stdout).iter(f"{space}page")
    ]  # fmt: skip


def _fonts(folder):
    """Give LibreOffice the letters of the charts under the name of the slides' font."""
    from fontTools.ttLib import TTFont

    for style in ("Regular", "Bold"):
        font = TTFont(theme.FONTS / f"ThiduaSans-{style}.ttf")
        for record in font["name"].names:
            if record.nameID in (1, 16):
                record.string = deck.FONT
        size, high = font["head"].unitsPerEm, font["hhea"]
        high.ascent, high.descent, high.lineGap = int(0.905 * size), -int(0.212 * size), 0
        lines = font["OS/2"]
        lines.sTypoAscender = lines.usWinAscent = high.ascent
        lines.sTypoDescender, lines.usWinDescent = high.descent, -high.descent
        lines.sTypoLineGap = 0
        font.save(folder / f"{style}.ttf")
    (folder / "fonts.conf").write_text(
        f'<?xml version="1.0"?><fontconfig><dir>{folder}</dir><dir>/usr/share/fonts</dir>'
        f"<cachedir>{folder / 'cache'}</cachedir></fontconfig>"
    )


@pytest.mark.slow
@pytest.mark.office
def test_libreoffice_draws_every_slide_with_all_its_letters(drawn, shown):
    assert len(drawn) == len(shown)
    for words, slide in zip(drawn, shown, strict=True):
        told = " ".join(word for word, *_ in words)
        assert slide.shapes.title.text in told
    everything = {word for words in drawn for word, *_ in words}
    assert {"2.966", "67,8%", "1.642", "✗", "✓"} <= everything
    assert not any("�" in word or "□" in word for word in everything)


@pytest.mark.slow
@pytest.mark.office
def test_no_text_leaves_its_box_or_covers_another(drawn):
    for page, words in enumerate(drawn, 1):
        # a line has room for marks above and below its letters
        boxes = [
            (word, left, top + (low - top) / 4, right, low - (low - top) / 4)
            for word, left, top, right, low in words
        ]
        for at, (word, left, top, right, low) in enumerate(boxes):
            inside = 0.5 * 72 < left < right < 12.85 * 72 and 0.2 * 72 < top < low < 7.4 * 72
            assert inside, (page, word)
            for other, left2, top2, right2, low2 in boxes[at + 1 :]:
                apart = min(right, right2) - max(left, left2) < 1 or min(low, low2) <= max(
                    top, top2
                )
                assert apart, (page, word, other)


def test_a_chart_of_nothing_is_a_picture_which_powerpoint_can_draw():
    told = {
        **dict.fromkeys(("title", "subtitle", "alt", "source"), ""),
        "native": {"kind": "bars", "categories": [], "series": [], "format": "0"},
        "files": {},
        "figures": [],
    }
    shown = packs._shown("1-1", types.SimpleNamespace(title=""), told, "")
    assert shown.native is None
