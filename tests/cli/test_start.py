"""Beginning: a new folder, what to do next, and what every command understands."""

import json
import os
import shutil
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import openpyxl
import pytest

from thidua_analysis.form.bloc import load_bloc

ROOT = Path(__file__).parents[2]
RAW = ROOT / "tests" / "sample" / "data" / "raw"


def thidua(*arguments, cwd=None, python=(sys.executable, "-m", "thidua_analysis"), **environment):
    known = {k: v for k, v in os.environ.items() if k != "THIDUA_DATA"}
    return subprocess.run(
        [*python, *map(str, arguments)],
        capture_output=True,
        text=True,
        encoding="utf-8",
        cwd=cwd,
        env={**known, **environment},
        stdin=subprocess.DEVNULL,
    )


@pytest.fixture
def laid(tmp_path):
    folder = tmp_path / "khối mới"
    done = thidua("init", folder, "--province", "Sơn La", "--name", "Khối thi đua các hội")
    assert done.returncode == 0, done.stderr
    return folder


def test_init_lays_out_a_neutral_bloc_with_notebooks(laid):
    bloc = load_bloc(laid / "data")
    assert (bloc.id, bloc.province) == ("khoi-thi-dua-cac-hoi", "Sơn La")
    assert [member.id for member in bloc.members] == ["mttq", "ldld", "lhpn", "hnd", "ccb", "dtn"]
    assert {*bloc.breaks, *bloc.roles, *bloc.quotas, *bloc.scoring} == set()
    assert bloc.person_class("Chuyên viên") == "direct"
    own = {p.name for p in (laid / "notebooks").rglob("*.ipynb")}
    assert own == {p.name for p in (ROOT / "notebooks").rglob("*.ipynb")}


def test_init_takes_members_and_writes_over_nothing(laid):
    told = (laid / "data" / "raw" / "bloc.toml").read_text(encoding="utf-8")
    again = thidua("init", laid, "--province", "Huế", "--name", "Khối", "--member", "Sở Nội vụ=SNV")
    assert again.returncode == 0
    assert "bloc.toml" in again.stdout
    assert (laid / "data" / "raw" / "bloc.toml").read_text(encoding="utf-8") == told
    other = laid / "khac"
    members = ["--member", 'Sở "Nội" vụ=SNV', "--member", "Sở Tài chính=3C"]
    assert thidua("init", other, "--province", "Huế", "--name", "K", *members).returncode == 0
    bloc = load_bloc(other / "data")
    assert [(m.id, m.name) for m in bloc.members] == [
        ("snv", 'Sở "Nội" vụ'),
        ("dv-3c", "Sở Tài chính"),
    ]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "--province"),
        (["--province", "Huế"], "--name"),
        (["--province", "Huế", "--name", "K", "--member", "Sở Nội vụ"], "Sở Nội vụ=SNV"),
        (["--province", "Huế", "--name", "K", "--member", "A=B", "--member", "C=B"], "“b”"),
    ],
)
def test_init_says_what_it_needs(tmp_path, arguments, said):
    done = thidua("init", tmp_path / "neu", *arguments)
    assert done.returncode == 2
    assert said in done.stderr
    assert not (tmp_path / "neu").exists()


def test_the_program_alone_says_what_to_do_next(laid, tmp_path):
    (tmp_path / "trong").mkdir()
    assert "thidua init" in thidua(cwd=tmp_path / "trong").stdout
    assert "thidua template" in thidua(cwd=laid).stdout
    (laid / "data" / "raw" / "2023").mkdir()
    shutil.copy(RAW / "2023" / "hnd.xlsx", laid / "data" / "raw" / "2023")
    assert "thidua report" in thidua(cwd=laid).stdout
    assert "Next: thidua report" in thidua("--lang", "en", cwd=laid).stdout


def test_no_command_takes_the_sample_data_of_a_checkout_unsaid(tmp_path):
    assert thidua("build", cwd=tmp_path).returncode == 2
    shutil.copy(RAW / "2023" / "hnd.xlsx", tmp_path)
    done = thidua("check", "hnd.xlsx", cwd=tmp_path)
    assert str(ROOT / "data") in done.stderr


def test_a_file_outside_the_folder_of_a_year_is_named(laid):
    shutil.copy(RAW / "2023" / "hnd.xlsx", laid / "data" / "raw")
    done = thidua("report", cwd=laid)
    assert done.returncode == 2
    assert "không được đọc: hnd.xlsx" in done.stderr
    assert "not read: hnd.xlsx" in thidua("build", "--lang", "en", cwd=laid).stderr


@pytest.mark.parametrize("name", ["hnd", "Hội Nông dân", "hội nông dân tỉnh", "HNDT"])
def test_a_member_is_asked_for_by_any_of_its_names(laid, name):
    done = thidua("template", "--year", "2024", "--member", name, cwd=laid)
    assert [Path(p).name for p in done.stdout.splitlines()] == ["bieu-mau-2024-hnd.xlsx"]


def test_blank_forms_speak_of_the_bloc_and_not_of_a_year_without_data(laid):
    thidua("template", "--year", "2024", cwd=laid)
    path = laid / "reports" / "2024" / "mau-bao-cao" / "bieu-mau-2024-khoi.xlsx"
    sheet = openpyxl.load_workbook(path)["Hướng dẫn"]
    told = [cell.value for row in sheet for cell in row if cell.value]
    assert "Ủy ban Mặt trận Tổ quốc Việt Nam tỉnh Sơn La" in told
    assert not [one for one in told if "2023 để so sánh" in str(one)]


def test_an_unknown_sheet_is_answered_with_those_that_have_data(laid):
    shutil.copytree(RAW / "2023", laid / "data" / "raw" / "2023")
    bloc = laid / "data" / "raw" / "bloc.toml"
    bloc.write_text(bloc.read_text("utf-8").replace("Sơn La", "Lai Châu"), "utf-8")
    done = thidua("trace", "data/raw/2023/hnd.xlsx", "Khen thuong!G7", cwd=laid)
    assert done.returncode == 2
    assert "“Khen thuong”" in done.stderr
    assert "Khen thưởng, Chỉ tiêu" in done.stderr
    assert "published.toml" in thidua("verify", cwd=laid).stdout


@pytest.mark.parametrize("command", [(), ("status", "--year", "2023"), ("check", "{file}")])
def test_the_data_of_another_folder_are_never_used_unsaid(laid, command):
    (laid / "data" / "raw" / "2023").mkdir()
    file = Path(shutil.copy(RAW / "2023" / "hnd.xlsx", laid / "data" / "raw" / "2023"))
    asked = [word.format(file=file) for word in command]
    below = laid / "khối khác"
    for folder in (below, laid / "notebooks", laid / "reports" / "2023", file.parent):
        folder.mkdir(parents=True, exist_ok=True)
    said = thidua(*asked, cwd=below).stderr
    assert (str(laid / "data") in said, said.count("\n")) == (True, 1)
    assert "is used" in thidua(*asked, cwd=below, THIDUA_LANG="en").stderr
    # a name, or a folder of the project, says whose data are meant
    for folder in (laid, laid / "notebooks", laid / "reports" / "2023", file.parent):
        assert thidua(*asked, cwd=folder).stderr == ""
    if command:
        assert thidua(*asked, "--data", laid / "data", cwd=below).stderr == ""
    assert thidua(*asked, cwd=below, THIDUA_DATA=str(laid / "data")).stderr == ""


def test_a_new_folder_whose_bloc_file_is_gone_never_takes_the_data_of_the_one_above(laid):
    below = laid / "khối khác"
    (below / "data" / "raw").mkdir(parents=True)
    done = thidua("build", cwd=below)
    assert done.returncode == 2
    assert str(below / "data" / "raw" / "bloc.toml") in done.stderr


def test_help_is_short_and_in_the_language_asked_for():
    assert "Kiểm tra tệp" in thidua("-h").stdout
    assert "Check files" in thidua("--lang", "en", "-h").stdout
    assert "Install completion" not in thidua("-h").stdout
    assert thidua("--show-completion", "bash").returncode == 0


def test_quiet_says_only_what_is_wrong_and_verbose_how_long_it_took(tmp_path):
    shutil.copytree(RAW, tmp_path / "data" / "raw")
    done = thidua("build", "--quiet", cwd=tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    done = thidua("build", "--verbose", cwd=tmp_path)
    assert "giây" in done.stderr
    wrong = thidua("--quiet", "build", "--data", tmp_path / "neu")
    assert (wrong.returncode, wrong.stdout) == (2, "")
    assert "neu" in wrong.stderr
    assert json.loads(thidua("build", "--quiet", "--json", cwd=tmp_path).stdout)["years"]


@pytest.mark.slow
def test_report_and_export_tell_programs_what_they_wrote(laid):
    shutil.copytree(RAW / "2023", laid / "data" / "raw" / "2023")
    done = thidua("report", "--json", cwd=laid)
    (told,) = json.loads(done.stdout)["reports"]
    assert (told["year"], told["failed"]) == (2023, [])
    assert "01-tong-quan.html" in told["pages"]
    (kept,) = json.loads(thidua("report", "--json", cwd=laid).stdout)["reports"]
    assert (kept["pages"], kept["why"]) == (told["pages"], [])
    pack = json.loads(
        thidua("export", "--year", 2023, "--what", "forms", "--json", cwd=laid).stdout
    )
    assert all((laid / file).is_file() for file in pack["files"])
    assert "còn đúng" in thidua(cwd=laid).stdout
    assert "Next: thidua report" in thidua("--lang", "en", cwd=laid).stdout
    assert thidua("report", "--lang", "en", "--quiet", cwd=laid).returncode == 0
    assert "is up to date" in thidua("--lang", "en", cwd=laid).stdout


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """The program as installed from its wheel, made from its sdist; the repository is not there."""
    folder = tmp_path_factory.mktemp("installed")
    build = [sys.executable, "-m", "hatchling", "build", "-t"]
    subprocess.run([*build, "sdist", "-d", folder], check=True, cwd=ROOT, capture_output=True)
    shutil.unpack_archive(next(folder.glob("*.tar.gz")), folder / "source", filter="data")
    (source,) = (folder / "source").iterdir()
    assert not (source / "data" / "raw").exists(), "what members sent would go to others"
    subprocess.run([*build, "wheel", "-d", folder], check=True, cwd=source, capture_output=True)
    shutil.rmtree(folder / "source")
    venv.create(folder / "env", symlinks=True)
    (site,) = (folder / "env").glob("lib/python*/site-packages")
    # what the program needs comes from here, without the links to the checkout
    (site / "needed.pth").write_text(str(Path(pytest.__file__).parents[1]), encoding="utf-8")
    with zipfile.ZipFile(next(folder.glob("*.whl"))) as wheel:
        wheel.extractall(site)
    return folder / "env" / "bin" / "python"


@pytest.mark.slow
@pytest.mark.skipif(os.name != "posix", reason="looks for the folders of POSIX")
def test_the_wheel_works_without_the_repository(installed, tmp_path):
    python = (installed, "-E", "-m", "thidua_analysis")
    where = "import thidua_analysis as t; print(t.__file__)"
    found = subprocess.run(
        [installed, "-E", "-c", where], capture_output=True, text=True, cwd=tmp_path
    )
    assert str(installed.parents[1]) in found.stdout, found.stderr
    done = thidua(
        "init", "moi", "--province", "Lai Châu", "--name", "Khối", cwd=tmp_path, python=python
    )
    assert done.returncode == 0, done.stderr
    home = tmp_path / "moi"
    assert (home / "notebooks" / "01_tong_quan.ipynb").is_file()
    shutil.copytree(RAW / "2023", home / "data" / "raw" / "2023")
    done = thidua("report", "--json", cwd=home, python=python, PATH=os.defpath)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["reports"][0]["failed"] == []
    assert (home / "reports" / "2023" / "index.html").is_file()
    assert Path(found.stdout.strip()).with_name("py.typed").is_file()


@pytest.mark.slow
def test_a_blank_form_and_an_unknown_sender_are_said_and_a_commune_keeps_its_name(tmp_path):
    members = ("--member", "Xã Tà Hộc=Tà Hộc", "--member", "Hội Nông dân tỉnh=HND")
    thidua("init", tmp_path, "--province", "Sơn La", "--name", "Khối xã", *members)
    assert thidua("new-year", "2024", cwd=tmp_path).returncode == 0
    of_year = thidua("check", "data/raw/2024", cwd=tmp_path)
    assert (of_year.returncode, "data/raw/2024/2023" in of_year.stderr) == (2, False)
    assert "data/raw/2023/" in thidua("check", "data/raw", cwd=tmp_path).stderr
    forms = tmp_path / "reports" / "2024" / "mau-bao-cao"
    of_peasants = openpyxl.load_workbook(forms / "bieu-mau-2024-hnd.xlsx")
    assert of_peasants["Thông tin"]["B2"].value == "Hội Nông dân tỉnh Sơn La"
    blank = forms / "bieu-mau-2024-ta-hoc.xlsx"
    book = openpyxl.load_workbook(blank)
    assert book["Thông tin"]["B2"].value == "Xã Tà Hộc"
    assert "Mọi trang đều trống" in thidua("check", blank, cwd=tmp_path).stdout
    filled = dict(zip("ABC", ("Đền ơn đáp nghĩa", "Nhà tình nghĩa", "nhà"), strict=True))
    for column, typed in {**filled, "F": 3, "G": 2}.items():
        book["Chỉ tiêu"][f"{column}2"] = typed
    book.save(blank)
    assert "Mọi trang đều trống" not in thidua("check", blank, cwd=tmp_path).stdout
    book["Thông tin"]["B2"] = "Xã Phiêng Khoài"
    book.save(blank)
    told = thidua("check", blank, cwd=tmp_path).stdout
    assert "chưa rõ đơn vị · năm 2024" in told
    assert "Mọi trang đều trống" not in told
