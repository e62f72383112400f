"""The page for the hall, turned and printed as whoever presents it would."""

import re
import shutil
import subprocess

import pytest

from thidua_analysis.charts import theme

pytestmark = [pytest.mark.browser, pytest.mark.slow]
HALL = {"viewport": {"width": 1920, "height": 1080}}


@pytest.fixture
def deck(report, visit):
    return visit(report / "trinh-chieu.html", **HALL).page


def at(page):
    """Number of the screen that fills the window."""
    return page.evaluate(
        "[...document.querySelectorAll('section')]"
        ".findIndex(s => Math.abs(s.getBoundingClientRect().top) < 2) + 1"
    )


def turn(page, key, to):
    page.keyboard.press(key)
    page.wait_for_function(
        "n => Math.abs(document.querySelector('#man-' + n).getBoundingClientRect().top) < 2", arg=to
    )


def test_keys_turn_one_screen_forth_and_back_and_stop_at_the_ends(deck):
    last = deck.locator("section").count()
    assert (at(deck), last > 10) == (1, True)
    for key, to in [("ArrowRight", 2), ("PageDown", 3), (" ", 4), ("ArrowDown", 5)]:
        turn(deck, key, to)
    for key, to in [("ArrowLeft", 4), ("PageUp", 3), ("Shift+ ", 2), ("Home", 1)]:
        turn(deck, key, to)
    turn(deck, "ArrowUp", 1)
    turn(deck, "End", last)
    turn(deck, "ArrowRight", last)


def test_links_turn_the_screens_where_no_script_runs(report, browser):
    context = browser.new_context(java_script_enabled=False, **HALL)
    page = context.new_page()
    page.goto((report / "trinh-chieu.html").as_uri())
    page.locator("#man-1 nav a").click()
    assert page.url.endswith("#man-2")
    page.locator("#man-2 nav a").first.click()
    assert page.url.endswith("#man-1")
    context.close()


def test_no_other_script_runs(report, visit, tmp_path):
    markup = (report / "trinh-chieu.html").read_text(encoding="utf-8")
    bad = markup.replace("</main>", "<script>window.ran = 1</script></main>")
    bad = bad.replace("<h1>", '<h1 onclick="window.ran = 1">')
    (tmp_path / "bad.html").write_text(bad, encoding="utf-8")
    page = visit(tmp_path / "bad.html", **HALL).page
    page.locator("h1").click()
    turn(page, "ArrowRight", 2)
    assert page.evaluate("window.ran") is None


def test_every_screen_has_one_message_and_at_most_one_figure(deck):
    for screen in deck.locator("section").all():
        kind = screen.get_attribute("class")
        assert screen.locator("h1, h2, .label").count() == 1
        assert screen.locator("table").count() == (kind in ("targets", "limits"))
        assert screen.locator("figure").count() == (kind == "chart")
        assert screen.locator(".value").count() == (kind == "number")


def test_the_last_row_can_read_every_word(deck):
    small = deck.evaluate(
        "[...document.querySelectorAll('section *')].filter(e =>"
        " [...e.childNodes].some(n => n.nodeType == 3 && n.textContent.trim())"
        " && parseFloat(getComputedStyle(e).fontSize) < 28).map(e => e.innerText)"
    )
    assert small == []


def test_nothing_is_cut_off(deck):
    cut = deck.evaluate(
        "[...document.querySelectorAll('section')].filter(s => s.scrollHeight > s.clientHeight + 1"
        " || s.clientHeight > innerHeight + 1 || [...s.querySelectorAll('.shown *')].some(e =>"
        " e.getBoundingClientRect().bottom > s.querySelector('nav').getBoundingClientRect().top + 1"
        " || e.getBoundingClientRect().right > innerWidth)).map(s => s.innerText)"
    )
    assert cut == []


def test_the_last_row_can_read_the_letters_in_pictures(deck):
    # pictures are drawn in points; the screen shows each as large as its box lets it
    scales = deck.evaluate(
        "[...document.querySelectorAll('section.chart img')].map(i => {"
        " const box = atob(i.src.split(',')[1]).match(/viewBox=.0 0 ([\\d.]+) ([\\d.]+)/);"
        " return Math.min(i.clientWidth / box[1], i.clientHeight / box[2]) })"
    )
    assert len(scales) == deck.locator("section.chart").count()
    assert min(scales) * theme.SMALL >= 28


def test_no_words_run_into_the_next_column(deck):
    run_over = deck.evaluate(
        "[...document.querySelectorAll('section td, section th')].filter(cell => {"
        " const range = document.createRange(); range.selectNodeContents(cell);"
        " const box = cell.getBoundingClientRect();"
        " return range.getBoundingClientRect().right > box.right + 1 })"
        ".map(cell => cell.innerText)"
    )
    assert run_over == []


def test_pictures_are_as_wide_as_the_screen_gives(deck):
    widths = deck.evaluate(
        "[...document.querySelectorAll('section.chart img')].map(i => Math.min(i.clientWidth,"
        " i.clientHeight * i.naturalWidth / i.naturalHeight))"
    )
    assert min(widths) > 1500


def test_charts_are_those_of_the_report(report, deck):
    full = (report / "bao-cao-day-du.html").read_text(encoding="utf-8")
    known = set(re.findall(r' alt="([^"]+)"', full))
    shown = set(re.findall(r' alt="([^"]+)"', deck.content()))
    assert shown
    assert shown <= known


def test_prints_one_page_a_screen(report, browser, tmp_path):
    if shutil.which("pdfinfo") is None:
        pytest.skip("pdfinfo is not installed")
    page = browser.new_page()
    page.goto((report / "trinh-chieu.html").as_uri())
    page.pdf(path=tmp_path / "p.pdf", prefer_css_page_size=True, print_background=True)
    screens = page.locator("section").count()
    page.close()
    told = subprocess.run(
        ["pdfinfo", str(tmp_path / "p.pdf")], check=True, capture_output=True, text=True
    ).stdout
    assert int(re.search(r"Pages:\s+(\d+)", told)[1]) == screens
    width, height = map(float, re.search(r"Page size:\s+([\d.]+) x ([\d.]+)", told).groups())
    assert width / height == pytest.approx(16 / 9, rel=0.01)


@pytest.mark.parametrize("width", [360, 768, 1440, 1920])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_and_nothing_is_fetched(report, visit, width, scheme):
    from axe_playwright_python.sync_playwright import Axe

    path = report / "trinh-chieu.html"
    seen = visit(path, viewport={"width": width, "height": 900}, color_scheme=scheme)
    found = Axe().run(seen.page)
    assert [(v["id"], v["nodes"][0]["html"][:120]) for v in found.response["violations"]] == []
    assert seen.requests == [path.as_uri()]
    assert seen.complaints == []
    assert seen.page.evaluate("document.documentElement.scrollWidth") <= width
