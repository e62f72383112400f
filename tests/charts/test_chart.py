import base64
import io
import re

import matplotlib.pyplot as plt
import pandas as pd
import pytest
from chart_frames import counts, shares
from PIL import Image

from thidua_analysis import charts
from thidua_analysis.charts import theme
from thidua_analysis.charts.caption import html_table, printed
from thidua_analysis.charts.chart import csv_text
from thidua_analysis.findings import UsageError
from thidua_analysis.publish.html import sanitize

HOSTILE = '<script>alert(1)</script><img src=x onerror="alert(2)">'


@pytest.fixture(scope="module")
def chart():
    return charts.dumbbells(shares(5, 2))


def test_page_shows_title_alt_data_and_source(chart):
    html = chart._repr_html_()
    assert html.startswith('<figure class="chart"><figcaption>')
    assert f'alt="{chart.alt}"' in html
    assert chart.title in html
    assert chart.source in html
    assert html.count("<details>") == 2
    assert "<caption>" in html


def test_plain_text_says_the_same(chart):
    assert repr(chart).splitlines() == [chart.title, chart.subtitle, chart.alt, chart.source]


def test_names_from_data_never_become_markup():
    made = shares(3, 2)
    made.attrs["names"]["member"]["m1"] = HOSTILE
    html = charts.dumbbells(made)._repr_html_()
    assert "<script" not in html
    assert "<img src=x" not in html
    assert "&lt;script&gt;" in html


@pytest.mark.parametrize("name", ["$\\frac{1}{0}$", "100% $x_{", "🏆 漢字", "a\nb\tc", "=1+1"])
def test_any_name_can_be_drawn(name, tmp_path):
    made = counts(3, 2)
    made.attrs["names"]["member"]["m0"] = name
    charts.bars(made).save(tmp_path / "bars.png")
    charts.contributions(made).save(tmp_path / "contributions.svg")


def test_svg_is_the_same_bytes_each_time():
    one, other = (charts.line(shares(4, 3)) for _ in range(2))
    assert one.svg() == one.svg() == other.svg()
    assert one.svg(page=True) == other.svg(page=True)


def test_svg_needs_no_font_of_the_reader(chart):
    assert "<text" not in chart.svg()
    assert "<path" in chart.svg()


def test_page_picture_turns_dark_with_the_page(chart):
    svg = chart.svg(page=True)
    assert "@media screen and (prefers-color-scheme:dark)" in svg
    assert "prefers-color-scheme" not in chart.svg()


def test_page_picture_leaves_title_and_source_to_the_page(chart):
    height = {page: float(re.search(r'viewBox="0 0 \S+ (\S+)"', chart.svg(page=page))[1])
              for page in (True, False)}  # fmt: skip
    assert height[True] < height[False] * 0.85
    assert chart.figure.texts[0].get_visible()


@pytest.mark.parametrize(("scale", "size"), [(1, (1920, 1080)), (2, (3840, 2160))])
def test_png_fills_a_screen(chart, tmp_path, scale, size):
    path = chart.save(tmp_path / "x.png", scale=scale)
    with Image.open(path) as picture:
        assert picture.size == size


def test_png_is_the_same_bytes_each_time(chart, tmp_path):
    one, other = chart.save(tmp_path / "1.png"), chart.save(tmp_path / "2.png")
    assert one.read_bytes() == other.read_bytes()


def test_pdf_embeds_its_letters(chart, tmp_path):
    content = chart.save(tmp_path / "x.pdf").read_bytes()
    assert content.startswith(b"%PDF")
    assert b"ThiduaSans" in content


def test_other_endings_are_refused(chart, tmp_path):
    with pytest.raises(UsageError, match=r"\.png, \.svg hoặc \.pdf"):
        chart.save(tmp_path / "x.xlsx")


def test_no_figure_stays_open(chart, tmp_path):
    chart.save(tmp_path / "x.png")
    assert plt.get_fignums() == []


def test_settings_of_matplotlib_stay_as_they_were():
    before = dict(plt.rcParams)
    charts.bars(shares(3, 1))._repr_html_()
    assert dict(plt.rcParams) == before


def test_data_are_the_drawn_rows():
    made = shares(3, 2)
    data = charts.dumbbells(made).data
    assert list(data["Giá trị"]) == list(made["text"])
    assert list(data["Tử số"]) == list(made["numerator"])


def test_csv_reads_back():
    data = charts.dumbbells(shares(3, 2)).data
    assert len(pd.read_csv(io.StringIO(csv_text(data)))) == len(data)


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t"])
def test_csv_never_starts_a_formula(start):
    text = csv_text(pd.DataFrame({"Tên": [f"{start}cmd|' /C calc'!A0"]}))
    assert f"\n'{start}" in text.replace('"', "")


def test_table_has_caption_scopes_and_escaped_cells():
    html = html_table(pd.DataFrame({"Tên <b>": [HOSTILE], "Số": [53211]}), "Bảng <i>")
    assert '<th scope="col">Tên &lt;b&gt;</th>' in html
    assert '<th scope="row">&lt;script&gt;' in html
    assert "<caption>Bảng &lt;i&gt;</caption>" in html
    assert '<td class="figure" data-label="Số">53.211</td>' in html


@pytest.mark.parametrize(
    ("value", "text"),
    [(53211, "53.211"), (1.5, "1,5"), (None, "–"), (float("nan"), "–"), (True, "có"), ("x", "x")],
)
def test_cells_are_printed_the_vietnamese_way(value, text):
    assert printed(value) == text


@pytest.mark.parametrize(
    ("texts", "kind"),
    [
        (["▲ dưới 0,1 điểm %", "▼ −0,3 điểm %", "không đổi"], "figure"),
        (["▲ +70 lượt", "–"], "figure"),
        (["48,4 tỷ đồng", "30/37"], "figure"),
        (["✓ đã gửi", "✗ chưa gửi"], "words"),
        (["dưới cơ sở"], "words"),
        (["Thực hiện nhiệm vụ chính trị được giao: +6,00"], None),
    ],
)
def test_figures_stand_right_and_short_words_on_one_line(texts, kind):
    html = html_table(pd.DataFrame({"Đơn vị": texts, "Cột": texts}), "Bảng")
    found = re.findall(r"<td(?: class=\"(\w+)\")?(?: data-label=\"\w+\")?>", html)
    assert found == [kind or ""] * len(texts)


def test_csv_names_each_figure_as_trace_finds_it(samples):
    from thidua_analysis import indicators
    from thidua_analysis.lineage import register

    frame = indicators.non_leader_share(samples, by=("year", "level"))
    text = csv_text(charts.line(frame).data)
    assert text.splitlines()[0].endswith(",Mã số liệu")
    for name in register.ids(frame):
        assert f",{name}\n" in text


def pictures(html):
    """The pictures of a page, the one for phones first."""
    found = re.findall(r'(?:srcset|src)="data:image/svg\+xml;base64,([^"]+)"', html)
    return [base64.b64decode(data).decode() for data in found]


def test_phones_get_a_picture_of_their_own_with_readable_letters(chart):
    html = chart._repr_html_()
    source = re.search(r'<picture><source media="([^"]+)" srcset="data:[^"]+"', html)
    narrow, wide = pictures(html)
    assert source[1] == "screen and (max-width: 40rem)"
    # 300 pixels are left on a phone of 360: a label of 15 points is 13 pixels high
    width = float(re.search(r'viewBox="0 0 (\S+)', narrow)[1])
    assert theme.LABEL * 300 / width >= 13
    assert "prefers-color-scheme:dark" in narrow
    assert float(re.search(r'viewBox="0 0 (\S+)', wide)[1]) > 2 * width


def test_pictures_for_phones_pass_into_the_page_and_nothing_else_does():
    html = charts.bars(counts(3, 2))._repr_html_()
    assert len(pictures(sanitize(html))) == 2
    assert "srcset" not in sanitize('<source srcset="https://example.org/x.png">')
