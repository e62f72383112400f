import pytest
from hypothesis import given
from hypothesis import strategies as st

from thidua_analysis.publish.html import sanitize

RUNS = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg onload=alert(1)><circle></svg>",
    '<a href="javascript:alert(1)">x</a>',
    '<iframe src="https://example.org"></iframe>',
    '<form action="https://example.org"><input name=a></form>',
    '<p style="background:url(https://example.org/x.png)">x</p>',
    "<style>body{display:none}</style>",
    '<link rel=stylesheet href="https://example.org/x.css">',
    '<meta http-equiv=refresh content="0;url=https://example.org">',
    "<math><mi//xlink:href='data:x,<script>alert(1)</script>'>",
    "<details ontoggle=alert(1) open>x</details>",
    '<img src="https://example.org/x.png">',
    '<base href="https://example.org">',
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
    "<textarea><script>alert(1)</script></textarea>",
    "<ScRiPt>alert(1)</sCrIpT>",
    "<<script>alert(1)//<</script>",
    '<a href="data:text/html,<script>alert(1)</script>">x</a>',
]


MARKS = (
    *("<script", "<iframe", "<form", "<input", "<style", "<link", "<meta", "<base", "<svg"),
    *("onerror=", "onload=", "ontoggle=", "javascript:", 'src="http', "style="),
)


@pytest.mark.parametrize("markup", RUNS)
def test_nothing_runs_loads_or_posts(markup):
    clean = sanitize(markup).lower()
    for mark in MARKS:
        assert mark not in clean.replace("&lt;", "")


@pytest.mark.parametrize(
    "markup",
    [
        '<table><caption>Bảng</caption><tbody><tr><th scope="row">Tên</th></tr></tbody></table>',
        '<details><summary>Mã</summary><pre tabindex="0">x</pre></details>',
        '<img src="data:image/png;base64,AAAA" alt="Năm 2023: 52,0%">',
        '<p class="note">a &lt; b &amp; c</p>',
        '<a href="#muc-1">x</a>',
        '<a href="06-chat-luong-so-lieu.html">x</a>',
        '<div role="region" aria-label="Bảng" tabindex="0">x</div>',
    ],
)
def test_what_pages_need_stays(markup):
    assert sanitize(markup) == markup


def test_hostile_closing_tags_cannot_leave_their_place():
    assert sanitize("<td>x</td></table></main></div><p>y") == "x<p>y</p>"


def test_a_dropped_tag_without_an_end_does_not_take_the_rest_along():
    assert sanitize('<p>a<embed src="x">b</p>') == "<p>ab</p>"


def test_open_tags_are_closed():
    row = "<tr><td>x</td></tr>"
    assert sanitize("<div><table><tr><td>x") == f"<div><table><tbody>{row}</tbody></table></div>"


@given(st.text(alphabet="<>/=\"'&;abimgscrptonerjvl:# \n", max_size=60))
def test_any_text_comes_out_harmless_and_stable(markup):
    clean = sanitize(markup)
    assert "<script" not in clean.lower()
    assert sanitize(clean) == clean
