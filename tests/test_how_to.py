"""Whoever follows the words of the README and of the pages of docs/ gets where they lead.

The steps are those that stand there: a block of shell is run, any other block goes to the file that
its first line names.
"""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import openpyxl
import pytest

ROOT = Path(__file__).parents[1]
SAMPLE = ROOT / "tests" / "sample" / "data" / "raw"
#: Sections of the Vietnamese page, and what says the same in English.
SAME = {
    "một năm": "a year",
    "một đơn vị": "a member",
    "một khối": "another bloc",
    "cách ghi một tiêu đề cột": "a spelling of a heading",
    "một cột, một trang vào biểu": "a column, a sheet or a code to the form",
    "một chỉ số": "an indicator",
    "một biểu đồ vào báo cáo": "a chart to the report",
    "một đính chính": "a correction",
    "một số đã công bố": "a published figure",
}
SHELL = f"""
thidua() {{ '{sys.executable}' -m thidua_analysis "$@"; }}
make() {{ '{sys.executable}' docs/make_pages.py; }}
"""


def run(command, folder, package=ROOT / "src"):
    return subprocess.run(
        command,
        capture_output=True,
        text=True,
        encoding="utf-8",
        cwd=folder,
        env={k: v for k, v in os.environ.items() if k != "THIDUA_DATA"}
        | {"PYTHONPATH": str(package)},
        stdin=subprocess.DEVNULL,
    )


def blocks(page, title):
    """Return language and text of the blocks of a section."""
    told = (ROOT / "docs" / page).read_text("utf-8")
    section = re.search(
        rf"^##+ (?:…|Thêm) {re.escape(title)}\n(.*?)(?=^##+ |\Z)", told, re.S | re.M
    )
    return re.findall(r"```(\w+)\n(.*?)```", section[1], re.S)


def follow(steps, home):
    """Do what the blocks say in a folder; return what was printed."""
    package = home / "src" if (home / "src").is_dir() else ROOT / "src"
    printed = []
    for language, text in steps:
        named, _, content = text.partition("\n")
        if language == "diff":
            change(home / named.removeprefix("# "), content)
        elif named.startswith("# "):
            add(home / named.removeprefix("# "), content)
        else:
            start = (
                ["sh", "-ec", SHELL + text] if language == "sh" else [sys.executable, "-c", text]
            )
            done = run(start, home, package)
            assert done.returncode == 0, f"{text}\n{done.stdout}{done.stderr}"
            printed.append(done.stdout)
    return "".join(printed)


def add(path, content):
    """Put lines at the end of a file; code at that of a notebook, before its closing cells."""
    if path.suffix == ".ipynb":
        book = json.loads(path.read_text("utf-8"))
        tags = [cell["metadata"].get("tags", []) for cell in book["cells"]]
        cell = {"cell_type": "code", "metadata": {}, "source": content, "outputs": []}
        at = next(n for n, found in enumerate(tags) if "closing" in found)
        book["cells"].insert(at, cell | {"execution_count": None, "id": "added"})
        content = json.dumps(book)
        path.unlink()
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a", encoding="utf-8") as file:
        file.write(content)


def change(path, content):
    """Change a file as the hunks of a patch say."""
    text = path.read_text("utf-8")
    for hunk in content.split("@@\n"):
        old, new = ("".join(line[1:] for line in hunk.splitlines(True) if line[0] in signs)
                    for signs in (" -", " +"))  # fmt: skip
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    path.write_text(text, "utf-8")


@pytest.fixture
def home(tmp_path):
    """A project with the sample of 2023 and the notebook on commendations."""
    raw = tmp_path / "data" / "raw"
    shutil.copytree(SAMPLE / "2023", raw / "2023")
    for name in ("bloc.toml", "corrections.toml"):
        shutil.copy(SAMPLE / name, raw)
    (tmp_path / "notebooks").mkdir()
    shutil.copy(ROOT / "notebooks" / "02_khen_thuong.ipynb", tmp_path / "notebooks")
    return tmp_path


@pytest.fixture
def checkout(home):
    """The same with the code of the program and its pages beside it."""
    for name in ("src", "docs"):
        without = shutil.ignore_patterns("__pycache__", "*.png")
        shutil.copytree(ROOT / name, home / name, ignore=without)
    return home


@pytest.mark.parametrize("title", SAME)
def test_both_languages_give_the_same_steps(title):
    here, there = blocks("huong-dan.md", title), blocks("how-to.md", SAME[title])
    assert here
    # what a step is for stands behind it in the language of the page
    said = [[(kind, re.sub(r" +# .*", "", text)) for kind, text in page] for page in (here, there)]
    assert said[0] == said[1][: len(here)]


@pytest.mark.slow
@pytest.mark.parametrize("name", ["README.md", "README.vi.md"])
def test_the_year_of_the_readme_runs_line_by_line_in_the_new_folder(tmp_path, name):
    text = (ROOT / name).read_text("utf-8")
    (block,) = (b for b in re.findall(r"```sh\n(.*?)```", text, re.S) if "thidua init" in b)
    block = block.replace("Sơn La", "Lai Châu").replace("2026", "2023").replace("2027", "2024")
    received = tmp_path / "received"
    shutil.copytree(SAMPLE / "2023", received)
    block = re.sub(r"(?<=thidua add )\S+", f"'{received}'", block)
    (tmp_path / ".venv" / "bin").mkdir(parents=True)
    (tmp_path / ".venv" / "bin" / "activate").write_text(SHELL, "utf-8")
    done = run(["sh", "-ec", block], tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    own = tmp_path / "khoi-moi" / "reports"
    assert (own / "2023" / "index.html").is_file()
    assert (own / "2023" / "hoi-nghi").is_dir()
    assert (own / "2024" / "mau-bao-cao").is_dir()
    assert not (tmp_path / "reports").exists()


@pytest.mark.slow
def test_a_year(home):
    book = openpyxl.load_workbook(SAMPLE / "2023" / "hnd.xlsx")
    for cell in (cell for sheet in book for row in sheet for cell in row):
        if "2023" in str(cell.value):
            cell.value = type(cell.value)(str(cell.value).replace("2023", "2024"))
    (home / "tep-nhan-duoc").mkdir()
    book.save(home / "tep-nhan-duoc" / "Báo cáo năm 2024.xlsx")
    follow(blocks("huong-dan.md", "một năm"), home)
    assert (home / "data" / "raw" / "2024" / "hnd.xlsx").is_file()
    assert len([*(home / "reports" / "2024" / "mau-bao-cao").iterdir()]) == 7
    assert (home / "reports" / "2024" / "index.html").is_file()


@pytest.mark.slow
def test_a_member(home):
    printed = follow(blocks("huong-dan.md", "một đơn vị"), home)
    assert (home / "reports" / "2024" / "mau-bao-cao" / "bieu-mau-2024-ctd.xlsx").is_file()
    assert "Hội CTĐ" in printed
    before = run(["sh", "-ec", SHELL + "thidua status --year 2023"], home).stdout
    assert "Tỉnh đoàn" in before
    assert "Hội CTĐ" not in before


@pytest.mark.slow
def test_a_bloc(tmp_path):
    printed = follow(blocks("huong-dan.md", "một khối"), tmp_path)
    made = tmp_path / "khoi-so" / "reports" / "2024" / "mau-bao-cao"
    assert {p.name for p in made.iterdir()} == {
        f"bieu-mau-2024-{one}.xlsx" for one in ("snv", "syt", "khoi")
    }
    assert "SNV" in printed
    assert "Tỉnh đoàn" not in printed


@pytest.mark.slow
def test_a_spelling_of_a_heading(home):
    path = home / "data" / "raw" / "2023" / "hnd.xlsx"
    book = openpyxl.load_workbook(path)
    book["Khen thưởng"]["C1"] = "Tên gọi khen"
    book.save(path)
    edits, command = blocks("huong-dan.md", "cách ghi một tiêu đề cột")
    unknown = run(["sh", "-c", SHELL + command[1]], home)
    assert unknown.returncode == 1
    assert "“Tên gọi khen”" in unknown.stdout
    assert "“Tên gọi khen”" not in follow([edits, command], home)


def test_a_column_and_a_sheet(home):
    follow(blocks("huong-dan.md", "một cột, một trang vào biểu"), home)
    path = home / "reports" / "2024" / "mau-bao-cao" / "bieu-mau-2024-hnd.xlsx"
    book = openpyxl.load_workbook(path)
    assert "Cá nhân dưới 30 tuổi" in [cell.value for cell in book["Khen thưởng"][1]]
    assert [cell.value for cell in book["Ngày công"][1][:2]] == ["Hoạt động", "Số ngày công"]


@pytest.mark.slow
def test_an_indicator_of_the_bloc(home):
    follow(blocks("huong-dan.md", "một chỉ số"), home)
    assert (home / "ho-gia-dinh.png").is_file()
    printed = run(["sh", "-ec", SHELL + "thidua figures --year 2023"], home).stdout
    assert "Hộ gia đình được khen thưởng" in printed


@pytest.mark.slow
def test_a_chart_of_the_report(home):
    follow(blocks("huong-dan.md", "một biểu đồ vào báo cáo"), home)
    page = next((home / "reports" / "2023").glob("*khen-thuong.html")).read_text("utf-8")
    assert "Tỷ lệ nữ trong số cá nhân được khen thưởng, theo đơn vị" in page


@pytest.mark.slow
def test_a_correction(home):
    follow(blocks("huong-dan.md", "một đính chính"), home)
    asked = "import thidua_analysis as td; print(*td.load('data').targets.actual)"
    assert " 1497.0 " in run([sys.executable, "-c", asked], home).stdout


@pytest.mark.slow
def test_a_published_figure(home):
    printed = follow(blocks("huong-dan.md", "một số đã công bố"), home)
    assert "53.211 suất quà" in printed
    assert "1 số tính lại được, 0 số không khớp" in printed


@pytest.mark.slow
def test_an_indicator_of_the_program(checkout):
    follow(blocks("how-to.md", "an indicator"), checkout)
    asked = (
        "import thidua_analysis as td; ds = td.load('data'); i = td.indicators\n"
        "assert 'long_movements' in dir(i) and 'long_movements' in i.functions()\n"
        "(long,), (every,) = i.long_movements(ds).value, i.movements(ds, distinct=False).value\n"
        "assert 0 < long < every\n"
    )
    done = run([sys.executable, "-c", asked], checkout, checkout / "src")
    assert done.returncode == 0, done.stderr
    assert "`long_movements`" in (checkout / "docs" / "indicators.md").read_text("utf-8")


@pytest.mark.slow
def test_a_chart_kind(checkout):
    follow(blocks("how-to.md", "a chart kind"), checkout)
    asked = (
        "import thidua_analysis as td; ds = td.load('data')\n"
        "chart = td.charts.stems(td.indicators.women_share(ds, by=['year', 'member']))\n"
        "assert 'stems' in dir(td.charts) and chart.alt.startswith('Biểu đồ que: Tỷ lệ nữ')\n"
        "chart.save('que.png')\n"
    )
    done = run([sys.executable, "-c", asked], checkout, checkout / "src")
    assert done.returncode == 0, done.stderr
    assert (checkout / "que.png").stat().st_size > 10_000
