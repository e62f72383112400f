"""A report is kept only while nothing that it is made from has changed."""

import json
import shutil

import pytest

from thidua_analysis.findings import NoDataError
from thidua_analysis.form.config import blocs_in
from thidua_analysis.store import made


@pytest.fixture
def project(tmp_path):
    """A project with a report that was just made, as `made` sees it."""
    data = tmp_path / "data"
    (data / "raw").mkdir(parents=True)
    (data / "processed").mkdir()
    (tmp_path / "notebooks").mkdir()
    manifest = {
        "files": [{"file": "2023/a.xlsx", "sha256": "1"}],
        "tables": {"targets": {"sha256": "2"}},
    }
    (data / "processed" / "manifest.json").write_text(json.dumps(manifest))
    for name in ("bloc.toml", "corrections.toml", "published.toml"):
        (data / "raw" / name).write_text("a = 1")
    for name in ("01.ipynb", "help.py"):
        (tmp_path / "notebooks" / name).write_text("1")
    report = tmp_path / "reports" / "2023"
    report.mkdir(parents=True)
    (report / "index.html").write_text("page")
    (report.parent / "index.html").write_text("years")
    pages = [report / "index.html", report.parent / "index.html"]
    made.write(report, sources(tmp_path), pages, {"charts": {}})
    return tmp_path


def sources(project, **options):
    return made.sources(project / "data", project / "reports", 2023, **{"code": False, **options})


def reasons(project, **options):
    return made.changes(project / "reports" / "2023", sources(project, **options))


def manifest_with(project, **changes):
    path = project / "data" / "processed" / "manifest.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), **changes}))


def test_nothing_changed_is_kept(project):
    assert reasons(project) == []


@pytest.mark.parametrize(("change", "said"), [
    (lambda p: manifest_with(p, files=[{"file": "2023/a.xlsx", "sha256": "9"}]),
     "tệp 2023/a.xlsx đã thay đổi"),
    (lambda p: manifest_with(p, files=[]), "không còn tệp 2023/a.xlsx"),
    (lambda p: manifest_with(p, tables={"targets": {"sha256": "9"}}),
     "số liệu đã đọc thay đổi"),
    (lambda p: (p / "data/raw/bloc.toml").write_text("a = 2"), "thiết lập bloc.toml đã thay đổi"),
    (lambda p: (p / "data/raw/corrections.toml").unlink(),
     "thiết lập corrections.toml đã thay đổi"),
    (lambda p: (p / "data/raw/published.toml").write_text(""),
     "thiết lập published.toml đã thay đổi"),
    (lambda p: (p / "notebooks/01.ipynb").write_text("2"), "sổ tay 01.ipynb đã thay đổi"),
    (lambda p: (p / "notebooks/help.py").write_text("2"), "sổ tay help.py đã thay đổi"),
    (lambda p: (p / "notebooks/07.ipynb").write_text("2"), "có thêm sổ tay 07.ipynb"),
    (lambda p: (p / "reports/2023/index.html").write_text("by hand"),
     "tệp index.html của báo cáo bị sửa hoặc bị xóa"),
    (lambda p: (p / "reports/2023/index.html").unlink(),
     "tệp index.html của báo cáo bị sửa hoặc bị xóa"),
    (lambda p: (p / "reports/index.html").unlink(),
     "tệp ../index.html của báo cáo bị sửa hoặc bị xóa"),
    (lambda p: shutil.rmtree(p / "reports/2023/.cache"),
     "chưa có báo cáo nào của năm này, hoặc lần trước chưa xong"),
])  # fmt: skip
def test_each_kind_of_change_is_told(project, change, said):
    change(project)
    assert reasons(project) == [said]


def test_options_and_other_years_are_changes(project):
    assert reasons(project, code=True) == ["tùy chọn --code thay đổi"]
    other = project / "reports" / "2022"
    other.mkdir()
    (other / "index.html").write_text("page")
    assert reasons(project) == ["danh sách các năm có báo cáo thay đổi"]
    page = project / "reports" / "2023" / "index.html"
    page.write_text("page with the other year")
    made.written_anew(page.parent, [page], years=[2023, 2022])
    assert reasons(project) == []


@pytest.mark.parametrize("name", [
    "form/unit-1.toml", "indicators/dictionary.toml", "messages/report.toml", "charts/theme.py",
    "publish/templates/thidua/style.css", "publish/templates/thidua/frame.html.j2",
    "publish/templates/thidua/screens.js", "vietnamese/legacy_tables.json",
    "charts/fonts/ThiduaSans-Bold.ttf", "charts/fonts/ThiduaSans-Regular.woff2",
])  # fmt: skip
def test_every_file_of_the_program_that_pages_are_made_from_counts(tmp_path, monkeypatch, name):
    package = tmp_path / "thidua_analysis"
    shutil.copytree(made.files("thidua_analysis"), package)
    monkeypatch.setattr(made, "files", lambda _: package)
    before = made.program()
    (package / name).write_bytes((package / name).read_bytes() + b" ")
    assert made.program() != before


@pytest.mark.parametrize("name", ["bloc.toml", "limits.toml", "indicators.toml"])
def test_a_form_of_the_name_of_a_setting_hides_it_from_nothing(project, name):
    form = project / "data" / "raw" / "forms" / name
    form.parent.mkdir()
    form.write_text("a = 1")
    (project / "data" / "raw" / name).write_text("a = 1")
    assert blocs_in(project / "data") == ()
    before, built = sources(project), made.fingerprint(project / "data")
    (project / "data" / "raw" / name).write_text("a = 2")
    now = sources(project)
    assert {one for one in now if now[one] != before[one]} == {f"setting {name}"}
    assert (made.fingerprint(project / "data") != built) == (name != "indicators.toml")
    form.write_text("a = 2")
    assert sources(project)[f"setting forms/{name}"] != now[f"setting forms/{name}"]


def test_versions_count(monkeypatch):
    before = made.program()
    monkeypatch.setattr(made, "version", lambda name: "99")
    assert made.program() != before


def test_many_changes_are_counted(project):
    for at in range(9):
        (project / "notebooks" / f"1{at}.ipynb").write_text("")
    found = reasons(project)
    assert len(found) == 6
    assert found[-1] == "và 4 thay đổi khác"


@pytest.mark.parametrize("note", ["", "[]", '{"from": {}}', "\x00"])
def test_a_broken_note_is_none(project, note):
    (project / "reports/2023/.cache/made.json").write_text(note)
    assert reasons(project) == ["chưa có báo cáo nào của năm này, hoặc lần trước chưa xong"]


def test_years_to_report_on():
    manifest = {"years": [2021, 2023]}
    assert made.years_of(manifest, None) == (2023,)
    assert made.years_of(manifest, None, every_year=True) == (2021, 2023)
    assert made.years_of(manifest, 2021) == (2021,)
    with pytest.raises(NoDataError):
        made.years_of(manifest, 2020)
