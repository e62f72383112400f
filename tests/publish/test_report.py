"""The report as a whole: pages, charts counted, only what changed is run again."""

import json
import shutil
import sys
from pathlib import Path

import pytest
from bs4 import BeautifulSoup

import thidua_analysis as td
from thidua_analysis.findings import NoDataError, UsageError
from thidua_analysis.publish.report import run_parts, write_report
from thidua_analysis.publish.sources import Sources

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.slow


@pytest.fixture
def data(built):
    return built


@pytest.fixture
def notebooks(tmp_path):
    folder = tmp_path / "notebooks"
    folder.mkdir()
    for name in ("04_cham_diem_suy_ton.ipynb", "06_chat_luong_so_lieu.ipynb"):
        shutil.copy(ROOT / "notebooks" / name, folder)
    return folder


def test_every_run_counts_its_charts_and_runs_only_what_changed(data, notebooks, tmp_path):
    def again(year=2022):
        return write_report(td.load(data), data, year, tmp_path, notebooks, pdf=False)

    first = again()
    assert first.succeeded == ("04_cham_diem_suy_ton.ipynb", "06_chat_luong_so_lieu.ipynb")
    assert first.charts == {
        "index.html": 0,
        "04-cham-diem-suy-ton.html": 1,
        "06-chat-luong-so-lieu.html": 0,
        "bao-cao-day-du.html": 1,
        "nguon-so-lieu.html": 0,
        "trinh-chieu.html": 0,
    }
    assert not [p for p in first.folder.iterdir() if p.name.endswith(".tmp")]
    pages = {p: (first.folder / p).stat().st_mtime_ns for p in first.pages}
    second = again()
    assert second.skipped == first.succeeded
    assert second.charts == first.charts
    assert pages == {p: (second.folder / p).stat().st_mtime_ns for p in second.pages}

    other = notebooks / "06_chat_luong_so_lieu.ipynb"
    other.write_text(other.read_text(encoding="utf-8").replace("Mức độ đầy đủ", "Đầy đủ"))
    assert again().succeeded == ("06_chat_luong_so_lieu.ipynb",)


def test_a_changed_file_of_a_member_runs_everything_again(data, notebooks, tmp_path):
    data = shutil.copytree(data, tmp_path / "data")
    write_report(td.load(data), data, 2023, tmp_path, notebooks, pdf=False)
    (data / "raw" / "2021" / "ccb.xls").unlink()
    again = write_report(td.load(data), data, 2023, tmp_path, notebooks, pdf=False)
    assert len(again.succeeded) == 2


@pytest.mark.parametrize("name", [
    "notebooks/words.py", "data/raw/indicators.toml", "data/raw/forms/them.toml",
])  # fmt: skip
def test_what_notebooks_read_beside_the_files_runs_them_again(data, tmp_path, name):
    data = shutil.copytree(data, tmp_path / "data")
    notebooks, cache = tmp_path / "notebooks", tmp_path / "cache"
    notebooks.mkdir()
    cells = {"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    (notebooks / "01.ipynb").write_text(json.dumps(cells), encoding="utf-8")

    def again():
        ran, _ = run_parts(td.load(data), data, 2023, notebooks, tmp_path / "out", cache)
        return len(ran.succeeded)

    assert [again(), again()] == [1, 0]
    (tmp_path / name).parent.mkdir(exist_ok=True)
    form = 'id = "TDKT-DV/1"\nextends = "TDKT-DV/1"\n' if "forms" in name else ""
    (tmp_path / name).write_text(form, encoding="utf-8")
    assert again() == 1


def test_every_page_leads_to_the_other_years_and_to_its_tables(data, notebooks, tmp_path):
    def links(page):
        found = BeautifulSoup((tmp_path / page).read_text(encoding="utf-8"), "html.parser")
        return {a["href"]: a.get_text() for a in found.select("a[href]")}

    for year in (2022, 2023):
        write_report(td.load(data), data, year, tmp_path, notebooks, pdf=False)
    years = links("index.html")
    assert list(years)[1:3] == ["2023/index.html", "2023/bao-cao-day-du.html"]
    assert years["2022/index.html"] == "Năm 2022"
    for year, other in ((2022, 2023), (2023, 2022)):  # the earlier one was written first
        page = "06-chat-luong-so-lieu"
        found = links(f"{year}/{page}.html")
        assert {"../index.html", f"../{other}/{page}.html"} <= set(found)
        assert {f"bang/{page}.xlsx", f"bang/{page}.csv", "trinh-chieu.html"} <= set(found)
        assert "bao-cao-day-du.pdf" not in found  # none was printed
        assert "bang/tat-ca-cac-bang.xlsx" in links(f"{year}/index.html")
        for name in ("index.html", f"{page}.html", "nguon-so-lieu.html"):
            for href in links(f"{year}/{name}"):
                path = tmp_path / str(year) / href.partition("#")[0]
                assert href[0] == "#" or path.is_file(), href
    assert all((tmp_path / href).is_file() for href in years if href[0] != "#")


def test_tables_of_a_part_that_is_gone_go(data, notebooks, tmp_path):
    write_report(td.load(data), data, 2022, tmp_path, notebooks, pdf=False)
    (notebooks / "04_cham_diem_suy_ton.ipynb").unlink()
    again = write_report(td.load(data), data, 2022, tmp_path, notebooks, pdf=False)
    names = {path.name for path in (again.folder / "bang").iterdir()}
    assert names == {
        *("06-chat-luong-so-lieu.xlsx", "06-chat-luong-so-lieu.csv"),
        *("tat-ca-cac-bang.xlsx", "tat-ca-cac-bang.csv"),
    }


def test_a_year_without_data_is_refused(data, notebooks, tmp_path):
    with pytest.raises(UsageError):
        write_report(td.load(data), data, 1999, tmp_path, notebooks, pdf=False)
    assert not list(tmp_path.glob("1999/*.html"))


def test_no_notebooks_are_said(data, tmp_path):
    with pytest.raises(NoDataError) as refused:
        write_report(td.load(data), data, 2023, tmp_path, tmp_path, pdf=False)
    assert refused.value.key == "report-no-notebooks"


SENT = {
    "a member sent nothing": (["2023/hnd.xlsx"], 2023),
    "no year before": (["2022", "2021"], 2023),
    "a year is missing between": (["2022"], 2023),
    "the bloc sent nothing": (["*/khoi.xlsx"], 2023),
    "only the bloc sent": (["2023/[!k]*.*"], 2023),
}


@pytest.mark.parametrize("case", SENT)
def test_whatever_was_sent_gives_a_whole_report(case, built, tmp_path):
    missing, year = SENT[case]
    raw = shutil.copytree(built, tmp_path / "data") / "raw"
    for path in [found for pattern in missing for found in raw.glob(pattern)]:
        path.unlink() if path.is_file() else shutil.rmtree(path)
    data = tmp_path / "data"
    result = write_report(td.load(data), data, year, tmp_path, ROOT / "notebooks", pdf=False)
    assert result.failed == ()
    assert len(result.pages) == 10


def test_large_sources_stand_on_a_page_a_member_until_they_fit_on_one_again(
    data, notebooks, tmp_path, monkeypatch
):
    def written():
        done = write_report(td.load(data), data, 2023, tmp_path, notebooks, pdf=False)
        return {path.name for path in done.folder.glob("nguon-so-lieu*")}, done

    with monkeypatch.context() as small:
        small.setattr(sys.modules[Sources.__module__], "_LARGE", 1)
        found, done = written()
    pages = {
        name: BeautifulSoup((done.folder / name).read_text(encoding="utf-8"), "html.parser")
        for name in done.pages
    }
    places = {name: {mark["id"] for mark in page.select("[id]")} for name, page in pages.items()}
    links = [
        (name, link["href"]) for name, page in pages.items() for link in page.select("main a.cells")
    ]
    assert len(links) > 100
    for name, href in links:  # one that leads nowhere would lead to a page that is not there
        page, _, mark = href.partition("#")
        assert mark in places[page or name], (name, href)
    members = {f"nguon-so-lieu-{member}.html" for member in td.load(data).members}
    assert members < found <= set(done.pages)
    assert "Hội LHPN ·" not in pages["nguon-so-lieu-ldld.html"].main.get_text()
    contents = pages["nguon-so-lieu.html"].main
    assert found - {"nguon-so-lieu.html"} <= {link["href"] for link in contents.select("a[href]")}
    assert not contents.select("ul.files")
    assert written()[0] == {"nguon-so-lieu.html"}
