"""The report on paper: A4, all tables open, no chart cut."""

import shutil
import subprocess

import pytest

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


def test_no_chart_is_cut_at_the_end_of_a_page(pdf, tmp_path):
    """No page has ink of a chart in its margins, and each chart's last words are on its page."""
    from PIL import Image

    run("pdftoppm", "-r", "40", "-png", str(pdf), str(tmp_path / "p"))
    for path in tmp_path.glob("p*.png"):
        with Image.open(path) as page:
            grey = page.convert("L")
            width, height = grey.size
            for box in ((0, 0, width, 20), (0, height - 22, width, height)):
                assert min(grey.crop(box).get_flattened_data()) > 200, path


def test_pictures_never_break_across_pages(report, browser):
    page = browser.new_page()
    page.emulate_media(media="print")
    page.goto((report / "02-khen-thuong.html").as_uri())
    kept = page.eval_on_selector_all(
        "figure .picture", "all => all.map(p => getComputedStyle(p).breakInside)"
    )
    page.close()
    assert set(kept) == {"avoid"}


def test_full_report_is_printed_by_the_installed_browser(report, tmp_path):
    from thidua_analysis.publish.pdf import browser, write_pdf

    if browser() is None:
        pytest.skip("no Chromium is installed")
    assert write_pdf(report / "04-cham-diem-suy-ton.html", tmp_path / "x.pdf")
    assert "(A4)" in run("pdfinfo", str(tmp_path / "x.pdf"))


def test_without_a_browser_nothing_is_written(tmp_path, monkeypatch):
    from thidua_analysis.publish import pdf as printing

    monkeypatch.setattr(printing, "browser", lambda: None)
    assert not printing.write_pdf(tmp_path / "x.html", tmp_path / "x.pdf")
    assert not (tmp_path / "x.pdf").exists()
