"""Pages: the policy first, Vietnamese, headings with plain ids, everything from data escaped."""

import re

import pytest

from thidua_analysis.publish import page
from thidua_analysis.publish.notebook import Failure

HOSTILE = "</main><script>alert(1)</script><b class=planted>x</b>"


def notebook(*cells):
    return {"cells": [{"metadata": {}, "outputs": [], **cell} for cell in cells]}


def markdown(source):
    return {"cell_type": "markdown", "source": source}


def code(source, *outputs):
    return {"cell_type": "code", "source": source, "outputs": list(outputs)}


def shown(**data):
    data = {name.replace("_", "/"): value for name, value in data.items()}
    return {"output_type": "display_data", "data": data, "metadata": {}}


@pytest.fixture(scope="module")
def written():
    cells = notebook(
        markdown("# Khen thưởng\n\nPhần này trình bày đối tượng được khen thưởng.\n"),
        code("year = 2023"),
        markdown("## Theo cấp\n\nChữ *nghiêng*.\n\n### Cấp tỉnh"),
        code(f"x = '{HOSTILE}'", shown(text_html="<p>52,0%</p>"), shown(text_plain=HOSTILE)),
    )
    part = page.part_of("02_khen_thuong.ipynb", cells)
    return page.Pages([part], 2023, "Chân trang", hashes="<p>ec726456ebfa</p>").part(part)


def test_policy_is_the_first_tag_of_the_head(written):
    head = written[written.index("<head>") :]
    policy = re.match(r"<head>\s*<meta http-equiv=\"Content-Security-Policy\"([^>]*)>", head)
    assert policy
    assert "default-src 'none'" in policy[1]
    assert "script-src" not in policy[1]


def test_page_is_vietnamese_with_one_main_and_a_skip_link(written):
    assert written.startswith('<!DOCTYPE html>\n<html lang="vi">')
    assert written.count("<main ") == 1
    assert '<a class="skip" href="#noi-dung">' in written


def test_title_names_part_and_report(written):
    assert "<title>Khen thưởng – Báo cáo thi đua, khen thưởng năm 2023</title>" in written


def test_contents_link_to_plain_ids(written):
    assert '<a href="#muc-1">Theo cấp</a>' in written
    assert '<h2 id="muc-1">Theo cấp</h2>' in written
    assert '<h3 id="muc-2">Cấp tỉnh</h3>' in written


def test_code_is_folded_and_escaped(written):
    assert written.count('<details class="code">') == 2
    assert "<script" not in written
    assert "<b class=planted>" not in written


def test_only_the_edition_for_analysts_shows_code_and_hashes(written):
    cells = notebook(markdown("# Phần"), code("year = 2023", shown(text_html="<p>52,0%</p>")))
    part = page.part_of("01_x.ipynb", cells)
    plain = page.Pages([part], 2023)
    assert "year = 2023" not in plain.part(part) + plain.full()
    told = page.Pages([part], 2023, hashes="<p>ec726456ebfa</p>").full()
    assert "year = 2023" in told
    assert "ec726456ebfa" in told


def test_what_opened_one_part_does_not_open_another_on_the_same_page():
    facts = '<ul class="facts"><li>Một.</li><li>Hai.</li></ul>'
    cells = [
        notebook(markdown("# A"), code("headline()", shown(text_html=facts))),
        notebook(markdown("# B"), code("headline()", shown(text_html=facts.replace("Hai", "Ba")))),
        notebook(markdown("# C"), code("headline()", shown(text_html=facts))),
    ]
    parts = [page.part_of(f"0{n}_x.ipynb", one) for n, one in enumerate(cells)]
    full = page.Pages(parts, 2023).full()
    assert re.findall("<li>([^<]*)</li>", full) == ["Một.", "Hai.", "Ba."]
    assert full.count('<ul class="facts">') == 2


def test_page_fetches_nothing(written):
    assert not re.findall(r'(?:src|href)\s*=\s*"?https?:', written)
    assert not re.findall(r"url\((?!data:)", written)


def test_page_loads_no_style_or_script_of_lab(written):
    assert "require" not in written
    assert "MathJax" not in written
    assert len(written) < 120_000


def test_a_failed_part_says_cell_and_error():
    cells = notebook(markdown("# Phần"), code("1/0"))
    failure = Failure("a.ipynb", 2, "ZeroDivisionError: <b>division</b>")
    part = page.part_of("a.ipynb", cells, failure)
    written = page.Pages([part], 2023).part(part)
    assert "ô lệnh [2] bị lỗi: ZeroDivisionError: &lt;b&gt;" in written


def test_full_page_moves_headings_down_and_shows_the_status_once():
    opening = {**code("ds = opening(year)", shown(text_html="<p>Trạng thái</p>"))}
    opening["metadata"] = {"tags": ["opening"]}
    parts = [
        page.part_of(f"0{n}_x.ipynb", notebook(markdown(f"# Phần {n}\n\n## Mục"), opening))
        for n in (1, 2)
    ]
    written = page.Pages(parts, 2023).full()
    assert written.count("<h1>") == 1
    assert re.findall(r"<h(\d)[^>]*>(?:Phần|Mục)", written) == ["2", "3", "2", "3"]
    assert written.count("Trạng thái") == 1
    ids = re.findall(r' id="(muc-\d+)"', written)
    assert len(ids) == len(set(ids)) == 4


def test_full_page_closes_with_every_definition_once_and_the_files():
    def ends(*names):
        told = "".join(f"<dt>{name}</dt><dd>Nghĩa.</dd>" for name in names)
        cells = [
            markdown("## Định nghĩa"),
            code("definitions()", shown(text_html=f"<dl>{told}</dl>")),
            code("sources()", shown(text_html="<p>Các tệp</p>")),
        ]
        return [{**cell, "metadata": {"tags": ["closing"]}} for cell in cells]

    parts = [
        page.part_of(f"0{n}_x.ipynb", notebook(markdown(f"# Phần {n}"), *ends("Tỷ lệ", f"Số {n}")))
        for n in (1, 2)
    ]
    written = page.Pages(parts, 2023).full()
    assert re.findall(r"<dt>(.*?)</dt>", written) == ["Tỷ lệ", "Số 1", "Số 2"]
    assert written.count("Các tệp") == 1
    assert re.findall(r"<h(\d)[^>]*>(?:Phần|Định)", written) == ["2", "2", "2"]
    assert page.Pages(parts, 2023).part(parts[0]).count("<dt>") == 2


def test_markup_in_markdown_is_shown_as_text():
    html = page.to_html(f"Chữ {HOSTILE} <img src=x onerror=alert(1)>")
    assert "<script" not in html
    assert "<img" not in html
    assert "&lt;script&gt;" in html


def test_remote_pictures_and_script_links_in_markdown_are_dropped():
    html = page.to_html("![x](https://example.org/x.png) [y](javascript:alert(1))")
    assert "<img" not in html
    assert "javascript" not in html


def test_pictures_keep_their_alt_text():
    output = {
        "output_type": "display_data",
        "data": {"image/png": "AAAA", "text/plain": "<Figure>"},
        "metadata": {"image/png": {"alt": 'Năm 2023 "52,0%"'}},
    }
    assert 'alt="Năm 2023 &quot;52,0%&quot;"' in page.output_html(output)


def test_corner_of_a_pandas_table_is_no_empty_heading():
    import pandas as pd

    html = page.output_html(shown(text_html=pd.DataFrame({"a": [1]}, index=["x"]).to_html()))
    assert "<th></th>" not in html
    assert "<td></td>" in html


def test_warnings_on_stderr_are_not_shown():
    assert page.output_html({"output_type": "stream", "name": "stderr", "text": "x"}) == ""


def test_first_paragraph_describes_the_part_on_the_front_page():
    part = page.part_of("01_x.ipynb", notebook(markdown("# Tổng quan\n\nPhần này trả lời: …")))
    assert (part.title, part.about) == ("Tổng quan", "Phần này trả lời: …")
