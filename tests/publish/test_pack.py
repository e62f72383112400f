"""The conference pack: asked for in parts, whole, and where something is missing."""

import base64
import io
import json
import re
import shutil
import struct
import zipfile
from decimal import Decimal
from pathlib import Path

import pytest

import thidua_analysis as td
from thidua_analysis import charts, indicators
from thidua_analysis.findings import UsageError
from thidua_analysis.publish import pack
from thidua_analysis.publish.notebook import CHART

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def home(built, tmp_path_factory):
    """A folder with the data of the samples and the notebooks, of which two draw."""
    folder = tmp_path_factory.mktemp("pack")
    shutil.copytree(built, folder / "data")
    (folder / "notebooks").mkdir()
    for name in ("02_khen_thuong.ipynb", "05_xu_huong.ipynb"):
        shutil.copy(ROOT / "notebooks" / name, folder / "notebooks")
    return folder


@pytest.fixture(scope="module")
def done(home):
    return td.export(td.load(home / "data"), 2023, what="charts")


def size_of(png):
    return struct.unpack(">II", png[16:24])


def test_every_chart_is_there_in_four_kinds_under_a_name_that_says_what_it_shows(done):
    names = {p.name for p in (done.folder / "bieu-do").iterdir()}
    stems = {re.sub(r"(@2x)?\.(png|svg|pdf)$", "", name) for name in names}
    assert len(stems) == 8
    assert names == {f"{s}{end}" for s in stems for end in (".png", "@2x.png", ".svg", ".pdf")}
    assert "02-1-khen-thuong-theo-cap-nam-2023" in stems
    assert all(re.fullmatch(r"[a-z0-9-]+", stem) for stem in stems)
    for stem in stems:
        folder = done.folder / "bieu-do"
        assert size_of((folder / f"{stem}.png").read_bytes()) == (1920, 1080)
        assert size_of((folder / f"{stem}@2x.png").read_bytes()) == (3840, 2160)
        assert (folder / f"{stem}.svg").read_text(encoding="utf-8").count("<svg") == 1
        assert (folder / f"{stem}.pdf").read_bytes()[:5] == b"%PDF-"


def test_the_page_shows_every_chart_with_its_alternative_text_and_no_dead_link(done):
    page = (done.folder / "index.html").read_text(encoding="utf-8")
    alts = re.findall(r'<img [^>]*alt="([^"]+)"', page)
    assert len(alts) == len(set(alts)) == 8
    assert not any("bảng dưới" in alt for alt in alts)
    links = re.findall(r'<a href="(?!#)([^"]+)"', page)
    assert links
    assert all((done.folder / link).is_file() for link in links)


def test_the_page_names_files_by_their_titles_and_lists_no_file_of_somebody_else(home):
    (home / "own").mkdir()
    (home / "own" / "rieng.docx").write_bytes(b"")
    done = td.export(td.load(home / "data"), 2023, ["charts", "tables", "forms"], home / "own")
    page = (done.folder / "index.html").read_text(encoding="utf-8")
    links = dict(re.findall(r'<a href="(?!#|bieu-do)([^"]+)">([^<]+)</a>', page))
    assert set(links) == {
        p.relative_to(done.folder).as_posix()
        for p in done.files
        if p.parent.name != "bieu-do" and p.name != "index.html"
    }
    assert links["tong-hop-so-lieu.xlsx"] == "Mọi bảng số liệu, kèm biểu đồ (Excel)"
    assert links["bieu-mau/0603N-2023.xlsx"] == "Biểu 0603.N"
    assert not [title for href, title in links.items() if title in href]
    assert (done.folder / "rieng.docx").is_file()


def test_the_list_names_title_words_and_source_of_every_chart(done):
    from openpyxl import load_workbook

    book = load_workbook(done.folder / "danh-muc-bieu-do.xlsx")
    cells = {str(c.value) for sheet in book for row in sheet.iter_rows() for c in row if c.value}
    page = (done.folder / "index.html").read_text(encoding="utf-8")
    for alt in re.findall(r'<img [^>]*alt="([^"]+)"', page):
        assert alt.replace("&quot;", '"').replace("&amp;", "&") in cells


def test_the_same_data_give_the_same_bytes_and_pictures_of_an_earlier_run_go(home, done):
    folder = done.folder / "bieu-do"
    before = {p.name: p.read_bytes() for p in folder.iterdir()}
    own = {"sua-tay.svg": b"<svg/>"}
    (folder / "99-9-cu.png").write_bytes(b"")
    (folder / "sua-tay.svg").write_bytes(own["sua-tay.svg"])
    shutil.rmtree(home / "reports" / "2023" / ".cache")
    td.export(td.load(home / "data"), 2023, what="charts")
    assert {p.name: p.read_bytes() for p in folder.iterdir()} == before | own
    (folder / "sua-tay.svg").unlink()


def test_the_page_is_renewed_when_a_part_comes_later(home, tmp_path):
    ds = td.load(home / "data")
    td.export(ds, 2023, what="charts", out=tmp_path)
    assert "tong-hop-so-lieu.xlsx" not in (tmp_path / "index.html").read_text(encoding="utf-8")
    td.export(ds, 2023, what="tables", out=tmp_path)
    assert "tong-hop-so-lieu.xlsx" in (tmp_path / "index.html").read_text(encoding="utf-8")


def test_forms_need_no_notebook(home):
    done = td.export(td.load(home / "data"), 2022, what="forms", out=home / "forms")
    names = {p.relative_to(home / "forms").as_posix() for p in done.files}
    assert "bieu-mau/0603N-2022.xlsx" in names
    assert {p for p in (home / "forms").rglob("*") if p.is_file()} == set(done.files)


def test_a_missing_extra_is_told_with_the_line_that_installs_it(home, monkeypatch, capsys):
    from thidua_analysis.cli import show_exchange

    def absent(name):
        raise ModuleNotFoundError("No module named 'pptx'", name="pptx")

    monkeypatch.setattr(pack, "import_module", absent)
    done = td.export(td.load(home / "data"), 2023, what=["slides", "charts"])
    assert done.missing == ["slides"]
    assert (done.folder / "index.html").is_file()
    show_exchange.print_pack(done, 2023, "vi")
    assert 'pip install "thidua-analysis[slides]"' in capsys.readouterr().err


def test_another_library_that_is_missing_is_no_missing_extra(home, monkeypatch):
    def absent(name):
        raise ModuleNotFoundError("No module named 'numpy'", name="numpy")

    monkeypatch.setattr(pack, "import_module", absent)
    with pytest.raises(ModuleNotFoundError):
        td.export(td.load(home / "data"), 2023, what="slides")


@pytest.mark.parametrize(("call", "key"), [
    ({"what": "pictures"}, "export-unknown"), ({"what": []}, "export-unknown"),
    ({"year": 1999}, "no-year"),
])  # fmt: skip
def test_wrong_calls_say_what_is_accepted(home, call, key):
    with pytest.raises(UsageError) as caught:
        td.export(td.load(home / "data"), **{"year": 2023, "what": "charts", **call})
    assert caught.value.key == key


@pytest.mark.parametrize("part", [{"member": "mttq"}, {"year": 2023}])
def test_a_part_of_the_data_makes_forms_but_no_report_on_the_whole_bloc(home, tmp_path, part):
    ds = td.load(home / "data").filter(**part)
    with pytest.raises(UsageError) as caught:
        td.export(ds, 2023, what="all", out=tmp_path)
    assert caught.value.key == "export-part"
    assert not list(tmp_path.iterdir())
    assert td.export(ds, 2023, what="forms", out=str(tmp_path)).files


def test_packages_tell_no_time():
    inner, outer = io.BytesIO(), io.BytesIO()
    core = "<dcterms:created>2026-01-02T03:04:05Z</dcterms:created>"
    for stream, extra in ((inner, None), (outer, inner)):
        with zipfile.ZipFile(stream, "w") as made:
            made.writestr("docProps/core.xml", core)
            if extra:
                made.writestr("embeddings/a.xlsx", extra.getvalue())
    with zipfile.ZipFile(io.BytesIO(pack.settled(outer.getvalue()))) as found:
        inside = found.read("embeddings/a.xlsx")
        assert b"2026" not in found.read("docProps/core.xml")
        assert {i.date_time for i in found.infolist()} == {(1980, 1, 1, 0, 0, 0)}
    with zipfile.ZipFile(io.BytesIO(inside)) as found:
        assert b"2026" not in found.read("docProps/core.xml")


# what office programs draw charts from


def test_native_values_are_those_of_the_frame_as_printed(built):
    ds = td.load(built)
    frame = indicators.non_leader_share(ds, by=("year", "level"), year=2023)
    native = charts.bars(frame).native
    assert native.kind == "bars"
    assert native.format == '#,##0.0"%"'
    (name, values), = native.series  # fmt: skip
    assert name == "2023"
    exact = {
        str(row.text): Decimal(int(row.numerator)) * 100 / int(row.denominator)
        for row in frame.itertuples()
    }
    printed = [f"{value:.1f}".replace(".", ",") + "%" for value in values]
    assert sorted(printed) == sorted(exact)
    for shown, value in zip(printed, values, strict=True):
        assert abs(Decimal(str(value)) - exact[shown]) <= Decimal("0.05")


def test_native_money_is_in_the_unit_that_is_printed(built):
    ds = td.load(built).filter(year=[2022, 2023])
    native = charts.contributions(indicators.result_value(ds, by=("year", "member"))).native
    assert native.unit == "tỷ đồng"
    assert native.format == "+#,##0.0;-#,##0.0;#,##0.0"
    assert max(native.series[0][1]) == 36.2


def test_ranks_have_the_first_on_top(built):
    shares = indicators.score_share(td.load(built), by=("year", "member"), stage="appraised")
    native = charts.bump(shares).native
    assert native.reverse
    assert native.categories == ("2021", "2022", "2023")
    assert {values[-1] for _, values in native.series} == {1, 2, 3, 4, 5, 6}


def test_what_other_programs_would_not_show_is_left_to_the_picture(built):
    """Bounds ("trên 2.000") and breaks of a series are lost in a native chart."""
    ds = td.load(built)
    frame = indicators.commendations(ds, by=("year",))
    whole = charts.line(frame).native
    assert whole is not None
    broken = frame.copy()
    broken.attrs = frame.attrs
    broken.loc[broken["year"] == 2023, "comparable"] = False
    assert charts.line(broken).native is None
    bounded = frame.copy()
    bounded.attrs = frame.attrs
    bounded["bound"] = "gt"
    assert charts.bars(bounded).native is None


def test_charts_in_the_cache_hold_their_files_and_no_picture_of_a_page(home, done):
    kept = json.loads(
        (home / "reports/2023/.cache/hoi-nghi/02_khen_thuong.ipynb.json").read_text("utf-8")
    )
    shown = [
        output["data"]
        for cell in kept["notebook"]["cells"]
        for output in cell.get("outputs", [])
        if CHART in output.get("data", {})
    ]
    assert shown
    for data in shown:
        assert "<img" not in data["text/html"]
        assert base64.b64decode(data[CHART]["files"]["png"])[:4] == b"\x89PNG"
