"""The report on paper: A4, all tables open, no chart cut."""

import re
import shutil
import subprocess

import pytest
from e2e_report import ROOT
from paper import Paper

from thidua_analysis.publish.report import browser as printer
from thidua_analysis.publish.report import leaves_of, write_pdf

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture(scope="module")
def pdf(report, browser, tmp_path_factory):
    path = tmp_path_factory.mktemp("print") / "page.pdf"
    page = browser.new_page(color_scheme="dark")
    page.goto((report / "02-khen-thuong.html").as_uri())
    page.pdf(path=path, prefer_css_page_size=True, print_background=True)
    page.close()
    return path


def run(*command):
    if shutil.which(command[0]) is None:
        pytest.skip(f"{command[0]} is not installed")
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def test_paper_is_a4(pdf):
    assert "(A4)" in run("pdfinfo", str(pdf))


def test_every_page_has_its_number(pdf):
    pages = run("pdftotext", str(pdf), "-").removesuffix("\f").split("\f")
    assert len(pages) > 5
    for number, page in enumerate(pages, 1):
        assert f"{number}/{len(pages)}" in page


def test_folded_tables_are_printed_and_code_is_not(pdf):
    words = " ".join(run("pdftotext", "-layout", str(pdf), "-").split())
    assert "1.582" in words  # stands in a folded table only
    assert "publish.opening" not in words


def test_paper_is_white_also_from_a_dark_screen(pdf, tmp_path):
    from PIL import Image

    run("pdftoppm", "-r", "30", "-png", str(pdf), str(tmp_path / "p"))
    for path in tmp_path.glob("p*.png"):
        with Image.open(path) as page:
            assert page.convert("L").getpixel((2, 2)) > 250


PAGES = {
    "index": 0,
    "01-tong-quan": 1,
    "02-khen-thuong": 7,
    "03-chi-tieu-phong-trao": 3,
    "04-cham-diem-suy-ton": 1,
    "05-xu-huong": 1,
    "06-chat-luong-so-lieu": 0,
    "bao-cao-day-du": 13,
    "nguon-so-lieu": 0,
}


@pytest.fixture(scope="module")
def paper(report, tmp_path_factory):
    """Print a page with a frame on every chart and read the images of its pages."""
    if printer() is None or shutil.which("pdftoppm") is None:
        pytest.skip("no Chromium or no pdftoppm is installed")
    made = {}

    def printed(name, css=""):
        if (name, css) not in made:
            folder = tmp_path_factory.mktemp("paper")
            made[name, css] = Paper(report / f"{name}.html", folder, css)
        return made[name, css]

    return printed


@pytest.mark.parametrize("name", PAGES)
def test_every_chart_is_whole_on_one_page(paper, name):
    assert len(paper(name).ratios) == PAGES[name]
    assert paper(name).faults_of_charts() == {}


@pytest.mark.parametrize("name", PAGES)
def test_nothing_runs_over_the_edge_or_shrinks_the_page(paper, name):
    assert paper(name).pages_with_ink_in_the_margin() == []
    assert paper(name).scale() == pytest.approx(1, abs=0.01)


@pytest.mark.parametrize("name", PAGES)
def test_no_page_ends_in_a_heading(paper, name):
    assert paper(name).pages_that_end_in_a_heading() == []


@pytest.mark.parametrize(
    "css",
    [
        "figure img { height: 320mm !important }",
        "figure img { width: 130% !important; max-width: none }",
        "figure .picture { height: 40mm; overflow: hidden !important }",
        "figure img { position: relative; top: 110mm }",
        "figure img { filter: brightness(9) }",
        "figure img { visibility: hidden }",
    ],
    ids=["too tall", "too wide", "cut by its box", "moved off its page", "faded", "hidden"],
)
def test_a_chart_that_is_not_whole_is_found(paper, css):
    assert paper("04-cham-diem-suy-ton").faults_of_charts() == {}
    assert set(paper("04-cham-diem-suy-ton", css).faults_of_charts()) == {0}


def test_a_table_that_shrinks_the_page_is_found(paper):
    wide = "table { width: 240mm; max-width: none }"
    assert paper("04-cham-diem-suy-ton", wide).scale() < 0.9


def test_a_heading_at_the_foot_is_found(paper):
    apart = "h2, .prose { break-after: auto !important } h2 + p, .output { break-before: page }"
    assert paper("04-cham-diem-suy-ton", apart).pages_that_end_in_a_heading()


def test_full_report_is_printed_by_the_installed_browser(report, tmp_path):
    if printer() is None:
        pytest.skip("no Chromium is installed")
    assert write_pdf(report / "04-cham-diem-suy-ton.html", tmp_path / "x.pdf")
    assert "(A4)" in run("pdfinfo", str(tmp_path / "x.pdf"))


@pytest.fixture(scope="module")
def sent(report, tmp_path_factory):
    """The PDF of the whole report, as `thidua report` prints it."""
    if printer() is None:
        pytest.skip("no Chromium is installed")
    folder = tmp_path_factory.mktemp("sent")
    shutil.copytree(report.parents[1] / "data", folder / "data")
    shutil.copytree(report.parent, folder / "reports")
    import thidua_analysis as td
    from thidua_analysis.publish.report import write_report

    data = folder / "data"
    done = write_report(td.load(data), data, 2023, folder / "reports", ROOT / "notebooks")
    return done.pdf


@pytest.fixture(scope="module")
def leaves(sent):
    return run("pdftotext", "-layout", str(sent), "-").removesuffix("\f").split("\f")


def words_of(leaf):
    return " ".join(leaf.split())


def test_the_pdf_leads_to_no_file_and_no_address(sent):
    found = sent.read_bytes()
    assert b"/URI" not in found
    assert b"file:" not in found


def test_the_pdf_opens_with_whose_it_is_and_of_which_year(leaves):
    cover = words_of(leaves[0])
    assert cover.startswith("Khối thi đua Mặt trận Tổ quốc và các tổ chức chính trị - xã hội tỉnh")
    assert "khen thưởng năm 2023" in cover
    assert "Số liệu minh họa" in cover
    assert f"1/{len(leaves)}" not in cover


def test_the_contents_of_the_pdf_name_the_page_of_every_heading(leaves):
    found = re.findall(r"(?m)^ *(\S.*?) {2,}(\d+)$", leaves[1])
    assert len(found) > 20
    for name, leaf in found:
        assert name in words_of(leaves[int(leaf) - 1]), (name, leaf)


def test_the_pdf_is_short_enough_to_read(leaves):
    assert 10 < len(leaves) <= 22


def test_the_page_of_an_anchor_is_read_from_a_print():
    pdf = (
        b"2 0 obj\n<</Type /Page\n/Parent 9 0 R>>\nendobj\n6 0 obj\n<</Type /Page\n>>\nendobj\n"
        b"9 0 obj\n<</Type /Pages\n/Count 2\n/Kids [2 0 R 6 0 R]>>\nendobj\n"
        b"18 0 obj\n<</muc-1 [2 0 R /XYZ 6 826.1 0]\n/muc-2 [6 0 R /XYZ 6 826.1 0]>>\nendobj"
    )
    assert leaves_of(pdf) == {"muc-1": 1, "muc-2": 2}
