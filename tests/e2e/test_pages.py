"""Every page of the report, opened in Chromium as a reader would."""

import itertools
import re
import shutil

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.slow]

CHARTS = {
    "index.html": 0,
    "01-tong-quan.html": 1,
    "02-khen-thuong.html": 7,
    "03-chi-tieu-phong-trao.html": 3,
    "04-cham-diem-suy-ton.html": 1,
    "05-xu-huong.html": 1,
    "06-chat-luong-so-lieu.html": 0,
    "bao-cao-day-du.html": 13,
    "nguon-so-lieu.html": 0,
}
OPENED = "document.querySelectorAll('details').forEach(d => d.open = true)"
FILLER = "No description has been provided for this image"


@pytest.fixture(params=CHARTS)
def name(request):
    return request.param


def test_report_has_these_pages_and_no_other(report):
    assert {path.name for path in report.glob("*.html")} == {*CHARTS, "trinh-chieu.html"}


def test_nothing_is_fetched_and_nothing_complained_about(report, visit, name):
    seen = visit(report / name)
    assert seen.requests == [(report / name).as_uri()]
    assert seen.complaints == []


def test_page_is_small_enough_to_send(report, name):
    size = (report / name).stat().st_size
    assert size < (6_000_000 if name == "bao-cao-day-du.html" else 1_500_000)


def test_every_chart_is_there_with_its_own_alt_text(report, look, name):
    images = look(report / name).page.locator("main img:not(.line)")
    assert images.count() == CHARTS[name]
    alts = [image.get_attribute("alt") for image in images.all()]
    assert len(set(alts)) == len(alts)
    for alt in alts:
        assert alt
        assert FILLER not in alt
        assert re.search(r"20\d\d", alt)
        assert re.search(r"\d", re.sub(r"20\d\d", "", alt))


def test_every_picture_is_painted(report, look, name):
    sizes = look(report / name).page.evaluate(
        "Promise.all([...document.querySelectorAll('img:not(.line)')]"
        ".map(i => i.decode().then(() => i.naturalWidth)))"
    )
    assert all(width > 500 for width in sizes)


@pytest.mark.parametrize(
    ("width", "scheme"),
    [
        (360, "light"),
        (360, "dark"),
        (768, "light"),
        (1440, "light"),
        (1920, "light"),
        (1920, "dark"),
    ],
)
def test_axe_finds_nothing(report, visit, name, width, scheme):
    from axe_playwright_python.sync_playwright import Axe

    view = {"width": width, "height": 1080}
    page = visit(report / name, color_scheme=scheme, viewport=view).page
    if name != "nguon-so-lieu.html":  # its thousand lists are all made alike
        page.evaluate(OPENED)
    found = Axe().run(page)
    told = [(v["id"], v["nodes"][0]["html"][:120]) for v in found.response["violations"]]
    assert told == []


def test_contents_lead_to_their_headings(report, visit, name):
    page = visit(report / name).page
    links = page.locator("nav.contents a")
    if name in ("index.html", "nguon-so-lieu.html"):  # one screen, and headings that fold
        assert links.count() == 0
        return
    assert links.count() > 0
    for link in (links.first, links.last):
        target = link.get_attribute("href")
        link.click()
        heading = page.locator(target)
        assert heading.inner_text() == link.inner_text()
        page.wait_for_function(
            "id => { const y = document.querySelector(id).getBoundingClientRect().top;"
            " return y >= -2 && y < innerHeight }",
            arg=target,
        )


def test_headings_come_in_order(report, look, name):
    levels = look(report / name).page.eval_on_selector_all(
        "h1, h2, h3, h4, h5, h6", "all => all.map(h => Number(h.tagName[1]))"
    )
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(b <= a + 1 for a, b in itertools.pairwise(levels))


def test_links_between_pages_exist(report, look, name):
    page = look(report / name).page
    hrefs = page.eval_on_selector_all("a[href]", "all => all.map(a => a.getAttribute('href'))")
    for target in {href.partition("#")[0] for href in hrefs} - {""}:
        assert (report / target).is_file(), target


def test_every_figure_that_is_a_link_leads_to_its_cells(report, look, name):
    page = look(report / name).page
    hrefs = page.eval_on_selector_all("a.cells", "all => all.map(a => a.getAttribute('href'))")
    sources = (report / "nguon-so-lieu.html").read_text(encoding="utf-8")
    places = set(re.findall(r' id="(so-[^"]+)"', sources))
    assert {href.partition("#")[2] for href in hrefs} <= places
    if name in ("index.html", "02-khen-thuong.html", "bao-cao-day-du.html"):
        assert len(hrefs) > 5


def test_a_figure_opens_its_files_and_leads_back(report, visit):
    page = visit(report / "01-tong-quan.html").page
    link = page.locator("main a.cells").first
    name = link.get_attribute("id")
    link.click()
    files = page.locator("ul.files:target")
    files.wait_for()
    files.locator(".back a", has_text="Tổng quan").click()
    assert page.url.endswith(f"01-tong-quan.html#{name}")
    assert page.locator(f"#{name}").is_visible()


def test_the_full_report_needs_no_other_file(report, visit, tmp_path):
    alone = shutil.copy(report / "bao-cao-day-du.html", tmp_path / "bao-cao-day-du.html")
    page = visit(alone).page
    hrefs = page.eval_on_selector_all("a[href]", "all => all.map(a => a.getAttribute('href'))")
    assert len(hrefs) > 500
    names = set(page.eval_on_selector_all("[id]", "all => all.map(e => e.id)"))
    assert [href for href in hrefs if href[:1] != "#" or href[1:] not in names] == []


@pytest.mark.parametrize("width", [360, 768, 1440, 1920])
def test_page_of_all_years_is_read_by_everybody(report, visit, width):
    from axe_playwright_python.sync_playwright import Axe

    seen = visit(report.parent / "index.html", viewport={"width": width, "height": 1080})
    assert (len(seen.requests), seen.complaints) == (1, [])
    assert seen.page.evaluate("document.documentElement.scrollWidth") <= width
    assert [v["id"] for v in Axe().run(seen.page).response["violations"]] == []
    hrefs = seen.page.eval_on_selector_all("main a", "all => all.map(a => a.getAttribute('href'))")
    assert "2023/index.html" in hrefs
    assert all((report.parent / href).is_file() for href in hrefs)


def test_every_page_leads_to_all_years_and_to_files(report, look, name):
    page = look(report / name).page
    if name == "bao-cao-day-du.html":  # it may be mailed alone
        assert page.locator("header.site").count() == 0
        return
    assert page.locator("nav.years a[href='../index.html']").count() == 1
    assert (
        page.locator("nav.downloads a[href$='.xlsx'], nav.downloads a[href$='.csv']").count() == 2
    )


def test_skip_link_is_the_first_stop_and_leads_to_the_content(report, visit, name):
    page = visit(report / name).page
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "noi-dung"


@pytest.mark.parametrize("width", [360, 390])
def test_phone_needs_no_sideways_scroll(report, visit, name, width):
    page = visit(report / name, viewport={"width": width, "height": 740}).page
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.evaluate(OPENED)
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_tables_of_words_become_lists_of_their_rows_on_a_phone(report, visit):
    page = visit(report / "06-chat-luong-so-lieu.html", viewport={"width": 360, "height": 740}).page
    table = page.locator("main table.listed").first
    row = table.locator("tbody tr").first
    heads = table.locator("thead th").all_text_contents()[1:]
    shown = row.locator("td").evaluate_all(
        "all => all.map(c => getComputedStyle(c, '::before').content)"
    )
    assert [one.split('"')[1].removesuffix(": ") for one in shown] == heads
    assert all(c["width"] <= 360 for c in (td.bounding_box() for td in row.locator("td").all()))


def test_a_list_of_a_row_names_no_column_that_says_nothing(report, visit):
    page = visit(report / "01-tong-quan.html", viewport={"width": 390, "height": 740}).page
    empty = page.locator("main table.listed td[data-label]:empty")
    assert empty.count() > 0
    assert not any(one.is_visible() for one in empty.all())


def test_tables_that_go_on_to_the_side_show_it(report, visit):
    page = visit(report / "01-tong-quan.html", viewport={"width": 360, "height": 740}).page
    wide = page.evaluate(
        "[...document.querySelectorAll('.scroll')].filter(s => s.scrollWidth > s.clientWidth)"
        ".map(s => getComputedStyle(s).backgroundAttachment)"
    )
    assert wide
    assert all("local" in one and "scroll" in one for one in wide)


def test_no_table_is_cut_on_the_screen_of_an_old_projector(report, visit, name):
    page = visit(report / name, viewport={"width": 1024, "height": 768}).page
    cut = page.evaluate(
        "[...document.querySelectorAll('.scroll')]"
        ".filter(s => s.checkVisibility() && s.scrollWidth > s.clientWidth + 1)"
        ".map(s => s.getAttribute('aria-label'))"
    )
    assert cut == []


def test_headings_of_tables_do_not_stand_in_columns_of_single_words(report, visit):
    page = visit(report / "02-khen-thuong.html", viewport={"width": 390, "height": 740}).page
    tall = page.eval_on_selector_all(
        ".scroll thead th",
        "all => all.filter(c => c.offsetHeight && c.innerText.length < 50).map(c => {"
        " const text = document.createRange(); text.selectNodeContents(c);"
        " return [c.innerText, text.getClientRects().length] }).filter(found => found[1] > 7)",
    )
    assert tall == []


def test_captions_of_wide_tables_are_whole_on_a_phone(report, visit, name):
    page = visit(report / name, viewport={"width": 390, "height": 740}).page
    page.evaluate(OPENED)
    cut = page.eval_on_selector_all(
        ".scroll caption",
        "all => all.filter(c => c.getBoundingClientRect().right > innerWidth"
        " || c.scrollWidth > c.clientWidth + 1).map(c => c.innerText)",
    )
    assert cut == []


def test_value_and_unit_of_a_card_are_not_broken(report, look):
    page = look(report / "index.html").page
    broken = page.eval_on_selector_all(
        ".cards .value > *",
        "all => all.filter(v => v.getClientRects().length > 1).map(v => v.innerText)",
    )
    assert broken == []
    assert page.locator(".cards .value > .unit").count() == 3


def test_every_chart_has_its_rows_to_copy(report, look, name):
    page = look(report / name).page
    assert page.locator("figure.chart details details > pre").count() == CHARTS[name]


def test_every_caption_of_a_chart_says_year_and_definition_and_no_coverage_that_is_whole(
    report, look, name
):
    page = look(report / name).page
    for words in page.locator("figure.chart .measure").all_text_contents():
        head, _, rest = words.partition(". ")
        assert re.search(r"20\d\d", head), words
        assert "6/6 đơn vị" not in words
        assert len(rest) > 30, words


def test_tables_have_captions_and_scopes(report, look, name):
    page = look(report / name).page
    assert page.locator("table:not(:has(caption))").count() == 0
    assert page.locator("th:not([scope])").count() == 0


def test_no_page_shows_code_or_a_hash(report, look, name):
    page = look(report / name).page
    assert page.locator("details.code").count() == 0
    assert not re.search(r"\b[0-9a-f]{12}\b", page.locator("body").inner_text())


def test_letters_are_those_of_the_page(report, look):
    page = look(report / "index.html").page
    assert page.evaluate(
        "document.fonts.ready.then(() => document.fonts.check('16px \"Thidua Sans\"'))"
    )
    assert page.evaluate("[...document.fonts].filter(f => f.status == 'loaded').length") == 2


def test_illustrative_badge_is_seen_on_every_page_and_is_small(report, look, name):
    badge = look(report / name).page.locator(".badge").first
    assert badge.is_visible()
    assert "Số liệu minh họa" in badge.inner_text()
    assert badge.bounding_box()["height"] < 40


def test_no_english_is_left(report, look, name):
    words = look(report / name).page.locator("main").inner_text()
    words = re.sub(r"\S+\.(xlsx|xls|ods)|thidua-analysis|sha256", "", words)
    assert not re.search(r"\b(the|and|of|with|year|member|level|None|nan|NaN|True|False)\b", words)


def test_numbers_are_written_the_vietnamese_way(report, look, name):
    words = look(report / name).page.locator("main").inner_text()
    words = re.sub(r"thidua-analysis [\d.]+", "", words)
    assert not re.search(r"\d\.\d{1,2}%|\d,\d{3}\b", words)


def test_pictures_follow_the_dark_page(report, visit):
    corners = {}
    for scheme in ("light", "dark"):
        page = visit(report / "01-tong-quan.html", color_scheme=scheme).page
        image = page.locator("main img").first
        image.scroll_into_view_if_needed()
        import io

        from PIL import Image

        with Image.open(io.BytesIO(image.screenshot())) as picture:
            corners[scheme] = picture.convert("RGB").getpixel((3, 3))
    assert min(corners["light"]) > 240
    assert max(corners["dark"]) < 40


def test_published_figures_stand_in_the_first_part(report, look):
    words = look(report / "01-tong-quan.html").page.locator("main").inner_text()
    for figure in ("53.211 suất quà", "159,0%", "265 ngày", "25/82", "52,0% – 70,2%"):
        assert figure in words


@pytest.mark.parametrize("width", [360, 768, 1440, 1920])
def test_the_100_percent_lines_of_all_targets_stand_below_each_other(report, visit, width):
    path = report / "03-chi-tieu-phong-trao.html"
    page = visit(path, viewport={"width": width, "height": 900}).page
    places = page.evaluate(
        "[...document.querySelectorAll('.targets .bar')].map(e => {"
        " const b = e.getBoundingClientRect(); return [b.left, b.width].map(Math.round).join() })"
    )
    assert len(places) > 20
    assert len(set(places)) == 1
