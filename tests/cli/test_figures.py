"""`thidua figures`, `trace` and `verify` from outside: JSON, exit codes, plain words."""

import json
import shutil
from fractions import Fraction
from pathlib import Path

import pytest
from click.testing import CliRunner

from thidua_analysis import pipeline
from thidua_analysis.cli import app

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
FIGURE = {
    *("id", "indicator", "label", "year", "by", "numerator", "denominator", "value", "text"),
    *("coverage", "comparable"),
}
CELL = {"file", "sheet", "cell", "typed", "value", "role"}
VERDICTS = {"follows", "truncated", "last-digit", "other-denominator", "does-not-follow"}


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    """A data folder of its own, with the notebooks beside it."""
    project = tmp_path_factory.mktemp("project")
    shutil.copytree(ROOT / "tests" / "sample" / "data" / "raw", project / "data" / "raw")
    shutil.copytree(ROOT / "notebooks", project / "notebooks")
    return project / "data"


def run(*arguments):
    return CliRunner().invoke(app.app, [str(one) for one in arguments])


def printed(*arguments):
    done = run(*arguments, "--json")
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)


def failed(monkeypatch, capsys, *arguments):
    """Exit code and message of the command as it is installed."""
    monkeypatch.setattr("sys.argv", ["thidua", *map(str, arguments)])
    with pytest.raises(SystemExit) as stopped:
        app.main()
    return stopped.value.code, capsys.readouterr().err


def test_every_figure_of_2023_is_the_sum_of_its_cells_as_printed(data, monkeypatch):
    opened = pipeline.load(data)
    monkeypatch.setattr(pipeline, "load", lambda *_: opened)
    figures = printed("figures", "--year", 2023, "--data", data)
    assert len(figures) > 600
    traced = 0
    for figure in figures:
        assert set(figure) >= FIGURE
        if figure["value"] is None:
            continue
        record = printed("trace", figure["id"], "--data", data)
        assert record["figure"] == figure["id"]
        sums = dict.fromkeys(("numerator", "denominator", "value"), Fraction(0))
        for cell in record["cells"]:
            assert set(cell) >= CELL
            sums[cell["role"]] += Fraction(str(cell["value"]))
        if figure["denominator"] is None:
            assert sums["value"] == Fraction(str(figure["value"])), figure
        else:
            assert sums["numerator"] == Fraction(str(figure["numerator"])), figure
            assert sums["denominator"] == Fraction(str(figure["denominator"])), figure
        traced += 1
    assert traced > 590


def test_numbers_are_numbers_and_what_is_missing_is_null(data):
    found = {f["id"]: f for f in printed("figures", "--year", 2023, "--data", data)}
    share = found["non_leader_share/year=2023/level=state"]
    assert (share["numerator"], share["denominator"], share["value"]) == (26, 50, 52)
    assert (share["text"], share["coverage"], share["by"]) == ("52,0%", "6/6", {"level": "state"})
    assert found["revisions/year=2023/member=hnd"]["denominator"] is None


def test_a_cell_says_what_was_typed_in_it(data):
    """The column is in millions of đồng."""
    record = printed("trace", "initiative_benefit/year=2023/level=unit", "--data", data)
    cell = next(c for c in record["cells"] if c["member"] == "hnd")
    assert (cell["cell"], cell["typed"], cell["value"]) == ("E2", "324", 324_000_000)


def test_a_cell_leads_to_figures_and_charts(data):
    record = printed("trace", "2023/ldld.xlsx", "'Chỉ tiêu'!$H$9", "--data", data)
    assert "targets_met/year=2023" in {figure["id"] for figure in record["figures"]}
    assert {chart["kind"] for chart in record["charts"]} == {"targets", "heatmap"}
    words = run("trace", data / "raw" / "2023" / "ldld.xlsx", "Chỉ tiêu!H9", "--data", data)
    assert "159,0%" in words.stdout
    assert "Phần 6 · Mức độ đầy đủ" in words.stdout
    assert "heatmap" not in words.stdout


def test_each_pair_gets_one_of_five_verdicts(tmp_path):
    pairs = tmp_path / "pairs.csv"
    pairs.write_text(
        "id,kind,what,numerator,denominator,published_pct,decimals,follows,source\n"
        'a,share,"hai dòng\ntrong một ô",663,2025,32.7,1,yes,s\n'
        "b,share,x,233,1224,19.03,2,no,s\n"
        "c,share,x,786,1224,64.23,2,no,s\n"
        "d,share,x (931 = 966-35),373,966,40.1,1,no,s\n"
        "e,share,x,96,1233,7.77,2,no,s\n"
        "f,share,x,1,0,5,0,no,s\n",
        encoding="utf-8",
    )
    found = printed("verify", "--pairs", pairs)
    assert [row["verdict"] for row in found] == [
        "follows", "truncated", "last-digit", "other-denominator", "does-not-follow",
        "does-not-follow",
    ]  # fmt: skip
    assert [row["computed"] for row in found] == [32.7, 19.04, 64.22, 38.6, 7.79, None]


@pytest.mark.parametrize("number", ["NaN", "Infinity", "1,5", ""])
def test_a_pair_without_a_number_is_named_by_its_line(tmp_path, monkeypatch, capsys, number):
    pairs = tmp_path / "pairs.csv"
    pairs.write_text(
        f'id,what,numerator,denominator,published_pct\na,x,1,2,50\nb,x,"{number}",2,50\n',
        encoding="utf-8",
    )
    code, words = failed(monkeypatch, capsys, "verify", "--pairs", pairs)
    assert (code, "dòng 3" in words) == (2, True)


@pytest.mark.parametrize(
    ("arguments", "vietnamese", "english"),
    [
        (("figures", "--year", "2030"), "2021, 2022, 2023", "2021, 2022, 2023"),
        (("report", "--year", "2030"), "data/raw/2030/", "data/raw/2030/"),
        (("trace", "nonsense/year=2023"), "Không có chỉ số “nonsense”", "no indicator “nonsense”"),
        (("trace", "women_share/year=1999"), "Không có số liệu nào mang mã", "no figure with"),
        (("trace", "women_share/colour=red"), "Không chia", "cannot be broken down"),
        (("trace", "2023/ldld.xlsx", "Chỉ tiêu!Z99"), "từ ô Chỉ tiêu!Z99", "cell Chỉ tiêu!Z99"),
        (("trace", "2023/ldld.xlsx", "Z99"), "“Z99” thiếu tên trang", "“Z99” lacks the name"),
        (("trace", "2023/ldld.xlsx"), "Thiếu ô của tệp", "The cell of"),
        (("trace", "ldld.xlsx", "Chỉ tiêu!G7"), "Không có tệp ldld.xlsx", "no file ldld.xlsx"),
        (("verify", "--pairs", "khong-co.csv"), "khong-co.csv", "khong-co.csv"),
    ],
)
def test_wrong_words_are_answered_in_both_languages(
    data, monkeypatch, capsys, arguments, vietnamese, english
):
    for lang, words in (("vi", vietnamese), ("en", english)):
        code, said = failed(monkeypatch, capsys, *arguments, "--data", data, "--lang", lang)
        assert (code, words in said) == (2, True), said


@pytest.mark.parametrize(
    "command", [("build",), ("figures", "--year", "2023"), ("verify",), ("report",)]
)
def test_an_empty_data_folder_says_what_to_do(tmp_path, monkeypatch, capsys, command):
    (tmp_path / "raw").mkdir()
    shutil.copy(ROOT / "tests" / "sample" / "data" / "raw" / "bloc.toml", tmp_path / "raw")
    code, said = failed(monkeypatch, capsys, *command, "--data", tmp_path)
    assert (code, "Hãy chép báo cáo của các đơn vị" in said) == (2, True)


def test_broken_claims_are_named_and_figures_go_on(tmp_path, data, monkeypatch, capsys):
    shutil.copytree(data / "raw", tmp_path / "raw")
    (tmp_path / "raw" / "published.toml").write_text("[[claim]\n", encoding="utf-8")
    code, said = failed(monkeypatch, capsys, "verify", "--data", tmp_path)
    assert (code, "published.toml" in said) == (2, True)
    assert printed("figures", "--year", 2023, "--data", tmp_path)


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ('underivable = { vi = "x", en = "x" }\n', "dòng 1"),
        ("", "dòng 1"),
        ('computed_from = { table = "khong-co" }\n', "“khong-co”"),
        ('computed_from = { table = "ranks", column = "mau" }\n', "“mau”"),
        ('computed_from = { table = "ranks", where = { mau = 1 } }\n', "“mau”"),
    ],
)
def test_what_is_wrong_with_a_claim_is_said_with_its_place(
    tmp_path, data, monkeypatch, capsys, wrong, words
):
    shutil.copytree(data / "raw", tmp_path / "raw")
    claim = '[[claim]]\nid = "a"\nyear = 2023\nkind = "members"\nsource = "x"\n'
    claim += 'text = { vi = "x", en = "x" }\n' + wrong
    claim += 'computed_from = { indicator = "women_share" }\n' if "underivable" in wrong else ""
    (tmp_path / "raw" / "published.toml").write_text(claim, encoding="utf-8")
    code, said = failed(monkeypatch, capsys, "verify", "--data", tmp_path)
    assert (code, words in said, "?" in said) == (2, True, False), said


def test_a_claim_that_does_not_follow_exits_with_1(tmp_path, data):
    shutil.copytree(data / "raw", tmp_path / "raw")
    claims = tmp_path / "raw" / "published.toml"
    claims.write_text(
        claims.read_text(encoding="utf-8").replace("value = 53211", "value = 53212"), "utf-8"
    )
    assert run("verify", "--data", tmp_path).exit_code == 1
    assert run("verify", "--data", data).exit_code == 0
